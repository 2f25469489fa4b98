#include "pkg/net/server_conn.h"

#include <libwebsockets.h>
#include <string.h>
#include <sys/socket.h>

#include "pkg/base/mem.h"

/* One callback writes at most this much, so that a large reply does not hold up the others. */
#define WRITE_PIECE 32768
/* How long a client that was refused in the middle of its request may take to read why. */
#define LINGER_MS 2000

/* ---- life ---- */

static uint64_t make_id(size_t slot, uint32_t generation)
{
    return (uint64_t)generation << 32 | slot;
}

struct server_conn *server_conn_new(struct http_server *s, struct lws *wsi)
{
    size_t slot = s->first_free;
    while (slot < (size_t)s->cfg.max_connections && s->slots[slot].conn)
        slot++;
    s->first_free = slot;
    if (slot == (size_t)s->cfg.max_connections)
        return NULL;

    struct server_conn *c = xnew(struct server_conn);
    c->server = s;
    c->wsi = wsi;
    c->id = make_id(slot, ++s->slots[slot].generation);
    c->framer = framer_new(&s->limits);
    buf_init(&c->stash, BUF_UNBOUNDED); /* server_read.c checks before each append */
    buf_init(&c->out, BUF_UNBOUNDED);
    c->peer = server_peer_new(lws_get_socket_fd(wsi));
    c->waits_since = ++s->waits_begun;
    s->slots[slot].conn = c;
    s->conns_len++;
    server_conn_set_timer(c, TIMER_IDLE, s->cfg.header_timeout_ms); /* handshake included */
    return c;
}

/* The reply's other end is gone or done. */
static void drop_call(struct server_conn *c)
{
    c->outlet = NULL;
    call_free(take(c->call));
}

void server_conn_free(struct server_conn *c)
{
    struct http_server *s = c->server;
    size_t slot = (uint32_t)c->id;

    s->slots[slot].conn = NULL;
    if (slot < s->first_free)
        s->first_free = slot;
    s->conns_len--;
    drop_call(c);
    framer_free(c->framer);
    buf_release(&c->stash);
    buf_release(&c->out);
    server_peer_unref(c->peer);
    free(c);
}

struct server_conn *server_conn_find(struct http_server *s, uint64_t id)
{
    size_t slot = (uint32_t)id;
    if (slot >= (size_t)s->cfg.max_connections)
        return NULL;
    struct server_conn *c = s->slots[slot].conn;
    return c && c->id == id ? c : NULL;
}

