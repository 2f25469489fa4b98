#include "pkg/azure/retry.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

struct retry_case {
    const char *name;
    struct script_step steps[5];
    size_t len;
    bool idempotent;
    int want_status; /* 0: failure */
    int64_t want_ms; /* time spent */
};
static struct retry_case cases[] = {
    { "success is not repeated", { { .status = 200 } }, 1, true, 200, 0 },
    { "a client error is not repeated", { { .status = 404 } }, 1, true, 404, 0 },
    { "429 waits as long as it is told",
      { { .status = 429, .headers = "Retry-After: 7" }, { .status = 200 } },
      2,
      true,
      200,
      7000 },
    { "server errors wait longer each time",
      { { .status = 500 }, { .status = 502 }, { .status = 503 }, { .status = 504 } },
      4,
      true,
      504,
      7000 },
    { "a plain conflict is final", { { .status = 409, .reply = "{}" } }, 1, true, 409, 0 },
    { "a conflict with Retry-After is repeated",
      { { .status = 409, .headers = "Retry-After: 1" }, { .status = 200 } },
      2,
      true,
      200,
      1000 },
    { "a conflict that says so is repeated",
      { { .status = 409, .reply = "Please retry later." }, { .status = 200 } },
      2,
      true,
      200,
      1000 },
    { "a lost connection is repeated",
      { { .fail = ERR_CONN }, { .status = 200 } },
      2,
      true,
      200,
      1000 },
    { "a lost connection of a POST is not", { { .fail = ERR_CONN } }, 1, false, 0, 0 },
    { "a very long Retry-After is cut",
      { { .status = 429, .headers = "Retry-After: 86400" }, { .status = 200 } },
      2,
      true,
      200,
      60000 },
};

static void check_retry(void **state)
{
    const struct retry_case *c = *state;
    struct azure_fixture f;
    azure_fixture_init(&f, c->steps, c->len);
    struct azure_retry retry = { &f.transport.base, &f.clock.base, c->idempotent };
    struct http_request req = { .method = "GET", .url = "https://management.azure.com/x" };
    struct http_response response = { 0 };
    int64_t begin_ns = clock_mono_ns(&f.clock.base);

    int rcode = azure_send_retrying(&retry, &f.ctx, &req, &response, NULL);

    assert_int_equal(rcode, c->want_status ? 0 : -1);
    if (c->want_status)
        assert_int_equal(response.status, c->want_status);
    assert_int_equal((clock_mono_ns(&f.clock.base) - begin_ns) / NS_PER_MS, c->want_ms);
    http_response_release(&response);
    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_retry, &cases[i]);
    return RUN_CASES("retry", tests);
}
