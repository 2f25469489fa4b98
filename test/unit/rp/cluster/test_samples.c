#include "pkg/base/strv.h"
#include "rp/cluster/samples.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define SAMPLES \
    "{'apiVersion':'samples.operator.openshift.io/v1','kind':'Config'," \
    "'metadata':{'name':'cluster'},'spec':{'managementState':'Managed','architectures':['x86_64']" \
    "}}"
#define HUB(sources) \
    "{'apiVersion':'config.openshift.io/v1','kind':'OperatorHub','metadata':{'name':'cluster'}," \
    "'spec':{'sources':[" sources "]}}"
#define STATE "spec.managementState"

static const char *samples_state(struct inside_rig *r)
{
    return inside_rig_text(r, &GVR_SAMPLES_CONFIGS, NULL, "cluster", STATE);
}

static json *source(struct inside_rig *r, const char *name)
{
    json *hub = fake_cluster_get(&r->inside, &GVR_OPERATORHUBS, NULL, "cluster");
    json *all = json_path(hub, "spec.sources");
    for (size_t i = 0; i < json_len(all); i++)
        if (str_eq(json_path_str(json_at(all, i), "name"), name))
            return json_at(all, i);
    return NULL;
}

static void samples_are_removed_in_development(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'clusterProfile':{'pullSecret':'sealed'}}");
    fake_cluster_add(&r.inside, SAMPLES);

    inside_rig_must(&r, cluster_disable_samples);

    json *config = fake_cluster_get(&r.inside, &GVR_SAMPLES_CONFIGS, NULL, "cluster");
    assert_string_equal(json_path_str(config, STATE), "Removed");
    assert_string_equal(json_path_str(config, "spec.architectures[0]"), "x86_64");
}

static void samples_are_removed_before_their_operator_came(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");

    inside_rig_must(&r, cluster_disable_samples);
    inside_rig_must(&r, cluster_disable_samples);

    assert_string_equal(samples_state(&r), "Removed");
    assert_int_equal(fake_cluster_writes(&r.inside, ""), 1);
}

/* Whoever makes the object while we do has the last word only until we look again. */
static void samples_whose_operator_is_quicker_are_removed(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside, SAMPLES);
    fake_cluster_fail(&r.inside, "GET", 404, "NotFound", 1);

    inside_rig_must(&r, cluster_disable_samples);

    assert_string_equal(samples_state(&r), "Removed");
}

static void whoever_has_a_pull_secret_keeps_all(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open_env(&r, "{'clusterProfile':{'pullSecret':'sealed'}}", inside_rig_production,
                        NULL, 0);
    fake_cluster_add(&r.inside, SAMPLES);
    fake_cluster_add(&r.inside, HUB(""));

    inside_rig_must(&r, cluster_disable_samples);
    inside_rig_must(&r, cluster_disable_operator_hub_sources);

    fake_cluster_must_not_write(&r.inside);
}

static void whoever_has_none_loses_them_in_production(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open_env(&r, "{}", inside_rig_production, NULL, 0);
    fake_cluster_add(&r.inside, SAMPLES);
    fake_cluster_add(&r.inside, HUB(""));

    inside_rig_must(&r, cluster_disable_samples);
    inside_rig_must(&r, cluster_disable_operator_hub_sources);

    assert_string_equal(samples_state(&r), "Removed");
    assert_true(json_path_bool(source(&r, "redhat-operators"), "disabled", false));
}

static void catalogs_are_disabled_and_others_kept(void **state)
{
    (void)state;
    static const char *const disabled[] = { "certified-operators", "redhat-operators",
                                            "community-operators", "redhat-marketplace" };
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside, HUB("{'name':'mine','disabled':false},"
                                    "{'name':'redhat-operators','disabled':false}"));

    inside_rig_must(&r, cluster_disable_operator_hub_sources);
    inside_rig_must(&r, cluster_disable_operator_hub_sources);

    json *hub = fake_cluster_get(&r.inside, &GVR_OPERATORHUBS, NULL, "cluster");
    assert_int_equal(json_len(json_path(hub, "spec.sources")), 5);
    assert_false(json_path_bool(source(&r, "mine"), "disabled", true));
    for (size_t i = 0; i < ARRAY_LEN(disabled); i++)
        assert_true(json_path_bool(source(&r, disabled[i]), "disabled", false));
    assert_int_equal(fake_cluster_writes(&r.inside, "PUT"), 1);
}

static void the_first_layout_leaves_the_community_alone(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'architectureVersion':0}");
    fake_cluster_add(&r.inside, "{'apiVersion':'config.openshift.io/v1','kind':'OperatorHub',"
                                "'metadata':{'name':'cluster'},'spec':{}}");

    inside_rig_must(&r, cluster_disable_operator_hub_sources);

    assert_non_null(source(&r, "certified-operators"));
    assert_non_null(source(&r, "redhat-operators"));
    assert_null(source(&r, "community-operators"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("samples are removed in development", samples_are_removed_in_development),
        CASE("samples are removed before their operator came",
             samples_are_removed_before_their_operator_came),
        CASE("samples whose operator is quicker are removed",
             samples_whose_operator_is_quicker_are_removed),
        CASE("whoever has a pull secret keeps all", whoever_has_a_pull_secret_keeps_all),
        CASE("whoever has none loses them in production",
             whoever_has_none_loses_them_in_production),
        CASE("catalogs are disabled and others kept", catalogs_are_disabled_and_others_kept),
        CASE("the first layout leaves the community alone",
             the_first_layout_leaves_the_community_alone),
    };
    return RUN_CASES("samples", tests);
}
