#include "test/unit/support/pkg/crypt/issuer.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

void issuer_init(struct issuer *i, const char *key_id)
{
    *i = (struct issuer){ EVP_RSA_gen(2048), key_id };
    assert_non_null(i->key);
}

void issuer_release(struct issuer *i)
{
    EVP_PKEY_free(i->key);
}

static char *give_number(const struct issuer *i, const char *name)
{
    BIGNUM *n = NULL;
    unsigned char bytes[512];
    assert_int_equal(EVP_PKEY_get_bn_param(i->key, name, &n), 1);
    int len = BN_bn2bin(n, bytes);
    BN_free(n);
    return base64url_give(bytes, (size_t)len);
}

json *issuer_give_key(const struct issuer *i)
{
    cleanup_free char *n = give_number(i, OSSL_PKEY_PARAM_RSA_N);
    cleanup_free char *e = give_number(i, OSSL_PKEY_PARAM_RSA_E);
    return json_make("{'kty':'RSA','use':'sig','alg':'RS256','kid':%s,'n':%s,'e':%s}", i->id, n, e);
}

char *issuer_give_set(const struct issuer *i)
{
    cleanup_json json *set = json_make("{'keys':[%j]}", issuer_give_key(i));
    return json_give_text(set);
}

static char *give_doubled(const char *quoted)
{
    char *text = xstrdup(quoted);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    return text;
}

char *issuer_give_token(const struct issuer *i, const char *key_id, const char *claims)
{
    cleanup_json json *header = json_make("{'alg':'RS256','typ':'JWT'}");
    if (key_id)
        json_put(header, "kid", json_new_str(key_id));
    cleanup_free char *header_text = json_give_text(header), *claims_text = give_doubled(claims);
    cleanup_free char *one = base64url_give(header_text, strlen(header_text));
    cleanup_free char *two = base64url_give(claims_text, strlen(claims_text));
    cleanup_free char *signed_part = xasprintf("%s.%s", one, two);
    unsigned char signature[512];
    size_t len = sizeof(signature);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, i->key), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &len, (const unsigned char *)signed_part,
                                    strlen(signed_part)),
                     1);
    EVP_MD_CTX_free(ctx);
    cleanup_free char *three = base64url_give(signature, len);
    return xasprintf("%s.%s", signed_part, three);
}
