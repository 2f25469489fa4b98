#include <string.h>

#include "rp/cluster/syncsets.h"
#include "rp/cluster/tables.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/rp/hive/hive_rig.h"
#include "test/unit/support/test.h"

#define PATH "clusters/aro-id-a/cluster"
#define NOWHERE \
    { \
        .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED \
    }

struct rig {
    struct cluster_rig outer;
    struct hive_rig sets;
};
static void rig_open(struct rig *r, const char *properties, const struct script_step *steps,
                     size_t len)
{
    cleanup_secret struct secret *kubeconfig = secret_new("k", 1);
    cluster_rig_open(&r->outer, properties, NULL, 0);
    hive_rig_open(&r->sets, steps, len);
    r->outer.cfg.hive = r->sets.hive;
    atomic_store(&r->outer.db.clock.auto_advance, true);
    assert_int_equal(
        cluster_set_secret(r->outer.c, &r->outer.ctx, "aroServiceKubeconfig", kubeconfig, NULL), 0);
}
static void rig_close(struct rig *r)
{
    hive_rig_close(&r->sets);
    cluster_rig_close(&r->outer);
}
static int run(struct rig *r, int (*step)(void *, const struct opctx *, struct error **))
{
    return step(r->outer.c, &r->outer.ctx, NULL);
}

#define PROPERTIES_JSON \
    "{'networkProfile':{'privateEndpointIp':'10.0.0.4'},'clusterProfile':{'version':'4.14.16'}}"

#define PLACE_ASKED HIVE_SENDS("POST", "namespaces", "{\"metadata\":{\"name\":\"aro-id-a\"}}")
#define PLACE_THERE \
    { \
        .request = PLACE_ASKED, .status = 409, .reply = HIVE_STATUS("AlreadyExists") \
    }

static void a_cluster_is_registered_at_a_place_that_it_keeps(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = PLACE_ASKED, .reply = "{}" },
        HIVE_NONE,
        { .reply = "{}" },
        PLACE_THERE,
        { .request = HIVE_ASKS("GET", PATH), .reply = "{}" },
        { .reply = "{}" },
    };
    struct rig r;
    rig_open(&r, PROPERTIES_JSON, steps, ARRAY_LEN(steps));

    assert_int_equal(run(&r, cluster_register_with_syncsets), 0);
    assert_int_equal(run(&r, cluster_register_with_syncsets), 0);

    cluster_rig_assert(&r.outer, "hiveProfile.namespace", "aro-id-a");
    const char *put = r.sets.server.requests.v[2];
    static const char *const parts[] = { "PUT " HIVE_URL PATH "?upsert=true",
                                         "\"k\"",
                                         "\"api-int.a." RIG_ZONE ":6443\"",
                                         "\"10.0.0.4\"",
                                         "\"4.14.16\"",
                                         "\"eastus\"",
                                         RIG_KEY("A") };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        assert_non_null(strstr(put, parts[i]));
    rig_close(&r);
}

/* A minute for all of it, in which it is asked every five seconds. */
static void an_outage_costs_time_and_nothing_else(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        NOWHERE, NOWHERE,     NOWHERE,           NOWHERE,
        NOWHERE, NOWHERE,     { .reply = "{}" }, /* the place is made, and then it is away again */
        NOWHERE, PLACE_THERE, HIVE_NONE,         { .status = 503, .reply = "{}" },
        NOWHERE, NOWHERE,     NOWHERE,           NOWHERE,
    };
    struct rig r;
    rig_open(&r, PROPERTIES_JSON, steps, ARRAY_LEN(steps));

    assert_int_equal(run(&r, cluster_register_with_syncsets), 0);

    cluster_rig_assert(&r.outer, "hiveProfile.namespace", "aro-id-a");
    rig_close(&r);
}

/* The document has had the place since, and SyncSets has not. */
static void what_an_outage_prevented_is_done_by_the_next_update(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 422, .reply = HIVE_STATUS("Invalid") },
        { .request = PLACE_ASKED, .reply = "{}" },
        HIVE_NONE,
        { .reply = "{}" },
    };
    struct rig r;
    rig_open(&r, PROPERTIES_JSON, steps, ARRAY_LEN(steps));

    assert_int_equal(run(&r, cluster_register_with_syncsets), 0);
    assert_int_equal(run(&r, cluster_register_with_syncsets), 0);

    rig_close(&r);
}

static void who_may_make_no_place_registers_all_the_same(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 403, .reply = HIVE_STATUS("Forbidden") },
        HIVE_NONE,
        { .status = 201, .reply = "{}" },
    };
    struct rig r;
    rig_open(&r, PROPERTIES_JSON, steps, ARRAY_LEN(steps));

    assert_int_equal(run(&r, cluster_register_with_syncsets), 0);

    rig_close(&r);
}

