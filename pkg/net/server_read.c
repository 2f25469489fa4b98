#include <libwebsockets.h>

#include "pkg/net/server_conn.h"

/* What a client may send ahead while its request is being handled. */
#define STASH_MAX ((size_t)256 * 1024)
/* Suggested to clients that meet a full queue. */
#define RETRY_AFTER_MS 1000

static void pause_rx(struct server_conn *c)
{
    if (!c->rx_paused)
        lws_rx_flow_control(c->wsi, 0);
    c->rx_paused = true;
}

void server_conn_resume_rx(struct server_conn *c)
{
    if (c->rx_paused)
        lws_rx_flow_control(c->wsi, 1);
    c->rx_paused = false;
}

/* ---- a complete request ---- */

static void handle_inline(struct server_conn *c, struct http_call *call)
{
    call_run(call);
    server_conn_reply(c, call);
}

static void handle_in_pool(struct server_conn *c, struct http_call *call)
{
    c->state = CONN_HANDLING;
    pause_rx(c);
    if (server_pool_submit(c->server->pool, call))
        return;
    struct error *e = NULL;
    error_set(&e, ERR_UNAVAILABLE, "too many requests are waiting");
    error_code(&e, HTTP_CODE_BUSY);
    error_retry_after(&e, RETRY_AFTER_MS);
    call_refuse(call, e);
    server_conn_reply(c, call);
}

static void dispatch(struct server_conn *c)
{
    struct framer_request req;
    struct error *e = NULL;

    framer_take_request(c->framer, &req);
    c->linger = req.body_is_cut; /* the rest of the body is still on its way */
    server_conn_set_timer(c, TIMER_NONE, 0);
    if (!c->peer_is_read && lws_get_ssl(c->wsi))
        server_tls_read_peer(lws_get_ssl(c->wsi), c->peer);
    c->peer_is_read = true;

    struct http_call *call = call_new(c->server, c->id, c->peer, &req);
    if (server_route(call, &e) < 0) {
        call_refuse(call, e);
        server_conn_reply(c, call);
    } else if (call->route->inline_) {
        handle_inline(c, call);
    } else {
        handle_in_pool(c, call);
    }
}

/* ---- bytes ---- */

static void on_body_begin(struct server_conn *c, bool all_used)
{
    server_conn_set_timer(c, TIMER_BODY, c->server->cfg.body_timeout_ms);
    if (all_used && framer_wants_continue(c->framer))
        server_conn_send_continue(c);
}

/* Returns how many bytes were used; fewer than len when a request is complete. */
static size_t feed_framer(struct server_conn *c, const char *data, size_t len)
{
    size_t used = 0;

    while (used < len && c->state == CONN_READING) {
        enum framer_state before = framer_get_state(c->framer);
        used += framer_feed(c->framer, data + used, len - used);
        const char *reason;
        switch (framer_get_state(c->framer)) {
        case FRAMER_HEAD:
            if (c->timer != TIMER_HEADER)
                server_conn_set_timer(c, TIMER_HEADER, c->server->cfg.header_timeout_ms);
            break;
        case FRAMER_BODY:
            if (before == FRAMER_HEAD)
                on_body_begin(c, used == len);
            break;
        case FRAMER_DONE:
            dispatch(c);
            break;
        case FRAMER_BAD: {
            int status = framer_bad_status(c->framer, &reason);
            server_conn_refuse(c, status, reason);
            break;
        }
        }
    }
    return used;
}

static size_t feed(struct server_conn *c, const char *data, size_t len)
{
    if (c->state == CONN_READING)
        return feed_framer(c, data, len);
    if (c->state == CONN_WEBSOCKET) {
        if (ws_feed(c->call->ws, data, len) < 0)
            pause_rx(c); /* its last frame is queued; nothing more is read */
        return len;
    }
    return 0;
}

void server_conn_go_on_reading(struct server_conn *c)
{
    if (c->stash.len > 0) {
        struct buf stash = c->stash;
        c->stash = (struct buf)BUF_INIT(BUF_UNBOUNDED);
        size_t used = feed(c, stash.data, stash.len);
        buf_consume(&stash, used);
        if (stash.len > 0)
            c->stash = stash;
        else
            buf_release(&stash);
    }
    bool reads = c->state == CONN_STREAMING ||
                 ((c->state == CONN_READING || c->state == CONN_WEBSOCKET) && c->stash.len == 0);
    if (reads)
        server_conn_resume_rx(c);
}

int server_conn_on_rx(struct server_conn *c, const char *data, size_t len)
{
    if (c->state == CONN_DEAD)
        return -1;
    if (c->state == CONN_LINGER || c->linger)
        return 0;
    size_t used = c->stash.len == 0 ? feed(c, data, len) : 0;
    if (used == len || c->linger)
        return 0;
    if (c->stash.len + len - used > STASH_MAX)
        return -1; /* reading was paused, so this is a client of a stream that talks on */
    buf_add(&c->stash, data + used, len - used);
    if (c->state != CONN_STREAMING)
        pause_rx(c);
    return 0;
}
