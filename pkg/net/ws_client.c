#include "pkg/net/ws_client.h"

#include <openssl/rand.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/ws_client_impl.h"

#define PING_EVERY_MS 5000
#define PONG_TIMEOUT_MS 61000
#define WRITE_TIMEOUT_MS 60000
#define MESSAGE_MAX ((size_t)1 << 20)
#define BACKLOG_MAX ((size_t)1 << 20) /* of output, beyond which pings stay unanswered */
#define MASK_BYTES 4

static int64_t ms_or(int64_t ms, int64_t dflt)
{
    return (ms > 0 ? ms : dflt) * NS_PER_MS;
}

static struct ws_conn *conn_new(struct http_peer *peer, const struct ws_conn_config *cfg)
{
    struct ws_conn *c = xnew(struct ws_conn);
    c->peer = http_peer_ref(peer);
    c->ping_every_ns = ms_or(cfg->ping_every_ms, PING_EVERY_MS);
    c->pong_timeout_ns = ms_or(cfg->pong_timeout_ms, PONG_TIMEOUT_MS);
    c->write_timeout_ns = ms_or(cfg->write_timeout_ms, WRITE_TIMEOUT_MS);
    ws_parser_init(&c->parser, cfg->max_message ? cfg->max_message : MESSAGE_MAX);
    c->parser.from_server = true;
    buf_init(&c->in, BUF_UNBOUNDED); /* parsed before more is read */
    buf_init(&c->out, BUF_UNBOUNDED);
    mutex_init(&c->mu);
    return c;
}

static void conn_free(struct ws_conn *c)
{
    ws_disconnect(c);
    http_target_release(&c->target);
    ws_parser_release(&c->parser);
    buf_release(&c->in);
    buf_release(&c->out);
    pthread_mutex_destroy(&c->mu);
    free(c->subprotocol);
    http_peer_unref(c->peer);
    free(c);
}
DEFINE_RELEASE(struct ws_conn *, conn_free)

int ws_conn_open(struct http_peer *peer, const struct opctx *ctx, const struct ws_conn_config *cfg,
                 struct ws_conn **ret, struct error **err)
{
    CLEANUP_WITH(conn_free_slot) struct ws_conn *c = conn_new(peer, cfg);
    if (http_target_init(&c->target, peer, cfg->url, false, err) < 0)
        return error_wrap(err, "opening a WebSocket");
    struct ws_wait w;
    if (ws_wait_begin(&w, ctx, err) < 0)
        return -1;
    int status = ws_connect(c, &w, err);
    if (status == 0)
        status = ws_handshake(c, &w, cfg, err);
    ws_wait_end(&w);
    if (status < 0)
        return -1;
    c->pinged_ns = clock_mono_ns(ctx->clock);
    *ret = take(c);
    return 0;
}

const char *ws_conn_subprotocol(const struct ws_conn *c)
{
    return c->subprotocol;
}

/* ---- sending ---- */

/* A whole frame, masked as a client's has to be. */
static int queue_frame(struct ws_conn *c, enum ws_opcode opcode, const void *data, size_t len,
                       uint64_t *ret_end, struct error **err)
{
    unsigned char head[WS_FRAME_HEAD_MAX], mask[MASK_BYTES];
    size_t head_len = ws_frame_head(opcode, len, head);
    if (RAND_bytes(mask, sizeof(mask)) != 1)
        abort(); /* no randomness, no TLS either */
    head[1] |= 0x80;

    size_t total = head_len + MASK_BYTES + len;
    cleanup_free unsigned char *frame = xmalloc(total);
    memcpy(frame, head, head_len);
    memcpy(frame + head_len, mask, MASK_BYTES);
    unsigned char *out = frame + head_len + MASK_BYTES;
    for (size_t i = 0; i < len; i++)
        out[i] = ((const unsigned char *)data)[i] ^ mask[i % MASK_BYTES];
    return ws_queue(c, frame, total, ret_end, err);
}

static int write_until(struct ws_conn *c, struct ws_wait *w, uint64_t end, struct error **err)
{
    int64_t until = clock_mono_ns(w->ctx->clock) + c->write_timeout_ns;
    int done;
    while ((done = ws_flush(c, end, err)) == 0) {
        int64_t left_ns = until - clock_mono_ns(w->ctx->clock);
        if (left_ns <= 0)
            return error_set(err, ERR_TIMEOUT, "WebSocket %s: the peer does not read",
                             c->target.origin);
        if (ws_wait(w, c->fd, POLLOUT, left_ns / NS_PER_MS + 1, err) < 0)
            return -1;
    }
    return done < 0 ? -1 : 0;
}

int ws_conn_send(struct ws_conn *c, const struct opctx *ctx, bool binary, const void *data,
                 size_t len, struct error **err)
{
    struct ws_wait w;
    uint64_t end = 0;
    if (ws_wait_begin(&w, ctx, err) < 0)
        return -1;
    int status = queue_frame(c, binary ? WS_OP_BINARY : WS_OP_TEXT, data, len, &end, err);
    if (status == 0)
        status = write_until(c, &w, end, err);
    ws_wait_end(&w);
    return status;
}

static int queue_close(struct ws_conn *c, int code, struct error **err)
{
    pthread_mutex_lock(&c->mu);
    bool queued = c->close_queued;
    c->close_queued = true;
    pthread_mutex_unlock(&c->mu);
    const unsigned char payload[2] = { (unsigned char)(code >> 8), (unsigned char)code };
    uint64_t ignored;
    return queued ? 0 : queue_frame(c, WS_OP_CLOSE, payload, sizeof(payload), &ignored, err);
}

