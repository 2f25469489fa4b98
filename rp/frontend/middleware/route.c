#include "rp/frontend/chain.h"

/* A miss goes on: strangers are to learn that they are strangers first. */
static int route(struct request *req, struct error **err)
{
    const struct http_route *found;
    struct frontend *f = req->f;

    (void)err;
    if (http_call_route(req->call, req->path, f->table, f->routes_len, &found, &req->route_error) ==
        0)
        req->route = f->routes[found - f->table];
    return 0;
}

const struct middleware middleware_route = { .name = "Route", .before = route };
