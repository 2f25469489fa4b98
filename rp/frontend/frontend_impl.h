/* frontend_impl.h - what the files of the frontend share. Private to rp/frontend. */
#ifndef RP_FRONTEND_FRONTEND_IMPL_H
#define RP_FRONTEND_FRONTEND_IMPL_H

#include <stdatomic.h>

#include "rp/frontend/frontend.h"

struct feeds;
struct reply_cache;

struct frontend {
    struct frontend_config cfg;
    const char *location, *environment; /* of cfg.env */
    struct http_route *table;           /* of all routes, with a catch-all handler */
    const struct route **routes;        /* beside it */
    size_t routes_len;
    struct reply_cache *replies; /* of clusters, to GET */
    struct feeds *feeds;         /* NULL until started */
    uint16_t port, plain_port;   /* as bound; 0: not listening */
    int64_t started_ns;
    atomic_bool stopping;
    atomic_ullong audit_number;
    char process_id[40];
};

/* Whether requests may come: readiness.c. */
bool frontend_is_ready(struct frontend *f, const struct opctx *ctx, const char **ret_why);

#endif
