#include <stdlib.h>

#include "pkg/base/mem.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

static void sets_come_by_kind_order_and_name(void **state)
{
    (void)state;
    struct crew_rig c;
    struct workload w;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "global", "Sync", "one");
    static const char *const sets[] = {
        "{'metadata':{'name':'b','namespace':'n'},'spec':{'clusterDeploymentRefs':[{'name':'a'}]}}",
        "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[{'name':'a'}]}}",
        "{'metadata':{'name':'z','namespace':'n'},'spec':{'clusterDeploymentRefs':[{'name':'a'}],"
        "'order':-1}}",
        "{'metadata':{'name':'other','namespace':'n'},'spec':{'clusterDeploymentRefs':[{'name':"
        "'b'}]}}",
        "{'metadata':{'name':'foreign','namespace':'m'},'spec':{'clusterDeploymentRefs':[{'name':"
        "'a'}]}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(sets); i++)
        json_free(sets_rig_create(&c.r, TYPE_SYNCSETS, sets[i]));
    cleanup_free char *gone = xasprintf(
        "INSERT INTO sync_statuses (cluster_uid, kind, name, syncset_uid, "
        "observed_generation, result) VALUES ('%s', 'SyncSet', 'gone', 'x', 1, 'Success')",
        uid);
    sets_rig_script(&c.r, gone);
    assert_int_equal(workload_load(&c.r.ctx, c.r.store, uid, &w, NULL), 0);
    static const char *const want[] = { "gone", "z", "a", "b", "global" };
    assert_int_equal(w.len, ARRAY_LEN(want));
    for (size_t i = 0; i < w.len; i++)
        assert_string_equal(w.sets[i].name, want[i]);
    assert_null(w.sets[0].set);
    workload_release(&w);
    crew_rig_release(&c);
}

static void a_secret_is_rendered_into_its_set(void **state)
{
    (void)state;
    struct crew_rig c;
    struct workload w;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    json_free(sets_rig_create(&c.r, TYPE_SECRETS,
                              "{'metadata':{'name':'pull','namespace':'n'},'spec':{'data':{'k':"
                              "'dg=='}}}"));
    json_free(sets_rig_create(
        &c.r, TYPE_SYNCSETS,
        "{'metadata':{'name':'s','namespace':'n'},'spec':{'clusterDeploymentRefs':[{'name':'a'}],"
        "'secretMappings':[{'sourceRef':{'name':'pull'},'targetRef':{'name':'p','namespace':"
        "'x'}}]}}"));
    const struct apply_object target = { "", "v1", "Secret", "x", "p", false };
    assert_int_equal(workload_load(&c.r.ctx, c.r.store, uid, &w, NULL), 0);
    assert_int_equal(workload_render(&c.r.ctx, c.r.store, &w, NULL), 0);
    assert_int_equal(w.len, 1);
    assert_null(w.sets[0].flaw);
    assert_true(workload_wants(&w, NULL, &target, false));
    assert_false(workload_wants(&w, &w.sets[0], &target, false));
    const struct apply_object elsewhere = { "", "v1", "Secret", "y", "p", false };
    assert_false(workload_wants(&w, NULL, &elsewhere, false));
    assert_true(workload_wants(&w, NULL, &elsewhere, true));
    workload_release(&w);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("sets come by kind, order and name", sets_come_by_kind_order_and_name),
        CASE("a secret is rendered into its set", a_secret_is_rendered_into_its_set),
    };
    return RUN_CASES("workload", tests);
}
