#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/crypt/jwks.h"
#include "test/unit/support/pkg/crypt/issuer.h"
#include "test/unit/support/test.h"

static struct jwks *give_keys(const char *text)
{
    struct jwks *k = NULL;
    assert_int_equal(jwks_parse(text, strlen(text), &k, NULL), 0);
    return k;
}

static void refused(const struct jwks *k, const char *token, const char *why)
{
    cleanup_error struct error *err = NULL;
    json *claims = NULL;
    assert_int_equal(jwks_verify(k, token, &claims, &err), -1);
    assert_null(claims);
    assert_true(error_is(err, ERR_INVALID));
    if (!strstr(error_text(err), why))
        fail_msg("%s", error_text(err));
}

static void a_token_is_its_issuers(void **state)
{
    (void)state;
    struct issuer one, other;
    issuer_init(&one, "a");
    issuer_init(&other, "a");
    cleanup_free char *set = issuer_give_set(&one);
    cleanup_jwks struct jwks *k = give_keys(set);
    cleanup_json json *claims = NULL, *again = NULL;
    cleanup_free char *token = issuer_give_token(&one, "a", "{'sub':'x'}"),
                      *unnamed = issuer_give_token(&one, NULL, "{'sub':'y'}"),
                      *named = issuer_give_token(&one, "b", "{'sub':'x'}"),
                      *forged = issuer_give_token(&other, "a", "{'sub':'x'}");

    assert_int_equal(jwks_verify(k, token, &claims, NULL), 0);
    assert_int_equal(jwks_verify(k, unnamed, &again, NULL), 0);

    assert_string_equal(json_path_str(claims, "sub"), "x");
    assert_string_equal(json_path_str(again, "sub"), "y");
    refused(k, named, "no key of the issuer");
    refused(k, forged, "signature does not hold");
    issuer_release(&one);
    issuer_release(&other);
}

static void of_several_keys_the_named_one_counts(void **state)
{
    (void)state;
    struct issuer one, two;
    issuer_init(&one, "a");
    issuer_init(&two, "b");
    cleanup_json json *set =
        json_make("{'keys':[%j,%j]}", issuer_give_key(&one), issuer_give_key(&two));
    cleanup_free char *text = json_give_text(set);
    cleanup_jwks struct jwks *k = give_keys(text);
    cleanup_json json *claims = NULL;
    cleanup_free char *token = issuer_give_token(&two, "b", "{}"),
                      *unnamed = issuer_give_token(&two, NULL, "{}"),
                      *crossed = issuer_give_token(&two, "a", "{}");

    assert_int_equal(jwks_verify(k, token, &claims, NULL), 0);

    refused(k, unnamed, "no key of the issuer");
    refused(k, crossed, "signature does not hold");
    issuer_release(&one);
    issuer_release(&two);
}

static void without_a_signature_it_is_none(void **state)
{
    (void)state;
    struct issuer one;
    issuer_init(&one, "a");
    cleanup_free char *set = issuer_give_set(&one);
    cleanup_jwks struct jwks *k = give_keys(set);

    /* {"alg":"none"} and {"alg":"HS256"}, signed with nothing */
    refused(k, "eyJhbGciOiJub25lIn0.e30.", "neither RS256 nor PS256");
    refused(k, "eyJhbGciOiJIUzI1NiJ9.e30.AA", "neither RS256 nor PS256");
    refused(k, "x.y", "three parts");
    /* {"alg":"RS256","crit":["b64"]} */
    refused(k, "eyJhbGciOiJSUzI1NiIsImNyaXQiOlsiYjY0Il19.e30.AA", "demands extensions");
    issuer_release(&one);
}

static void keys_that_cannot_be_used_are_passed_over(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "[]",
        "{}",
        "{\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", /* a short one */
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"!\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
    };
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        struct jwks *k = NULL;
        if (jwks_parse(sets[i], strlen(sets[i]), &k, NULL) == 0)
            fail_msg("%s", sets[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a token is its issuer's", a_token_is_its_issuers),
        CASE("of several keys the named one counts", of_several_keys_the_named_one_counts),
        CASE("without a signature it is none", without_a_signature_it_is_none),
        CASE("keys that cannot be used are passed over", keys_that_cannot_be_used_are_passed_over),
    };
    return RUN_CASES("jwks", tests);
}
