#include "pkg/base/strv.h"
#include "rp/cluster/phase.h"
#include "rp/cluster/tables.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define FEATURES(state) \
    "{'subscription':{'properties':{'registeredFeatures':[" \
    "{'name':'Microsoft.RedHatOpenShift/Other','state':'Registered'}," \
    "{'name':'microsoft.redhatopenshift/mtu3900','state':'" state "'}]}}}"

static int64_t number(struct inside_rig *r, const char *path)
{
    return json_path_int(r->c->doc, path, -1);
}

static int put_operation(json *doc, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    json_put(doc, "asyncOperationId", json_new_str("first"));
    return 0;
}

static void an_installation_begins_once(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");

    inside_rig_must(&r, cluster_start_installation);
    cleanup_free char *now = cluster_rig_give_text(&r.outer, "install.now");
    inside_rig_reopen(&r);
    inside_rig_must(&r, cluster_start_installation);

    assert_non_null(now);
    cluster_rig_assert(&r.outer, "install.now", now);
    assert_int_equal(number(&r, PROPERTIES "install.phase"), 0);
}

static void a_phase_ends_with_the_next(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    inside_rig_must(&r, cluster_start_installation);

    inside_rig_must(&r, cluster_increment_install_phase);
    inside_rig_reopen(&r);

    assert_int_equal(number(&r, PROPERTIES "install.phase"), 1);
}

/* The document is written by others meanwhile: the phase must not depend on how often that is tried. */
static void a_phase_that_was_counted_by_a_lost_reply_is_not_counted_again(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    inside_rig_must(&r, cluster_start_installation);
    json *before = json_give_copy(r.c->doc);

    inside_rig_must(&r, cluster_increment_install_phase);
    json_free(r.c->doc);
    r.c->doc = before; /* as if the reply had not come */
    inside_rig_must(&r, cluster_increment_install_phase);

    assert_int_equal(number(&r, PROPERTIES "install.phase"), 1);
}

static void an_installation_ends_once(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'install':{'now':'2026-01-01T00:00:00Z','phase':1}}");

    inside_rig_must(&r, cluster_finish_installation);
    inside_rig_must(&r, cluster_finish_installation);
    inside_rig_reopen(&r);

    assert_false(json_path_has(r.c->doc, PROPERTIES "install"));
}

static void who_takes_up_a_finished_installation_has_nothing_to_do(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    const struct cluster_table *table = NULL;
    inside_rig_open(&r, "{'install':{'now':'2026-01-01T00:00:00Z','phase':1}}");
    json_put(r.c->doc, "asyncOperationId", json_new_str("first"));
    json_put(r.c->doc, "installedBy", json_new_str("first"));
    assert_false(cluster_is_installed(r.c)); /* it still goes on */
    (void)json_path_del(r.c->doc, PROPERTIES "install");

    assert_true(cluster_is_installed(r.c));
    assert_int_equal(cluster_find_table(r.c, &table, NULL), 0);
    assert_int_equal(table->len, 0);

    json_put(r.c->doc, "asyncOperationId", json_new_str("second"));
    assert_false(cluster_is_installed(r.c));
}

static void a_finished_installation_is_known_by_its_operation(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'install':{'now':'2026-01-01T00:00:00Z','phase':1}}");
    assert_int_equal(cluster_patch(r.c, r.ctx, put_operation, NULL, NULL), 0);

    inside_rig_must(&r, cluster_finish_installation);
    inside_rig_reopen(&r);

    assert_true(cluster_is_installed(r.c));
}

static void without_a_lease_nothing_is_written(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    inside_rig_open(&r, "{}");
    cluster_rig_lose_lease(&r.outer);

    assert_int_equal(cluster_start_installation(r.c, r.ctx, &err), -1);

    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
    cluster_rig_assert(&r.outer, "install.now", NULL);
}

static void packets_go_by_the_feature_of_the_subscription(void **state)
{
    (void)state;
    static const struct {
        const char *properties, *subscription;
        int64_t want;
    } cases[] = {
        { "{}", FEATURES("Registered"), 3900 },
        { "{}", FEATURES("NotRegistered"), 1500 },
        { "{}", "{}", 1500 },
        { "{'networkProfile':{'mtuSize':1500}}", FEATURES("Registered"), 1500 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_inside_rig struct inside_rig r;
        inside_rig_open(&r, cases[i].properties);
        cleanup_json json *subscription = rig_tree(cases[i].subscription);
        r.c->job.subscription = subscription;

        inside_rig_must(&r, cluster_populate_mtu_size);

        assert_int_equal(number(&r, PROPERTIES "networkProfile.mtuSize"), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an installation begins once", an_installation_begins_once),
        CASE("a phase ends with the next", a_phase_ends_with_the_next),
        CASE("a phase that was counted by a write whose reply was lost is not counted again",
             a_phase_that_was_counted_by_a_lost_reply_is_not_counted_again),
        CASE("an installation ends once", an_installation_ends_once),
        CASE("who takes up a finished installation has nothing to do",
             who_takes_up_a_finished_installation_has_nothing_to_do),
        CASE("a finished installation is known by its operation",
             a_finished_installation_is_known_by_its_operation),
        CASE("without a lease nothing is written", without_a_lease_nothing_is_written),
        CASE("packets go by the feature of the subscription",
             packets_go_by_the_feature_of_the_subscription),
    };
    return RUN_CASES("phase", tests);
}
