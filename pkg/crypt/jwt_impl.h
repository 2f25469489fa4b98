/* jwt_impl.h - a token taken apart, for those who verify one. Private to pkg/crypt. */
#ifndef PKG_CRYPT_JWT_IMPL_H
#define PKG_CRYPT_JWT_IMPL_H

#include "pkg/base/json.h"
#include "pkg/crypt/ssl_types.h"

/* Where its three parts lie in its text. */
struct jwt_parts {
    const char *claims, *signature; /* behind the first and the second dot */
};
int jwt_find_parts(const char *jwt, struct jwt_parts *ret, struct error **err);
int jwt_read_header(const char *jwt, const struct jwt_parts *p, json **ret, struct error **err);
/* ERR_INVALID: neither RS256 nor PS256. */
int jwt_read_algorithm(const json *header, bool *ret_pss, struct error **err);
bool jwt_signature_holds(const char *jwt, const struct jwt_parts *p, EVP_PKEY *key, bool pss);

#endif