static void a_refusal_is_not_repeated(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = "{}" },
        HIVE_NONE,
        { .status = 422, .reply = HIVE_STATUS("Invalid") },
    };
    struct rig r;
    rig_open(&r, PROPERTIES_JSON, steps, ARRAY_LEN(steps));

    assert_int_equal(run(&r, cluster_register_with_syncsets), 0);

    rig_close(&r);
}

static void an_operation_that_ended_is_no_success(void **state)
{
    (void)state;
    struct rig r;
    cleanup_stop struct stop *stop = stop_new(NULL);
    rig_open(&r, "{'hiveProfile':{'namespace':'n'}}", NULL, 0);
    const struct opctx ctx = opctx_with_stop(&r.outer.ctx, stop);
    cleanup_error struct error *err = NULL;
    stop_request(stop);

    assert_int_equal(cluster_register_with_syncsets(r.outer.c, &ctx, &err), -1);

    assert_true(error_is(err, ERR_CANCELLED));
    rig_close(&r);
}

static void a_place_is_written_before_it_is_used(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, PROPERTIES_JSON, NULL, 0);
    cluster_rig_lose_lease(&r.outer);

    assert_int_equal(run(&r, cluster_register_with_syncsets), -1);

    rig_close(&r);
}

static void its_end_is_told_where_it_was_registered(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = HIVE_ASKS("DELETE", "clusters/n/cluster"), .reply = "{}" },
        { .request = HIVE_ASKS("DELETE", "namespaces/n"), .reply = "{}" },
    };
    struct rig r;
    rig_open(&r, "{'hiveProfile':{'namespace':'n'}}", steps, ARRAY_LEN(steps));

    assert_int_equal(run(&r, cluster_deregister_from_syncsets), 0);

    rig_close(&r);
}

static void where_it_never_was_nobody_is_told(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "{}", NULL, 0);

    assert_int_equal(run(&r, cluster_deregister_from_syncsets), 0);
    r.outer.cfg.hive = NULL;
    assert_int_equal(cluster_set_text(r.outer.c, &r.outer.ctx, "hiveProfile.namespace", "n", NULL),
                     0);
    assert_int_equal(run(&r, cluster_deregister_from_syncsets), 0);

    rig_close(&r);
}

static bool has_row(const struct cluster_table *table, const char *name, unsigned when)
{
    for (size_t i = 0; i < table->len; i++)
        if (strcmp(table->v[i].step.name, name) == 0)
            return table->v[i].when == when;
    return false;
}

static void every_cluster_passes_it_where_clusters_are_adopted(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "{}", NULL, 0);

    assert_true(cluster_whens(r.outer.c) & WHEN_SYNCSETS);
    r.outer.cfg.hive = NULL;
    assert_false(cluster_whens(r.outer.c) & WHEN_SYNCSETS);
    for (int layout = LAYOUT_V1; layout <= LAYOUT_V2; layout++)
        assert_true(has_row(&install_tables[layout][PHASE_REMOVE_BOOTSTRAP], "registerWithSyncSets",
                            WHEN_SYNCSETS));
    assert_true(has_row(&update_table, "registerWithSyncSets", WHEN_SYNCSETS));
    for (int task = 0; task < ADMIN_TASKS; task++)
        assert_true(has_row(&admin_update_tables[task], "registerWithSyncSets", WHEN_SYNCSETS));
    assert_true(has_row(&delete_table, "deregisterFromSyncSets", WHEN_BEGUN));
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a cluster is registered at a place that it keeps",
             a_cluster_is_registered_at_a_place_that_it_keeps),
        CASE("an outage costs time, and nothing else", an_outage_costs_time_and_nothing_else),
        CASE("what an outage prevented is done by the next update",
             what_an_outage_prevented_is_done_by_the_next_update),
        CASE("who may make no place registers all the same",
             who_may_make_no_place_registers_all_the_same),
        CASE("a refusal is not repeated", a_refusal_is_not_repeated),
        CASE("an operation that ended is no success", an_operation_that_ended_is_no_success),
        CASE("a place is written before it is used", a_place_is_written_before_it_is_used),
        CASE("its end is told where it was registered", its_end_is_told_where_it_was_registered),
        CASE("where it never was, nobody is told", where_it_never_was_nobody_is_told),
        CASE("every cluster passes it where clusters are adopted",
             every_cluster_passes_it_where_clusters_are_adopted),
    };
    return RUN_CASES("syncsets", tests);
}
