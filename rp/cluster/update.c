/* The steps of an update that the customer asks for. */
#include "rp/cluster/tables.h"

const struct cluster_table update_table = { 0 };
