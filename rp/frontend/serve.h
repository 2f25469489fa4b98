/* serve.h - from the HTTP server's calls to requests in the chain. Private to rp/frontend. */
#ifndef RP_FRONTEND_SERVE_H
#define RP_FRONTEND_SERVE_H

#include "rp/frontend/frontend_impl.h"

/* One of the two ways in; the servers' arg. */
struct listener {
    struct frontend *f;
    bool is_plain;
};

/* Fills in what requests need of f: configuration, routes, names. */
void frontend_init(struct frontend *f, const struct frontend_config *cfg,
                   const struct route *routes, size_t len);
void frontend_release(struct frontend *f);
/* The configuration of a server for this listener (which is borrowed); routes are serve's own. */
struct http_server_config listener_config(const struct listener *l);

#endif
