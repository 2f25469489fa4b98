#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/aead.h"
#include "test/unit/support/test.h"

#define TEXT "aro-secret"
#define V2_TEXT \
    "oKGio6SlpqeoqaqrrK2urx/YMfBIvxnN82JBuYut4BhZB0xv8ALzV96P1Gl+FaPeB5VZBidyxPCuT/G/xdokXg=="
#define LEGACY_TEXT "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXtUtqXaOFGmTqgKkvtsgmVSxnehXeQB7RCTo="

static struct secret *count_up(unsigned char from, size_t len)
{
    char bytes[128];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(from + i);
    return secret_new(bytes, len);
}

struct blob {
    unsigned char *data;
    size_t len;
};
static void blob_release(struct blob *b)
{
    free(b->data);
}
#define cleanup_blob CLEANUP_WITH(blob_release)

static struct blob blob_of(const char *text)
{
    char *data = NULL;
    size_t len = 0;
    assert_int_equal(base64_parse(text, strlen(text), &data, &len, NULL), 0);
    return (struct blob){ (unsigned char *)data, len };
}

static void assert_plain(const struct secret *s, const char *want)
{
    size_t len;
    const char *text = secret_reveal(s, &len);
    assert_int_equal(len, strlen(want));
    assert_memory_equal(text, want, len);
}

static void check_seals(void **state)
{
    (void)state;
    unsigned char iv[16];
    for (size_t i = 0; i < sizeof(iv); i++)
        iv[i] = (unsigned char)(0xa0 + i);
    cleanup_secret struct secret *key = count_up(0, AEAD_V2_KEY_LEN);
    cleanup_secret struct secret *plain = secret_new(TEXT, strlen(TEXT));
    cleanup_blob struct blob b = { NULL, 0 };

    assert_int_equal(aead_v2_seal(key, iv, plain, &b.data, &b.len, NULL), 0);

    cleanup_free char *text = base64_give(b.data, b.len);
    assert_string_equal(text, V2_TEXT);
}

static void check_opens_v2(void **state)
{
    (void)state;
    cleanup_secret struct secret *key = count_up(0, AEAD_V2_KEY_LEN);
    cleanup_blob struct blob b = blob_of(V2_TEXT);
    cleanup_secret struct secret *plain = NULL;

    assert_int_equal(aead_v2_open(key, b.data, b.len, &plain, NULL), 0);

    assert_plain(plain, TEXT);
}

static void check_opens_legacy(void **state)
{
    (void)state;
    cleanup_secret struct secret *key = count_up(0, AEAD_LEGACY_KEY_LEN);
    cleanup_blob struct blob b = blob_of(LEGACY_TEXT);
    cleanup_secret struct secret *plain = NULL;

    assert_int_equal(aead_legacy_open(key, b.data, b.len, &plain, NULL), 0);

    assert_plain(plain, TEXT);
}

static void check_every_length(void **state)
{
    (void)state;
    unsigned char iv[16] = { 7 };
    cleanup_secret struct secret *key = count_up(9, AEAD_V2_KEY_LEN);
    for (size_t len = 0; len < 70; len++) {
        cleanup_secret struct secret *plain = count_up(33, len);
        cleanup_blob struct blob b = { NULL, 0 };
        cleanup_secret struct secret *again = NULL;

        assert_int_equal(aead_v2_seal(key, iv, plain, &b.data, &b.len, NULL), 0);
        assert_int_equal(aead_v2_open(key, b.data, b.len, &again, NULL), 0);

        assert_true(secret_equal(plain, again));
    }
}

typedef int (*opener)(const struct secret *key, const unsigned char *blob, size_t len,
                      struct secret **ret, struct error **err);

static void assert_refused(opener open, const struct secret *key, const unsigned char *blob,
                           size_t len)
{
    /* In a block of exactly that size, so that a read behind it is seen. */
    cleanup_free unsigned char *exact = malloc(len ? len : 1);
    memcpy(exact, blob, len);
    cleanup_error struct error *err = NULL;
    struct secret *plain = NULL;
    assert_int_equal(open(key, exact, len, &plain, &err), -1);
    assert_null(plain);
    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_string_equal(error_get_code(err), AEAD_ERR_CORRUPT);
}

struct damage {
    opener open;
    size_t key_len;
    const char *text;
};
static struct damage v2 = { aead_v2_open, AEAD_V2_KEY_LEN, V2_TEXT };
static struct damage legacy = { aead_legacy_open, AEAD_LEGACY_KEY_LEN, LEGACY_TEXT };

