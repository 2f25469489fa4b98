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

struct env;
struct http_client;
struct http_transport;

/* What handlers need to reach clusters: frontend_config.more_arg. All borrowed; without one they only work on documents. */
struct admin_clients {
    struct http_client *http;
    struct http_transport *transport; /* tests: instead of http */
    const struct env *env;
};

extern const struct route admin_routes[];
extern const size_t admin_routes_len;

#endif
