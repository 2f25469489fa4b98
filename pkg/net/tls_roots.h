/*
 * tls_roots.h - the trust of peers without a bundle of their own: SSL_CERT_FILE and SSL_CERT_DIR when one of them is
 * set, else the system's. Private to pkg/net. Threads: safe from any.
 *
 * Loaded when first needed, which costs some 10 ms. Looked at again every 5 minutes, on the next request: what has
 * changed is loaded, what cannot be loaded leaves the former in force and is logged.
 */
#ifndef PKG_NET_TLS_ROOTS_H
#define PKG_NET_TLS_ROOTS_H

#include <openssl/x509.h>

#include "pkg/base/clock.h"
#include "pkg/base/env.h"
#include "pkg/base/error.h"
#include "pkg/base/log.h"

#define TLS_ROOTS_LOOK_EVERY_NS (300 * NS_PER_S)

struct tls_roots;

/* env is read now, clock and log (may be NULL) are borrowed. */
struct tls_roots *tls_roots_new(const struct env *env, const struct clock *clock,
                                const struct log *log);
void tls_roots_free(struct tls_roots *r);
/* -1: nothing could ever be loaded. */
int tls_roots_load(struct tls_roots *r, struct error **err);
/* The caller's own reference; NULL before tls_roots_load has succeeded. */
X509_STORE *tls_roots_give_store(struct tls_roots *r);
/* Another number after each change: connections of an earlier one were made under other roots. */
unsigned tls_roots_generation(const struct tls_roots *r);

/* An empty store in which every certificate is an anchor, intermediates too. */
X509_STORE *tls_store_new(void);
/* "what: why" as ERR_INVALID, the reason being OpenSSL's newest, whose queue is left empty; -1. */
int tls_fail(struct error **err, const char *what);

DEFINE_RELEASE(struct tls_roots *, tls_roots_free)
#define cleanup_tls_roots CLEANUP_WITH(tls_roots_free_slot)

#endif
