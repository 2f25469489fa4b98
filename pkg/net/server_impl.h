/*
 * server_impl.h - what the files of the server share. Private to pkg/net/server_*.c and ws_server*.c.
 *
 * Design
 *
 * One service thread runs the lws context: sockets, TLS, timers, parsing. It owns every
 * server_conn. A complete request becomes an http_call, which belongs to one thread at a time: the
 * service thread, then perhaps a pool thread, then the service thread again. Pool threads and
 * streams never touch lws: they put things into the hub and wake the service thread.
 *
 * Calls and outlets name their connection by slot and generation, so that a reply for a client that
 * is gone finds nobody, even when the slot (or the address of the lws object) is in use again.
 *
 * A connection handles one request at a time. While a handler runs its reading is paused; bytes
 * that came already wait in the stash and are fed before reading is resumed.
 */
#ifndef PKG_NET_SERVER_IMPL_H
#define PKG_NET_SERVER_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "pkg/base/bytes.h"
#include "pkg/base/log.h"
#include "pkg/net/framer.h"
#include "pkg/net/server.h"

struct lws;
struct lws_context;
struct lws_vhost;
struct server_conn;
struct server_grace;
struct server_pool;
struct server_tls;

/* ---- peer: who is at the other end; immutable once a call was made, shared by count ---- */

struct server_peer {
    atomic_uint refs;
    char address[72], local_address[72];
    struct bytes *leaf;   /* DER; NULL without certificate */
    struct bytes **chain; /* DER, without the leaf */
    size_t chain_len;
};
struct server_peer *server_peer_new(int fd);
struct server_peer *server_peer_ref(struct server_peer *p);
void server_peer_unref(struct server_peer *p);

/* ---- outlet: the way from any thread to a connection (streams, WebSockets) ---- */

enum outlet_state {
    OUTLET_OPEN,
    OUTLET_ENDING, /* flush, then end regularly */
    OUTLET_CUT,    /* the connection is to be closed at once */
    OUTLET_CLOSED
};

struct server_hub;
struct outlet {
    atomic_uint refs; /* its owner, the connection, the hub's list */
    pthread_mutex_t mu;
    struct server_hub *hub;
    uint64_t conn_id;
    size_t max_queued;
    void (*on_close)(void *arg); /* may be NULL */
    void *arg;
    void (*free_whole)(struct outlet *o); /* of the object around it */
    /* Under mu. */
    enum outlet_state state;
    struct buf queue;
    size_t in_flight; /* given to the connection, not yet to the socket */
    /* Under the hub's mu. */
    bool woken;
    struct outlet *next_woken;
};

void outlet_init(struct outlet *o, struct server_hub *hub, uint64_t conn_id, size_t max_queued,
                 void (*free_whole)(struct outlet *o));
void outlet_release(struct outlet *o); /* what outlet_init made; called by free_whole */
struct outlet *outlet_ref(struct outlet *o);
void outlet_unref(struct outlet *o);
/* head + data + tail in one piece. -1: not open, or too much waits (then it is cut). */
int outlet_append(struct outlet *o, const void *head, size_t head_len, const void *data, size_t len,
                  const void *tail, size_t tail_len);
/* Moves on from OPEN (or ENDING, when to is CUT), with last bytes; a no-op otherwise. */
void outlet_leave(struct outlet *o, enum outlet_state to, const void *last, size_t last_len);
bool outlet_is_open(struct outlet *o);
/* Service thread: moves what waits to out (if anything) and tells the state. */
enum outlet_state outlet_drain(struct outlet *o, struct buf *out);
void outlet_set_in_flight(struct outlet *o, size_t n);
/* Service thread: nothing goes out any more; calls on_close the first time. */
void outlet_close(struct outlet *o);

/* ---- the call ---- */

struct call_param {
    char *name, *value;
};

struct http_call {
    struct http_server *server;
    uint64_t conn_id;
    struct server_peer *peer;
    struct framer_request req;
    char *path, *query;
    const struct http_route *route;
    struct call_param *params;
    size_t params_len;
    int status;
    struct http_headers headers;
    struct buf out;
    void *state;
    void (*free_state)(void *);
    struct http_stream *stream; /* at most one of the two */
    struct ws *ws;
    int64_t started_ns;
    bool close_after; /* filled by call_build_wire */
    struct buf wire;  /* LWS_PRE bytes of room, then the reply (of a stream: its head) */
    struct http_call *next;
};

/* Takes the request over. */
struct http_call *call_new(struct http_server *s, uint64_t conn_id, struct server_peer *peer,
                           struct framer_request *req);
void call_free(struct http_call *c);
void call_add_param(struct http_call *c, const char *name, const char *value, size_t value_len);
/* Runs the handler, turns an error into a reply, records the call, builds the wire bytes. */
void call_run(struct http_call *c);
/* Instead of a handler: replies with this error, which is consumed. */
void call_refuse(struct http_call *c, struct error *e);
bool call_is_head(const struct http_call *c);
struct outlet *call_outlet(struct http_call *c); /* NULL for an ordinary reply */

