#include <string.h>

#include "rp/syncsets/types/types.h"
#include "test/unit/support/test.h"

static void no_cause_is_no_error(void **state)
{
    (void)state;
    cleanup_causes struct api_causes c;
    api_causes_init(&c);
    assert_int_equal(api_causes_check(&c, "x", NULL), 0);
}

static void all_causes_are_told(void **state)
{
    (void)state;
    cleanup_causes struct api_causes c;
    cleanup_error struct error *err = NULL;
    api_causes_init(&c);
    api_cause_add(&c, CAUSE_REQUIRED, "spec.a", "is required");
    api_cause_add(&c, CAUSE_INVALID, "spec.b", "'%s' is bad", "x");

    assert_int_equal(api_causes_check(&c, "Cluster \"y\"", &err), -1);

    assert_true(error_is(err, ERR_UNPROCESSABLE));
    assert_non_null(strstr(error_text(err), "spec.a: is required, spec.b: 'x' is bad"));
    assert_non_null(strstr(error_get_body(err), "\"field\":\"spec.b\""));
}

static void an_endless_list_ends(void **state)
{
    (void)state;
    cleanup_causes struct api_causes c;
    api_causes_init(&c);
    for (int i = 0; i < 10 * CAUSES_MAX; i++)
        api_cause_add(&c, CAUSE_INVALID, "f", "bad");
    assert_int_equal(json_len(c.list), CAUSES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("no cause is no error", no_cause_is_no_error),
        CASE("all causes are told", all_causes_are_told),
        CASE("an endless list ends", an_endless_list_ends),
    };
    return RUN_CASES("causes", tests);
}
