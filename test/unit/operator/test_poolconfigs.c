#include <string.h>

#include "operator/poolconfigs.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/event_rig.h"
#include "test/unit/support/operator/pool_rig.h"
#include "test/unit/support/test.h"

/* A kind of its own, which refuses one pool. */
static int give(const json *cluster, const char *pool, json **ret, struct error **err)
{
    assert_string_equal(json_path_str(cluster, "metadata.name"), "cluster");
    if (str_eq(pool, "unwanted"))
        return error_set(err, ERR_INVALID, "nothing is known of it");
    cleanup_free char *name = xasprintf("99-%s-test", pool);
    *ret = json_make("{'apiVersion':'machineconfiguration.openshift.io/v1','kind':'MachineConfig',"
                     "'metadata':{'name':%s},'spec':{'config':{'for':%s}}}",
                     name, pool);
    return 0;
}
static const struct poolconfig kind = { .suffix = "-test", .give = give };

struct name_case {
    const char *name, *of, *pool; /* NULL: none */
};
static struct name_case name_cases[] = {
    { "names the pool", "99-worker-test", "worker" },
    { "takes a pool with hyphens", "99-a-b-test", "a-b" },
    { "takes a pool that is called as the suffix", "99-test-test", "test" },
    { "wants a pool", "99--test", NULL },
    { "does not let prefix and suffix overlap", "99-test", NULL },
    { "wants the prefix", "98-worker-test", NULL },
    { "wants the prefix at the begin", "x99-worker-test", NULL },
    { "wants the suffix at the end", "99-worker-test-2", NULL },
    { "knows the Cluster's key for none of these", "cluster", NULL },
    { "takes nothing for none of these", "", NULL },
};

static void check_name(void **state)
{
    const struct name_case *c = *state;

    cleanup_free char *pool = poolconfig_give_pool(&kind, c->of);

    assert_true(str_eq(pool, c->pool));
}

/* ---- writing ---- */

static struct reconcile run_of(struct fake_cluster *f)
{
    static const struct controller_desc desc = { .name = "Test" };
    return (struct reconcile){ .self = &desc,
                               .sv = &f->sv,
                               .kube = f->kube,
                               .ctx = &f->ctx,
                               .cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, CLUSTER_NAME) };
}

static void ensure_all(struct fake_cluster *f, bool may_change)
{
    struct error *err = NULL;
    struct reconcile rc = run_of(f);
    if (poolconfig_ensure_all(&rc, &kind, may_change, &err) < 0)
        fail_msg("%s", error_text(err));
}

static void the_pool_owns_its_own(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");

    ensure_all(f, false);

    json *config = pool_rig_config(f, "99-worker-test");
    json *pool = fake_cluster_get(f, &GVR_MACHINECONFIGPOOLS, NULL, "worker");
    const json *owner = json_path(config, "metadata.ownerReferences[0]");
    assert_string_equal(json_path_str(config, "spec.config.for"), "worker");
    assert_string_equal(json_path_str(owner, "kind"), "MachineConfigPool");
    assert_string_equal(json_path_str(owner, "name"), "worker");
    assert_string_equal(json_path_str(owner, "uid"), json_path_str(pool, "metadata.uid"));
    assert_true(json_path_bool(owner, "controller", false));
    assert_true(json_path_bool(owner, "blockOwnerDeletion", false));
    assert_non_null(pool_rig_config(f, "99-master-test"));
}

static void what_is_as_it_should_be_costs_no_write(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");
    ensure_all(f, false);
    fake_cluster_forget_writes(f);

    ensure_all(f, false);
    ensure_all(f, true);

    assert_int_equal(f->writes.len, 0); /* not even a trial run */
}

static void what_is_there_changes_only_when_it_may(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");
    pool_rig_spoil(f, "99-worker-test");
    fake_cluster_forget_writes(f);

    ensure_all(f, false);

    assert_true(pool_rig_is_spoilt(f, "99-worker-test"));
    assert_int_equal(fake_cluster_writes(f, "99-worker-test"), 0);
    ensure_all(f, true);
    assert_string_equal(json_path_str(pool_rig_config(f, "99-worker-test"), "spec.config.for"),
                        "worker");
    assert_string_equal(
        json_path_str(pool_rig_config(f, "99-worker-test"), "metadata.ownerReferences[0].name"),
        "worker");
}

static void nothing_is_written_when_one_cannot_be_made(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    pool_rig_start(f, "Completed");
    pool_rig_add_pool(f, "unwanted");
    struct reconcile rc = run_of(f);

    assert_int_equal(poolconfig_ensure_all(&rc, &kind, true, &err), -1);

    assert_string_equal(error_text(err), "nothing is known of it");
    fake_cluster_must_not_write(f);
}

static void a_pool_on_its_way_out_gets_none(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");
    pool_rig_doom_pool(f, "worker");

    ensure_all(f, true);

    assert_null(pool_rig_config(f, "99-worker-test"));
    assert_non_null(pool_rig_config(f, "99-master-test"));
}

