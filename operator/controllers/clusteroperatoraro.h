/* clusteroperatoraro.h - the controller ClusterOperatorARO. */
#ifndef OPERATOR_CONTROLLERS_CLUSTEROPERATORARO_H
#define OPERATOR_CONTROLLERS_CLUSTEROPERATORARO_H

#include "operator/controller.h"

extern const struct controller_desc clusteroperatoraro_controller;

/*
 * clusteroperatoraro_give_union - one condition of the cluster operator from those of the controllers.
 *
 * type     "Available" or "Progressing": all conditions of the Cluster whose type ends in it count.
 * dflt     the status that is good. None: Unknown. All good: that status. Otherwise the opposite if any has it, else
 *          Unknown; reasons and messages come from those that are not good.
 * Threads: pure.
 */
json *clusteroperatoraro_give_union(const json *cluster, const char *type, const char *dflt);
/* Conditions and version of the ClusterOperator; true when something changed. Times move only with a status. */
bool clusteroperatoraro_edit_status(json *object, const json *cluster, const char *version,
                                    int64_t wall_ns);

#endif
