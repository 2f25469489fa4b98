/* The steps that take a cluster away again. Its document and its billing record are the backend's to end. */
#include "rp/cluster/tables.h"

const struct cluster_table delete_table = { 0 };
