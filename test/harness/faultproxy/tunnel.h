/*
 * tunnel.h - the lower half of the fault proxy: TCP connections passed on byte by byte, unless told otherwise.
 *
 * TLS, HTTP/2 and client certificates go through untouched. One thread moves all bytes; the other functions are safe
 * from any thread and return when the thread has done what was asked.
 */
#ifndef TEST_HARNESS_FAULTPROXY_TUNNEL_H
#define TEST_HARNESS_FAULTPROXY_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/base/error.h"

struct tunnel;

struct tunnel_config {
    uint16_t port;           /* on 127.0.0.1; 0 = a free one */
    const char *upstream_ip; /* IPv4 */
    uint16_t upstream_port;
    uint16_t http_port; /* on 127.0.0.1: the upper half; 0: there is none */
};
int tunnel_start(const struct tunnel_config *cfg, struct tunnel **ret, struct error **err);
void tunnel_stop(struct tunnel *t); /* accepts NULL */
uint16_t tunnel_port(const struct tunnel *t);

/* What happens to connections. */
struct tunnel_mode {
    bool http;   /* new ones go to the upper half; a change cuts those that are there */
    bool silent; /* nothing moves: they stay open and say nothing, new ones are not even greeted */
    bool refuse; /* nobody listens; those that are there are cut */
    int64_t reset_after; /* bytes to the client after which a new connection is reset; < 0: never */
};
#define TUNNEL_PASS \
    { \
        .reset_after = -1 \
    }
int tunnel_set(struct tunnel *t, const struct tunnel_mode *mode, struct error **err);
struct tunnel_mode tunnel_get(struct tunnel *t);
void tunnel_cut(struct tunnel *t); /* resets every connection */

struct tunnel_stats {
    uint64_t accepted, reset, open;
    uint64_t to_client_bytes, to_server_bytes;
};
struct tunnel_stats tunnel_stats(struct tunnel *t);

#endif
