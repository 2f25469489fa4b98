/* The steps of an update that the service asks for, by its maintenance task. */
#include "rp/cluster/tables.h"

const struct cluster_table admin_update_tables[ADMIN_TASKS] = { 0 };
