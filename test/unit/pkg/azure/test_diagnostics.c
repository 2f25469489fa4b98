#include <string.h>

#include "pkg/azure/diagnostics.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define CLUSTER \
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.RedHatOpenShift/openShiftClusters/c"
#define REQUEST(path) \
    "POST https://diagnostics.example/api/invoke\n" \
    "Authorization: Bearer t1\n" \
    "Accept: application/json\n" \
    "x-ms-date: Sat, 03 Feb 2024 04:05:06 GMT\n" \
    "x-ms-path-query: " CLUSTER "/detectors" path "\n" \
    "x-ms-verb: POST\n" \
    "@gzip: true\n"
#define SIGN_IN \
    { \
        .request = "POST https://login.microsoftonline.com/tenant/oauth2/v2.0/token\n" \
                   "Content-Type: application/x-www-form-urlencoded\n" \
                   "Accept: application/json\n" \
                   "\n" \
                   "grant_type=client_credentials&client_id=app&scope=diag%2F.default&" \
                   "client_secret=s%26cret", \
        .reply = TOKEN_REPLY \
    }

static const char *const hidden[] = { "x-ms-client-request-id", "x-ms-request-id", NULL };

struct ask_case {
    const char *name, *detector;
    struct script_step steps[3];
    size_t len;
    const char *want;        /* NULL: failure */
    enum err_kind want_kind; /* of it */
};
static struct ask_case cases[] = {
    { "the list is asked for without a name",
      NULL,
      { SIGN_IN, { .request = REQUEST(""), .reply = "{\"value\": [1]}" } },
      2,
      "{\"value\": [1]}",
      ERR_INTERNAL },
    { "a detector is asked for by its name",
      "a b\n",
      { SIGN_IN, { .request = REQUEST("/a%20b%0A"), .reply = "[]" } },
      2,
      "[]",
      ERR_INTERNAL },
    { "a busy service is asked again",
      NULL,
      { SIGN_IN, { .status = 503 }, { .request = REQUEST(""), .reply = "{}" } },
      3,
      "{}",
      ERR_INTERNAL },
    { "what the service does not know is not found",
      "x",
      { SIGN_IN, { .status = 404 } },
      2,
      NULL,
      ERR_NOT_FOUND },
    { "a refusal is one", NULL, { SIGN_IN, { .status = 403 } }, 2, NULL, ERR_FORBIDDEN },
    { "what is no JSON is not passed on",
      NULL,
      { SIGN_IN, { .reply = "<html>" } },
      2,
      NULL,
      ERR_INVALID },
};

static void check(void **state)
{
    const struct ask_case *c = *state;
    struct azure_fixture f;
    azure_fixture_init(&f, c->steps, c->len);
    f.transport.hidden = hidden;
    const struct azure_diagnostics d = {
        .transport = &f.transport.base,
        .tokens = f.tokens,
        .url = "https://diagnostics.example/api/invoke",
        .scope = "diag/.default",
        .clock = &f.clock.base,
        .rng = &f.rng.base,
    };
    cleanup_free char *got = NULL;
    cleanup_error struct error *err = NULL;

    int rcode = azure_diagnostics_get(&d, &f.ctx, CLUSTER, c->detector, &got, &err);

    if (c->want) {
        assert_int_equal(rcode, 0);
        assert_string_equal(got, c->want);
    } else {
        assert_int_equal(rcode, -1);
        assert_int_equal(error_kind(err), c->want_kind);
    }
    azure_fixture_finish(&f);
}

static void does_not_hold_a_large_answer(void **state)
{
    cleanup_free char *reply = xasprintf("[%*s]", 1 << 20, "");
    struct ask_case c = { .steps = { SIGN_IN, { .reply = reply } },
                          .len = 2,
                          .want_kind = ERR_TOO_LARGE };
    *state = &c;
    check(state);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("a large answer is not held", does_not_hold_a_large_answer);
    return RUN_CASES("diagnostics", tests);
}
