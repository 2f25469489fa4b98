/*
 * wire.h - a client that sends bytes as they are and reads what comes: for tests of servers.
 *
 * Every wait ends after WIRE_TIMEOUT_MS by failing the test. Threads: the test's own.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_WIRE_H
#define TEST_UNIT_SUPPORT_PKG_NET_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/buf.h"
#include "pkg/base/secret.h"

#define WIRE_TIMEOUT_MS 20000

struct wire {
    int fd;
    void *ssl; /* SSL, or NULL */
    struct buf in;
};

struct wire_pair { /* a certificate and its key; owned */
    char *cert_pem;
    struct secret *key_pem;
};
/* issuer NULL: self-signed. */
struct wire_pair wire_pair_make(const char *common_name, const struct wire_pair *issuer);
void wire_pair_release(struct wire_pair *p);

struct wire wire_connect(const char *address, uint16_t port);
/* Accepts any server; identity and the intermediate certificate may be NULL. */
struct wire wire_connect_tls(uint16_t port, const struct wire_pair *identity,
                             const struct wire_pair *intermediate);
/* Common name of the certificate that the server showed; the caller frees. */
char *wire_give_server_name(const struct wire *w);
void wire_close(struct wire *w);
void wire_half_close(struct wire *w); /* no more requests, replies still wanted */

void wire_send(struct wire *w, const char *text);
void wire_send_n(struct wire *w, const void *data, size_t len);
/* Exactly n bytes; the caller frees. */
char *wire_give_bytes(struct wire *w, size_t n);
/* Up to and including end. */
char *wire_give_until(struct wire *w, const char *end);
/* One reply with its head; of a body the length that Content-Length tells. */
char *wire_give_reply(struct wire *w);
/* Sends, then one reply without its Date line. */
char *wire_give_answer(struct wire *w, const char *request);
/* Everything until the server closes. */
char *wire_give_rest(struct wire *w);
bool wire_is_closed(struct wire *w); /* nothing more comes, waiting for the end */

static inline void wire_close_slot(struct wire *w)
{
    wire_close(w);
}
#define cleanup_wire CLEANUP_WITH(wire_close_slot)

#endif
