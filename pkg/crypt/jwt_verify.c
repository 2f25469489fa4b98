#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/json.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "pkg/crypt/jwt_impl.h"
#include "pkg/crypt/ssl_error.h"
#include "pkg/crypt/ssl_types.h"

#define JWT_MAX ((size_t)256 << 10)

int jwt_find_parts(const char *jwt, struct jwt_parts *ret, struct error **err)
{
    const char *first = strchr(jwt, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;
    if (!second || strchr(second + 1, '.') || strlen(jwt) > JWT_MAX)
        return error_set(err, ERR_INVALID, "the token is not a JWT of three parts");
    *ret = (struct jwt_parts){ first + 1, second + 1 };
    return 0;
}

int jwt_read_header(const char *jwt, const struct jwt_parts *p, json **ret, struct error **err)
{
    cleanup_free char *text = NULL;
    size_t len;
    if (base64url_parse(jwt, (size_t)(p->claims - jwt) - 1, &text, &len, err) < 0 ||
        json_parse_object(text, len, ret, err) < 0)
        return error_wrap(err, "decoding the token's header");
    return 0;
}

int jwt_read_algorithm(const json *header, bool *ret_pss, struct error **err)
{
    const char *algorithm = json_path_str(header, "alg");
    *ret_pss = str_eq(algorithm, "PS256");
    if (*ret_pss || str_eq(algorithm, "RS256"))
        return 0;
    return error_set(err, ERR_INVALID, "the token's algorithm is neither RS256 nor PS256");
}

/* Microsoft's Go library writes the thumbprint in the standard alphabet, everything else as RFC 7515 says. */
static bool names_certificate(const char *thumbprint, X509 *cert, const EVP_MD *md)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    cleanup_free char *found = NULL;
    size_t len = 0;
    bool standard = strpbrk(thumbprint, "+/=") != NULL;
    int rcode = standard ? base64_parse(thumbprint, strlen(thumbprint), &found, &len, NULL)
                         : base64url_parse(thumbprint, strlen(thumbprint), &found, &len, NULL);
    return rcode == 0 && X509_digest(cert, md, digest, &digest_len) && len == digest_len &&
           memcmp(found, digest, len) == 0;
}

bool jwt_signature_holds(const char *jwt, const struct jwt_parts *p, EVP_PKEY *key, bool pss)
{
    cleanup_free char *signature = NULL;
    size_t len;
    if (base64url_parse(p->signature, strlen(p->signature), &signature, &len, NULL) < 0)
        return false;
    cleanup_md_ctx EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    bool good = EVP_DigestVerifyInit(ctx, &pctx, EVP_sha256(), NULL, key) == 1;
    if (good && pss) /* salt as long as the digest: RFC 7518, 3.5 */
        good = EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    good =
        good && EVP_DigestVerify(ctx, (const unsigned char *)signature, len,
                                 (const unsigned char *)jwt, (size_t)(p->signature - jwt) - 1) == 1;
    ERR_clear_error(); /* a wrong signature leaves a trace */
    return good;
}

int jwt_verify(const char *jwt, const char *cert_pem, struct error **err)
{
    struct jwt_parts p;
    cleanup_json json *header = NULL;
    cleanup_chain STACK_OF(X509) *chain = NULL;
    if (jwt_find_parts(jwt, &p, err) < 0 || jwt_read_header(jwt, &p, &header, err) < 0 ||
        pem_read_chain(cert_pem, &chain, err) < 0)
        return -1;
    bool pss;
    if (jwt_read_algorithm(header, &pss, err) < 0)
        return -1;
    X509 *leaf = sk_X509_value(chain, 0);
    json *sha1 = json_get(header, "x5t");
    json *sha2 = json_get(header, "x5t#S256");
    if (!json_str(sha1) && !json_str(sha2))
        return error_set(err, ERR_INVALID, "the token does not name its certificate");
    if ((json_str(sha1) && !names_certificate(json_str(sha1), leaf, EVP_sha1())) ||
        (json_str(sha2) && !names_certificate(json_str(sha2), leaf, EVP_sha256())))
        return error_set(err, ERR_INVALID, "the token names another certificate");
    EVP_PKEY *key = X509_get0_pubkey(leaf);
    if (!key || !EVP_PKEY_is_a(key, "RSA"))
        return error_set(err, ERR_INVALID, "the certificate's key is not an RSA key");
    if (!jwt_signature_holds(jwt, &p, key, pss))
        return error_set(err, ERR_INVALID, "the token's signature does not hold");
    return 0;
}
