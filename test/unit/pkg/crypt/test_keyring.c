#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/crypt/keyring.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

#define KEY_A "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define KEY_B "b:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static struct keyring *parse(const char *text)
{
    struct keyring *k = NULL;
    assert_int_equal(keyring_parse(text, &k, NULL), 0);
    return k;
}

static char *seal(const struct keyring *k, const char *plain, const char *aad)
{
    struct fake_rng rng;
    fake_rng_init(&rng, 7);
    cleanup_secret struct secret *s = secret_new(plain, strlen(plain));
    char *sealed = NULL;
    assert_int_equal(keyring_seal(k, &rng.base, s, aad, &sealed, NULL), 0);
    return sealed;
}

static void what_is_sealed_opens_again(void **state)
{
    (void)state;
    cleanup_keyring struct keyring *k = parse(KEY_A);
    cleanup_free char *sealed = seal(k, "kubeconfig", "clusters/1");
    assert_null(strstr(sealed, "kube"));

    cleanup_secret struct secret *opened = NULL;
    assert_int_equal(keyring_open(k, "a", sealed, "clusters/1", &opened, NULL), 0);
    assert_string_equal(secret_reveal(opened, NULL), "kubeconfig");
}

static void another_place_key_or_byte_does_not_open(void **state)
{
    (void)state;
    cleanup_keyring struct keyring *k = parse(KEY_A "," KEY_B);
    cleanup_free char *sealed = seal(k, "x", "here");
    struct secret *none = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(keyring_open(k, "a", sealed, "there", &none, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_int_equal(keyring_open(k, "b", sealed, "here", &none, &err), -1);
    assert_int_equal(keyring_open(k, "c", sealed, "here", &none, &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
    sealed[3] = sealed[3] == 'A' ? 'B' : 'A';
    assert_int_equal(keyring_open(k, "a", sealed, "here", &none, &err), -1);
    assert_int_equal(keyring_open(k, "a", "AAAA", "here", &none, &err), -1);
    assert_null(none);
}

static void the_first_key_seals_and_the_others_open(void **state)
{
    (void)state;
    cleanup_keyring struct keyring *old = parse(KEY_A), *both = parse(KEY_B "," KEY_A);
    cleanup_free char *sealed = seal(old, "x", "");

    cleanup_secret struct secret *opened = NULL;
    assert_string_equal(keyring_current(both), "b");
    assert_true(keyring_has(both, "a"));
    assert_int_equal(keyring_open(both, "a", sealed, "", &opened, NULL), 0);
}

static void digests_differ_by_key_and_purpose(void **state)
{
    (void)state;
    cleanup_keyring struct keyring *k = parse(KEY_A "," KEY_B);
    unsigned char a[KEYRING_MAC_LEN], b[KEYRING_MAC_LEN];
    assert_true(keyring_mac(k, NULL, "p", "x", 1, a));
    assert_true(keyring_mac(k, "a", "p", "x", 1, b));
    assert_memory_equal(a, b, sizeof(a));
    assert_true(keyring_mac(k, "b", "p", "x", 1, b));
    assert_memory_not_equal(a, b, sizeof(a));
    assert_true(keyring_mac(k, "a", "q", "x", 1, b));
    assert_memory_not_equal(a, b, sizeof(a));
    assert_false(keyring_mac(k, "c", "p", "x", 1, b));
}

static void bad_keys_are_refused_without_being_told(void **state)
{
    (void)state;
    static const char *const bad[] = { "",           "a",     ":AAAA",        "a b:AAAA",
                                       "a:c2VjcmV0", "a:***", KEY_A "," KEY_A };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct keyring *k = NULL;
        cleanup_error struct error *err = NULL;
        assert_int_equal(keyring_parse(bad[i], &k, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
        assert_null(strstr(error_text(err), "c2VjcmV0"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is sealed opens again", what_is_sealed_opens_again),
        CASE("another place, key or byte does not open", another_place_key_or_byte_does_not_open),
        CASE("the first key seals and the others open", the_first_key_seals_and_the_others_open),
        CASE("digests differ by key and purpose", digests_differ_by_key_and_purpose),
        CASE("bad keys are refused without being told", bad_keys_are_refused_without_being_told),
    };
    return RUN_CASES("keyring", tests);
}
