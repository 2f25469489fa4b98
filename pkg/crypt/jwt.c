#include <openssl/rsa.h>
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/crypt/ssl_error.h"
#include "pkg/crypt/ssl_types.h"

#define JWT_PAYLOAD_MAX ((size_t)256 << 10)

static char *give_thumbprint(X509 *cert, const EVP_MD *md)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    return X509_digest(cert, md, digest, &len) ? base64url_give(digest, len) : NULL;
}

static json *give_chain(STACK_OF(X509) * chain)
{
    json *list = json_new_array();
    for (int i = 0; i < sk_X509_num(chain); i++) {
        unsigned char *der = NULL;
        int len = i2d_X509(sk_X509_value(chain, i), &der);
        if (len <= 0)
            continue;
        cleanup_free char *text = base64_give(der, (size_t)len);
        json_append(list, json_new_str(text));
        OPENSSL_free(der);
    }
    return list;
}

static int give_header(const struct jwt_assertion *a, STACK_OF(X509) * chain, char **ret,
                       struct error **err)
{
    X509 *leaf = sk_X509_value(chain, 0);
    cleanup_free char *thumb = give_thumbprint(leaf, a->pss ? EVP_sha256() : EVP_sha1());
    if (!thumb)
        return ssl_error(err, ERR_INTERNAL, "digesting the certificate");
    cleanup_json json *header =
        json_make("{'alg':%s,'typ':'JWT',%s:%s}", a->pss ? "PS256" : "RS256",
                  a->pss ? "x5t#S256" : "x5t", thumb);
    if (a->send_chain)
        json_put(header, "x5c", give_chain(chain));
    cleanup_free char *text = json_give_text(header);
    *ret = base64url_give(text, strlen(text));
    return 0;
}

static int give_signature(const struct jwt_assertion *a, const char *input, char **ret,
                          struct error **err)
{
    cleanup_pkey EVP_PKEY *key = NULL;
    if (pem_read_key(a->key_pem, &key, err) < 0)
        return -1;
    if (!EVP_PKEY_is_a(key, "RSA"))
        return error_set(err, ERR_INVALID, "the key of a client assertion must be an RSA key");
    cleanup_md_ctx EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    unsigned char signature[1024];
    size_t len = sizeof(signature);
    bool good = EVP_DigestSignInit(ctx, &pctx, EVP_sha256(), NULL, key) == 1;
    if (good && a->pss) /* salt as long as the digest: RFC 7518, 3.5 */
        good = EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    good = good && EVP_PKEY_get_size(key) <= (int)sizeof(signature) &&
           EVP_DigestSign(ctx, signature, &len, (const unsigned char *)input, strlen(input)) == 1;
    if (!good)
        return ssl_error(err, ERR_INTERNAL, "signing a client assertion");
    *ret = base64url_give(signature, len);
    return 0;
}

int jwt_give_assertion(const struct jwt_assertion *a, char **ret, struct error **err)
{
    cleanup_chain STACK_OF(X509) *chain = NULL;
    cleanup_free char *header = NULL;
    cleanup_free char *signature = NULL;
    if (pem_read_chain(a->cert_pem, &chain, err) < 0 || give_header(a, chain, &header, err) < 0)
        return -1;
    cleanup_free char *claims = base64url_give(a->claims_json, strlen(a->claims_json));
    cleanup_free char *input = xasprintf("%s.%s", header, claims);
    if (give_signature(a, input, &signature, err) < 0)
        return -1;
    *ret = xasprintf("%s.%s", input, signature);
    return 0;
}

int jwt_give_payload(const char *jwt, char **ret_json, size_t *ret_len, struct error **err)
{
    const char *begin = strchr(jwt, '.');
    const char *end = begin ? strchr(begin + 1, '.') : NULL;
    if (!end || (size_t)(end - begin) > JWT_PAYLOAD_MAX)
        return error_set(err, ERR_INVALID, "the token is not a JWT of three parts");
    if (base64url_parse(begin + 1, (size_t)(end - begin - 1), ret_json, ret_len, err) < 0)
        return error_wrap(err, "decoding the token's claims");
    return 0;
}