/* ---- reading ---- */

enum outcome { AGAIN, MESSAGE, CLOSED, FAILED };

static enum outcome on_close(struct ws_conn *c, struct error **err)
{
    int code = ws_parse_close(c->parser.control, c->parser.control_len);
    (void)queue_close(c, code == WS_CODE_NO_STATUS ? WS_CODE_NORMAL : code, NULL);
    if (code == WS_CODE_NORMAL || code == WS_CODE_GOING_AWAY || code == WS_CODE_NO_STATUS)
        return CLOSED;
    cleanup_free char *reason =
        c->parser.control_len > 2
            ? xstrndup((const char *)c->parser.control + 2, c->parser.control_len - 2)
            : xstrdup("no reason given");
    (void)error_set(err, ERR_CONN, "WebSocket %s: closed with %d: %s", c->target.origin, code,
                    reason);
    error_code(err, HTTP_ERR_EOF);
    return FAILED;
}

static enum outcome on_control(struct ws_conn *c, struct error **err)
{
    if (c->parser.opcode == WS_OP_CLOSE)
        return on_close(c, err);
    if (c->parser.opcode != WS_OP_PING)
        return AGAIN;
    pthread_mutex_lock(&c->mu);
    bool too_much = c->out.len > BACKLOG_MAX;
    pthread_mutex_unlock(&c->mu);
    uint64_t ignored;
    if (!too_much &&
        queue_frame(c, WS_OP_PONG, c->parser.control, c->parser.control_len, &ignored, err) < 0)
        return FAILED;
    return AGAIN;
}

/* Parses what is there, up to the next message. */
static enum outcome parse(struct ws_conn *c, struct error **err)
{
    enum outcome outcome = AGAIN;
    while (outcome == AGAIN && c->in.len > 0) {
        enum ws_event event;
        size_t used = ws_parser_feed(&c->parser, c->in.data, c->in.len, &event);
        buf_consume(&c->in, used);
        if (event == WS_EVENT_MESSAGE) {
            outcome = MESSAGE;
        } else if (event == WS_EVENT_CONTROL) {
            outcome = on_control(c, err);
        } else if (event == WS_EVENT_BAD) {
            (void)queue_close(c, c->parser.code, NULL);
            bool large = c->parser.code == WS_CODE_TOO_LARGE;
            (void)error_set(err, large ? ERR_TOO_LARGE : ERR_INTERNAL, "WebSocket %s: %s",
                            c->target.origin,
                            large ? "the message is too large" : "a broken frame");
            outcome = FAILED;
        }
    }
    return outcome;
}

/* Pings when due; how long until something is due again. Silence counts from the first ping that is not
 * answered: between two calls of ws_conn_read nobody pings, nor hears. */
static int64_t keep_alive(struct ws_conn *c, const struct opctx *ctx, struct error **err)
{
    int64_t now = clock_mono_ns(ctx->clock);
    if (c->unanswered_ns && now - c->unanswered_ns >= c->pong_timeout_ns) {
        (void)error_set(err, ERR_CONN, "WebSocket %s: the peer has fallen silent",
                        c->target.origin);
        error_code(err, HTTP_ERR_LOST);
        return -1;
    }
    if (now - c->pinged_ns >= c->ping_every_ns) {
        uint64_t ignored;
        c->pinged_ns = now;
        if (!c->unanswered_ns)
            c->unanswered_ns = now;
        if (queue_frame(c, WS_OP_PING, "", 0, &ignored, err) < 0)
            return -1;
    }
    int64_t left_ns = c->pinged_ns + c->ping_every_ns - now;
    if (c->unanswered_ns && c->unanswered_ns + c->pong_timeout_ns - now < left_ns)
        left_ns = c->unanswered_ns + c->pong_timeout_ns - now;
    return left_ns / NS_PER_MS + 1;
}

static enum outcome read_on(struct ws_conn *c, struct ws_wait *w, struct error **err)
{
    for (;;) {
        enum outcome outcome = parse(c, err);
        if (outcome != AGAIN)
            return outcome;
        int got = ws_receive(c, err);
        if (got < 0)
            return FAILED;
        if (got > 0) {
            c->unanswered_ns = 0;
            continue;
        }
        int64_t ms = keep_alive(c, w->ctx, err);
        if (ms < 0 || ws_flush(c, UINT64_MAX, err) < 0)
            return FAILED;
        short events = ws_has_output(c) ? POLLIN | POLLOUT : POLLIN;
        if (ws_wait(w, c->fd, events, ms, err) < 0)
            return FAILED;
    }
}

int ws_conn_read(struct ws_conn *c, const struct opctx *ctx, bool *ret_binary,
                 const char **ret_data, size_t *ret_len, struct error **err)
{
    struct ws_wait w;
    if (ws_wait_begin(&w, ctx, err) < 0)
        return -1;
    enum outcome outcome = read_on(c, &w, err);
    ws_wait_end(&w);
    if (outcome != MESSAGE)
        return outcome == CLOSED ? 0 : -1;
    *ret_binary = c->parser.opcode == WS_OP_BINARY;
    *ret_data = buf_str(&c->parser.message);
    *ret_len = c->parser.message.len;
    return 1;
}

void ws_conn_close(struct ws_conn *c)
{
    if (!c)
        return;
    (void)queue_close(c, WS_CODE_NORMAL, NULL); /* as far as it can be written at once */
    conn_free(c);
}
