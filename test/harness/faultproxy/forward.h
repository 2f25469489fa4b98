/*
 * forward.h - the upper half of the fault proxy: ends TLS, reads requests, passes them on or plays a fault (rules.h).
 *
 * HTTP/1.1 towards clients. Replies are passed on as they come, so watches work. Credentials that travel in headers go
 * through; client certificates cannot.
 */
#ifndef TEST_HARNESS_FAULTPROXY_FORWARD_H
#define TEST_HARNESS_FAULTPROXY_FORWARD_H

#include <stdint.h>

#include "pkg/base/clock.h"
#include "pkg/base/env.h"
#include "pkg/base/log.h"
#include "pkg/net/http_client.h"
#include "test/harness/faultproxy/rules.h"

struct forward;

struct forward_config {               /* borrowed for its life, but for the certificates */
    const char *upstream;             /* "https://127.0.0.1:6443", without the slash at the end */
    struct http_transport *transport; /* to it */
    struct rules *rules;
    const char *cert_pem; /* NULL: plain HTTP */
    const struct secret *key_pem;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};
int forward_start(const struct forward_config *cfg, struct forward **ret, struct error **err);
/* Ends what still runs, stalled requests, too. Accepts NULL. */
void forward_stop(struct forward *f);
uint16_t forward_port(const struct forward *f);
/* The requests so far, at most the last 2,000: [{method, path, query, agent, fault}]. fault: whether a rule fitted. */
json *forward_give_requests(struct forward *f);

#endif
