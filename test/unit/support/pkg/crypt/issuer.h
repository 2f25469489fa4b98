/* issuer.h - an issuer of tokens for tests: an RSA key, published as a JSON Web Key Set. All fail the test when they cannot. */
#ifndef TEST_UNIT_SUPPORT_PKG_CRYPT_ISSUER_H
#define TEST_UNIT_SUPPORT_PKG_CRYPT_ISSUER_H

#include "pkg/base/json.h"

struct issuer {
    void *key;      /* EVP_PKEY */
    const char *id; /* borrowed */
};
void issuer_init(struct issuer *i, const char *key_id);
void issuer_release(struct issuer *i);
/* One of its keys as a JSON Web Key. Owned. */
json *issuer_give_key(const struct issuer *i);
/* {"keys":[...]} as text. Owned. */
char *issuer_give_set(const struct issuer *i);
/* A token, RS256; key_id NULL: it names no key. claims: JSON in single quotes. Owned. */
char *issuer_give_token(const struct issuer *i, const char *key_id, const char *claims);

#endif
