#include <string.h>

#include "hack/devcloud/boot/rollout.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/view_rig.h"

static const struct gvr infrastructures = { "config.openshift.io", "v1", "infrastructures",
                                            "Infrastructure", false };

static void a_cluster_is_rolled_out(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    struct rollout *o = rollout_new(&r.clock.base, &r.rng.base);
    struct error *err = NULL;
    assert_int_equal(rollout_stage(o), ROLLOUT_STARTED);

    if (rollout_tick(o, &r.view, &err) < 0)
        fail_msg("%s", error_text(err));
    assert_int_equal(rollout_stage(o), ROLLOUT_BOOTSTRAPPED);
    for (int i = 0; i < 4; i++) {
        view_rig_ready_nodes(&r);
        assert_int_equal(rollout_tick(o, &r.view, NULL), 0);
    }

    view_rig_expect(&r, &GVR_CONFIGMAPS, "kube-system", "bootstrap",
                    "{'data':{'status':'complete'}}");
    view_rig_expect(&r, &infrastructures, NULL, "cluster",
                    "{'status':{'infrastructureName':'" BOOT_INFRA "'}}");
    view_rig_expect(&r, &GVR_CLUSTERVERSIONS, NULL, "version",
                    "{'spec':{'channel':'stable-4.16'},'status':{'history':[{'state':'Completed',"
                    "'version':'4.15.9'}]}}");
    cleanup_json json *nodes = view_rig_list(&r, &GVR_NODES);
    assert_int_equal(json_len(nodes), 3 + 2);
    rollout_free(o);
}

static void the_bootstrap_is_delayed(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    cleanup_json json *settings = json_make("{'delay_ms':{'bootstrap':1000}}");
    struct rollout *o = rollout_new(&r.clock.base, &r.rng.base);
    r.view.settings = settings;

    assert_int_equal(rollout_tick(o, &r.view, NULL), 0);
    assert_int_equal(rollout_stage(o), ROLLOUT_APPLIED);
    assert_null(view_rig_give(&r, &GVR_CONFIGMAPS, "kube-system", "bootstrap"));
    r.view.age_ms = 1000;
    assert_int_equal(rollout_tick(o, &r.view, NULL), 0);

    assert_int_equal(rollout_stage(o), ROLLOUT_BOOTSTRAPPED);
    rollout_free(o);
}

static void masters_are_waited_for(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    struct rollout *o = rollout_new(&r.clock.base, &r.rng.base);
    cleanup_error struct error *err = NULL;
    json_put(json_get(r.cloud.machines, BOOT_MACHINES BOOT_INFRA "-master-2"), "runs",
             json_new_bool(false));

    assert_int_equal(rollout_tick(o, &r.view, &err), -1);

    assert_non_null(strstr(error_text(err), BOOT_INFRA "-master-2"));
    assert_int_equal(rollout_stage(o), ROLLOUT_APPLIED);
    rollout_free(o);
}

static const struct gvr operators = { "config.openshift.io", "v1", "clusteroperators",
                                      "ClusterOperator", false };

/* The status of condition Degraded of ClusterOperator dns. */
static void expect_degraded(struct view_rig *r, const char *status)
{
    cleanup_json json *co = view_rig_give(r, &operators, NULL, "dns");
    const json *list = json_path(co, "status.conditions");
    for (size_t i = 0; i < json_len(list); i++)
        if (strcmp(json_path_str(json_at(list, i), "type"), "Degraded") == 0)
            assert_string_equal(json_path_str(json_at(list, i), "status"), status);
}

static void news_are_seen_at_once(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    struct rollout *o = rollout_new(&r.clock.base, &r.rng.base);
    cleanup_json json *settings = json_make("{'conditions':{'dns':{'Degraded':'True'}}}");
    assert_int_equal(rollout_tick(o, &r.view, NULL), 0);
    expect_degraded(&r, "False");

    r.view.settings = settings;
    assert_int_equal(rollout_tick(o, &r.view, NULL), 0);

    expect_degraded(&r, "True");
    rollout_free(o);
}

static void what_others_write_is_mended_in_time(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    struct rollout *o = rollout_new(&r.clock.base, &r.rng.base);
    cleanup_json json *patch =
        json_make("{'status':{'conditions':[{'type':'Degraded','status':'True',"
                  "'lastTransitionTime':'2024-01-01T00:00:00Z'}]}}");
    assert_int_equal(rollout_tick(o, &r.view, NULL), 0);
    assert_int_equal(kube_patch(r.kube, &r.ctx, KUBE_STATUS(&operators, NULL, "dns"),
                                KUBE_PATCH_MERGE, patch, NULL, NULL, NULL),
                     0);

    for (int i = 0; i < 10; i++)
        assert_int_equal(rollout_tick(o, &r.view, NULL), 0);

    expect_degraded(&r, "False");
    rollout_free(o);
}

static void a_manifest_is_refused(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    struct rollout *o = rollout_new(&r.clock.base, &r.rng.base);
    cleanup_error struct error *err = NULL;
    json_append(r.boot->manifests,
                json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':'Bad_Name'}}"));

    assert_int_equal(rollout_tick(o, &r.view, &err), -1);

    assert_non_null(strstr(error_text(err), "Secret Bad_Name"));
    assert_int_equal(rollout_stage(o), ROLLOUT_STARTED);
    rollout_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("manifests, the end of the bootstrap, machines, operators", a_cluster_is_rolled_out),
        CASE("a setting delays the end of the bootstrap", the_bootstrap_is_delayed),
        CASE("the bootstrap needs all masters", masters_are_waited_for),
        CASE("a new setting is obeyed in the next tick", news_are_seen_at_once),
        CASE("what others write is mended in time", what_others_write_is_mended_in_time),
        CASE("a manifest that is refused is told and tried again", a_manifest_is_refused),
    };
    return RUN_CASES("rollout", tests);
}