/* Closes from outside of the connection's own callbacks, without waiting for the client. */
static void kill_conn(struct server_conn *c)
{
    c->state = CONN_DEAD;
    drop_call(c);
    (void)shutdown(lws_get_socket_fd(c->wsi), SHUT_RDWR);
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

void server_conn_cut_longest_waiting(struct http_server *s)
{
    struct server_conn *longest = NULL;

    for (int i = 0; i < s->cfg.max_connections; i++) {
        struct server_conn *c = s->slots[i].conn;
        bool waits = c && (c->state == CONN_READING || c->state == CONN_LINGER);
        if (waits && (!longest || c->waits_since < longest->waits_since))
            longest = c;
    }
    if (longest)
        kill_conn(longest);
}

/* ---- timers: one a connection, always a total ---- */

void server_conn_set_timer(struct server_conn *c, enum conn_timer timer, int64_t ms)
{
    c->timer = timer;
    lws_set_timer_usecs(c->wsi, timer == TIMER_NONE ? LWS_SET_TIMER_USEC_CANCEL : ms * 1000);
}

int server_conn_on_timer(struct server_conn *c)
{
    if (c->timer == TIMER_NONE)
        return 0; /* lws 4.1 calls once more when a timer is cancelled */
    if (c->timer == TIMER_HEADER || c->timer == TIMER_BODY) {
        server_conn_refuse(c, 408, "the request took too long");
        return 0;
    }
    return -1;
}

/* ---- replies ---- */

/* Until its bytes are out, a reply may not stand still longer than this. */
static void watch_progress(struct server_conn *c)
{
    server_conn_set_timer(c, TIMER_WRITE, c->server->cfg.body_timeout_ms);
}

/* Appends bytes that begin with LWS_PRE bytes of room. */
static void queue_wire(struct server_conn *c, struct buf *wire)
{
    if (c->out.len == 0) {
        buf_release(&c->out);
        c->out = *wire;
        c->out_pos = LWS_PRE;
        *wire = (struct buf)BUF_INIT(BUF_UNBOUNDED);
    } else {
        buf_add(&c->out, wire->data + LWS_PRE, wire->len - LWS_PRE);
        buf_release(wire);
    }
    lws_callback_on_writable(c->wsi);
}

void server_conn_refuse(struct server_conn *c, int status, const char *reason)
{
    struct framer_request req;
    struct error *e = NULL;

    framer_give_up(c->framer, &req);
    (void)error_set(&e, err_kind_from_http_status(status), "%s", reason);
    error_status(&e, status);
    struct http_call *call = call_new(c->server, c->id, c->peer, &req);
    call_refuse(call, e);
    c->linger = true; /* the rest of the request is still on its way */
    server_conn_reply(c, call);
}

void server_conn_send_continue(struct server_conn *c)
{
    static const char line[LWS_PRE + 26] = { 0 };
    struct buf wire = BUF_INIT(BUF_UNBOUNDED);
    buf_add(&wire, line, LWS_PRE);
    buf_adds(&wire, "HTTP/1.1 100 Continue\r\n\r\n");
    queue_wire(c, &wire);
}

void server_conn_reply(struct server_conn *c, struct http_call *call)
{
    struct outlet *outlet = call_outlet(call);

    c->close_after = call->close_after || c->server->closing;
    queue_wire(c, &call->wire);
    if (outlet && call->stream && call_is_head(call)) {
        stream_drop(take(call->stream)); /* only its head was wanted */
        outlet = NULL;
    }
    if (!outlet) {
        c->state = CONN_WRITING;
        call_free(call);
    } else {
        c->state = call->ws ? CONN_WEBSOCKET : CONN_STREAMING;
        c->call = call;
        c->outlet = outlet;
        if (c->server->closing)
            server_conn_begin_stop(c);
    }
    watch_progress(c);
    if (outlet)
        server_conn_go_on_reading(c); /* a client that leaves is seen by reading only */
}

void server_conn_on_wake(struct server_conn *c, const struct outlet *o)
{
    if (c->outlet != o)
        return; /* its handler is still at work */
    pthread_mutex_lock(&c->outlet->mu);
    bool cut = c->outlet->state == OUTLET_CUT;
    pthread_mutex_unlock(&c->outlet->mu);
    if (cut)
        kill_conn(c);
    else
        lws_callback_on_writable(c->wsi);
}

void server_conn_begin_stop(struct server_conn *c)
{
    switch (c->state) {
    case CONN_READING:
        if (!framer_has_begun(c->framer) && c->out.len == 0)
            kill_conn(c);
        break;
    case CONN_STREAMING:
        http_stream_end(c->call->stream);
        break;
    case CONN_WEBSOCKET:
        ws_go_away(c->call->ws);
        break;
    default:
        break;
    }
    c->close_after = true;
}

/* ---- writing ---- */

/* Closing with unread bytes makes the kernel reset the connection, and the client may lose the reply
 * that it has not read yet. */
static bool has_unread(const struct server_conn *c)
{
    char byte;
    return c->stash.len > 0 ||
           recv(lws_get_socket_fd(c->wsi), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* After the last reply: 0 lingers, -1 closes. */
static int end_conn(struct server_conn *c)
{
    if (!c->linger && !has_unread(c))
        return -1;
    c->linger = true;
    buf_release(&c->stash);
    c->state = CONN_LINGER;
    if (lws_get_ssl(c->wsi))
        server_tls_say_goodbye(lws_get_ssl(c->wsi));
    (void)shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
    server_conn_resume_rx(c);
    server_conn_set_timer(c, TIMER_LINGER, LINGER_MS);
    return 0;
}

/* The reply is out: the next request, which may have come already. */
static int next_request(struct server_conn *c)
{
    if (c->close_after || c->server->closing)
        return end_conn(c);
    c->state = CONN_READING;
    c->waits_since = ++c->server->waits_begun;
    server_conn_set_timer(c, TIMER_IDLE, c->server->cfg.idle_timeout_ms);
    server_conn_go_on_reading(c);
    if (c->state == CONN_READING)
        server_go_on_accepting(c->server); /* it may be cut for a client that waits */
    return 0;
}

/* Everything that was queued is with the kernel. */
static int on_drained(struct server_conn *c)
{
    switch (c->state) {
    case CONN_WRITING:
        return next_request(c);
    case CONN_STREAMING:
    case CONN_WEBSOCKET:
        break;
    default:
        return 0;
    }

    static const char room[LWS_PRE];
    buf_add(&c->out, room, sizeof(room));
    c->out_pos = LWS_PRE;
    enum outlet_state state = outlet_drain(c->outlet, &c->out);
    if (state == OUTLET_CUT)
        return -1;
    if (c->out.len > LWS_PRE) {
        watch_progress(c);
        lws_callback_on_writable(c->wsi);
        return 0;
    }
    buf_clear(&c->out);
    c->out_pos = 0;
    server_conn_set_timer(c, TIMER_NONE, 0);
    if (state == OUTLET_OPEN)
        return 0;
    if (c->state == CONN_WEBSOCKET)
        c->close_after = c->linger = true;
    drop_call(c);
    return next_request(c);
}

int server_conn_on_writable(struct server_conn *c)
{
    if (c->state == CONN_DEAD)
        return -1;
    size_t n = c->out.len - c->out_pos;
    if (n > WRITE_PIECE)
        n = WRITE_PIECE;
    if (n > 0) {
        if (lws_write(c->wsi, (unsigned char *)c->out.data + c->out_pos, n, LWS_WRITE_RAW) < 0)
            return -1;
        c->out_pos += n;
        if (c->state != CONN_READING)
            watch_progress(c);
        if (c->outlet)
            outlet_set_in_flight(c->outlet, c->out.len - c->out_pos);
    }
    if (c->out_pos < c->out.len || lws_partial_buffered(c->wsi)) {
        lws_callback_on_writable(c->wsi); /* when the rest, perhaps held by lws, can go */
        return 0;
    }
    c->out_pos = 0;
    buf_release(&c->out);
    return on_drained(c);
}
