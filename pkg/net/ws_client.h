/*
 * ws_client.h - a WebSocket client connection over the same peers (TLS material, server name, dial
 * override, proxy) as the HTTP client: used for exec and attach. Built on curl's CONNECT_ONLY
 * connection and RFC 6455 frames.
 */
#ifndef PKG_NET_WS_CLIENT_H
#define PKG_NET_WS_CLIENT_H

#include "pkg/net/http_client.h"

struct ws_conn; /* one thread reads; any thread sends */

struct ws_conn_config {
    const char *url; /* https:// or http:// */
    const struct http_headers *headers;
    const char *const *subprotocols;                          /* offered; NULL-terminated */
    int64_t ping_every_ms, pong_timeout_ms, write_timeout_ms; /* 0 = 5 s, 61 s, 60 s */
    size_t max_message;                                       /* 0 = 1 MiB */
};
/* A refused handshake is an error with the HTTP status and body. No subprotocol picked although
 * some were offered is ERR_UNSUPPORTED. */
int ws_conn_open(struct http_peer *peer, const struct opctx *ctx, const struct ws_conn_config *cfg,
                 struct ws_conn **ret, struct error **err);
const char *ws_conn_subprotocol(const struct ws_conn *w); /* borrowed; "" when none */
/* Next message: 1 = a message, 0 = the peer closed regularly, -1 = error. *ret_data is borrowed
 * until the next call. */
int ws_conn_read(struct ws_conn *w, const struct opctx *ctx, bool *ret_binary,
                 const char **ret_data, size_t *ret_len, struct error **err);
int ws_conn_send(struct ws_conn *w, const struct opctx *ctx, bool binary, const void *data,
                 size_t len, struct error **err);
void ws_conn_close(struct ws_conn *w); /* sends close, frees */

DEFINE_RELEASE(struct ws_conn *, ws_conn_close)
#define cleanup_ws_conn CLEANUP_WITH(ws_conn_close_slot)

#endif
