/* table_check.h - that a table of steps is well-formed: names of their own, something to do, words for waits in vain. */
#ifndef TEST_UNIT_SUPPORT_RP_CLUSTER_TABLE_CHECK_H
#define TEST_UNIT_SUPPORT_RP_CLUSTER_TABLE_CHECK_H

#include "rp/cluster/tables.h"

/* Fails the test. A condition may stand in a table more than once, as a wait behind each change. */
void table_check(const struct cluster_table *table);

#endif
