#include "hack/devcloud/boot/settings.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

static void delays(void **state)
{
    (void)state;
    cleanup_json json *s = loose_tree("{'delay_ms':{'console':500,'ingress':-1,'bad':'x'}}");

    assert_false(settings_is_due(s, "console", 499));
    assert_true(settings_is_due(s, "console", 500));
    assert_false(settings_is_due(s, "ingress", INT64_MAX));
    assert_true(settings_is_due(s, "operators", 0));
    assert_true(settings_is_due(s, "bad", 0));
    assert_true(settings_is_due(NULL, "console", 0));
}

static void what_is_reported_instead(void **state)
{
    (void)state;
    cleanup_json json *s =
        loose_tree("{'pretend':true,'conditions':{'console':{'Available':'False'}},"
                   "'failed_machines':{'*-worker-*':'QuotaExceeded'}}");

    assert_string_equal(settings_condition(s, "console", "Available"), "False");
    assert_null(settings_condition(s, "console", "Degraded"));
    assert_null(settings_condition(s, "dns", "Available"));
    assert_null(settings_condition(NULL, "dns", "Available"));
    assert_string_equal(settings_failure(s, "demo-worker-1"), "QuotaExceeded");
    assert_null(settings_failure(s, "demo-master-1"));
    assert_true(settings_pretends(s, false));
    assert_false(settings_pretends(NULL, false));
}

static void whose_they_are(void **state)
{
    (void)state;
    cleanup_json json *all = loose_tree("{'*':{'pretend':true},'demo':{'pretend':false}}");
    cleanup_json json *own = settings_give(all, "demo"), *other = settings_give(all, "x");

    assert_false(settings_pretends(own, true));
    assert_true(settings_pretends(other, false));
    assert_null(settings_give(NULL, "demo"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a stage waits for its delay, or for ever", delays),
        CASE("conditions and failures are found by name", what_is_reported_instead),
        CASE("a cluster has its own settings, or those of all", whose_they_are),
    };
    return RUN_CASES("settings", tests);
}
