/* ws_script.h - the server's side of a WebSocket for scripts of tls_server.h: it shakes hands properly and then
 * writes and reads frames as the script says. */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_WS_SCRIPT_H
#define TEST_UNIT_SUPPORT_PKG_NET_WS_SCRIPT_H

#include "test/unit/support/pkg/net/tls_server.h"

/* Answers 101. protocol may be NULL: none chosen. */
void ws_script_accept(struct server_call *c, const char *protocol);
/* An unmasked frame; first is the first byte (final bit and opcode, e.g. 0x81). */
void ws_script_send(struct server_call *c, unsigned char first, const void *data, size_t len);
/* Reads one frame of the client, unmasked into data (at most max bytes); its first byte, -1 at the end or when it
 * is not masked. *ret_len is its length. */
int ws_script_read(struct server_call *c, void *data, size_t max, size_t *ret_len);

#endif
