#include "rp/cluster/console.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define CONSOLE \
    "{'apiVersion':'operator.openshift.io/v1','kind':'Console','metadata':{'name':'cluster'}," \
    "'spec':{'managementState':'Managed','customization':{'documentationBaseURL':'https://d/'}}}"

static void the_console_gets_the_brand_and_keeps_the_rest(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside, CONSOLE);

    inside_rig_must(&r, cluster_update_console_branding);
    inside_rig_must(&r, cluster_update_console_branding);

    json *console = fake_cluster_get(&r.inside, &GVR_CONSOLES, NULL, "cluster");
    assert_string_equal(json_path_str(console, "spec.customization.brand"), "azure");
    assert_string_equal(json_path_str(console, "spec.customization.documentationBaseURL"),
                        "https://d/");
    assert_int_equal(fake_cluster_writes(&r.inside, "PUT"), 1);
}

static void somebody_elses_write_in_between_is_no_failure(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside, CONSOLE);
    fake_cluster_fail(&r.inside, "PUT", 409, "Conflict", 2);

    inside_rig_must(&r, cluster_update_console_branding);

    assert_string_equal(
        inside_rig_text(&r, &GVR_CONSOLES, NULL, "cluster", "spec.customization.brand"), "azure");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the console gets the brand and keeps the rest",
             the_console_gets_the_brand_and_keeps_the_rest),
        CASE("somebody else's write in between is no failure",
             somebody_elses_write_in_between_is_no_failure),
    };
    return RUN_CASES("console", tests);
}
