/* h2_script.h - the server's side of HTTP/2 for scripts of tls_server.h (with .http2): frames as the script says, well
 * behaved or not. Header fields of the client are not looked at. */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_H2_SCRIPT_H
#define TEST_UNIT_SUPPORT_PKG_NET_H2_SCRIPT_H

#include "test/unit/support/pkg/net/tls_server.h"

enum h2_type {
    H2_DATA,
    H2_HEADERS,
    H2_RST_STREAM = 3,
    H2_SETTINGS,
    H2_PING = 6,
    H2_GOAWAY,
    H2_WINDOW_UPDATE,
    H2_CONTINUATION
};
#define H2_END_STREAM 1U
#define H2_END_HEADERS 4U
#define H2_REFUSED_STREAM 7U

/* Takes the rest of the preface; streams: as many at once, 0 = says nothing of it. */
void h2_script_begin(struct server_call *c, unsigned streams);
/* The stream of the next request, whole with its body; 0: the client has gone. */
unsigned h2_script_next(struct server_call *c);
void h2_script_send(struct server_call *c, enum h2_type type, unsigned flags, unsigned stream,
                    const void *data, size_t len);
void h2_script_send_number(struct server_call *c, enum h2_type type, unsigned stream,
                           unsigned number); /* RST_STREAM */
void h2_script_goaway(struct server_call *c, unsigned last_stream);
/* Status 200; body NULL: the head only, more is to come. */
void h2_script_reply(struct server_call *c, unsigned stream, const char *body);

#endif
