/*
 * ws_server_frame.h - the server's half of RFC 6455 framing, without sockets; the client's, too, when
 * from_server is set.
 *
 * Accepts masked frames only (from a server: unmasked only), no reserved bits, minimal lengths, control frames of at most 125 bytes
 * and never fragmented, text that is UTF-8 as a whole message. Threads: one at a time.
 */
#ifndef PKG_NET_WS_SERVER_FRAME_H
#define PKG_NET_WS_SERVER_FRAME_H

#include <stdint.h>

#include "pkg/base/buf.h"

enum ws_opcode {
    WS_OP_CONTINUATION = 0,
    WS_OP_TEXT = 1,
    WS_OP_BINARY = 2,
    WS_OP_CLOSE = 8,
    WS_OP_PING = 9,
    WS_OP_PONG = 10
};

/* Close codes, RFC 6455, 7.4.1. */
#define WS_CODE_NORMAL 1000
#define WS_CODE_GOING_AWAY 1001
#define WS_CODE_PROTOCOL 1002
#define WS_CODE_NO_STATUS 1005 /* never on the wire */
#define WS_CODE_NOT_UTF8 1007
#define WS_CODE_TOO_LARGE 1009

#define WS_FRAME_HEAD_MAX 10 /* of frames that we send: unmasked */
#define WS_CONTROL_MAX 125

enum ws_event {
    WS_EVENT_NONE,    /* all bytes are used */
    WS_EVENT_MESSAGE, /* message and opcode; the parser empties message at the next feed */
    WS_EVENT_CONTROL, /* control, control_len and opcode */
    WS_EVENT_BAD      /* code says why; no further feed */
};

struct ws_parser {
    struct buf message; /* max: the largest message */
    enum ws_opcode opcode;
    unsigned char control[WS_CONTROL_MAX];
    size_t control_len;
    int code;
    bool from_server; /* set it behind ws_parser_init to read what a server sends */
    /* Private. */
    unsigned char head[14];
    size_t head_len;
    uint64_t payload_len, payload_pos;
    enum ws_opcode message_opcode; /* WS_OP_CONTINUATION: no message is open */
    bool message_given;
};

void ws_parser_init(struct ws_parser *p, size_t max_message);
void ws_parser_release(struct ws_parser *p);
/* Returns how many bytes were used. */
size_t ws_parser_feed(struct ws_parser *p, const char *data, size_t len, enum ws_event *ret);
/* Code of a close frame's payload: WS_CODE_NO_STATUS when empty, WS_CODE_PROTOCOL when it must not be
 * sent. */
int ws_parse_close(const unsigned char *payload, size_t len);

/* The head of a whole, unmasked frame; returns its length. */
size_t ws_frame_head(enum ws_opcode opcode, size_t payload_len,
                     unsigned char out[WS_FRAME_HEAD_MAX]);
/* A whole close frame; code WS_CODE_NO_STATUS: without payload. */
size_t ws_frame_close(int code, unsigned char out[4]);

#endif
