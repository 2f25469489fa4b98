#include <string.h>

#include "operator/controllers/etchosts.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/pool_rig.h"
#include "test/unit/support/test.h"

#define CONF "/etc/hosts.d/aro.conf"
#define API "10.0.0.4\tapi.x7k2p.eastus.aroapp.io api-int.x7k2p.eastus.aroapp.io\n"

static json *give_cluster(const char *gateway)
{
    json *cluster = fake_cluster_give_cluster();
    json *spec = json_get(cluster, "spec");
    json_put(spec, "apiIntIP", json_new_str("10.0.0.4"));
    json_put(spec, "ingressIP", json_new_str("10.0.1.254"));
    json_put(spec, "gatewayDomains", json_make(gateway));
    json_put(spec, "gatewayPrivateEndpointIP", json_new_str("10.0.0.9"));
    return cluster;
}

struct conf_case {
    const char *name, *gateway, *want;
};
static struct conf_case conf_cases[] = {
    { "without a gateway there is one line", "[]", API },
    { "a gateway is a line", "['one.example']", API "10.0.0.9\tone.example\n" },
    { "names of a gateway share a line", "['one.example','two.example','three.example']",
      API "10.0.0.9\tone.example two.example three.example\n" },
};

static void check_conf(void **state)
{
    const struct conf_case *c = *state;
    cleanup_json json *cluster = give_cluster(c->gateway);
    json *made = NULL;

    assert_int_equal(etchosts_poolconfig.give(cluster, "infra", &made, NULL), 0);

    cleanup_json json *config = made;
    cleanup_free char *conf = pool_rig_give_file(config, CONF);
    assert_string_equal(conf, c->want);
}

static void the_whole(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster("[]");
    json *made = NULL;

    assert_int_equal(etchosts_poolconfig.give(cluster, "infra", &made, NULL), 0);

    cleanup_json json *config = made;
    const json *ignition = json_path(config, "spec.config");
    cleanup_free char *script =
        pool_rig_give_file(config, "/usr/local/bin/aro-etchosts-resolver.sh");
    assert_string_equal(json_path_str(config, "metadata.name"),
                        "99-infra-aro-etc-hosts-gateway-domains");
    assert_string_equal(
        json_path_str(config, "metadata.labels[\"machineconfiguration.openshift.io/role\"]"),
        "infra");
    assert_int_equal(json_path_int(ignition, "storage.files[0].mode", 0), 0644);
    assert_int_equal(json_path_int(ignition, "storage.files[1].mode", 0), 0744);
    assert_int_equal(strncmp(script, "#!/bin/bash\n", 12), 0);
    assert_string_equal(json_path_str(ignition, "systemd.units[0].name"),
                        "aro-etchosts-resolver.service");
    assert_true(json_path_bool(ignition, "systemd.units[0].enabled", false));
}

static void what_is_no_good(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster("['one.example\\n1.2.3.4 api.example']");
    cleanup_error struct error *err = NULL;
    json *made = NULL;

    assert_int_equal(etchosts_poolconfig.give(cluster, "infra", &made, &err), -1);
    assert_non_null(strstr(error_text(err), "invalid gatewayDomains"));
    error_clear(&err);
    json_put(json_get(cluster, "spec"), "apiIntIP", json_new_str("x"));
    assert_int_equal(etchosts_poolconfig.give(cluster, "infra", &made, &err), -1);
    assert_non_null(strstr(error_text(err), "invalid apiIntIP"));
    assert_null(made);
}

int main(void)
{
    struct CMUnitTest confs[ARRAY_LEN(conf_cases)];
    for (size_t i = 0; i < ARRAY_LEN(conf_cases); i++)
        confs[i] = (struct CMUnitTest)CASE_OF(conf_cases[i].name, check_conf, &conf_cases[i]);
    const struct CMUnitTest tests[] = {
        CASE("a MachineConfig has the lines, a script and a unit", the_whole),
        CASE("what is no address or name is refused", what_is_no_good),
    };
    return RUN_CASES("etchosts_conf", confs) + RUN_CASES("etchosts", tests);
}
