/*
 * tls_client.h - what a TLS client proves and whom it trusts, for connections that curl makes. Private to
 * pkg/net.
 *
 * PEM is parsed once; curl's contexts get the parsed objects through CURLOPT_SSL_CTX_FUNCTION. So keys never
 * touch a file, trust is exactly what was given (curl would add its built-in CApath to a bundle), and names are
 * verified by OpenSSL while it checks the chain: against the server name when one is set, else the host of the
 * URL, subject alternative names only.
 */
#ifndef PKG_NET_TLS_CLIENT_H
#define PKG_NET_TLS_CLIENT_H

#include <curl/curl.h>

#include "pkg/net/http_client.h"
#include "pkg/net/tls_roots.h"

struct tls_client; /* immutable; must outlive the connections made with it */
int tls_client_new(const struct http_peer_config *cfg, struct tls_roots *roots,
                   struct tls_client **ret, struct error **err);
void tls_client_free(struct tls_client *t);
/* Whether tls_roots_load has to have succeeded before a connection to an https URL is made. */
bool tls_client_needs_roots(const struct tls_client *t, bool proxy_is_tls);
/* Another number when the roots that it needs have changed. */
unsigned tls_client_generation(const struct tls_client *t);

/* One transfer's view. It must live as long as the easy handle. */
struct tls_session {
    const struct tls_client *client;
    const char *host;  /* of the URL, without brackets */
    bool proxy_is_tls; /* then the first handshake on a new connection is the proxy's */
    bool handshaking;  /* set when a handshake begins; whoever sees its end clears it */
    bool proxy_done_;
};
/* Sets every TLS option of the handle. */
void tls_session_apply(struct tls_session *s, CURL *easy);
/* To be called when the transfer opens a socket. */
void tls_session_new_socket(struct tls_session *s);

DEFINE_RELEASE(struct tls_client *, tls_client_free)
#define cleanup_tls_client CLEANUP_WITH(tls_client_free_slot)

#endif