static void check_cut(void **state)
{
    const struct damage *d = *state;
    cleanup_secret struct secret *key = count_up(0, d->key_len);
    cleanup_blob struct blob b = blob_of(d->text);
    for (size_t len = 0; len < b.len; len++)
        assert_refused(d->open, key, b.data, len);
}

static void check_flipped(void **state)
{
    const struct damage *d = *state;
    cleanup_secret struct secret *key = count_up(0, d->key_len);
    cleanup_blob struct blob b = blob_of(d->text);
    for (size_t bit = 0; bit < b.len * 8; bit++) {
        b.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
        assert_refused(d->open, key, b.data, b.len);
        b.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
}

static void check_wrong_key(void **state)
{
    const struct damage *d = *state;
    cleanup_secret struct secret *key = count_up(1, d->key_len);
    cleanup_blob struct blob b = blob_of(d->text);
    assert_refused(d->open, key, b.data, b.len);
}

static void check_key_length(void **state)
{
    const struct damage *d = *state;
    cleanup_blob struct blob b = blob_of(d->text);
    for (size_t len = 0; len < 100; len += 16) {
        if (len == d->key_len)
            continue;
        cleanup_secret struct secret *key = count_up(0, len);
        cleanup_error struct error *err = NULL;
        struct secret *plain = NULL;
        assert_int_equal(d->open(key, b.data, b.len, &plain, &err), -1);
        assert_non_null(strstr(error_text(err), "bytes; it must have"));
    }
}

/* Somebody who holds the key seals blocks that do not end in PKCS#7. */
static void check_padding(void **state)
{
    static const unsigned char last_bytes[] = { 0, 17, 255 };
    (void)state;
    cleanup_secret struct secret *key = count_up(0, AEAD_V2_KEY_LEN);
    const unsigned char *bytes = (const unsigned char *)secret_reveal(key, NULL);
    for (size_t i = 0; i < ARRAY_LEN(last_bytes); i++) {
        unsigned char clear[16] = { 0 };
        unsigned char text[16 + 16 + 8 + 64] = { 0 };
        unsigned tag_len = 0;
        int len = 0;
        clear[15] = last_bytes[i];
        EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
        assert_int_equal(EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, bytes, text), 1);
        (void)EVP_CIPHER_CTX_set_padding(cipher, 0);
        assert_int_equal(EVP_EncryptUpdate(cipher, text + 16, &len, clear, 16), 1);
        EVP_CIPHER_CTX_free(cipher);
        unsigned char tag[64];
        assert_non_null(HMAC(EVP_sha512(), bytes + 32, 32, text, 16 + 16 + 8, tag, &tag_len));
        memcpy(text + 32, tag, 32);

        assert_refused(aead_v2_open, key, text, 64);
    }
}

static void check_too_large(void **state)
{
    (void)state;
    unsigned char iv[16] = { 0 };
    cleanup_free char *big = xcalloc(1, AEAD_PLAIN_MAX + 1);
    cleanup_secret struct secret *key = count_up(0, AEAD_V2_KEY_LEN);
    cleanup_secret struct secret *plain = secret_new(big, AEAD_PLAIN_MAX + 1);
    cleanup_error struct error *err = NULL;
    struct blob b = { NULL, 0 };

    assert_int_equal(aead_v2_seal(key, iv, plain, &b.data, &b.len, &err), -1);

    assert_int_equal(error_kind(err), ERR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("v2 seals to the published text", check_seals),
        CASE("v2 opens the published text", check_opens_v2),
        CASE("legacy opens the published text", check_opens_legacy),
        CASE("texts of every length come back from v2", check_every_length),
        CASE_OF("a v2 blob that was cut is refused at every length", check_cut, &v2),
        CASE_OF("a legacy blob that was cut is refused at every length", check_cut, &legacy),
        CASE_OF("any flipped bit of a v2 blob is noticed", check_flipped, &v2),
        CASE_OF("any flipped bit of a legacy blob is noticed", check_flipped, &legacy),
        CASE_OF("another v2 key opens nothing", check_wrong_key, &v2),
        CASE_OF("another legacy key opens nothing", check_wrong_key, &legacy),
        CASE_OF("v2 says how long a key must be", check_key_length, &v2),
        CASE_OF("legacy says how long a key must be", check_key_length, &legacy),
        CASE("wrong padding under a right tag is refused", check_padding),
        CASE("what is too large is not sealed", check_too_large),
    };
    return RUN_CASES("aead_format", tests);
}
