/*
 * dns_records.h - the records of a cluster in the service's DNS zone, "api.PREFIX" and "*.apps.PREFIX". The first one reserves
 * the name: its metadata tell whose it is. Clusters with a domain of the customer's have none, and all of this does nothing.
 * Source: Azure/ARO-RP, pkg/util/dns.
 */
#ifndef RP_CLUSTER_DNS_RECORDS_H
#define RP_CLUSTER_DNS_RECORDS_H

#include "rp/cluster/cluster.h"

/* Steps. The first: ERR_INVALID with code DuplicateDomain when another cluster has the name. */
int cluster_create_dns(void *arg, const struct opctx *ctx, struct error **err);
int cluster_delete_dns(void *arg, const struct opctx *ctx, struct error **err);

/* What the names point to from now on. */
int dns_point_api(struct cluster *c, const struct opctx *ctx, const char *ip, struct error **err);
int dns_point_router(struct cluster *c, const struct opctx *ctx, const char *ip,
                     struct error **err);

#endif
