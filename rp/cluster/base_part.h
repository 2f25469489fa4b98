/*
 * base_part.h - single resources of the base template (template.h), as a new cluster would get them today: what admin updates
 * bring older clusters to. The second layout's serves both layouts.
 * Threads: the operation's own.
 */
#ifndef RP_CLUSTER_BASE_PART_H
#define RP_CLUSTER_BASE_PART_H

#include "pkg/base/strv.h"
#include "rp/cluster/cluster.h"

/* type, name: as the template has them once it is filled. storage_subnets: who may reach accounts beside the service; borrowed. *ret
 * is the caller's. ERR_INTERNAL: the template has no such resource for this cluster. */
int base_part_give(const struct cluster *c, const struct strv *storage_subnets, const char *type,
                   const char *name, json **ret, struct error **err);

#endif
