/*
 * admin.h - what support engineers ask of the resource provider: routes below /admin, for frontend_config.more_routes.
 *
 * The administrators' authorizer guards them all (middleware/authenticate.c), api-version means nothing to them, and texts of
 * internal errors are shown. Threads: const.
 */
#ifndef RP_FRONTEND_ADMIN_ADMIN_H
#define RP_FRONTEND_ADMIN_ADMIN_H

#include <stddef.h>

#include "rp/frontend/route.h"

struct arm;
struct env;
struct hive;
struct http_client;
struct http_transport;
struct opctx;

/* Azure Resource Manager as the first-party application. */
struct admin_azure {
    /* Has fn work with a client in that tenant, which is good until fn returns. Errors: fn's. */
    int (*run)(struct admin_azure *a, const struct opctx *ctx, const char *tenant_id,
               int (*fn)(struct arm *arm, void *arg, struct error **err), void *arg,
               struct error **err);
};

/* What handlers need to reach clusters: frontend_config.more_arg. All borrowed; without one they only work on documents. */
struct admin_clients {
    struct http_client *http;
    struct http_transport *transport; /* tests: instead of http */
    const struct env *env;
    struct hive *hive;         /* SyncSets; NULL: there is none */
    struct admin_azure *azure; /* NULL: Azure is not asked */
};

extern const struct route admin_routes[];
extern const size_t admin_routes_len;

#endif
