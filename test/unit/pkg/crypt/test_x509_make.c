#include <string.h>

#include "pkg/crypt/crypt.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/test.h"

static void check_keys(void **state)
{
    (void)state;
    struct pair ca = pair_make("ca", NULL, false, true);
    struct pair leaf = pair_make("leaf", &ca, false, false);

    assert_int_equal(pem_check_key_matches(ca.cert, ca.key, NULL), 0);
    assert_int_equal(pem_check_key_matches(leaf.cert, leaf.key, NULL), 0);
    pair_release(&leaf);
    pair_release(&ca);
}

static void check_bad_requests(void **state)
{
    (void)state;
    static const char *const bad_ips[] = { "not an address", NULL };
    struct x509_request requests[] = {
        { .common_name = "x", .ip_addresses = bad_ips, .not_after_wall_ns = DAY_NS },
        { .common_name = "x", .issuer_cert_pem = "nothing", .not_after_wall_ns = DAY_NS },
    };
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        char *cert = NULL;
        struct secret *key = NULL;
        cleanup_error struct error *err = NULL;
        assert_int_equal(x509_make(&requests[i], &cert, &key, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("made certificates fit their keys", check_keys),
        CASE("a wrong address or issuer is refused", check_bad_requests),
    };
    return RUN_CASES("x509_make", tests);
}
