/*
 * address.h - where a broker is: amqp://user:password@host:port/vhost, or amqps:// for TLS.
 *
 * Query parameters of amqps: cacertfile (PEM; else SSL_CERT_FILE, else Debian's bundle), certfile and keyfile (PEM, both or
 * none). Others are refused. Parts are percent-encoded. Defaults: guest, guest, port 5672 or 5671, vhost "/".
 * Threads: immutable. Source: RabbitMQ URI specification and its query parameters.
 */
#ifndef PKG_AMQP_ADDRESS_H
#define PKG_AMQP_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/base/env.h"
#include "pkg/base/error.h"
#include "pkg/base/secret.h"

struct amqp_address {
    bool tls;
    char *user, *host, *vhost;
    uint16_t port;
    struct secret *password;
    char *ca_file, *cert_file, *key_file; /* cert_file, key_file: NULL when not given */
    char *text;                           /* for people: host, port and vhost only */
};
/* ERR_INVALID; its text holds nothing of the URL. */
int amqp_address_parse(const char *url, const struct env *env, struct amqp_address **ret,
                       struct error **err);
void amqp_address_free(struct amqp_address *a); /* accepts NULL */
DEFINE_RELEASE(struct amqp_address *, amqp_address_free)
#define cleanup_amqp_address CLEANUP_WITH(amqp_address_free_slot)

#endif
