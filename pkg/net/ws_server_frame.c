#include "pkg/net/ws_server_frame.h"

#include <string.h>

#include "pkg/base/encoding.h"

void ws_parser_init(struct ws_parser *p, size_t max_message)
{
    *p = (struct ws_parser){ .message = BUF_INIT(max_message) };
}

void ws_parser_release(struct ws_parser *p)
{
    buf_release(&p->message);
}

static enum ws_opcode frame_opcode(const struct ws_parser *p)
{
    return (enum ws_opcode)(p->head[0] & 15);
}

static bool is_final(const struct ws_parser *p)
{
    return p->head[0] & 0x80;
}

static bool is_control(enum ws_opcode opcode)
{
    return opcode >= WS_OP_CLOSE;
}

static enum ws_event bad(struct ws_parser *p, int code)
{
    p->code = code;
    return WS_EVENT_BAD;
}

/* ---- the head of a frame ---- */

static size_t length_bytes(const struct ws_parser *p)
{
    unsigned len = p->head[1] & 127;
    return len == 126 ? 2 : len == 127 ? 8 : 0;
}

/* How long the head is, as far as its first bytes tell. */
static size_t head_need(const struct ws_parser *p)
{
    return p->head_len < 2 ? 2 : 2 + length_bytes(p) + (p->from_server ? 0 : 4);
}

static bool begins_wrongly(const struct ws_parser *p)
{
    enum ws_opcode opcode = frame_opcode(p);
    bool reserved = p->head[0] & 0x70, masked = p->head[1] & 0x80;

    if (reserved || masked == p->from_server)
        return true;
    if (is_control(opcode))
        return opcode > WS_OP_PONG || !is_final(p) || (p->head[1] & 127) > WS_CONTROL_MAX;
    if (opcode > WS_OP_BINARY)
        return true;
    return (opcode == WS_OP_CONTINUATION) != (p->message_opcode != WS_OP_CONTINUATION);
}

static enum ws_event read_length(struct ws_parser *p)
{
    size_t n = length_bytes(p);
    uint64_t len = p->head[1] & 127;

    if (n > 0) {
        len = 0;
        for (size_t i = 0; i < n; i++)
            len = len << 8 | p->head[2 + i];
        if (len < (n == 2 ? 126 : 65536))
            return bad(p, WS_CODE_PROTOCOL); /* a longer form than needed */
    }
    if (!is_control(frame_opcode(p)) && len > p->message.max - p->message.len)
        return bad(p, WS_CODE_TOO_LARGE);
    p->payload_len = len;
    p->payload_pos = 0;
    return WS_EVENT_NONE;
}

static size_t feed_head(struct ws_parser *p, const char *data, size_t len, enum ws_event *ret)
{
    size_t used = 0;

    while (used < len && p->head_len < head_need(p))
        p->head[p->head_len++] = (unsigned char)data[used++];
    if (p->head_len >= 2 && begins_wrongly(p))
        *ret = bad(p, WS_CODE_PROTOCOL);
    else if (p->head_len == head_need(p))
        *ret = read_length(p);
    if (*ret == WS_EVENT_NONE && p->head_len == head_need(p)) {
        if (is_control(frame_opcode(p)))
            p->control_len = 0;
        else if (frame_opcode(p) != WS_OP_CONTINUATION)
            p->message_opcode = frame_opcode(p);
    }
    return used;
}

/* ---- the payload ---- */

static void unmask(const struct ws_parser *p, unsigned char *out, const char *in, size_t len)
{
    static const unsigned char none[4] = { 0 };
    const unsigned char *mask = p->from_server ? none : p->head + p->head_len - 4;
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)in[i] ^ mask[(p->payload_pos + i) & 3];
}

static size_t feed_payload(struct ws_parser *p, const char *data, size_t len)
{
    uint64_t left = p->payload_len - p->payload_pos;
    size_t n = len < left ? len : (size_t)left;

    if (n == 0)
        return 0;
    if (is_control(frame_opcode(p))) {
        unmask(p, p->control + p->control_len, data, n);
        p->control_len += n;
    } else {
        unmask(p, (unsigned char *)buf_reserve(&p->message, n), data, n);
        buf_advance(&p->message, n);
    }
    p->payload_pos += n;
    return n;
}

static enum ws_event end_frame(struct ws_parser *p)
{
    enum ws_opcode opcode = frame_opcode(p);

    p->head_len = 0;
    p->payload_len = p->payload_pos = 0;
    if (is_control(opcode)) {
        p->opcode = opcode;
        return WS_EVENT_CONTROL;
    }
    if (!is_final(p))
        return WS_EVENT_NONE;
    p->opcode = p->message_opcode;
    p->message_opcode = WS_OP_CONTINUATION;
    p->message_given = true;
    if (p->opcode == WS_OP_TEXT && !utf8_is_valid(buf_str(&p->message), p->message.len))
        return bad(p, WS_CODE_NOT_UTF8);
    return WS_EVENT_MESSAGE;
}

size_t ws_parser_feed(struct ws_parser *p, const char *data, size_t len, enum ws_event *ret)
{
    size_t used = 0;

    *ret = WS_EVENT_NONE;
    if (p->message_given) {
        buf_clear(&p->message);
        p->message_given = false;
    }
    while (used < len && *ret == WS_EVENT_NONE) {
        if (p->head_len < head_need(p))
            used += feed_head(p, data + used, len - used, ret);
        if (*ret != WS_EVENT_NONE || p->head_len < head_need(p))
            continue;
        used += feed_payload(p, data + used, len - used);
        if (p->payload_pos == p->payload_len)
            *ret = end_frame(p);
    }
    return used;
}

int ws_parse_close(const unsigned char *payload, size_t len)
{
    if (len == 0)
        return WS_CODE_NO_STATUS;
    if (len == 1)
        return WS_CODE_PROTOCOL;
    int code = payload[0] << 8 | payload[1];
    bool sendable = (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) ||
                    (code >= 3000 && code <= 4999);
    if (!sendable || !utf8_is_valid((const char *)payload + 2, len - 2))
        return WS_CODE_PROTOCOL;
    return code;
}

/* ---- sending ---- */

size_t ws_frame_head(enum ws_opcode opcode, size_t payload_len,
                     unsigned char out[WS_FRAME_HEAD_MAX])
{
    uint64_t len = payload_len;

    out[0] = (unsigned char)(0x80 | opcode);
    if (len < 126) {
        out[1] = (unsigned char)len;
        return 2;
    }
    size_t n = len < 65536 ? 2 : 8;
    out[1] = n == 2 ? 126 : 127;
    for (size_t i = 0; i < n; i++)
        out[2 + i] = (unsigned char)(len >> 8 * (n - 1 - i));
    return 2 + n;
}

size_t ws_frame_close(int code, unsigned char out[4])
{
    out[0] = 0x80 | WS_OP_CLOSE;
    out[1] = code == WS_CODE_NO_STATUS ? 0 : 2;
    out[2] = (unsigned char)(code >> 8);
    out[3] = (unsigned char)code;
    return (size_t)2 + out[1];
}
