#include <string.h>

#include "operator/controllers/dnsmasq.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/pool_rig.h"
#include "test/unit/support/test.h"

#define RESTART "/etc/NetworkManager/dispatcher.d/99-dnsmasq-restart"

static json *give_good_cluster(void)
{
    json *cluster = fake_cluster_give_cluster();
    json *spec = json_get(cluster, "spec");
    json_put(spec, "apiIntIP", json_new_str("10.0.0.4"));
    json_put(spec, "ingressIP", json_new_str("10.0.1.254"));
    json_put(spec, "gatewayDomains", json_make("['one.example','two.example']"));
    json_put(spec, "gatewayPrivateEndpointIP", json_new_str("10.0.0.9"));
    return cluster;
}

static json *give_config(const json *cluster, const char *pool)
{
    json *config = NULL;
    struct error *err = NULL;
    if (dnsmasq_poolconfig.give(cluster, pool, &config, &err) < 0)
        fail_msg("%s", error_text(err));
    return config;
}

static void the_names_are_the_clusters(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_good_cluster();
    cleanup_json json *config = give_config(cluster, "infra");
    cleanup_free char *conf = pool_rig_give_file(config, "/etc/dnsmasq.conf");

    assert_string_equal(json_path_str(config, "metadata.name"), "99-infra-aro-dns");
    assert_string_equal(
        json_path_str(config, "metadata.labels[\"machineconfiguration.openshift.io/role\"]"),
        "infra");
    assert_string_equal(conf, "resolv-file=/etc/resolv.conf.dnsmasq\n"
                              "dns-forward-max=10000\n"
                              "address=/api.x7k2p.eastus.aroapp.io/10.0.0.4\n"
                              "address=/api-int.x7k2p.eastus.aroapp.io/10.0.0.4\n"
                              "address=/.apps.x7k2p.eastus.aroapp.io/10.0.1.254\n"
                              "address=/one.example/10.0.0.9\n"
                              "address=/two.example/10.0.0.9\n"
                              "user=dnsmasq\ngroup=dnsmasq\nno-hosts\ncache-size=0\n");
}

static void the_flag_brings_what_restarts_it(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_good_cluster();
    cleanup_json json *without = give_config(cluster, "worker");
    json_put(json_path(cluster, "spec.operatorflags"), "aro.restartdnsmasq.enabled",
             json_new_str("True"));
    cleanup_json json *with = give_config(cluster, "worker");

    assert_int_equal(json_len(json_path(without, "spec.config.storage.files")), 2);
    assert_int_equal(json_len(json_path(with, "spec.config.storage.files")), 3);
    cleanup_free char *script = pool_rig_give_file(with, RESTART);
    assert_int_equal(strncmp(script, "#!/bin/bash\n", 12), 0);
    assert_int_equal(json_path_int(with, "spec.config.storage.files[2].mode", 0), 0744);
}

static void a_poolconfig_knows_its_own(void **state)
{
    (void)state;
    cleanup_free char *pool = poolconfig_give_pool(&dnsmasq_poolconfig, "99-infra-aro-dns");

    assert_string_equal(pool, "infra");
    assert_null(poolconfig_give_pool(&dnsmasq_poolconfig, "99-infra-aro-dns-2"));
    assert_null(poolconfig_give_pool(&dnsmasq_poolconfig, "99-aro-dns"));
}

/* ---- what is no good ---- */

struct bad_case {
    const char *name, *field, *value, *want; /* value NULL: absent */
};
static struct bad_case bad_cases[] = {
    { "an empty address of the API", "apiIntIP", "", "invalid apiIntIP: " },
    { "an empty address of the router", "ingressIP", "", "invalid ingressIP: " },
    { "an empty address of the gateway", "gatewayPrivateEndpointIP", "",
      "invalid gatewayPrivateEndpointIP: " },
    { "an address of the API that is none", "apiIntIP", "10.0.0.256", "invalid apiIntIP: " },
    { "an address of the router that is none", "ingressIP", "a.example", "invalid ingressIP: " },
    { "an address of the gateway that is none", "gatewayPrivateEndpointIP", "10.0.0.9 ",
      "invalid gatewayPrivateEndpointIP: " },
    { "no address of the API", "apiIntIP", NULL, "invalid apiIntIP: " },
    { "a domain with a line break", "domain", "a.example\nserver=1.2.3.4", "invalid domain: " },
    { "no domain", "domain", NULL, "invalid domain: " },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    cleanup_json json *cluster = give_good_cluster();
    cleanup_error struct error *err = NULL;
    json *config = NULL;
    if (c->value)
        json_put(json_get(cluster, "spec"), c->field, json_new_str(c->value));
    else
        json_del(json_get(cluster, "spec"), c->field);

    assert_int_equal(dnsmasq_poolconfig.give(cluster, "worker", &config, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    assert_int_equal(strncmp(error_text(err), c->want, strlen(c->want)), 0);
    assert_null(config);
}

int main(void)
{
    struct CMUnitTest bad[ARRAY_LEN(bad_cases)];
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++)
        bad[i] = (struct CMUnitTest)CASE_OF(bad_cases[i].name, check_bad, &bad_cases[i]);
    const struct CMUnitTest tests[] = {
        CASE("the names are those of the Cluster's spec", the_names_are_the_clusters),
        CASE("a flag brings what restarts dnsmasq", the_flag_brings_what_restarts_it),
        CASE("its MachineConfigs are known by name", a_poolconfig_knows_its_own),
    };
    return RUN_CASES("dnsmasq_refuses", bad) + RUN_CASES("dnsmasq", tests);
}
