#include "pkg/api/refuse.h"
#include "test/unit/pkg/api/api_rig.h"
#include "test/unit/support/test.h"

static void code_target_and_text_ride_along(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;

    assert_int_equal(api_refuse_value(&err, "a.b", "The value '%s' is invalid.", "x"), -1);

    assert_string_equal(error_text(err), "The value 'x' is invalid.");
    assert_int_equal(error_get_status(err), 400);
    rig_assert_refused(&err, "InvalidParameter", "a.b");
}

static void an_empty_target_is_none(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;

    assert_int_equal(api_refuse(&err, "Code", "", "text"), -1);

    rig_assert_refused(&err, "Code", NULL);
    assert_int_equal(api_refuse(NULL, "Code", "t", "nobody cares"), -1);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("code, target and text ride along", code_target_and_text_ride_along),
        CASE("an empty target is none", an_empty_target_is_none),
    };
    return RUN_CASES("refuse", tests);
}
