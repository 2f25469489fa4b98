/*
 * wire.h - the lower half of the fault proxy: TCP connections passed on byte by byte, unless told otherwise.
 *
 * TLS, HTTP/2 and client certificates go through untouched. One thread moves all bytes; the other functions are safe
 * from any thread and return when the thread has done what was asked.
 */
#ifndef TEST_HARNESS_FAULTPROXY_WIRE_H
#define TEST_HARNESS_FAULTPROXY_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/base/error.h"

struct wire;

struct wire_config {
    uint16_t port;           /* on 127.0.0.1; 0 = a free one */
    const char *upstream_ip; /* IPv4 */
    uint16_t upstream_port;
    uint16_t http_port; /* on 127.0.0.1: the upper half; 0: there is none */
};
int wire_start(const struct wire_config *cfg, struct wire **ret, struct error **err);
void wire_stop(struct wire *w); /* accepts NULL */
uint16_t wire_port(const struct wire *w);

/* What happens to connections. */
struct wire_mode {
    bool http;   /* new ones go to the upper half; a change cuts those that are there */
    bool silent; /* nothing moves: they stay open and say nothing, new ones are not even greeted */
    bool refuse; /* nobody listens; those that are there are cut */
    int64_t reset_after; /* bytes to the client after which a new connection is reset; < 0: never */
};
#define WIRE_PASS \
    { \
        .reset_after = -1 \
    }
int wire_set(struct wire *w, const struct wire_mode *mode, struct error **err);
struct wire_mode wire_get(struct wire *w);
void wire_cut(struct wire *w); /* resets every connection */

struct wire_stats {
    uint64_t accepted, reset, open;
    uint64_t to_client_bytes, to_server_bytes;
};
struct wire_stats wire_stats(struct wire *w);

#endif
