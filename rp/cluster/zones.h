/*
 * zones.h - which availability zones the machines of a cluster are spread over. Looked up once, and kept in the document, so
 * that a run that goes on elsewhere makes the same machines. Source: Azure/ARO-RP, pkg/util/azurezones.
 */
#ifndef RP_CLUSTER_ZONES_H
#define RP_CLUSTER_ZONES_H

#include "pkg/base/strv.h"
#include "rp/cluster/cluster.h"

/* Step. ERR_INVALID: machines of these sizes cannot be spread as a cluster has to be. */
int cluster_validate_zones(void *arg, const struct opctx *ctx, struct error **err);

/* That step has run: the cluster's machines are being made, or are about to be. */
bool cluster_has_zones(const struct cluster *c);
/* What it found: both empty where there are no zones. ERR_INTERNAL: it has not run. */
int cluster_zones(const struct cluster *c, struct strv *masters, struct strv *workers,
                  struct error **err);

/* Where load balancers and addresses of the cluster belong: in the zones of its machines; of clusters that are older than that
 * record, in those that Azure has for its masters. Empty where there are none. */
int cluster_find_frontend_zones(struct cluster *c, const struct opctx *ctx, struct strv *ret,
                                struct error **err);

/* ---- pure parts ---- */
/* Zones of a size in a region, sorted, without those that the subscription may not use. skus: Microsoft.Compute/skus. */
void zones_find(const json *skus, const char *size, const char *location, struct strv *ret);
/* Chooses; both are changed in place. expanded: zones beyond the third count, too. */
int zones_choose(enum cluster_layout layout, bool expanded, struct strv *masters,
                 struct strv *workers, struct error **err);

#endif
