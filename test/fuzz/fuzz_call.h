/* fuzz_call.h - one call of the HTTP server without a connection. Threads: one. */
#ifndef TEST_FUZZ_FUZZ_CALL_H
#define TEST_FUZZ_FUZZ_CALL_H

#include "pkg/net/server_impl.h"
#include "test/fuzz/fuzz.h"

/* Freed with call_free. target: with its query; referer may be NULL. */
static inline struct http_call *fuzz_call_new(struct http_server *server, const char *method,
                                              const char *target, const char *referer)
{
    struct framer_request req = { .method = xstrdup(method), .target = xstrdup(target) };
    buf_init(&req.body, BUF_UNBOUNDED);
    http_headers_add(&req.headers, "Host", "rp.test");
    if (referer)
        http_headers_add(&req.headers, "Referer", referer);
    struct server_peer *peer = xnew(struct server_peer); /* the call's own */
    struct http_call *call = call_new(server, 0, peer, &req);
    return call;
}

#endif
