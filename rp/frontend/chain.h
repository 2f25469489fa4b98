/*
 * chain.h - what every request passes before and behind its handler: a table of middleware, outermost
 * first.
 *
 * before runs on the way in; -1 ends the way there, with that error as the reply. after runs on the
 * way out, in reverse order, of those whose before succeeded, when the reply is complete. Either may
 * be NULL.
 */
#ifndef RP_FRONTEND_CHAIN_H
#define RP_FRONTEND_CHAIN_H

#include "rp/frontend/request.h"

struct middleware {
    const char *name;
    int (*before)(struct request *req, struct error **err);
    void (*after)(struct request *req);
};

/* Runs the request to its end; the reply is in its call. Never fails: errors become replies. */
void chain_run(struct request *req, const struct middleware *const *chain, size_t len);

/* The frontend's own, in order. */
extern const struct middleware *const frontend_chain[];
extern const size_t frontend_chain_len;

/* One file each in rp/frontend/middleware. */
extern const struct middleware middleware_lowercase, middleware_cleanpath, middleware_route,
    middleware_log, middleware_audit, middleware_metrics, middleware_headers, middleware_validate,
    middleware_body, middleware_systemdata, middleware_authenticate, middleware_miss,
    middleware_query, middleware_apiversion, middleware_maintenance, middleware_mockmsi;

#endif
