/* server_conn.h - one connection's state, shared by server_conn.c (out) and server_read.c (in). */
#ifndef PKG_NET_SERVER_CONN_H
#define PKG_NET_SERVER_CONN_H

#include "pkg/net/server_impl.h"

enum conn_state {
    CONN_READING,   /* no request, or part of one */
    CONN_HANDLING,  /* a pool thread has the call */
    CONN_WRITING,   /* an ordinary reply */
    CONN_STREAMING, /* an outlet of each kind */
    CONN_WEBSOCKET,
    CONN_LINGER, /* all is said; bytes that still come are dropped */
    CONN_DEAD    /* waits for lws to close it */
};

enum conn_timer { TIMER_NONE, TIMER_HEADER, TIMER_BODY, TIMER_IDLE, TIMER_WRITE, TIMER_LINGER };

struct server_conn {
    struct http_server *server;
    struct lws *wsi;
    uint64_t id;
    enum conn_state state;
    enum conn_timer timer;
    struct framer *framer;
    struct server_peer *peer;
    bool peer_is_read;    /* the certificate was looked for */
    uint64_t waits_since; /* place among the connections that began to wait for a request */
    struct buf stash;     /* bytes behind the request being handled */
    struct buf out;       /* LWS_PRE bytes of room, then bytes; empty: nothing to write */
    size_t out_pos;
    bool rx_paused, close_after, linger;
    struct http_call *call; /* while streaming */
    struct outlet *outlet;  /* of call */
};

void server_conn_set_timer(struct server_conn *c, enum conn_timer timer, int64_t ms);
/* An error's reply instead of the request that is being read, then the end of the connection. */
void server_conn_refuse(struct server_conn *c, int status, const char *reason);
void server_conn_send_continue(struct server_conn *c);
void server_conn_resume_rx(struct server_conn *c);
/* A new state reads on: the stash first, then the socket. */
void server_conn_go_on_reading(struct server_conn *c);

#endif
