#include <string.h>

#include "pkg/azure/token_impl.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define NOW_NS (INT64_C(1000) * NS_PER_S)

static int read_text(int status, const char *text, struct fetched_token *ret, struct error **err)
{
    cleanup_response struct http_response r = { .status = status, .body = BUF_INIT(BUF_UNBOUNDED) };
    buf_adds(&r.body, text);
    return token_read(&r, "Azure AD", NOW_NS, ret, err);
}

struct good_case {
    const char *name, *text;
    int64_t want_end_s;
};
static struct good_case good[] = {
    { "a lifetime is a number", "{\"access_token\":\"t\",\"expires_in\":60}", 1060 },
    { "or text", "{\"access_token\":\"t\",\"expires_in\":\"60\"}", 1060 },
    { "an end counts more than a lifetime, which may be of an older issue",
      "{\"access_token\":\"t\",\"expires_in\":\"86399\",\"expires_on\":\"1234\"}", 1234 },
    { "an end that is no number does not count",
      "{\"access_token\":\"t\",\"expires_in\":\"60\",\"expires_on\":\"1/1/2024 0:00\"}", 1060 },
};

static void check_good(void **state)
{
    const struct good_case *c = *state;
    struct fetched_token t = { 0 };

    assert_int_equal(read_text(200, c->text, &t, NULL), 0);

    assert_string_equal(secret_reveal(t.token, NULL), "t");
    assert_int_equal(t.expires_wall_ns, c->want_end_s * NS_PER_S);
    secret_unref(t.token);
}

struct bad_case {
    const char *name;
    int status;
    const char *text;
    enum err_kind want;
    const char *want_code; /* NULL: none */
    const char *want_text;
};
static struct bad_case bad[] = {
    { "a refusal tells Azure's code", 401,
      "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret "
      "provided.\"}",
      ERR_UNAUTHORIZED, "AADSTS7000215", "Invalid client secret provided." },
    { "a refusal without a description tells its word", 400, "{\"error\":\"invalid_request\"}",
      ERR_INVALID, NULL, "Azure AD answered 400 invalid_request" },
    { "a page of a gateway tells the status", 502, "<html>", ERR_UNAVAILABLE, NULL,
      "Azure AD answered 502" },
    { "no token", 200, "{}", ERR_INTERNAL, NULL, "without an access token" },
    { "no JSON", 200, "<html>", ERR_INTERNAL, NULL, "without an access token" },
    { "nothing", 200, "", ERR_INTERNAL, NULL, "without an access token" },
    { "a token that is none", 200, "{\"access_token\":7}", ERR_INTERNAL, NULL,
      "without an access token" },
    { "a lifetime beyond all measure", 200,
      "{\"access_token\":\"t\",\"expires_in\":9223372036854775807}", ERR_INTERNAL, NULL,
      "no sensible lifetime" },
    { "an end beyond all measure", 200,
      "{\"access_token\":\"t\",\"expires_on\":\"9223372036854775807\"}", ERR_INTERNAL, NULL,
      "no sensible lifetime" },
    { "a lifetime below zero", 200, "{\"access_token\":\"t\",\"expires_in\":-1}", ERR_INTERNAL,
      NULL, "no sensible lifetime" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    struct fetched_token t = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(read_text(c->status, c->text, &t, &err), -1);

    assert_null(t.token);
    assert_int_equal(error_kind(err), c->want);
    assert_non_null(strstr(error_text(err), c->want_text));
    if (c->want_code)
        assert_string_equal(error_get_code(err), c->want_code);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(good) + ARRAY_LEN(bad)];
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(good[i].name, check_good, &good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        tests[ARRAY_LEN(good) + i] = (struct CMUnitTest)CASE_OF(bad[i].name, check_bad, &bad[i]);
    return RUN_CASES("token_reply", tests);
}
