#include <string.h>

#include "operator/controllers/dnsmasq_cluster.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/pool_rig.h"
#include "test/unit/support/test.h"

#define MASTER "99-master-aro-dns"
#define WORKER "99-worker-aro-dns"

static const struct controller_desc *const self = &dnsmasq_cluster_controller;

static void without_a_cluster_nothing_happens(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");
    fake_cluster_del(f, &GVR_CLUSTERS, NULL, CLUSTER_NAME);

    fake_cluster_must(f, self);

    fake_cluster_must_not_write(f);
}

static void disabled_leaves_what_is_there(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Partial");
    pool_rig_spoil(f, MASTER);
    pool_rig_set_flag(f, "aro.dnsmasq.enabled", "false");

    fake_cluster_must(f, self);

    assert_true(pool_rig_is_spoilt(f, MASTER));
    assert_null(pool_rig_config(f, WORKER));
    assert_int_equal(fake_cluster_writes(f, "machineconfigs"), 0);
}

static void without_pools_nothing_is_made(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Partial");
    fake_cluster_del(f, &GVR_MACHINECONFIGPOOLS, NULL, "master");
    fake_cluster_del(f, &GVR_MACHINECONFIGPOOLS, NULL, "worker");

    fake_cluster_must(f, self);

    assert_int_equal(fake_cluster_writes(f, "machineconfigs"), 0);
    assert_string_equal(fake_cluster_condition(f, "DnsmasqClusterControllerAvailable"), "True");
}

static void an_unknown_version_is_an_error(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, NULL);

    pool_rig_must_fail(f, self, NULL, "error getting the ClusterVersion: ");

    assert_true(str_starts(fake_cluster_message(f, "DnsmasqClusterControllerDegraded"),
                           "error getting the ClusterVersion: "));
    assert_null(pool_rig_config(f, WORKER));
}

/* ---- when what may be written ---- */

struct gate_case {
    const char *name, *state; /* of the version; NULL: there is none */
    const char *force;
    bool changes;
};
static struct gate_case gate_cases[] = {
    { "makes but does not change outside of an upgrade", "Completed", "false", false },
    { "makes and changes during an upgrade", "Partial", "false", true },
    { "makes and changes when forced", "Completed", "true", true },
    { "makes and changes when forced, whatever the version", NULL, "true", true },
};

static void check_gate(void **state)
{
    const struct gate_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    pool_rig_start(&f, c->state);
    pool_rig_set_flag(&f, "aro.forcereconciliation", c->force);
    pool_rig_spoil(&f, MASTER);

    fake_cluster_must(&f, self);

    assert_int_equal(pool_rig_is_spoilt(&f, MASTER), !c->changes);
    cleanup_free char *conf = pool_rig_give_file(pool_rig_config(&f, WORKER), "/etc/dnsmasq.conf");
    assert_non_null(strstr(conf, "\naddress=/api-int.x7k2p.eastus.aroapp.io/10.0.0.4\n"));
    assert_string_equal(fake_cluster_condition(&f, "DnsmasqClusterControllerDegraded"), "False");
    fake_cluster_release(&f);
}

/* Machines restart one after the other for what is made here, and the cluster says that it makes progress. */
static void progress_is_no_upgrade(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Completed");
    pool_rig_spoil(f, MASTER);
    json *version = fake_cluster_get(f, &GVR_CLUSTERVERSIONS, NULL, "version");
    json_put(json_get(version, "status"), "conditions",
             json_make("[{'type':'Progressing','status':'True'}]"));

    fake_cluster_must(f, self);

    assert_true(pool_rig_is_spoilt(f, MASTER));
}

static void a_second_run_writes_nothing(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Partial");
    fake_cluster_must(f, self);
    fake_cluster_forget_writes(f);

    fake_cluster_must(f, self);

    assert_int_equal(f->writes.len, 0);
}

/* One that was installed with the cluster has no owner yet. */
static void an_upgrade_hands_it_to_its_pool(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Partial");
    fake_cluster_must(f, self);
    json_path_del(pool_rig_config(f, WORKER), "metadata.ownerReferences");

    fake_cluster_must(f, self);

    assert_string_equal(
        json_path_str(pool_rig_config(f, WORKER), "metadata.ownerReferences[0].name"), "worker");
}

/* ---- addresses ---- */

struct address_case {
    const char *name, *field, *value;
};
static struct address_case address_cases[] = {
    { "an empty address of the API stops all", "apiIntIP", "" },
    { "an empty address of the router stops all", "ingressIP", "" },
    { "an empty address of the gateway stops all", "gatewayPrivateEndpointIP", "" },
    { "a bad address of the API stops all", "apiIntIP", "10.0.0" },
    { "a bad address of the router stops all", "ingressIP", "10.0.0.x" },
    { "a bad address of the gateway stops all", "gatewayPrivateEndpointIP", "gateway" },
};

static void check_address(void **state)
{
    const struct address_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    pool_rig_start(&f, "Completed");
    json *spec = json_get(fake_cluster_get(&f, &GVR_CLUSTERS, NULL, CLUSTER_NAME), "spec");
    json_put(spec, "gatewayDomains", json_make("['one.example']"));
    json_put(spec, "gatewayPrivateEndpointIP", json_new_str("10.0.0.9"));
    json_put(spec, c->field, json_new_str(c->value));
    cleanup_free char *want = xasprintf("invalid %s: ", c->field);

    pool_rig_must_fail(&f, self, NULL, want);

    assert_int_equal(fake_cluster_writes(&f, "machineconfigs"), 0); /* not even the first one */
    fake_cluster_release(&f);
}

int main(void)
{
    struct CMUnitTest gates[ARRAY_LEN(gate_cases)], addresses[ARRAY_LEN(address_cases)];
    for (size_t i = 0; i < ARRAY_LEN(gate_cases); i++)
        gates[i] = (struct CMUnitTest)CASE_OF(gate_cases[i].name, check_gate, &gate_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(address_cases); i++)
        addresses[i] =
            (struct CMUnitTest)CASE_OF(address_cases[i].name, check_address, &address_cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("does nothing without a Cluster", without_a_cluster_nothing_happens),
        FAKE_CASE("leaves what is there when disabled", disabled_leaves_what_is_there),
        FAKE_CASE("makes nothing without pools", without_pools_nothing_is_made),
        FAKE_CASE("tells that the version cannot be read", an_unknown_version_is_an_error),
        FAKE_CASE("does not take progress for an upgrade", progress_is_no_upgrade),
        FAKE_CASE("writes nothing the second time", a_second_run_writes_nothing),
        FAKE_CASE("gives one without owner to its pool", an_upgrade_hands_it_to_its_pool),
    };
    return RUN_CASES("dnsmasq_cluster_gate", gates) +
           RUN_CASES("dnsmasq_cluster_addresses", addresses) + RUN_CASES("dnsmasq_cluster", tests);
}
