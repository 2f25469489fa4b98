/* h2_front.h - Debian's nghttpx before a scripted server: HTTP/2 and TLS outside, plain HTTP/1.1 inside. */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_H2_FRONT_H
#define TEST_UNIT_SUPPORT_PKG_NET_H2_FRONT_H

#include "test/unit/support/pkg/net/pki.h"

struct h2_front;

/* options: further command-line options, NULL-terminated; may be NULL. */
struct h2_front *h2_front_start(const struct test_cert *cert, unsigned backend_port,
                                const char *const *options);
unsigned h2_front_port(const struct h2_front *f);
char *h2_front_give_url(const struct h2_front *f,
                        const char *path); /* https://127.0.0.1:PORT/path */
void h2_front_stop(struct h2_front *f);

#endif
