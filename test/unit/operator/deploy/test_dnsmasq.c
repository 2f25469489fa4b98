#include <string.h>

#include "operator/deploy/dnsmasq.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static const struct dnsmasq_names plain = { .domain = "demo.example.com",
                                            .api_int_ip = "10.0.0.4",
                                            .ingress_ip = "10.0.1.254" };

static char *give_content(const json *config, const char *path)
{
    const json *files = json_path(config, "storage.files");
    for (size_t i = 0; i < json_len(files); i++) {
        const char *url = json_path_str(json_at(files, i), "contents.source");
        const char *comma = strchr(url, ',');
        char *text = NULL;
        size_t len;
        if (!str_eq(json_path_str(json_at(files, i), "path"), path))
            continue;
        assert_int_equal(base64_parse(comma + 1, strlen(comma + 1), &text, &len, NULL), 0);
        return text;
    }
    fail_msg("no file %s", path);
    return NULL;
}

static void a_machine_config(void **state)
{
    (void)state;
    json *made = NULL;
    assert_int_equal(dnsmasq_give_machineconfig(&plain, "worker", &made, NULL), 0);
    cleanup_json json *config = made;
    const json *ignition = json_path(config, "spec.config");
    cleanup_free char *conf = give_content(ignition, "/etc/dnsmasq.conf");
    cleanup_free char *script = give_content(ignition, "/usr/local/bin/aro-dnsmasq-pre.sh");

    assert_string_equal(json_path_str(config, "metadata.name"), "99-worker-aro-dns");
    assert_string_equal(json_path_str(ignition, "ignition.version"), "3.2.0");
    assert_string_equal(conf, "resolv-file=/etc/resolv.conf.dnsmasq\n"
                              "dns-forward-max=10000\n"
                              "address=/api.demo.example.com/10.0.0.4\n"
                              "address=/api-int.demo.example.com/10.0.0.4\n"
                              "address=/.apps.demo.example.com/10.0.1.254\n"
                              "user=dnsmasq\ngroup=dnsmasq\nno-hosts\ncache-size=0\n");
    assert_true(str_starts(script, "#!/bin/bash\n"));
    assert_int_equal(json_path_int(ignition, "storage.files[0].mode", 0), 0644);
    assert_int_equal(json_path_int(ignition, "storage.files[1].mode", 0), 0744);
    assert_string_equal(json_path_str(ignition, "systemd.units[0].name"), "dnsmasq.service");
    assert_true(json_path_bool(ignition, "systemd.units[0].enabled", false));
}

static void a_gateway(void **state)
{
    (void)state;
    struct dnsmasq_names names = plain;
    cleanup_json json *domains = json_make("['one.example','two.example']");
    json *made = NULL;
    names.gateway_domains = domains;
    names.gateway_private_endpoint_ip = "10.0.0.9";

    assert_int_equal(dnsmasq_give_config(&names, &made, NULL), 0);

    cleanup_json json *config = made;
    cleanup_free char *conf = give_content(config, "/etc/dnsmasq.conf");
    assert_non_null(strstr(conf, "address=/.apps.demo.example.com/10.0.1.254\n"
                                 "address=/one.example/10.0.0.9\n"
                                 "address=/two.example/10.0.0.9\nuser="));
}

static void one_that_restarts(void **state)
{
    (void)state;
    struct dnsmasq_names names = plain;
    json *made = NULL;
    names.restarts = true;

    assert_int_equal(dnsmasq_give_config(&names, &made, NULL), 0);

    cleanup_json json *config = made;
    cleanup_free char *script =
        give_content(config, "/etc/NetworkManager/dispatcher.d/99-dnsmasq-restart");
    assert_true(str_starts(script, "#!/bin/bash\n"));
    assert_int_equal(json_path_int(config, "storage.files[2].mode", 0), 0744);
    assert_int_equal(json_len(json_path(config, "storage.files")), 3);
}

static void refuse(const struct dnsmasq_names *names, const char *want)
{
    cleanup_error struct error *err = NULL;
    json *made = NULL;
    assert_int_equal(dnsmasq_give_config(names, &made, &err), -1);
    assert_null(made);
    assert_non_null(strstr(error_text(err), want));
}

static void what_is_no_good(void **state)
{
    (void)state;
    cleanup_json json *good = json_make("['one.example']");
    cleanup_json json *bad = json_make("['one.example\nserver=1.2.3.4']");
    struct dnsmasq_names names = plain;

    names.api_int_ip = NULL;
    refuse(&names, "invalid apiIntIP: '' is no IP address");
    names = plain;
    names.ingress_ip = "10.0.1";
    refuse(&names, "invalid ingressIP: '10.0.1' is no IP address");
    names = plain;
    names.domain = "demo/example";
    refuse(&names, "invalid domain: 'demo/example' is no host name");
    names = plain;
    names.gateway_domains = bad;
    refuse(&names, "invalid gatewayDomains");
    names.gateway_domains = good;
    refuse(&names, "invalid gatewayPrivateEndpointIP: '' is no IP address");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a MachineConfig has the names, a unit and what runs before it", a_machine_config),
        CASE("names of a gateway lead to its address", a_gateway),
        CASE("with restarts it has what NetworkManager calls", one_that_restarts),
        CASE("what is no address or name is refused", what_is_no_good),
    };
    return RUN_CASES("dnsmasq", tests);
}
