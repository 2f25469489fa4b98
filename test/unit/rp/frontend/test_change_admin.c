#include "rp/frontend/change_admin.h"
#include "test/unit/support/test.h"

static void a_signal_sets_the_state_and_goes(void **state)
{
    (void)state;
    cleanup_json json *cluster = json_make("{'properties':{'maintenanceTask':'None'}}");

    assert_true(change_admin_signal(cluster, NULL));

    assert_string_equal(json_path_str(cluster, "properties.maintenanceState"), "None");
    assert_false(json_path_has(cluster, "properties.maintenanceTask"));
}

static void work_is_no_signal(void **state)
{
    (void)state;
    cleanup_json json *cluster = json_make("{'properties':{'maintenanceTask':'Everything'}}");
    cleanup_json json *none = json_make("{'properties':{}}");

    assert_false(change_admin_signal(cluster, NULL));
    assert_false(change_admin_signal(none, NULL));

    assert_string_equal(json_path_str(cluster, "properties.maintenanceTask"), "Everything");
}

static void announced_work_is_planned(void **state)
{
    (void)state;
    cleanup_json json *pending =
        json_make("{'properties':{'maintenanceState':'Pending','lastAdminUpdateError':'old'}}");
    cleanup_json json *other = json_make("{'properties':{'maintenanceState':'None'}}");

    assert_int_equal(change_admin_begin(pending, NULL), 0);
    assert_int_equal(change_admin_begin(other, NULL), 0);

    assert_string_equal(json_path_str(pending, "properties.maintenanceState"), "Planned");
    assert_false(json_path_has(pending, "properties.lastAdminUpdateError"));
    assert_string_equal(json_path_str(other, "properties.maintenanceState"), "Unplanned");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a signal sets the state and goes", a_signal_sets_the_state_and_goes),
        CASE("work is no signal", work_is_no_signal),
        CASE("announced work is planned work", announced_work_is_planned),
    };
    return RUN_CASES("administrators' tasks", tests);
}
