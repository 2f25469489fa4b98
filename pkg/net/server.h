/*
 * server.h - the HTTP/1.1 server: libwebsockets as event loop, TLS and timers (raw role), llhttp as
 * framer.
 *
 * One service thread does protocol only; handlers run on a bounded pool (a full queue answers 503
 * with Retry-After) or, when they only read memory, inline on the service thread. Paths arrive raw,
 * headers in order with duplicates. Header, body and idle deadlines are totals. Refused by the
 * framer or by us: conflicting or doubled Content-Length, CL with TE, missing or doubled Host,
 * obs-fold, spaces in names, bare LF, unknown Expect (417), oversize header (431), URL (414), body
 * (413).
 */
#ifndef PKG_NET_SERVER_H
#define PKG_NET_SERVER_H

#include "pkg/base/opctx.h"
#include "pkg/base/secret.h"
#include "pkg/net/http.h"

/* Code of the ERR_UNAVAILABLE (error_get_code) by which the server refuses a call: queue_max calls wait already. */
#define HTTP_CODE_BUSY "ServerBusy"

struct http_server;
struct http_call; /* one request being answered; valid until the handler returns (or hands it to a
                     stream) */

/* Fills the call's response. -1: the server answers the error's status with a plain text line, or
 * what config.on_error makes of it. Runs on a pool thread unless the route is inline. */
typedef int (*http_handler)(struct http_call *call, const struct opctx *ctx, void *arg,
                            struct error **err);

struct http_route {
    const char *method;  /* NULL = any; HEAD falls back to GET without body, unless head_apart */
    const char *pattern; /* "/healthz", "/v1/clusters/{name}", trailing "/" + "*" takes the rest;
                            NULL = everything */
    http_handler handle;
    bool inline_; /* on the service thread: must not block */
};

struct http_server_config {
    const char *name;         /* thread and log name */
    const char *bind_address; /* "127.0.0.1", "::", NULL = all */
    uint16_t port;            /* 0 = a free one, see http_server_port */
    const char *cert_pem;     /* NULL = plain HTTP */
    const struct secret *key_pem;
    bool request_client_cert; /* ask; verification is the handler's work (http_call_client_cert) */
    const struct http_route
        *routes; /* first match wins; none: 404, path known with another method: 405 + Allow */
    size_t routes_len;
    bool head_apart; /* HEAD is a method of its own: 405 where no route names it */
    void *arg;       /* given to every handler */
    /* Writes the reply of a failed call; -1 leaves it to the server. May be NULL. Also called for the
     * server's own refusals (404, 405, 503; of what was not read to its end 400, 408, 413, 414, 417,
     * 431, 501, 505, with the call's method and path "-" when they are not known), then on the
     * service thread: it must not block. */
    int (*on_error)(struct http_call *call, const struct error *e, void *arg);
    void (*on_done)(struct http_call *call, int64_t duration_ns,
                    void *arg); /* access record; may be NULL */
    int workers;                /* 0 = 4; pool threads */
    int queue_max;              /* 0 = 256 waiting calls */
    size_t max_header_bytes;    /* 0 = 64 KiB */
    size_t max_body_bytes;      /* 0 = 1 MiB; also of a WebSocket message */
    bool
        give_cut_bodies; /* a body beyond max_body_bytes reaches the handler (http_call_body_is_cut)
                             instead of ending in 413; the connection closes after the reply */
    /* 0 = 32 s, 60 s, 90 s. A client that takes nothing of a waiting reply or stream for
     * body_timeout_ms is cut, too. */
    int64_t header_timeout_ms, body_timeout_ms, idle_timeout_ms;
    /* 0 = 4096. Beyond it a new client takes the place of the one that has waited longest for its
     * request (idle, or only part of it came); while all have calls or replies, it waits. */
    int max_connections;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};

int http_server_start(const struct http_server_config *cfg, struct http_server **ret,
                      struct error **err);
uint16_t http_server_port(const struct http_server *s);
/* Stops accepting, closes idle connections, ends streams and WebSockets regularly, lets running calls
 * end until grace_ms (-1: for ever; 0: at once), then cancels them through their context; joins,
 * frees. Not from a handler. Streams and WebSockets may be let go later. */
void http_server_stop(struct http_server *s, int64_t grace_ms);
/* New certificate for connections accepted from now on. */
int http_server_set_cert(struct http_server *s, const char *cert_pem, const struct secret *key_pem,
                         struct error **err);

