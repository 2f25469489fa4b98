/*
 * ws_client_impl.h - the insides of the WebSocket client. Private to pkg/net.
 *
 * Unlike requests, a WebSocket is driven by the threads that read and send: they poll the socket and an eventfd
 * that the context's stop makes readable. The lock guards curl's handle, which is only ever asked for what is
 * there at once; nobody waits with it held. What is to be sent stands in one buffer in its order, so that the
 * reader can answer a ping while a sender is stuck in the middle of a large message.
 */
#ifndef PKG_NET_WS_CLIENT_IMPL_H
#define PKG_NET_WS_CLIENT_IMPL_H

#include <pthread.h>

#include "pkg/net/http_impl.h"
#include "pkg/net/ws_client.h"
#include "pkg/net/ws_server_frame.h"

struct ws_conn {
    struct http_peer *peer;
    struct http_target target;
    char *subprotocol;
    int64_t ping_every_ns, pong_timeout_ns, write_timeout_ns;

    /* the reader's */
    struct ws_parser parser;
    struct buf in; /* received, not yet parsed */
    int64_t pinged_ns;
    int64_t unanswered_ns; /* the first ping since something was heard; 0: none */

    pthread_mutex_t mu; /* guards the rest */
    CURLM *multi;
    CURL *easy;
    struct curl_slist *connect_list;
    struct tls_session tls;
    int fd;
    struct buf out;
    uint64_t queued, written; /* bytes so far; out holds the difference */
    bool close_queued;
    char errbuf[CURL_ERROR_SIZE];
};

/* ws_client_io.c */
struct ws_wait { /* lives on the stack of a thread that is about to wait */
    const struct opctx *ctx;
    int event_fd;
    struct stop_watch watch;
};
int ws_wait_begin(struct ws_wait *w, const struct opctx *ctx, struct error **err);
void ws_wait_end(struct ws_wait *w);
/* Waits for events on fd (0: only for time) until the context ends (-1) or about ms have passed. */
int ws_wait(struct ws_wait *w, int fd, short events, int64_t ms, struct error **err);

int ws_connect(struct ws_conn *c, struct ws_wait *w, struct error **err);
/* Appends what has come to in: 1 some, 0 nothing yet, -1 with HTTP_ERR_EOF at the end or another error. */
int ws_receive(struct ws_conn *c, struct error **err);
/* Queues bytes and writes what can be written at once. *ret_end: what written has to reach. */
int ws_queue(struct ws_conn *c, const void *data, size_t len, uint64_t *ret_end,
             struct error **err);
/* 1: written up to end; 0: not yet. */
int ws_flush(struct ws_conn *c, uint64_t end, struct error **err);
bool ws_has_output(struct ws_conn *c);
void ws_disconnect(struct ws_conn *c);

/* ws_client_handshake.c: the upgrade request and its answer; the rest of what came is left in in. */
int ws_handshake(struct ws_conn *c, struct ws_wait *w, const struct ws_conn_config *cfg,
                 struct error **err);

#endif
