/*
 * jwks.h - tokens of an issuer whose keys are published as a JSON Web Key Set. RSA keys only (RS256, PS256): others are passed
 * over.
 * Threads: immutable but for the atomic count of references; safe from any.
 * Source: RFC 7515, RFC 7517, RFC 7518.
 */
#ifndef PKG_CRYPT_JWKS_H
#define PKG_CRYPT_JWKS_H

#include "pkg/base/json.h"

struct jwks;
/* ERR_INVALID: no key set, or none of its keys can be used. */
int jwks_parse(const char *text, size_t len, struct jwks **ret, struct error **err);
struct jwks *jwks_ref(struct jwks *k); /* k itself; accepts NULL */
void jwks_unref(struct jwks *k);       /* accepts NULL */
DEFINE_RELEASE(struct jwks *, jwks_unref)
#define cleanup_jwks CLEANUP_WITH(jwks_unref_slot)

/* That one of the keys signed the token: the one that it names, or the only one. *ret: its claims, the caller's, who judges
 * them. ERR_INVALID. */
int jwks_verify(const struct jwks *k, const char *jwt, json **ret, struct error **err);

#endif
