#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/server_impl.h"
#include "pkg/net/ws_server_frame.h"

/* What may wait for a client that does not read. */
#define QUEUE_MAX ((size_t)4 << 20)
#define SHA1_LEN 20

struct ws {
    struct outlet outlet; /* first */
    struct ws_callbacks cb;
    void *arg;
    struct ws_parser parser; /* service thread only */
};

static void ws_free(struct outlet *o)
{
    struct ws *ws = container_of(o, struct ws, outlet);
    ws_parser_release(&ws->parser);
    outlet_release(&ws->outlet);
    free(ws);
}

static void on_outlet_close(void *arg)
{
    struct ws *ws = arg;
    if (ws->cb.on_close)
        ws->cb.on_close(ws, ws->arg);
}

struct outlet *ws_outlet(struct ws *ws)
{
    return &ws->outlet;
}

void ws_drop(struct ws *ws)
{
    outlet_close(&ws->outlet);
    outlet_unref(&ws->outlet);
}

/* ---- the opening handshake, RFC 6455, 4.2 ---- */

bool http_call_is_websocket(const struct http_call *c)
{
    return c->req.websocket;
}

static bool client_names(const struct http_call *c, const char *protocol)
{
    cleanup_strv struct strv named = STRV_INIT;
    for (size_t i = 0; i < c->req.headers.len; i++)
        if (strcasecmp(c->req.headers.v[i].name, "Sec-WebSocket-Protocol") == 0)
            strv_split(&named, c->req.headers.v[i].value, ", \t", false);
    return strv_has(&named, protocol);
}

static int choose_protocol(struct http_call *c, const char *const *offered, struct error **err)
{
    if (!offered)
        return 0;
    for (; *offered; offered++) {
        if (client_names(c, *offered)) {
            http_call_set_header(c, "Sec-WebSocket-Protocol", *offered);
            return 0;
        }
    }
    return error_set(err, ERR_INVALID, "no subprotocol that both sides speak");
}

static char *give_accept(const char *key)
{
    cleanup_free char *text = xasprintf("%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    unsigned char digest[SHA1_LEN];
    if (EVP_Digest(text, strlen(text), digest, NULL, EVP_sha1(), NULL) != 1)
        abort(); /* an OpenSSL without SHA-1 cannot speak WebSocket */
    return base64_give(digest, sizeof(digest));
}

static int check_handshake(struct http_call *c, const char **ret_key, struct error **err)
{
    cleanup_free char *nonce = NULL;
    size_t nonce_len;

    if (!c->req.websocket)
        return error_set(err, ERR_INVALID, "this path speaks WebSocket only");
    if (!str_eq(http_call_header(c, "Sec-WebSocket-Version"), "13")) {
        http_call_set_header(c, "Sec-WebSocket-Version", "13");
        error_set(err, ERR_INVALID, "WebSocket version 13 is needed");
        error_status(err, 426);
        return -1;
    }
    const char *key = http_call_header(c, "Sec-WebSocket-Key");
    if (!key || base64_parse(key, strlen(key), &nonce, &nonce_len, NULL) < 0 || nonce_len != 16)
        return error_set(err, ERR_INVALID, "Sec-WebSocket-Key is no 16 bytes in base64");
    *ret_key = key;
    return 0;
}

int http_call_begin_ws(struct http_call *c, const char *const *offered,
                       const struct ws_callbacks *cb, void *arg, struct ws **ret,
                       struct error **err)
{
    const char *key;

    if (check_handshake(c, &key, err) < 0 || choose_protocol(c, offered, err) < 0)
        return -1;
    cleanup_free char *accept = give_accept(key);
    http_call_set_status(c, 101);
    http_call_set_header(c, "Upgrade", "websocket");
    http_call_set_header(c, "Sec-WebSocket-Accept", accept);

    struct ws *ws = xnew(struct ws);
    outlet_init(&ws->outlet, c->server->hub, c->conn_id, QUEUE_MAX, ws_free);
    ws_parser_init(&ws->parser, c->server->limits.body_bytes);
    ws->cb = *cb;
    ws->arg = arg;
    ws->outlet.on_close = on_outlet_close;
    ws->outlet.arg = ws;
    outlet_ref(&ws->outlet); /* the call's, later the connection's */
    if (c->ws)
        ws_drop(c->ws);
    c->ws = ws;
    *ret = ws;
    return 0;
}

/* ---- talking ---- */

static int send_frame(struct ws *ws, enum ws_opcode opcode, const void *data, size_t len)
{
    unsigned char head[WS_FRAME_HEAD_MAX];
    size_t head_len = ws_frame_head(opcode, len, head);
    return outlet_append(&ws->outlet, head, head_len, data, len, NULL, 0);
}

int ws_send(struct ws *ws, bool binary, const void *data, size_t len)
{
    return send_frame(ws, binary ? WS_OP_BINARY : WS_OP_TEXT, data, len);
}

size_t ws_queued(struct ws *ws)
{
    pthread_mutex_lock(&ws->outlet.mu);
    size_t n = ws->outlet.queue.len + ws->outlet.in_flight;
    pthread_mutex_unlock(&ws->outlet.mu);
    return n;
}

void ws_close(struct ws *ws, int code)
{
    unsigned char frame[4];
    size_t len = ws_frame_close(code, frame);
    outlet_leave(&ws->outlet, OUTLET_ENDING, frame, len);
}

void ws_unref(struct ws *ws)
{
    if (!ws)
        return;
    ws_close(ws, WS_CODE_NORMAL);
    outlet_unref(&ws->outlet);
}

void ws_go_away(struct ws *ws)
{
    ws_close(ws, WS_CODE_GOING_AWAY);
}

/* -1 after the last frame. */
static int on_control(struct ws *ws)
{
    const struct ws_parser *p = &ws->parser;
    switch (p->opcode) {
    case WS_OP_PING:
        (void)send_frame(ws, WS_OP_PONG, p->control, p->control_len);
        return 0;
    case WS_OP_CLOSE:
        ws_close(ws, ws_parse_close(p->control, p->control_len));
        return -1;
    default:
        return 0; /* a pong that nobody asked for is allowed */
    }
}

int ws_feed(struct ws *ws, const char *data, size_t len)
{
    struct ws_parser *p = &ws->parser;
    size_t used = 0;

    while (used < len && outlet_is_open(&ws->outlet)) {
        enum ws_event event;
        used += ws_parser_feed(p, data + used, len - used, &event);
        if (event == WS_EVENT_MESSAGE && ws->cb.on_message)
            ws->cb.on_message(ws, p->opcode == WS_OP_BINARY, buf_str(&p->message), p->message.len,
                              ws->arg);
        if (event == WS_EVENT_BAD)
            ws_close(ws, p->code);
        if (event == WS_EVENT_BAD || (event == WS_EVENT_CONTROL && on_control(ws) < 0))
            return -1;
    }
    return outlet_is_open(&ws->outlet) ? 0 : -1;
}
