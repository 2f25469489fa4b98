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
    { "silence ends after two minutes, and the request is repeated",
      { { .hang = true }, { .status = 200 } },
      2,
      true,
      200,
      AZURE_TRY_MS + 1000 },
    { "silence behind a POST is not", { { .hang = true } }, 1, false, 0, AZURE_TRY_MS },
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
    struct azure_retry retry = { .transport = &f.transport.base,
                                 .clock = &f.clock.base,
                                 .idempotent = c->idempotent };
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

static void a_caller_has_rules_of_its_own(void **state)
{
    (void)state;
    static const struct script_step steps[] = { { .status = 410 }, { .hang = true } };
    static const int also[] = { 410, 0 };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    struct azure_retry retry = { .transport = &f.transport.base,
                                 .clock = &f.clock.base,
                                 .idempotent = true,
                                 .also = also,
                                 .tries = 2,
                                 .try_ms = 500 };
    struct http_request req = { .method = "GET", .url = "http://169.254.169.254/x" };
    struct http_response response = { 0 };
    int64_t begin_ns = clock_mono_ns(&f.clock.base);

    assert_int_equal(azure_send_retrying(&retry, &f.ctx, &req, &response, NULL), -1);

    assert_int_equal((clock_mono_ns(&f.clock.base) - begin_ns) / NS_PER_MS, 1500);
    azure_fixture_finish(&f);
}

static int allow_first(void *arg, struct error **err)
{
    int *tries = arg;
    return ++*tries == 1 ? 0 : error_set(err, ERR_CANCELLED, "not any more");
}

/* A leader may lose its lease while it waits between two tries. */
static void the_hook_runs_before_every_try(void **state)
{
    (void)state;
    static const struct script_step steps[] = { { .status = 503 } };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    int tries = 0;
    struct azure_retry retry = { .transport = &f.transport.base,
                                 .clock = &f.clock.base,
                                 .idempotent = true,
                                 .before_try = allow_first,
                                 .before_try_arg = &tries };
    struct http_request req = { .method = "PUT", .url = "https://management.azure.com/x" };
    struct http_response response = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(azure_send_retrying(&retry, &f.ctx, &req, &response, &err), -1);

    assert_true(error_is(err, ERR_CANCELLED));
    assert_int_equal(tries, 2);
    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_retry, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("the caller is asked before every try",
                                                      the_hook_runs_before_every_try);
    tests[ARRAY_LEN(cases) + 1] = (struct CMUnitTest)CASE(
        "statuses, tries and time of each can be others", a_caller_has_rules_of_its_own);
    return RUN_CASES("retry", tests);
}