static void one_that_others_made_meanwhile_is_fine(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");
    fake_cluster_fail(f, "POST ", 409, "AlreadyExists", 1);

    ensure_all(f, false);

    assert_non_null(pool_rig_config(f, "99-worker-test"));
}

static void what_cannot_be_made_is_told(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    pool_rig_start(f, "Completed");
    fake_cluster_fail(f, "POST ", 403, "Forbidden", 1);
    struct reconcile rc = run_of(f);

    assert_int_equal(poolconfig_ensure_all(&rc, &kind, false, &err), -1);

    assert_true(str_starts(error_text(err), "error creating client object: "));
    assert_true(error_is(err, ERR_FORBIDDEN));
}

static void without_the_kind_there_are_no_pools(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");
    fake_cluster_fail(f, "GET /apis/machineconfiguration.openshift.io/v1/machineconfigpools", 404,
                      "NotFound", 1);

    ensure_all(f, true);

    fake_cluster_must_not_write(f);
}

static void one_pool_alone(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");
    struct reconcile rc = run_of(f);

    assert_int_equal(poolconfig_ensure(&rc, &kind, "worker", false, NULL), 0);
    assert_int_equal(poolconfig_ensure(&rc, &kind, "missing", true, NULL), 0);

    assert_non_null(pool_rig_config(f, "99-worker-test"));
    assert_null(pool_rig_config(f, "99-master-test"));
    assert_null(pool_rig_config(f, "99-missing-test"));
}

static void all_of_the_kind_go(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");
    ensure_all(f, false);
    pool_rig_spoil(f, "99-gone-test"); /* its pool is not there any more */
    pool_rig_spoil(f, "99-worker-ssh");
    struct reconcile rc = run_of(f);

    assert_int_equal(poolconfig_delete_all(&rc, &kind, NULL), 0);

    assert_null(pool_rig_config(f, "99-master-test"));
    assert_null(pool_rig_config(f, "99-worker-test"));
    assert_null(pool_rig_config(f, "99-gone-test"));
    assert_non_null(pool_rig_config(f, "99-worker-ssh"));
    assert_int_equal(poolconfig_delete_all(&rc, &kind, NULL), 0);
}

static void one_that_others_deleted_is_fine(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");
    ensure_all(f, false);
    fake_cluster_fail(f, "DELETE ", 404, "NotFound", 1);
    fake_cluster_fail(f, "DELETE ", 403, "Forbidden", 1);
    cleanup_error struct error *err = NULL;
    struct reconcile rc = run_of(f);

    assert_int_equal(poolconfig_delete_all(&rc, &kind, &err), -1);

    assert_true(str_starts(error_text(err), "deleting MachineConfig 99-worker-test: "));
}

static void what_is_written_is_an_event(void **state)
{
    struct fake_cluster *f = *state;
    struct event_rig rig;
    event_rig_init(&rig, 1);
    pool_rig_start(f, "Completed");
    f->sv.events = rig.recorder;
    struct reconcile rc = run_of(f);

    assert_int_equal(poolconfig_ensure(&rc, &kind, "worker", false, NULL), 0);
    assert_int_equal(poolconfig_ensure(&rc, &kind, "worker", false, NULL), 0); /* silent */
    event_rig_flush(&rig);

    assert_true(event_rig_has(
        &rig, 0, "Normal", "MachineConfigWritten",
        "MachineConfig 99-worker-test was written for the machines of MachineConfigPool worker"));
    event_rig_release(&rig);
}

int main(void)
{
    struct CMUnitTest names[ARRAY_LEN(name_cases)];
    for (size_t i = 0; i < ARRAY_LEN(name_cases); i++)
        names[i] = (struct CMUnitTest)CASE_OF(name_cases[i].name, check_name, &name_cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("each pool owns its own", the_pool_owns_its_own),
        FAKE_CASE("writes nothing that is as it should be", what_is_as_it_should_be_costs_no_write),
        FAKE_CASE("changes what is there only when it may", what_is_there_changes_only_when_it_may),
        FAKE_CASE("writes nothing when one of them cannot be made up",
                  nothing_is_written_when_one_cannot_be_made),
        FAKE_CASE("makes none for a pool that is being deleted", a_pool_on_its_way_out_gets_none),
        FAKE_CASE("is content with what others made meanwhile",
                  one_that_others_made_meanwhile_is_fine),
        FAKE_CASE("tells what could not be made", what_cannot_be_made_is_told),
        FAKE_CASE("finds no pools in a cluster without that kind",
                  without_the_kind_there_are_no_pools),
        FAKE_CASE("makes one alone, and none for a pool that is missing", one_pool_alone),
        FAKE_CASE("deletes all of its kind, and nothing else", all_of_the_kind_go),
        FAKE_CASE("passes over one that is gone, and tells one that stays",
                  one_that_others_deleted_is_fine),
        FAKE_CASE("tells once what it wrote", what_is_written_is_an_event),
    };
    return RUN_CASES("poolconfig_names", names) + RUN_CASES("poolconfigs", tests);
}