/* ---- replies (server_reply.c) ---- */

void call_build_wire(struct http_call *c);

/* ---- routes ---- */

/* Finds c's route and fills its parameters; 0, or -1 with ERR_NOT_FOUND or ERR_METHOD (then Allow is
 * set on c). */
int server_route(struct http_call *c, struct error **err);

/* ---- hub: what other threads give to the service thread ---- */

struct server_hub {
    atomic_uint refs;
    pthread_mutex_t mu;
    struct lws_context *cx; /* NULL: the service thread has ended */
    struct http_call *done, **done_end;
    struct outlet *woken;
    bool stopping;
    int64_t grace_ms;
};
struct server_hub *server_hub_new(void);
struct server_hub *server_hub_ref(struct server_hub *h);
void server_hub_unref(struct server_hub *h);
void server_hub_open(struct server_hub *h, struct lws_context *cx);
void server_hub_close(struct server_hub *h);                     /* frees finished calls */
void server_hub_done(struct server_hub *h, struct http_call *c); /* consumes c */
void server_hub_wake(struct server_hub *h, struct outlet *o);
void server_hub_stop(struct server_hub *h, int64_t grace_ms);
/* Service thread; one after the other until NULL. The caller owns the call, or a share of the outlet. */
struct http_call *server_hub_pop_done(struct server_hub *h);
struct outlet *server_hub_pop_woken(struct server_hub *h);
bool server_hub_is_stopping(struct server_hub *h, int64_t *ret_grace_ms);

/* ---- pool ---- */

int server_pool_start(const char *name, int workers, int queue_max, struct server_hub *hub,
                      struct server_pool **ret, struct error **err);
bool server_pool_submit(struct server_pool *p, struct http_call *c); /* false: full */
void server_pool_start_nothing(struct server_pool *p); /* what waits stays where it is */
void server_pool_stop(struct server_pool *p);          /* drops what waits, joins what runs */

/* ---- TLS ---- */

int server_tls_new(const char *cert_pem, const struct secret *key_pem, bool request_client_cert,
                   struct server_tls **ret, struct error **err);
void server_tls_free(struct server_tls *t);
int server_tls_set(struct server_tls *t, const char *cert_pem, const struct secret *key_pem,
                   struct error **err);
void server_tls_configure(struct server_tls *t, void *ssl_ctx);
void server_tls_read_peer(void *ssl, struct server_peer *p);
void server_tls_say_goodbye(void *ssl); /* sends close_notify */

/* ---- listening ---- */

/* A listening, non-blocking socket; ret_port is the real one. */
int server_listen(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port,
                  struct error **err);

/* ---- connections (service thread) ---- */

struct conn_slot {
    struct server_conn *conn;
    uint32_t generation;
};

struct http_server {
    struct http_server_config cfg; /* own copies, defaults filled in */
    struct framer_limits limits;
    struct server_hub *hub;
    struct server_pool *pool;
    struct server_tls *tls; /* NULL: plain HTTP */
    struct stop *stop;      /* of the handlers' contexts */
    struct lws_context *cx;
    struct lws_vhost *vhost;
    struct lws *listener; /* NULL: closed */
    struct server_grace *grace;
    bool listener_paused;
    uint16_t port;
    pthread_t thread;
    /* Service thread only. */
    struct conn_slot *slots;
    size_t conns_len, first_free; /* slots below first_free are taken */
    uint64_t waits_begun;
    bool closing, grace_over;
};

/* There may be room for another client. */
void server_go_on_accepting(struct http_server *s);

struct server_conn *server_conn_new(struct http_server *s, struct lws *wsi); /* NULL: full */
void server_conn_free(struct server_conn *c);
struct server_conn *server_conn_find(struct http_server *s, uint64_t id);
/* The lws callbacks; -1 closes the connection. */
int server_conn_on_rx(struct server_conn *c, const char *data, size_t len);
int server_conn_on_writable(struct server_conn *c);
int server_conn_on_timer(struct server_conn *c);
/* A reply came back from the pool. */
void server_conn_reply(struct server_conn *c, struct http_call *call);
void server_conn_on_wake(struct server_conn *c, const struct outlet *o);
void server_conn_begin_stop(struct server_conn *c);
/* Makes room: cuts the connection that has waited longest for its request, or lingers after a
 * refusal. None when all have a call or a reply. */
void server_conn_cut_longest_waiting(struct http_server *s);

/* ---- WebSocket (ws_server.c) ---- */

struct outlet *ws_outlet(struct ws *ws);
/* Service thread: bytes from the client. -1: the connection is to be closed once its queue is out. */
int ws_feed(struct ws *ws, const char *data, size_t len);
void ws_go_away(struct ws *ws); /* the server stops */
void ws_drop(struct ws *ws);    /* the call's share of a WebSocket that was never begun */

/* ---- streams ---- */

struct outlet *stream_outlet(struct http_stream *s);
void stream_drop(struct http_stream *s);

#endif
