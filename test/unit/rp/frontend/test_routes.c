#include <string.h>

#include "pkg/base/strv.h"
#include "rp/frontend/handlers.h"
#include "test/unit/support/test.h"

static void patterns_are_in_lower_case_but_for_their_parameters(void **state)
{
    (void)state;
    for (size_t i = 0; i < frontend_routes_len; i++) {
        cleanup_free char *lower = str_give_lower(frontend_routes[i].pattern);
        assert_string_equal(frontend_routes[i].pattern, lower);
        assert_non_null(frontend_routes[i].handle);
        assert_non_null(frontend_routes[i].doc);
    }
}

static void only_health_is_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < frontend_routes_len; i++)
        assert_int_equal((frontend_routes[i].flags & ROUTE_OPEN) != 0,
                         str_starts(frontend_routes[i].pattern, "/health"));
}

/* Handlers of resources may rely on a version; detectors are what another service says, in any. */
static void resources_have_a_version(void **state)
{
    (void)state;
    for (size_t i = 0; i < frontend_routes_len; i++) {
        const struct route *r = &frontend_routes[i];
        if (strstr(r->pattern, "/detectors"))
            continue;
        if (strstr(r->pattern, "{type}") || strstr(r->pattern, "{loc}"))
            assert_true(r->flags & ROUTE_API_VERSION);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("patterns are in lower case", patterns_are_in_lower_case_but_for_their_parameters),
        CASE("only health is open to everybody", only_health_is_open),
        CASE("resources have a version", resources_have_a_version),
    };
    return RUN_CASES("route table", tests);
}
