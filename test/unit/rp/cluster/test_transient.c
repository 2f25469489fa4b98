#include "rp/cluster/transient.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

struct attempt {
    int calls;
    int fails; /* the first so many */
    int status;
    int64_t retry_after_ms;
};

static int try_it(void *arg, const struct opctx *ctx, struct error **err)
{
    struct attempt *a = arg;
    (void)ctx;
    if (a->calls++ >= a->fails)
        return 0;
    error_set(err, err_kind_from_http_status(a->status), "no");
    error_status(err, a->status);
    error_retry_after(err, a->retry_after_ms);
    return -1;
}

struct retry_case {
    const char *name;
    struct attempt attempt;
    int want, want_calls;
    int64_t want_min_ms, want_max_ms;
};
static struct retry_case cases[] = {
    { "what goes well is done once", { 0, 0, 429, -1 }, 0, 1, 0, 0 },
    { "throttling is waited for, longer each time", { 0, 3, 429, -1 }, 0, 4, 94500, 115500 },
    { "the fourth failure is the last", { 0, 9, 429, -1 }, -1, 4, 94500, 115500 },
    { "Azure's own pause counts", { 0, 2, 429, 7000 }, 0, 3, 14000, 14000 },
    { "what does not pass is not tried again", { 0, 9, 400, -1 }, -1, 1, 0, 0 },
};

static void check_retry(void **state)
{
    const struct retry_case *c = *state;
    struct azure_fixture f;
    azure_fixture_init(&f, NULL, 0);
    struct attempt a = c->attempt;
    cleanup_error struct error *err = NULL;
    int64_t begin_ns = clock_mono_ns(&f.clock.base);

    assert_int_equal(transient_retry(&f.ctx, try_it, &a, &err), c->want);

    int64_t took_ms = (clock_mono_ns(&f.clock.base) - begin_ns) / NS_PER_MS;
    assert_int_equal(a.calls, c->want_calls);
    assert_in_range(took_ms, c->want_min_ms, c->want_max_ms);
    assert_int_equal(err != NULL, c->want < 0);
    azure_fixture_finish(&f);
}

static void check_stop(void **state)
{
    (void)state;
    struct azure_fixture f;
    azure_fixture_init(&f, NULL, 0);
    struct attempt a = { 0, 9, 429, -1 };
    const struct opctx short_ctx = opctx_with_timeout_ms(&f.ctx, 1000);
    cleanup_error struct error *err = NULL;

    assert_int_equal(transient_retry(&short_ctx, try_it, &a, &err), -1);

    assert_true(error_is(err, ERR_THROTTLED)); /* the reason, not the end of the time */
    assert_int_equal(a.calls, 1);
    azure_fixture_finish(&f);
}

/* Eleven pauses: 15, 30 and then 60 seconds, a tenth more or less. */
static void check_right(void **state)
{
    (void)state;
    static const struct {
        int status;
        size_t fails; /* so often, then it goes well */
        int want, want_min_s, want_max_s;
    } answers[] = {
        { 403, 11, 0, 526, 644 },
        { 403, 12, -1, 526, 644 },
        { 400, 1, -1, 0, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct script_step steps[14] = { TOKEN_STEP };
        for (size_t k = 1; k <= answers[i].fails; k++)
            steps[k] =
                (struct script_step){ .status = answers[i].status,
                                      .reply = "{\"error\":{\"code\":\"X\",\"message\":\"no\"}}" };
        steps[answers[i].fails + 1] = (struct script_step){ .status = 204 };
        struct azure_fixture f;
        azure_fixture_init(&f, steps, answers[i].fails + 1 + (answers[i].want == 0));
        int64_t begin_ns = clock_mono_ns(&f.clock.base);

        assert_int_equal(transient_delete_right(f.arm, &f.ctx, "/x", "1", NULL), answers[i].want);

        assert_in_range((clock_mono_ns(&f.clock.base) - begin_ns) / NS_PER_S, answers[i].want_min_s,
                        answers[i].want_max_s);
        azure_fixture_finish(&f);
    }
}

#define DELETE_REQUEST \
    "DELETE https://management.azure.com/x?api-version=1\nAuthorization: Bearer t1\n" \
    "Accept: application/json\n@gzip: true\n"

static void check_delete(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .request = DELETE_REQUEST,
          .status = 202,
          .headers = "Azure-AsyncOperation: https://management.azure.com/op" },
        { .reply =
              "{\"status\":\"Failed\",\"error\":{\"code\":\"RetryableError\",\"message\":\"m\"}}" },
        { .request = DELETE_REQUEST,
          .status = 202,
          .headers = "Location: https://management.azure.com/l" },
        { .status = 204 },
        { .request = DELETE_REQUEST,
          .status = 404,
          .reply = "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"gone\"}}" },
        { .request = DELETE_REQUEST,
          .status = 409,
          .reply = "{\"error\":{\"code\":\"ScopeLocked\",\"message\":\"no\"}}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));

    assert_int_equal(transient_delete(f.arm, &f.ctx, "/x", "1", NULL), 0);
    assert_int_equal(transient_delete(f.arm, &f.ctx, "/x", "1", NULL), 0);
    assert_int_equal(transient_delete(f.arm, &f.ctx, "/x", "1", NULL), -1);

    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_retry, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("the end of time ends the tries", check_stop);
    tests[ARRAY_LEN(cases) + 1] =
        (struct CMUnitTest)CASE("deletes are repeated, and what is gone is gone", check_delete);
    tests[ARRAY_LEN(cases) + 2] = (struct CMUnitTest)CASE(
        "rights are waited for longer, also where they forbid", check_right);
    return RUN_CASES("transient", tests);
}
