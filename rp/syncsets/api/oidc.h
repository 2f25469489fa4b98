/*
 * oidc.h - callers that an OpenID Connect issuer vouches for, by its tokens.
 *
 * In the access file: "oidc": {"issuer", "audience", and one of "keysFile" and "keysURL" (a JSON Web Key Set), "nameClaim"
 * ("sub"), "namePrefix" ("oidc:")}. Who shows a token is called namePrefix and what nameClaim says.
 * Threads: pure.
 * Source: OpenID Connect Core 1.0, 3.1.3.7; RFC 7519.
 */
#ifndef RP_SYNCSETS_API_OIDC_H
#define RP_SYNCSETS_API_OIDC_H

#include "pkg/base/json.h"
#include "pkg/crypt/jwks.h"
#include "pkg/net/http.h"

/* oidc: that member; NULL: nothing. ERR_INVALID. */
int oidc_check(const json *oidc, struct error **err);
/* The issuer's keys. transport is for keysURL. */
int oidc_read_keys(const json *oidc, struct http_transport *transport, const struct opctx *ctx,
                   struct jwks **ret, struct error **err);
/* Whether it can be a token of an issuer, and none of the file. */
bool oidc_may_be_token(const char *token);
/* *ret: who shows it, owned. keys may be NULL. ERR_UNAUTHORIZED. */
int oidc_identify(const json *oidc, const struct jwks *keys, const char *token, int64_t wall_ns,
                  char **ret, struct error **err);

#endif
