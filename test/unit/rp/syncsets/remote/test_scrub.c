#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/remote/scrub.h"
#include "test/unit/support/test.h"

static const struct scrub_case {
    const char *name, *text, *want;
} cases[] = {
    { "leaves words", "configmaps \"a\" is forbidden", "configmaps \"a\" is forbidden" },
    { "ports of this end", "read tcp 10.0.0.1:5555->10.1.2.3:6443: reset",
      "read tcp <address>->10.1.2.3:6443: reset" },
    { "leaves ports of the other", "https://api.x.test:6443: refused",
      "https://api.x.test:6443: refused" },
    { "UUIDs", "id 0a1b2c3d-0000-1111-2222-333344445555 of x", "id <id> of x" },
    { "times", "at 2024-01-02T03:04:05Z, 2024-01-02T03:04:05.123Z and 2024-01-02T03:04:05+01:00",
      "at <time>, <time> and <time>" },
    { "durations", "timed out after 30001 ms, 2ms, 1.5s",
      "timed out after <duration>, <duration>, <duration>" },
    { "addresses of memory", "object 0xc000123abc", "object <address>" },
    { "request ids", "denied. Request ID: abc-77 (x)", "denied. Request ID: <id> (x)" },
    { "line breaks", "a\nb\n", "a; b" },
    { "names that look like parts", "x2msy p0xy v1ms-a", "x2msy p0xy v1ms-a" },
    { "ports in words", "Failed to connect to h port 41234 after 3 ms",
      "Failed to connect to h port <n> after <duration>" },
};

static void check(void **state)
{
    const struct scrub_case *c = *state;
    cleanup_free char *got = sets_give_scrubbed(c->text);
    assert_string_equal(got, c->want);
}

static void long_ones_are_cut_at_a_character(void **state)
{
    (void)state;
    cleanup_free char *text = xmalloc(9001);
    for (size_t i = 0; i < 9000; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 3);
    text[9000] = '\0';

    cleanup_free char *got = sets_give_scrubbed(text);

    size_t len = strlen(got);
    assert_true(len <= SCRUB_MAX && len > SCRUB_MAX - 6);
    assert_string_equal(got + len - 3, "...");
    assert_int_equal((len - 3) % 3, 0);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, (void *)(uintptr_t)&cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("long ones are cut at a character",
                                                      long_ones_are_cut_at_a_character);
    return RUN_CASES("scrub", tests);
}
