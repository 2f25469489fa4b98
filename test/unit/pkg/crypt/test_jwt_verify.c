#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/test.h"

/* Not inlined: gcc 12 would take the local for what its callers hold and warn of a dangling pointer. */
static __attribute__((noinline)) char *give_signed(const struct pair *cert, bool pss)
{
    struct jwt_assertion a = { cert->cert, cert->key, pss, false, "{\"iss\":\"app\"}" };
    char *jwt = NULL;
    assert_int_equal(jwt_give_assertion(&a, &jwt, NULL), 0);
    return jwt;
}

/* The token with another header in front of the same claims and signature. */
static char *give_with_header(const char *jwt, const char *header)
{
    cleanup_free char *encoded = base64url_give(header, strlen(header));
    return xasprintf("%s%s", encoded, strchr(jwt, '.'));
}

static void assert_refused(const char *jwt, const char *cert, const char *why)
{
    cleanup_error struct error *err = NULL;
    assert_int_equal(jwt_verify(jwt, cert, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_non_null(strstr(error_text(err), why));
}

static void check_accepts(void **state)
{
    struct pair cert = pair_make("app", NULL, false, true);
    cleanup_free char *jwt = give_signed(&cert, *state != NULL);

    assert_int_equal(jwt_verify(jwt, cert.cert, NULL), 0);

    pair_release(&cert);
}

static void check_another_certificate(void **state)
{
    struct pair cert = pair_make("app", NULL, false, true);
    struct pair other = pair_make("app", NULL, false, true);
    cleanup_free char *jwt = give_signed(&cert, *state != NULL);

    assert_refused(jwt, other.cert, "names another certificate");

    pair_release(&cert);
    pair_release(&other);
}

static void check_changed_claims(void **state)
{
    struct pair cert = pair_make("app", NULL, false, true);
    cleanup_free char *jwt = give_signed(&cert, *state != NULL);
    char *claims = strchr(jwt, '.') + 1;

    claims[4] = claims[4] == 'A' ? 'B' : 'A';

    assert_refused(jwt, cert.cert, "signature does not hold");
    pair_release(&cert);
}

static void check_standard_alphabet(void **state)
{
    (void)state;
    struct pair cert = pair_make("app", NULL, false, true);
    cleanup_free char *jwt = give_signed(&cert, false);
    cleanup_free char *text = NULL, *raw = NULL;
    size_t text_len, raw_len;
    cleanup_json json *header = NULL;
    assert_int_equal(base64url_parse(jwt, strcspn(jwt, "."), &text, &text_len, NULL), 0);
    assert_int_equal(json_parse_object(text, text_len, &header, NULL), 0);
    const char *thumb = json_path_str(header, "x5t");
    assert_int_equal(base64url_parse(thumb, strlen(thumb), &raw, &raw_len, NULL), 0);
    cleanup_free char *standard = base64_give(raw, raw_len);
    json_put(header, "x5t", json_new_str(standard));
    cleanup_free char *header_text = json_give_text(header);
    cleanup_free char *changed = give_with_header(jwt, header_text);

    /* The thumbprint passes; the signature was over the other spelling. */
    assert_refused(changed, cert.cert, "signature does not hold");
    pair_release(&cert);
}

static void check_garbage(void **state)
{
    (void)state;
    struct pair cert = pair_make("app", NULL, false, true);
    cleanup_free char *jwt = give_signed(&cert, false);
    cleanup_free char *none = give_with_header(jwt, "{\"alg\":\"none\",\"x5t\":\"AA\"}");
    cleanup_free char *nameless = give_with_header(jwt, "{\"alg\":\"RS256\"}");
    cleanup_free char *listed = give_with_header(jwt, "[]");

    assert_refused("", cert.cert, "three parts");
    assert_refused("a.b", cert.cert, "three parts");
    assert_refused("a.b.c.d", cert.cert, "three parts");
    assert_refused("!.b.c", cert.cert, "header");
    assert_refused(listed, cert.cert, "header");
    assert_refused(none, cert.cert, "algorithm");
    assert_refused(nameless, cert.cert, "does not name");
    assert_refused(jwt, "no certificate", "certificate");
    pair_release(&cert);
}

static void check_other_kind_of_key(void **state)
{
    (void)state;
    struct pair rsa = pair_make("app", NULL, false, true);
    struct pair ec = pair_make("app", NULL, false, false);
    cleanup_free char *jwt = give_signed(&rsa, false);

    assert_refused(jwt, ec.cert, "names another certificate");

    pair_release(&rsa);
    pair_release(&ec);
}

int main(void)
{
    static int pss;
    const struct CMUnitTest tests[] = {
        CASE("an RS256 assertion holds against its certificate", check_accepts),
        CASE_OF("a PS256 assertion holds against its certificate", check_accepts, &pss),
        CASE("an assertion of another certificate is refused", check_another_certificate),
        CASE_OF("so it is with PS256", check_another_certificate, &pss),
        CASE("changed claims are refused", check_changed_claims),
        CASE_OF("changed claims are refused with PS256", check_changed_claims, &pss),
        CASE("a thumbprint in the standard alphabet is understood", check_standard_alphabet),
        CASE("an elliptic key's certificate is refused", check_other_kind_of_key),
        CASE("garbage is refused", check_garbage),
    };
    return RUN_CASES("jwt_verify", tests);
}
