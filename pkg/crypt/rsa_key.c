#include "pkg/crypt/rsa_key.h"

#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/ssl_error.h"
#include "pkg/crypt/ssl_types.h"

#define SSH_KEY_MAX ((size_t)64 << 10)
#define SSH_LINE_MAX ((size_t)16 << 10)

DEFINE_RELEASE(OSSL_ENCODER_CTX *, OSSL_ENCODER_CTX_free)
#define cleanup_encoder CLEANUP_WITH(OSSL_ENCODER_CTX_free_slot)
DEFINE_RELEASE(BIGNUM *, BN_free)
#define cleanup_bignum CLEANUP_WITH(BN_free_slot)

static int read_der(const struct secret *der, EVP_PKEY **ret, struct error **err)
{
    size_t len;
    const unsigned char *p = (const unsigned char *)secret_reveal(der, &len);
    *ret = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, (long)len);
    return *ret ? 0 : ssl_error(err, ERR_INVALID, "reading an RSA key");
}

/* selection: private or public; structure: "type-specific" is PKCS#1. */
static int encode(EVP_PKEY *key, int selection, const char *format, const char *structure,
                  struct secret **ret, struct error **err)
{
    unsigned char *data = NULL;
    size_t len = 0;
    cleanup_encoder OSSL_ENCODER_CTX *ctx =
        OSSL_ENCODER_CTX_new_for_pkey(key, selection, format, structure, NULL);
    if (!ctx || !OSSL_ENCODER_to_data(ctx, &data, &len))
        return ssl_error(err, ERR_INTERNAL, "writing an RSA key");
    *ret = secret_new((const char *)data, len);
    OPENSSL_clear_free(data, len);
    return 0;
}

int rsa_make(struct secret **ret_der, struct error **err)
{
    cleanup_pkey EVP_PKEY *key = EVP_RSA_gen(2048);
    if (!key)
        return ssl_error(err, ERR_INTERNAL, "making an RSA key");
    return encode(key, EVP_PKEY_KEYPAIR, "DER", "type-specific", ret_der, err);
}

int rsa_give_pem(const struct secret *der, struct secret **ret_pem, struct error **err)
{
    cleanup_pkey EVP_PKEY *key = NULL;
    if (read_der(der, &key, err) < 0)
        return -1;
    return encode(key, EVP_PKEY_KEYPAIR, "PEM", "type-specific", ret_pem, err);
}

int rsa_give_public_pem(const struct secret *der, char **ret_pem, struct error **err)
{
    cleanup_pkey EVP_PKEY *key = NULL;
    cleanup_secret struct secret *pem = NULL;
    if (read_der(der, &key, err) < 0 ||
        encode(key, EVP_PKEY_PUBLIC_KEY, "PEM", "SubjectPublicKeyInfo", &pem, err) < 0)
        return -1;
    *ret_pem = xstrdup(secret_reveal(pem, NULL));
    return 0;
}

/* ---- SSH ---- (RFC 4251, section 5: lengths of four bytes before the text) */

static void add_string(struct buf *b, const void *data, size_t len)
{
    unsigned char head[4] = { (unsigned char)(len >> 24), (unsigned char)(len >> 16),
                              (unsigned char)(len >> 8), (unsigned char)len };
    buf_add(b, head, sizeof(head));
    buf_add(b, data, len);
}

/* A positive number whose first bit is set gets a zero byte in front. */
static void add_number(struct buf *b, const BIGNUM *n)
{
    size_t len = (size_t)BN_num_bytes(n);
    cleanup_free unsigned char *bytes = xcalloc(len + 1, 1);
    BN_bn2bin(n, bytes + 1);
    bool padded = len > 0 && (bytes[1] & 0x80) != 0;
    add_string(b, padded ? bytes : bytes + 1, len + padded);
}

int rsa_give_ssh_public(const struct secret *der, char **ret, struct error **err)
{
    cleanup_pkey EVP_PKEY *key = NULL;
    cleanup_bignum BIGNUM *n = NULL, *e = NULL;
    if (read_der(der, &key, err) < 0)
        return -1;
    if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) ||
        !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e))
        return ssl_error(err, ERR_INTERNAL, "reading an RSA key");
    cleanup_buf struct buf blob = BUF_INIT(SSH_KEY_MAX);
    add_string(&blob, "ssh-rsa", strlen("ssh-rsa"));
    add_number(&blob, e);
    add_number(&blob, n);
    if (buf_check(&blob, err) < 0)
        return -1;
    cleanup_free char *text = base64_give(blob.data, blob.len);
    *ret = xasprintf("ssh-rsa %s", text);
    return 0;
}

static bool begins_with_type(const char *blob, size_t len, const char *type)
{
    const unsigned char *b = (const unsigned char *)blob;
    size_t want = strlen(type);
    if (len < 4 + want)
        return false;
    size_t have = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
    return have == want && memcmp(blob + 4, type, want) == 0 && len > 4 + want;
}

int ssh_public_check(const char *text, struct error **err)
{
    if (strlen(text) > SSH_LINE_MAX)
        return error_set(err, ERR_INVALID, "the SSH key is too long");
    if (strpbrk(text, "\r\n"))
        return error_set(err, ERR_INVALID, "the SSH key is more than one line");
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, text, " \t", false);
    if (words.len < 2)
        return error_set(err, ERR_INVALID, "the SSH key is not of the form TYPE BASE64");
    cleanup_free char *blob = NULL;
    size_t len = 0;
    if (base64_parse(words.v[1], strlen(words.v[1]), &blob, &len, NULL) < 0)
        return error_set(err, ERR_INVALID, "the SSH key is not in base64");
    if (!begins_with_type(blob, len, words.v[0]))
        return error_set(err, ERR_INVALID,
                         "the SSH key is not one of the type that it begins with");
    return 0;
}
