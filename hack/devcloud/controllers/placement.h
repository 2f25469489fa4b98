/*
 * placement.h - whether a pod may be put on a node: node selector, required node affinity, taints. Threads: pure.
 * Source: Kubernetes docs, "Assigning Pods to Nodes", "Taints and Tolerations".
 */
#ifndef HACK_DEVCLOUD_CONTROLLERS_PLACEMENT_H
#define HACK_DEVCLOUD_CONTROLLERS_PLACEMENT_H

#include "pkg/base/json.h"

/* spec: a pod's. */
bool placement_matches(const json *spec, const json *node);
/* effect NULL: those that keep pods from being put there (NoSchedule, NoExecute). */
bool placement_tolerates(const json *spec, const json *node, const char *effect);

#endif
