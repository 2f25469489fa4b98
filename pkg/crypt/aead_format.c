#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/crypt/aead.h"
#include "pkg/crypt/ssl_error.h"
#include "pkg/crypt/ssl_types.h"

#define AES_KEY_LEN 32
#define MAC_KEY_LEN 32
#define BLOCK_LEN 16
#define TAG_LEN 32
#define SHA512_LEN 64
/* IV, one block (padding makes an empty text one block), tag. */
#define V2_BLOB_MIN (BLOCK_LEN + BLOCK_LEN + TAG_LEN)

DEFINE_RELEASE(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_free)
#define cleanup_cipher_ctx CLEANUP_WITH(EVP_CIPHER_CTX_free_slot)

/* A text in the clear, on its way into a secret. */
struct clear {
    unsigned char *data;
    size_t len;
};

static void clear_release(struct clear *c)
{
    secret_wipe(c->data, c->len);
    free(c->data);
}
#define cleanup_clear CLEANUP_WITH(clear_release)

static int corrupt(struct error **err, const char *why)
{
    (void)error_set(err, ERR_INVALID, "the sealed text cannot be opened: %s", why);
    error_code(err, AEAD_ERR_CORRUPT);
    return -1;
}

static int check_key(const struct secret *key, size_t want, const unsigned char **ret,
                     struct error **err)
{
    size_t len;
    const char *bytes = secret_reveal(key, &len);
    if (len != want)
        return error_set(err, ERR_INVALID, "the key has %zu bytes; it must have %zu", len, want);
    *ret = (const unsigned char *)bytes;
    return 0;
}

/* Over IV and ciphertext, then the length in bits of the associated data: there is none. */
static void make_tag(const unsigned char *mac_key, const unsigned char *blob, size_t len,
                     unsigned char out[SHA512_LEN])
{
    size_t text_len = len + sizeof(uint64_t);
    cleanup_free unsigned char *text = xcalloc(1, text_len);
    memcpy(text, blob, len);
    if (!HMAC(EVP_sha512(), mac_key, MAC_KEY_LEN, text, text_len, out, NULL))
        abort(); /* only without memory */
}

int aead_v2_seal(const struct secret *key, const unsigned char iv[16], const struct secret *plain,
                 unsigned char **ret_blob, size_t *ret_len, struct error **err)
{
    const unsigned char *keys;
    size_t plain_len;
    const char *text = secret_reveal(plain, &plain_len);
    if (check_key(key, AEAD_V2_KEY_LEN, &keys, err) < 0)
        return -1;
    if (plain_len > AEAD_PLAIN_MAX)
        return error_set(err, ERR_TOO_LARGE, "sealing: %zu bytes are more than the %zu allowed",
                         plain_len, AEAD_PLAIN_MAX);

    cleanup_free unsigned char *blob = xmalloc(BLOCK_LEN + plain_len + BLOCK_LEN + TAG_LEN);
    cleanup_cipher_ctx EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int body = 0, rest = 0;
    memcpy(blob, iv, BLOCK_LEN);
    if (!cipher || EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, keys, iv) != 1 ||
        EVP_EncryptUpdate(cipher, blob + BLOCK_LEN, &body, (const unsigned char *)text,
                          (int)plain_len) != 1 ||
        EVP_EncryptFinal_ex(cipher, blob + BLOCK_LEN + body, &rest) != 1)
        return ssl_error(err, ERR_INTERNAL, "sealing with AES-256-CBC");

    size_t len = BLOCK_LEN + (size_t)body + (size_t)rest;
    unsigned char tag[SHA512_LEN];
    make_tag(keys + AES_KEY_LEN, blob, len, tag);
    memcpy(blob + len, tag, TAG_LEN);
    *ret_blob = take(blob);
    *ret_len = len + TAG_LEN;
    return 0;
}

int aead_v2_open(const struct secret *key, const unsigned char *blob, size_t len,
                 struct secret **ret, struct error **err)
{
    const unsigned char *keys;
    if (check_key(key, AEAD_V2_KEY_LEN, &keys, err) < 0)
        return -1;
    if (len < V2_BLOB_MIN || len % BLOCK_LEN != 0 || len > AEAD_TEXT_MAX)
        return corrupt(err, "its length is none of this format");

    unsigned char tag[SHA512_LEN];
    size_t tagged = len - TAG_LEN;
    make_tag(keys + AES_KEY_LEN, blob, tagged, tag);
    if (CRYPTO_memcmp(tag, blob + tagged, TAG_LEN) != 0)
        return corrupt(err, "its tag does not match the key");

    size_t body_len = tagged - BLOCK_LEN;
    cleanup_clear struct clear plain = { xmalloc(body_len + BLOCK_LEN), body_len + BLOCK_LEN };
    cleanup_cipher_ctx EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int body = 0, rest = 0;
    if (!cipher || EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, keys, blob) != 1 ||
        EVP_DecryptUpdate(cipher, plain.data, &body, blob + BLOCK_LEN, (int)body_len) != 1)
        return ssl_error(err, ERR_INTERNAL, "opening with AES-256-CBC");
    if (EVP_DecryptFinal_ex(cipher, plain.data + body, &rest) != 1) {
        ERR_clear_error();
        return corrupt(err, "its padding is wrong");
    }
    *ret = secret_new((const char *)plain.data, (size_t)body + (size_t)rest);
    return 0;
}

int aead_legacy_open(const struct secret *key, const unsigned char *blob, size_t len,
                     struct secret **ret, struct error **err)
{
    const unsigned char *bytes;
    if (check_key(key, AEAD_LEGACY_KEY_LEN, &bytes, err) < 0)
        return -1;
    size_t nonce_len = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    size_t overhead = nonce_len + crypto_aead_xchacha20poly1305_ietf_ABYTES;
    if (len < overhead || len > AEAD_TEXT_MAX)
        return corrupt(err, "its length is none of this format");
    if (sodium_init() < 0)
        return error_set(err, ERR_INTERNAL, "libsodium cannot be used on this machine");

    unsigned long long plain_len = 0;
    cleanup_clear struct clear plain = { xmalloc(len), len };
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data, &plain_len, NULL, blob + nonce_len,
                                                   len - nonce_len, NULL, 0, blob, bytes) != 0)
        return corrupt(err, "its tag does not match the key");
    *ret = secret_new((const char *)plain.data, (size_t)plain_len);
    return 0;
}
