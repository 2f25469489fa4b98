#include "pkg/crypt/keyring.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

#define NONCE_LEN 12
#define TAG_LEN 16
#define ID_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

DEFINE_RELEASE(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_free)
#define cleanup_cipher_ctx CLEANUP_WITH(EVP_CIPHER_CTX_free_slot)

struct named_key {
    char *id;
    struct secret *key;
};
struct keyring {
    struct named_key *v;
    size_t len;
};

void keyring_free(struct keyring *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < k->len; i++) {
        free(k->v[i].id);
        secret_unref(k->v[i].key);
    }
    free(k->v);
    free(k);
}

static const unsigned char *find(const struct keyring *k, const char *id)
{
    for (size_t i = 0; i < k->len; i++)
        if (!id || str_eq(k->v[i].id, id))
            return (const unsigned char *)secret_reveal(k->v[i].key, NULL);
    return NULL;
}

static int add(struct keyring *k, const char *text, struct error **err)
{
    const char *colon = strchr(text, ':');
    size_t id_len = colon ? (size_t)(colon - text) : 0;
    if (id_len == 0 || strspn(text, ID_CHARS) != id_len)
        return error_set(err, ERR_INVALID,
                         "key %zu: it must be id:base64, the id of letters, digits, '-', '_', '.'",
                         k->len + 1);
    cleanup_free char *id = xstrndup(text, id_len);
    if (find(k, id) && k->len)
        return error_set(err, ERR_INVALID, "key '%s' is there twice", id);
    cleanup_secret_text char *bytes = NULL;
    size_t len;
    if (base64_parse(colon + 1, strlen(colon + 1), &bytes, &len, NULL) < 0 ||
        len != KEYRING_KEY_LEN)
        return error_set(err, ERR_INVALID, "key '%s': it must be base64 of %d bytes", id,
                         KEYRING_KEY_LEN);
    k->v = xreallocarray(k->v, k->len + 1, sizeof(*k->v));
    k->v[k->len++] = (struct named_key){ take(id), secret_new(bytes, len) };
    secret_wipe(bytes, len);
    return 0;
}

int keyring_parse(const char *text, struct keyring **ret, struct error **err)
{
    cleanup_keyring struct keyring *k = xnew(struct keyring);
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, text, ", \n", false);
    int status = 0;
    for (size_t i = 0; i < parts.len; i++) {
        if (status == 0)
            status = add(k, parts.v[i], err);
        secret_wipe(parts.v[i], strlen(parts.v[i]));
    }
    if (status < 0)
        return -1;
    if (k->len == 0)
        return error_set(err, ERR_INVALID, "there is no key");
    *ret = take(k);
    return 0;
}

const char *keyring_current(const struct keyring *k)
{
    return k->v[0].id;
}

bool keyring_has(const struct keyring *k, const char *id)
{
    return id && find(k, id);
}

static void make_nonce(const struct rng *rng, unsigned char nonce[NONCE_LEN])
{
    uint64_t words[2] = { rng->next(rng), rng->next(rng) };
    memcpy(nonce, words, NONCE_LEN);
}

static bool encrypt(const unsigned char *key, const char *aad, const struct secret *plain,
                    unsigned char *blob)
{
    cleanup_cipher_ctx EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    size_t len;
    const char *text = secret_reveal(plain, &len);
    int n = 0;
    return c && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, blob) == 1 &&
           EVP_EncryptUpdate(c, NULL, &n, (const unsigned char *)aad, (int)strlen(aad)) == 1 &&
           EVP_EncryptUpdate(c, blob + NONCE_LEN, &n, (const unsigned char *)text, (int)len) == 1 &&
           EVP_EncryptFinal_ex(c, blob + NONCE_LEN + len, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_LEN, blob + NONCE_LEN + len) == 1;
}

int keyring_seal(const struct keyring *k, const struct rng *rng, const struct secret *plain,
                 const char *aad, char **ret, struct error **err)
{
    size_t len;
    (void)secret_reveal(plain, &len);
    if (len > KEYRING_PLAIN_MAX)
        return error_set(err, ERR_TOO_LARGE, "sealing: %zu bytes are more than the %zu allowed",
                         len, KEYRING_PLAIN_MAX);
    cleanup_free unsigned char *blob = xcalloc(1, NONCE_LEN + len + TAG_LEN);
    make_nonce(rng, blob);
    if (!encrypt(find(k, NULL), aad, plain, blob))
        abort(); /* only without memory */
    *ret = base64_give(blob, NONCE_LEN + len + TAG_LEN);
    return 0;
}

static bool decrypt(const unsigned char *key, const char *aad, unsigned char *blob, size_t len,
                    char *plain)
{
    cleanup_cipher_ctx EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    size_t text_len = len - NONCE_LEN - TAG_LEN;
    int n = 0;
    return c && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, blob) == 1 &&
           EVP_DecryptUpdate(c, NULL, &n, (const unsigned char *)aad, (int)strlen(aad)) == 1 &&
           EVP_DecryptUpdate(c, (unsigned char *)plain, &n, blob + NONCE_LEN, (int)text_len) == 1 &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_LEN, blob + len - TAG_LEN) == 1 &&
           EVP_DecryptFinal_ex(c, (unsigned char *)plain + text_len, &n) == 1;
}

int keyring_open(const struct keyring *k, const char *id, const char *sealed, const char *aad,
                 struct secret **ret, struct error **err)
{
    const unsigned char *key = id ? find(k, id) : NULL;
    if (!key)
        return error_set(err, ERR_NOT_FOUND, "there is no key '%.80s'", id ? id : "");
    cleanup_free char *blob = NULL;
    size_t len;
    if (base64_parse(sealed, strlen(sealed), &blob, &len, NULL) < 0 || len < NONCE_LEN + TAG_LEN ||
        len > KEYRING_PLAIN_MAX + NONCE_LEN + TAG_LEN)
        return error_set(err, ERR_INVALID, "the sealed text is malformed");
    size_t plain_len = len - NONCE_LEN - TAG_LEN;
    char *plain = xcalloc(1, plain_len + 1);
    bool opened = decrypt(key, aad, (unsigned char *)blob, len, plain);
    if (opened)
        *ret = secret_new(plain, plain_len);
    secret_wipe(plain, plain_len);
    free(plain);
    return opened ? 0 : error_set(err, ERR_INVALID, "key '%s' does not open the sealed text", id);
}

bool keyring_mac(const struct keyring *k, const char *id, const char *purpose, const void *data,
                 size_t len, unsigned char out[KEYRING_MAC_LEN])
{
    const unsigned char *key = find(k, id);
    if (!key)
        return false;
    unsigned char derived[SHA256_LEN];
    hmac_sha256(key, KEYRING_KEY_LEN, purpose, strlen(purpose), derived);
    hmac_sha256(derived, sizeof(derived), data, len, out);
    secret_wipe(derived, sizeof(derived));
    return true;
}
