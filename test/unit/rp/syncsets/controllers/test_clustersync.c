#include "rp/syncsets/controllers/clustersync.h"
#include "rp/syncsets/types/conditions.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static char good_name[] = "good", bad_name[] = "bad", worse_name[] = "worse", why[] = "no";

static void times_move_only_with_what_they_are_of(void **state)
{
    (void)state;
    cleanup_json json *cluster = sets_rig_parse("{'spec':{'installedTimestamp':'x'}}");
    struct set_state sets[] = {
        { .name = bad_name,
          .set = cluster,
          .attempt = { .is_known = true, .failed = true, .generation = 1 },
          .message = why },
        { .name = good_name,
          .set = cluster,
          .attempt = { .is_known = true, .generation = 2 },
          .first_success = 90 },
        { .name = worse_name,
          .is_selector = true,
          .set = cluster,
          .attempt = { .is_known = true, .failed = true, .generation = 1 },
          .message = why },
    };
    struct workload w = { .cluster = cluster, .sets = sets, .len = 3, .now_s = 100 };
    struct clustersync cs = { .w = &w, .controller = "me", .is_tried = true, .is_rendered = true };
    cleanup_json json *status = json_new_object();
    clustersync_edit(status, NULL, &cs);
    assert_string_equal(json_path_str(api_condition_find(status, "Failed"), "message"),
                        "SyncSet bad and SelectorSyncSet worse are failing");
    assert_null(json_get(status, "firstSuccessTime"));
    cleanup_json json *first = json_give_copy(status);

    w.now_s = 200;
    cs.controller = "another";
    clustersync_edit(status, NULL, &cs);
    assert_true(json_equal(first, status));

    sets[2].attempt.failed = false;
    sets[2].first_success = 150;
    clustersync_edit(status, NULL, &cs);
    assert_string_equal(json_path_str(api_condition_find(status, "Failed"), "message"),
                        "SyncSet bad is failing");
    assert_int_equal(api_condition_since_ns(status, "Failed"), 100 * NS_PER_S);
    assert_string_equal(json_path_str(status, "syncSets[0].lastTransitionTime"),
                        "1970-01-01T00:01:40Z");
    assert_string_equal(json_path_str(status, "selectorSyncSets[0].lastTransitionTime"),
                        "1970-01-01T00:03:20Z");
    assert_string_equal(json_path_str(status, "controlledBy"), "another");

    sets[0].attempt.failed = false;
    sets[0].first_success = 160;
    clustersync_edit(status, NULL, &cs);
    assert_string_equal(json_path_str(status, "firstSuccessTime"), "1970-01-01T00:02:40Z");
}

/* A cluster that is not to be touched, or where the work ended early: nothing is known of its sets. */
static void what_was_not_tried_has_neither_failed_nor_succeeded(void **state)
{
    (void)state;
    cleanup_json json *cluster = sets_rig_parse("{'spec':{'installedTimestamp':'x'}}");
    struct set_state sets[] = { { .name = good_name, .set = cluster } };
    struct workload w = { .cluster = cluster, .sets = sets, .now_s = 100 };
    struct clustersync cs = { .w = &w, .controller = "me" };
    cleanup_json json *status = json_new_object();
    clustersync_edit(status, NULL, &cs); /* no set is for it */
    assert_int_equal(json_len(status), 0);

    w.len = 1;
    cs.is_tried = cs.is_rendered = true;
    clustersync_edit(status, NULL, &cs);
    assert_null(api_condition_find(status, "Failed"));
    assert_null(json_get(status, "firstSuccessTime"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("times move only with what they are of", times_move_only_with_what_they_are_of),
        CASE("what was not tried has neither failed nor succeeded",
             what_was_not_tried_has_neither_failed_nor_succeeded),
    };
    return RUN_CASES("clustersync", tests);
}
