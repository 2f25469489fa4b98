/* certs.h - certificates for tests: an authority and what it issues. */
#ifndef TEST_UNIT_SUPPORT_CERTS_H
#define TEST_UNIT_SUPPORT_CERTS_H

#include <stdbool.h>

#include "pkg/base/clock.h"
#include "pkg/base/secret.h"

#define DAY_NS (INT64_C(86400) * NS_PER_S)
#define CERT_EPOCH_NS (INT64_C(1600000000) * NS_PER_S)

struct pair {
    char *cert;
    struct secret *key;
};
/* Valid one day from CERT_EPOCH_NS; issuer NULL = self-signed authority. Owned by the caller. */
struct pair pair_make(const char *name, const struct pair *issuer, bool client, bool rsa);
void pair_release(struct pair *p);
/* A certificate of a server (api-int.a.aro.example.com, 10.0.0.4) whose authority's key identifier is its own; until 2126. The
 * caller's. */
char *cert_give_own_issuer(void);

#endif
