#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/crypt/ssl_types.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/test.h"

static struct pair ca, leaf;

static int make(void **state)
{
    (void)state;
    ca = pair_make("ca", NULL, false, false);
    leaf = pair_make("jane", &ca, true, false);
    return 0;
}

static int release(void **state)
{
    (void)state;
    pair_release(&leaf);
    pair_release(&ca);
    return 0;
}

static void check_count_and_end(void **state)
{
    (void)state;
    cleanup_free char *both = xasprintf("# comment\n%s%s", leaf.cert, ca.cert);
    size_t n;
    int64_t end;

    assert_int_equal(pem_check_certs(both, &n, &end, NULL), 0);

    assert_int_equal(n, 2);
    assert_int_equal(end, CERT_EPOCH_NS + DAY_NS);
}

static void check_no_certificate(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        cleanup_error struct error *err = NULL;
        assert_int_equal(pem_check_certs(texts[i], NULL, NULL, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
    }
}

static void check_der(void **state)
{
    (void)state;
    cleanup_free char *both = xasprintf("%s%s", leaf.cert, ca.cert), *der = NULL, *none = NULL;
    size_t len = 0;
    struct x509_facts facts = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(pem_give_der(both, &der, &len, NULL), 0);
    assert_int_equal(x509_read_der(der, len, &facts, NULL), 0);
    assert_int_equal(pem_give_der("hello", &none, &len, &err), -1);

    assert_string_equal(facts.common_name, "jane");
    assert_true(error_is(err, ERR_INVALID));
    x509_facts_release(&facts);
}

static void check_key_match(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;

    assert_int_equal(pem_check_key_matches(leaf.cert, leaf.key, NULL), 0);
    assert_int_equal(pem_check_key_matches(leaf.cert, ca.key, &err), -1);
    assert_non_null(strstr(error_text(err), "does not belong"));
}

static void check_split(void **state)
{
    (void)state;
    cleanup_free char *bundle =
        xasprintf("%s%s%s", secret_reveal(leaf.key, NULL), leaf.cert, ca.cert);
    cleanup_free char *certs = NULL;
    cleanup_secret struct secret *key = NULL;
    size_t n;

    assert_int_equal(pem_split_bundle(bundle, &certs, &key, NULL), 0);

    assert_int_equal(pem_check_certs(certs, &n, NULL, NULL), 0);
    assert_int_equal(n, 2);
    assert_null(strstr(certs, "PRIVATE KEY"));
    assert_int_equal(pem_check_key_matches(certs, key, NULL), 0);
}

static void check_split_without_key(void **state)
{
    (void)state;
    cleanup_free char *certs = NULL;
    cleanup_secret struct secret *key = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(pem_split_bundle(leaf.cert, &certs, &key, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
}

static void check_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want_ns;
    } rows[] = {
        { "20240203040506Z", INT64_C(1706933106) * NS_PER_S },
        { "99991231235959Z", INT64_MAX },
        { "00010101000000Z", INT64_MIN },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ASN1_TIME *t = ASN1_TIME_new();
        int64_t got_ns;

        assert_int_equal(ASN1_TIME_set_string(t, rows[i].text), 1);
        assert_int_equal(asn1_time_ns(t, &got_ns, NULL), 0);

        assert_int_equal(got_ns, rows[i].want_ns);
        ASN1_TIME_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a bundle tells how many certificates it has and when the first ends",
             check_count_and_end),
        CASE("text without a readable certificate is refused", check_no_certificate),
        CASE("the first certificate of a bundle is read as DER", check_der),
        CASE("a key is matched with its certificate", check_key_match),
        CASE("a bundle is split into chain and key", check_split),
        CASE("a bundle without a key is refused", check_split_without_key),
        CASE("a certificate's time may be beyond what can be told", check_times),
    };
    return _cmocka_run_group_tests("pem", tests, ARRAY_LEN(tests), make, release);
}
