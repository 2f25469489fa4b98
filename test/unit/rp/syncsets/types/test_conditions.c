#include "pkg/base/clock.h"
#include "rp/syncsets/types/conditions.h"
#include "test/unit/support/test.h"

static void the_time_moves_only_with_the_status(void **state)
{
    (void)state;
    cleanup_json json *status = json_new_object();
    api_condition_put(status, "Failed", "True", "Failure", "one", 100 * NS_PER_S);
    api_condition_put(status, "Other", "False", "X", "y", 150 * NS_PER_S);
    api_condition_put(status, "Failed", "True", "Failure", "two", 200 * NS_PER_S);
    assert_true(api_condition_is(status, "Failed", "True"));
    assert_int_equal(api_condition_since_ns(status, "Failed"), 100 * NS_PER_S);
    assert_string_equal(json_path_str(api_condition_find(status, "Failed"), "message"), "two");
    api_condition_put(status, "Failed", "False", "Success", "", 300 * NS_PER_S);
    assert_int_equal(api_condition_since_ns(status, "Failed"), 300 * NS_PER_S);
    assert_int_equal(json_len(json_get(status, "conditions")), 2);
}

static void what_is_not_there_is_nothing(void **state)
{
    (void)state;
    cleanup_json json *status = json_new_object();
    assert_null(api_condition_find(status, "Failed"));
    assert_false(api_condition_is(status, "Failed", "True"));
    assert_int_equal(api_condition_since_ns(NULL, "Failed"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the time moves only with the status", the_time_moves_only_with_the_status),
        CASE("what is not there is nothing", what_is_not_there_is_nothing),
    };
    return RUN_CASES("conditions", tests);
}
