#include <string.h>

#include "pkg/azure/azure.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define NEXT "https://management.azure.com/next?token=1"
#define GET_REQUEST(url) \
    "GET " url "\nAuthorization: Bearer t1\nAccept: application/json\n@gzip: true\n"
#define FIRST_REQUEST \
    GET_REQUEST("https://management.azure.com/subscriptions/s?api-version=2019-07-01")

/* What is even, as text. */
static json *pick_even(void *arg, json *value)
{
    size_t *seen = arg;
    int64_t n = 0;
    (*seen)++;
    if (!json_int(json_get(value, "n"), &n) || n % 2)
        return NULL;
    cleanup_free char *text = json_give_text(value);
    return json_new_str(text);
}

struct pick_case {
    const char *name;
    struct script_step steps[5];
    size_t len, want_seen;
    const char *want;
    enum err_kind want_kind; /* when want is NULL */
};
static struct pick_case cases[] = {
    { "what is picked of all pages is kept, however they arrive",
      { TOKEN_STEP,
        { .request = FIRST_REQUEST,
          .reply = "\xEF\xBB\xBF{\"value\":[{\"n\":1},{\"n\":2,\"x\":\"]}\"},{\"n\":4}],"
                   "\"nextLink\":\"" NEXT "\"}",
          .piece = 3 },
        { .request = GET_REQUEST(NEXT), .reply = "{\"nextLink\":\"\",\"value\":[{\"n\":6}]}" } },
      3,
      4,
      "[\"{\\\"n\\\":2,\\\"x\\\":\\\"]}\\\"}\",\"{\\\"n\\\":4}\",\"{\\\"n\\\":6}\"]",
      ERR_INTERNAL },
    { "a page that broke is read again, and nothing of it is kept twice",
      { TOKEN_STEP,
        { .request = FIRST_REQUEST,
          .reply = "{\"nextLink\":\"https://evil.example/\",\"value\":[{\"n\":2},{\"n",
          .status = 200,
          .fail = ERR_CONN },
        { .request = FIRST_REQUEST, .reply = "{\"value\":[{\"n\":2}]}" } },
      3,
      2,
      "[\"{\\\"n\\\":2}\"]",
      ERR_INTERNAL },
    { "a refusal is its error",
      { TOKEN_STEP,
        { .request = FIRST_REQUEST,
          .status = 403,
          .reply = "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no\"}}" } },
      2,
      0,
      NULL,
      ERR_FORBIDDEN },
    { "an answer that ends early is a broken connection",
      { TOKEN_STEP, { .request = FIRST_REQUEST, .reply = "{\"value\":[{\"n\":2}" } },
      2,
      1,
      NULL,
      ERR_CONN },
    { "an answer that is no list is refused",
      { TOKEN_STEP, { .request = FIRST_REQUEST, .reply = "<html>" } },
      2,
      0,
      NULL,
      ERR_INVALID },
    { "a list that points to another host is not followed",
      { TOKEN_STEP,
        { .request = FIRST_REQUEST,
          .reply = "{\"value\":[],\"nextLink\":\"https://evil.example/next\"}" } },
      2,
      0,
      NULL,
      ERR_INTERNAL },
};

static void check(void **state)
{
    const struct pick_case *c = *state;
    struct azure_fixture f;
    azure_fixture_init(&f, c->steps, c->len);
    cleanup_json json *picked = NULL;
    cleanup_error struct error *err = NULL;
    size_t seen = 0;

    int rcode =
        arm_pick(f.arm, &f.ctx, "/subscriptions/s", "2019-07-01", pick_even, &seen, &picked, &err);

    assert_int_equal(rcode, c->want ? 0 : -1);
    assert_int_equal(seen, c->want_seen);
    if (c->want) {
        cleanup_free char *text = json_give_text(picked);
        assert_string_equal(text, c->want);
    } else {
        assert_int_equal(error_kind(err), c->want_kind);
        assert_null(picked);
    }
    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("picked from lists", tests);
}
