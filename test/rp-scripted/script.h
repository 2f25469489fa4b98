/*
 * script.h - a lifecycle of clusters that only writes documents: a few steps of a tenth of a second or two, after which a
 * cluster looks installed, updated or gone. For clients to be tried against the real frontend and backend.
 *
 * The name of a cluster decides what goes wrong: "fail-create", "fail-update" and "fail-delete" fail in that operation with
 * an error for the customer, "broken" with one that is not for the customer; "poison" ends the process that creates it; "held" is
 * being created until there is a file "go" in the current folder.
 */
#ifndef TEST_RP_SCRIPTED_SCRIPT_H
#define TEST_RP_SCRIPTED_SCRIPT_H

#include "rp/cluster/manager.h"

extern const struct cluster_manager_ops script_ops; /* argument: struct rp_env, NULL: no zone */

#endif
