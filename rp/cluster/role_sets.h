/*
 * role_sets.h - which roles the operators of a minor version need in Azure, as the service's documents have it.
 * Source: Azure/ARO-RP, pkg/api/platformworkloadidentityroleset.go.
 */
#ifndef RP_CLUSTER_ROLE_SETS_H
#define RP_CLUSTER_ROLE_SETS_H

#include "rp/cluster/cluster.h"

/* An array of all sets but those that are being deleted; the caller's. */
int role_sets_list(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err);
/* The one of the minor version ("4.14"): borrowed from sets, an array as above; NULL: there is none. */
const json *role_sets_find(void *sets, const char *minor);

#endif
