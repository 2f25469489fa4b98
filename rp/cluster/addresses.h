/*
 * addresses.h - the addresses at which a cluster is reached, in the document and in the service's DNS zone.
 * Source: Azure/ARO-RP, pkg/cluster/ipaddresses.go.
 */
#ifndef RP_CLUSTER_ADDRESSES_H
#define RP_CLUSTER_ADDRESSES_H

#include "pkg/base/strv.h"
#include "rp/cluster/cluster.h"

/* Steps. The API's: of its public IP, or of the internal load balancer when it is private. It becomes
 * `apiserverProfile.ip`, that of the internal load balancer `apiserverProfile.intIp`. */
int cluster_update_api_ip(void *arg, const struct opctx *ctx, struct error **err);
/* populateDatabaseIntIP: writes down where the API is reached from inside, for clusters whose document does not say so yet: their
 * operator and their certificates need it. */
int cluster_ensure_internal_ip(void *arg, const struct opctx *ctx, struct error **err);
/* The router's, before there is a router, which is told to take it: `ingressProfiles[0].ip`. */
int cluster_create_router_ip_early(void *arg, const struct opctx *ctx, struct error **err);

/* A private address for the router, in the workers' subnet; the caller's. ERR_INVALID: none is free. */
int address_choose_router(struct cluster *c, const struct opctx *ctx, char **ret,
                          struct error **err);
/* Whether something but the cluster's internal load balancer has a private address in the workers' subnet. */
int address_is_taken(struct cluster *c, const struct opctx *ctx, const char *ip, bool *ret,
                     struct error **err);

/* The highest address of a range that is neither reserved nor used; owned, NULL: there is none. prefix: "10.0.0.0/24". */
char *address_give_highest_free(const char *prefix, const struct strv *used);

#endif
