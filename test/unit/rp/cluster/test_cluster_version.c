#include "rp/cluster/cluster_version.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define VERSION(spec, history) \
    "{'apiVersion':'config.openshift.io/v1','kind':'ClusterVersion'," \
    "'metadata':{'name':'version'},'spec':{" spec "},'status':{'history':[" history "]}}"

static void updates_are_disabled_once(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside,
                     VERSION("'clusterID':'c','channel':'stable-4.14','upstream':'https://u'", ""));

    inside_rig_must(&r, cluster_disable_updates);
    inside_rig_must(&r, cluster_disable_updates);

    json *version = fake_cluster_get(&r.inside, &GVR_CLUSTERVERSIONS, NULL, "version");
    assert_false(json_path_has(version, "spec.channel"));
    assert_false(json_path_has(version, "spec.upstream"));
    assert_string_equal(json_path_str(version, "spec.clusterID"), "c");
    assert_int_equal(fake_cluster_writes(&r.inside, "PUT"), 1);
}

static void what_runs_is_the_newest_that_was_completed(void **state)
{
    (void)state;
    static const struct {
        const char *object, *want;
    } cases[] = {
        { VERSION("", "{'state':'Partial','version':'4.15.1'},"
                      "{'state':'Completed','version':'4.14.16'},"
                      "{'state':'Completed','version':'4.13.1'}"),
          "4.14.16" },
        { VERSION("", "{'state':'Partial','version':'4.15.1'}"), "4.15.1" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_inside_rig struct inside_rig r;
        cleanup_free char *version = NULL;
        inside_rig_open(&r, "{}");
        fake_cluster_add(&r.inside, cases[i].object);
        assert_int_equal(cluster_running_version(r.c, r.ctx, &version, NULL), 0);
        assert_string_equal(version, cases[i].want);
    }
}

static void no_history_is_an_error(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    char *version = NULL;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside, VERSION("", ""));

    assert_int_equal(cluster_running_version(r.c, r.ctx, &version, &err), -1);
    assert_string_equal(error_text(err), "unknown cluster version");
}

static void minors_are_compared_as_numbers(void **state)
{
    (void)state;
    assert_true(cluster_version_has_minor("4.11.0", 11));
    assert_true(cluster_version_has_minor("4.20.0-rc.1", 11));
    assert_true(cluster_version_has_minor("5.0.0", 11));
    assert_false(cluster_version_has_minor("4.9.59", 11));
    assert_false(cluster_version_has_minor("4.10.0", 11));
    assert_true(cluster_version_has_minor("some build", 11));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("updates are disabled, once", updates_are_disabled_once),
        CASE("what runs is the newest that was completed",
             what_runs_is_the_newest_that_was_completed),
        CASE("no history is an error", no_history_is_an_error),
        CASE("minors are compared as numbers", minors_are_compared_as_numbers),
    };
    return RUN_CASES("cluster_version", tests);
}
