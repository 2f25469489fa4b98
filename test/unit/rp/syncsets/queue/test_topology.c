#include <string.h>

#include "rp/syncsets/queue/topology.h"
#include "test/unit/support/test.h"

static void names_begin_with_the_prefix(void **state)
{
    (void)state;
    cleanup_bus_names struct bus_names n = { 0 };
    bus_names_init(&n, "p");
    assert_string_equal(n.events, "p.events");
    assert_string_equal(n.work, "p.work");
    assert_string_equal(n.work_fast, "p.work.fast");
    assert_string_equal(n.work_slow, "p.work.slow");
    assert_string_equal(n.dead, "p.dead");
    assert_string_equal(n.work_dead, "p.work.dead");
}

static void prefixes_are_words(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",  "a b", "a#",
        "*", "a/b", "0123456789012345678901234567890123456789012345678901234567890123x"
    };
    assert_int_equal(bus_check_prefix("syncsets.test-1_A", NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cleanup_error struct error *err = NULL;
        assert_int_equal(bus_check_prefix(bad[i], &err), -1);
        assert_true(error_is(err, ERR_INVALID));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("names begin with the prefix", names_begin_with_the_prefix),
        CASE("prefixes are words", prefixes_are_words),
    };
    return RUN_CASES("topology", tests);
}
