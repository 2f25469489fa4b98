/*
 * discovery_doc.h - what a cluster says about itself: /api, /apis, groups, versions (plain and aggregated),
 * /version. Threads: any.
 * Source: k8s.io/apiserver endpoints/discovery; apidiscovery.k8s.io/v2.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_DISCOVERY_DOC_H
#define HACK_DEVCLOUD_CLUSTER_DISCOVERY_DOC_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* All owned by the caller; NULL: there is no such group or version. */
json *discovery_give_core(void);                    /* /api */
json *discovery_give_groups(const struct kinds *k); /* /apis */
json *discovery_give_group(const struct kinds *k, const char *group);
json *discovery_give_resources(const struct kinds *k, const char *group, const char *version);
/* APIGroupDiscoveryList of the core group or of all others. */
json *discovery_give_aggregated(const struct kinds *k, bool core, const char *version);
json *discovery_give_version(const struct cluster *c);

#endif
