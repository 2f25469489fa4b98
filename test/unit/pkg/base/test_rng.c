
#include "pkg/base/clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

static void check_system(void **state)
{
    (void)state;
    const struct rng *r = rng_system();

    /* Wrong once in 2^64 runs. */
    assert_true(r->next(r) != r->next(r));
}

static void check_below(void **state)
{
    (void)state;
    struct fake_rng r;
    fake_rng_init(&r, 1);
    size_t hits[6] = { 0 };

    for (int i = 0; i < 6000; i++)
        hits[rng_below(&r.base, 6)]++;

    for (size_t i = 0; i < 6; i++)
        assert_in_range(hits[i], 800, 1200);
    assert_int_equal(rng_below(&r.base, 1), 0);
    assert_int_equal(rng_below(&r.base, 0), 0);
}

static void check_no_bias(void **state)
{
    (void)state;
    /* 2^64 mod 3 is 1: the value 0 would give the remainder 0 once too often. */
    static const uint64_t values[] = { 0, 5 };
    struct fake_rng r;
    fake_rng_init_values(&r, values, 2);

    assert_int_equal(rng_below(&r.base, 3), 2);
    assert_int_equal(r.calls, 2);
}

static void check_unit(void **state)
{
    (void)state;
    static const uint64_t values[] = { 0, UINT64_MAX, UINT64_C(1) << 63 };
    struct fake_rng r;
    fake_rng_init_values(&r, values, 3);

    double lowest = rng_unit(&r.base), highest = rng_unit(&r.base), half = rng_unit(&r.base);

    assert_true(lowest == 0.0);
    assert_true(highest < 1.0 && highest > 0.999999);
    assert_true(half == 0.5);
}

static void check_jitter(void **state)
{
    (void)state;
    static const uint64_t values[] = { 0, UINT64_C(1) << 63, UINT64_MAX };
    struct fake_rng r;
    fake_rng_init_values(&r, values, 3);

    assert_int_equal(rng_jitter_ns(&r.base, 1000, 0.2), 1000);
    assert_int_equal(rng_jitter_ns(&r.base, 1000, 0.2), 1100);
    assert_in_range(rng_jitter_ns(&r.base, 1000, 0.2), 1199, 1200);
    (void)r.base.next(&r.base);
    assert_true(rng_jitter_ns(&r.base, INT64_MAX - 10, 1.0) == INT64_MAX);
    assert_true(rng_jitter_ns(&r.base, INT64_MAX - 10, 1e9) == INT64_MAX);
}

struct uuid_case {
    const char *name;
    uint64_t values[2];
    const char *want;
};
static struct uuid_case uuid_cases[] = {
    { "a UUID of zeros has version and variant", { 0, 0 }, "00000000-0000-4000-8000-000000000000" },
    { "a UUID of ones has version and variant",
      { UINT64_MAX, UINT64_MAX },
      "ffffffff-ffff-4fff-bfff-ffffffffffff" },
    { "a UUID has its digits in order",
      { UINT64_C(0x0123456789abcdef), UINT64_C(0x8123456789abcdef) },
      "01234567-89ab-4def-8123-456789abcdef" },
};

static void check_uuid(void **state)
{
    const struct uuid_case *c = *state;
    struct fake_rng r;
    fake_rng_init_values(&r, c->values, 2);
    char got[UUID_LEN + 1];

    rng_uuid(&r.base, got);

    assert_string_equal(got, c->want);
}

int main(void)
{
    struct CMUnitTest tests[5 + ARRAY_LEN(uuid_cases)] = {
        CASE("the system's values differ", check_system),
        CASE("values under a bound are even", check_below),
        CASE("values that would bias the remainder are skipped", check_no_bias),
        CASE("a unit value is in [0, 1)", check_unit),
        CASE("jitter adds up to its factor and saturates", check_jitter),
    };
    for (size_t i = 0; i < ARRAY_LEN(uuid_cases); i++)
        tests[5 + i] = (struct CMUnitTest)CASE_OF(uuid_cases[i].name, check_uuid, &uuid_cases[i]);
    return RUN_CASES("rng", tests);
}
