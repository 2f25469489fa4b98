#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/json.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/test.h"

static json *header_of(const char *jwt)
{
    cleanup_free char *text = NULL;
    size_t len;
    assert_int_equal(base64url_parse(jwt, (size_t)(strchr(jwt, '.') - jwt), &text, &len, NULL), 0);
    json *header = NULL;
    assert_int_equal(json_parse_object(text, len, &header, NULL), 0);
    return header;
}

static void check_assertion(void **state)
{
    bool pss = *state != NULL;
    struct pair cert = pair_make("app", NULL, false, true);
    struct jwt_assertion a = { cert.cert, cert.key, pss, true, "{\"iss\":\"app\"}" };
    cleanup_free char *jwt = NULL;

    assert_int_equal(jwt_give_assertion(&a, &jwt, NULL), 0);

    cleanup_json json *header = header_of(jwt);
    assert_string_equal(json_path_str(header, "alg"), pss ? "PS256" : "RS256");
    assert_int_equal(strlen(json_path_str(header, pss ? "x5t#S256" : "x5t")), pss ? 43 : 27);
    assert_int_equal(json_len(json_path(header, "x5c")), 1);
    cleanup_free char *claims = NULL;
    size_t len;
    assert_int_equal(jwt_give_payload(jwt, &claims, &len, NULL), 0);
    assert_string_equal(claims, "{\"iss\":\"app\"}");
    pair_release(&cert);
}

static void check_wrong_key(void **state)
{
    (void)state;
    struct pair cert = pair_make("app", NULL, false, false);
    struct jwt_assertion a = { cert.cert, cert.key, false, false, "{}" };
    char *jwt = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(jwt_give_assertion(&a, &jwt, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    pair_release(&cert);
}

static void check_no_jwt(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "a.b", "a.!!!.c", "opaque" };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char *claims = NULL;
        size_t len;
        cleanup_error struct error *err = NULL;
        assert_int_equal(jwt_give_payload(texts[i], &claims, &len, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
    }
}

int main(void)
{
    static int pss;
    const struct CMUnitTest tests[] = {
        CASE("an assertion signed with RS256 names the certificate by x5t", check_assertion),
        CASE_OF("an assertion signed with PS256 names it by x5t#S256", check_assertion, &pss),
        CASE("a key that is not RSA is refused", check_wrong_key),
        CASE("text that is no JWT is refused", check_no_jwt),
    };
    return RUN_CASES("jwt", tests);
}
