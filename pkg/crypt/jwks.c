#include "pkg/crypt/jwks.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "pkg/crypt/jwt_impl.h"
#include "pkg/crypt/ssl_error.h"

#define KEYS_MAX 64
#define BITS_MIN 2048
#define BITS_MAX 8192

struct key {
    char *id; /* NULL: it has none */
    EVP_PKEY *key;
};
struct jwks {
    atomic_int refs;
    struct key v[KEYS_MAX];
    size_t len;
};

struct jwks *jwks_ref(struct jwks *k)
{
    if (k)
        atomic_fetch_add(&k->refs, 1);
    return k;
}

void jwks_unref(struct jwks *k)
{
    if (!k || atomic_fetch_sub(&k->refs, 1) != 1)
        return;
    for (size_t i = 0; i < k->len; i++) {
        free(k->v[i].id);
        EVP_PKEY_free(k->v[i].key);
    }
    free(k);
}

/* ---- keys ---- */

static BIGNUM *give_number(const json *key, const char *member)
{
    const char *text = json_path_str(key, member);
    cleanup_free char *bytes = NULL;
    size_t len;
    if (!text || base64url_parse(text, strlen(text), &bytes, &len, NULL) < 0 ||
        len > BITS_MAX / 8 + 1)
        return NULL;
    return BN_bin2bn((const unsigned char *)bytes, (int)len, NULL);
}

static EVP_PKEY *build_key(const BIGNUM *n, const BIGNUM *e)
{
    EVP_PKEY *made = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (ctx && builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
        params = OSSL_PARAM_BLD_to_param(builder);
    if (!params || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &made, EVP_PKEY_PUBLIC_KEY, params) != 1)
        made = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(ctx);
    return made;
}

/* NULL: it is for something else, or no key that can be used. */
static EVP_PKEY *give_key(const json *key)
{
    const char *use = json_path_str(key, "use");
    if (!str_eq(json_path_str(key, "kty"), "RSA") || (use && !str_eq(use, "sig")))
        return NULL;
    EVP_PKEY *made = NULL;
    BIGNUM *n = give_number(key, "n"), *e = give_number(key, "e");
    if (n && e && BN_num_bits(n) >= BITS_MIN && BN_num_bits(n) <= BITS_MAX)
        made = build_key(n, e);
    BN_free(n);
    BN_free(e);
    ERR_clear_error();
    return made;
}

int jwks_parse(const char *text, size_t len, struct jwks **ret, struct error **err)
{
    cleanup_json json *tree = NULL;
    cleanup_jwks struct jwks *k = xnew(struct jwks);
    k->refs = 1;
    if (json_parse_object(text, len, &tree, err) < 0)
        return error_wrap(err, "the key set");
    const json *list = json_get(tree, "keys");
    for (size_t i = 0; i < json_len(list) && k->len < KEYS_MAX; i++) {
        EVP_PKEY *key = give_key(json_at(list, i));
        if (key)
            k->v[k->len++] = (struct key){ xstrdup(json_path_str(json_at(list, i), "kid")), key };
    }
    if (k->len == 0)
        return error_set(err, ERR_INVALID,
                         "the key set has no RSA key of %d to %d bits for signatures", BITS_MIN,
                         BITS_MAX);
    *ret = take(k);
    return 0;
}

/* ---- tokens ---- */

static const struct key *find_key(const struct jwks *k, const char *id)
{
    if (!id)
        return k->len == 1 ? &k->v[0] : NULL;
    for (size_t i = 0; i < k->len; i++)
        if (str_eq(k->v[i].id, id))
            return &k->v[i];
    return NULL;
}

int jwks_verify(const struct jwks *k, const char *jwt, json **ret, struct error **err)
{
    struct jwt_parts p;
    cleanup_json json *header = NULL;
    cleanup_free char *claims = NULL;
    bool pss;
    size_t len;
    if (jwt_find_parts(jwt, &p, err) < 0 || jwt_read_header(jwt, &p, &header, err) < 0 ||
        jwt_read_algorithm(header, &pss, err) < 0)
        return -1;
    /* RFC 7515, 4.1.11: what it demands and is not understood makes it none. */
    if (json_has(header, "crit"))
        return error_set(err, ERR_INVALID, "the token demands extensions");
    const struct key *key = find_key(k, json_path_str(header, "kid"));
    if (!key)
        return error_set(err, ERR_INVALID, "no key of the issuer is the token's");
    if (!jwt_signature_holds(jwt, &p, key->key, pss))
        return error_set(err, ERR_INVALID, "the token's signature does not hold");
    if (jwt_give_payload(jwt, &claims, &len, err) < 0)
        return -1;
    return json_parse_object(claims, len, ret, err);
}
