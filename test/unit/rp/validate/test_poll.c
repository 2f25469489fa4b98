#include "rp/validate/dynamic_impl.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

struct poll_case {
    const char *name;
    int64_t every_ms, timeout_ms;
    int want; /* looks after the first */
};
static struct poll_case cases[] = {
    { "looks again while there is time", 10, 35, 3 },
    { "the last look is at the end of the time", 10, 30, 3 },
    { "no time is no other look", 10, 0, 0 },
    { "a pause that is longer than the time is not waited for", 10, 9, 0 },
};

static void check(void **state)
{
    const struct poll_case *c = *state;
    struct fake_clock clock;
    struct fake_rng rng;
    fake_clock_init(&clock);
    clock.auto_advance = true;
    fake_rng_init(&rng, 1);
    struct opctx ctx = opctx_root(&clock.base, &rng.base, NULL, NULL);
    int64_t begin_ns = clock_mono_ns(&clock.base);
    int looks = 0;

    struct poll poll = poll_begin(&ctx, c->every_ms, c->timeout_ms);
    for (bool again = true; looks < 100; looks++) {
        assert_int_equal(poll_again(&poll, &ctx, &again, NULL), 0);
        if (!again)
            break;
    }

    assert_int_equal(looks, c->want);
    assert_int_equal(clock_mono_ns(&clock.base) - begin_ns, c->want * c->every_ms * NS_PER_MS);
    fake_clock_release(&clock);
}

static void ends_with_its_context(void **state)
{
    (void)state;
    struct fake_clock clock;
    struct fake_rng rng;
    bool again;
    cleanup_error struct error *err = NULL;
    cleanup_stop struct stop *stop = stop_new(NULL);
    fake_clock_init(&clock);
    fake_rng_init(&rng, 1);
    struct opctx ctx = opctx_root(&clock.base, &rng.base, stop, NULL);
    stop_request(stop);

    struct poll poll = poll_begin(&ctx, 10, 1000);

    assert_int_equal(poll_again(&poll, &ctx, &again, &err), -1);
    assert_true(error_is(err, ERR_CANCELLED));
    fake_clock_release(&clock);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("a pause ends with the context", ends_with_its_context);
    return RUN_CASES("asking again", tests);
}
