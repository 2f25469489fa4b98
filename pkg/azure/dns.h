/*
 * dns.h - A record sets of public DNS zones.
 *
 * Errors: a condition that does not hold is ERR_PRECONDITION (status 412), a set or zone that is not there ERR_NOT_FOUND.
 * Threads: safe from any.
 * Source: Microsoft.Network/dnsZones 2018-05-01; its properties keep their own letter case ("TTL", "ARecords").
 */
#ifndef PKG_AZURE_DNS_H
#define PKG_AZURE_DNS_H

#include "pkg/azure/azure.h"

/* A zone and the name in it; borrowed. */
struct dns_name {
    const char *zone_id;  /* "/subscriptions/.../dnsZones/aro.example" */
    const char *relative; /* "api.c1", "*.apps.c1" */
};
int dns_a_get(struct arm *a, const struct opctx *ctx, const struct dns_name *name, json **ret,
              struct error **err);
/* Only if there is none yet. */
int dns_a_create(struct arm *a, const struct opctx *ctx, const struct dns_name *name,
                 const json *set, struct error **err);
/* etag: as dns_a_get showed it; NULL: whatever is there. */
int dns_a_put(struct arm *a, const struct opctx *ctx, const struct dns_name *name, const json *set,
              const char *etag, struct error **err);
/* None there is fine. */
int dns_a_delete(struct arm *a, const struct opctx *ctx, const struct dns_name *name,
                 const char *etag, struct error **err);

#endif
