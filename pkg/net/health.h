/*
 * health.h - named checks behind /healthz and /readyz: aggregate and single ("/healthz/leader"),
 * ?verbose=true, ?exclude=name. 200 "ok", or 500 with a line a check. Not cached,
 * X-Content-Type-Options: nosniff.
 */
#ifndef PKG_NET_HEALTH_H
#define PKG_NET_HEALTH_H

#include "pkg/net/server.h"

struct health_check {
    const char *name;
    int (*check)(void *arg, struct error **err); /* must not block */
    void *arg;
};
struct health_set {   /* one per endpoint; none: an implicit "ping" */
    const char *root; /* "/healthz" */
    const struct health_check *checks;
    size_t len;
};
/* Answers call from the set: the aggregate at root, a single check below it (404 when unknown). */
int health_answer(struct http_call *call, const struct health_set *set, struct error **err);

#endif
