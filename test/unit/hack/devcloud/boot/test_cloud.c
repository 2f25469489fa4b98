#include "hack/devcloud/boot/cloud.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

static void machines(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    struct cloud *c = cloud_new(r.sim);
    struct machine_wish wish = { .group_id = CLUSTER_GROUP,
                                 .name = "w",
                                 .size = "Standard_D4s_v3",
                                 .subnet_id = WORKER_SUBNET,
                                 .disk_gb = 128 };
    cleanup_strv struct strv addresses = STRV_INIT;

    assert_int_equal(c->look(c, CLUSTER_MACHINES "/w", NULL), CLOUD_ABSENT);
    assert_int_equal(c->make_machine(c, &wish, NULL), 0);
    assert_int_equal(compute_call(&r, "GET", CLUSTER_MACHINES "/w", NULL, NULL), 200);
    assert_int_equal(c->look(c, CLUSTER_MACHINES "/w", &addresses), CLOUD_RUNS);
    assert_string_equal(addresses.v[0], "10.0.2.4");
    c->append_log(c, CLUSTER_MACHINES "/w", "hello\n");
    c->unmake_machine(c, CLUSTER_MACHINES "/w");
    assert_int_equal(compute_call(&r, "GET", CLUSTER_MACHINES "/w", NULL, NULL), 404);

    assert_int_equal(c->look(c, CLUSTER_MACHINES "/w", NULL), CLOUD_ABSENT);
    cloud_free(c);
}

static void settings(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    struct cloud *c = cloud_new(r.sim);

    assert_null(c->give_settings(c, "demo"));
    rig_patch(&r, "{'clusters':{'demo':{'pretend':true}}}");

    cleanup_json json *own = c->give_settings(c, "demo");
    assert_true(json_path_bool(own, "pretend", false));
    assert_null(c->give_settings(c, "other"));
    cloud_free(c);
}

static void other_questions(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    struct cloud *c = cloud_new(r.sim);
    cleanup_json json *frontends = c->give_frontends(c, CLUSTER_GROUP);
    cleanup_json json *endpoints = c->give_endpoints(c, CLUSTER_GROUP);
    cleanup_json json *found = NULL;

    assert_int_equal(json_len(frontends) + json_len(endpoints), 0);
    assert_int_equal(c->ask(c, "GET", RIG_VNET, "2020-08-01", NULL, &found), 200);

    assert_string_equal(json_path_str(found, "name"), "dev-vnet");
    cloud_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("machines are made, looked at and unmade", machines),
        CASE("settings come from the state", settings),
        CASE("addresses and anything else can be asked for", other_questions),
    };
    return RUN_CASES("cloud", tests);
}