/* ---- the request; everything borrowed for the call's life ---- */
const char *http_call_method(const struct http_call *c);
const char *http_call_path(const struct http_call *c);  /* raw, without the query */
const char *http_call_query(const struct http_call *c); /* raw; NULL when absent */
const char *http_call_param(const struct http_call *c,
                            const char *name); /* {name} or "*", raw; NULL when absent */
const struct http_headers *http_call_headers(const struct http_call *c);
const char *http_call_header(const struct http_call *c, const char *name); /* first */
const char *http_call_body(const struct http_call *c, size_t *ret_len);    /* NUL behind */
bool http_call_body_is_cut(const struct http_call *c); /* it was too large; none of it is here */
const char *http_call_peer_address(const struct http_call *c);  /* "127.0.0.1:4711" */
const char *http_call_local_address(const struct http_call *c); /* "127.64.0.5:6443" as dialled */
const void *http_call_client_cert(const struct http_call *c,
                                  size_t *ret_len); /* leaf, DER; NULL when none */
size_t http_call_client_chain_len(const struct http_call *c);
const void *http_call_client_chain(const struct http_call *c, size_t i,
                                   size_t *ret_len); /* DER, without the leaf */
void *http_call_state(struct http_call *c);          /* set by http_call_set_state */
void http_call_set_state(struct http_call *c, void *state,
                         void (*free_state)(void *)); /* freed with the call */

/* ---- the response ---- */
void http_call_set_status(struct http_call *c, int status); /* 200 when never set */
void http_call_set_header(struct http_call *c, const char *name,
                          const char *value); /* NULL: removes */
void http_call_add_header(struct http_call *c, const char *name, const char *value);
struct buf *http_call_out(struct http_call *c); /* the body */
void http_call_reply(struct http_call *c, int status, const char *content_type,
                     const char *text); /* copies text */
int http_call_get_status(const struct http_call *c);

/*
 * http_call_route - routes a call again, by a path that its handler made: for servers that compare in
 * lower case, say. The parameters become those of the found route, borrowed until the next call of
 * this. -1: ERR_NOT_FOUND, or ERR_METHOD with Allow set on the reply.
 */
int http_call_route(struct http_call *c, const char *path, const struct http_route *routes,
                    size_t len, const struct http_route **ret, struct error **err);

/*
 * A reply without end (watch, log): the handler calls http_call_begin_stream, keeps the stream and
 * returns 0. Writes are queued and never block; from any thread. -1: the client is gone or more
 * than max_queued bytes wait (then the stream is cut). on_close runs once on the service thread
 * when the connection ended or http_stream_end was flushed (when the handler fails: on its thread).
 * The call lives until then.
 */
struct http_stream;
struct http_stream *http_call_begin_stream(struct http_call *c, size_t max_queued,
                                           void (*on_close)(void *arg), void *arg);
int http_stream_write(struct http_stream *s, const void *data, size_t len);
bool http_stream_is_open(const struct http_stream *s);
size_t http_stream_queued(struct http_stream *s); /* bytes that no socket has taken yet */
void http_stream_end(struct http_stream *s);      /* regular end of the chunked body */
void http_stream_abort(struct http_stream *s);    /* cuts the connection in the middle */
void http_stream_unref(struct http_stream *s);    /* the owner lets go; ends it when still open */

/*
 * WebSocket: picks the first of offered that the client named (NULL offered: none needed). Messages
 * arrive on the service thread through on_message; binary and text are told apart. Send from any
 * thread.
 */
struct ws;
struct ws_callbacks {
    void (*on_message)(struct ws *ws, bool binary, const void *data, size_t len, void *arg);
    void (*on_close)(struct ws *ws, void *arg); /* once; the last call */
};
bool http_call_is_websocket(const struct http_call *c);
int http_call_begin_ws(struct http_call *c, const char *const *offered,
                       const struct ws_callbacks *cb, void *arg, struct ws **ret,
                       struct error **err);
int ws_send(struct ws *ws, bool binary, const void *data,
            size_t len);         /* -1: gone or too much queued */
size_t ws_queued(struct ws *ws); /* bytes that no socket has taken yet */
void ws_close(struct ws *ws, int code);
void ws_unref(struct ws *ws);

#endif
