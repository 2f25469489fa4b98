#include <string.h>

#include "pkg/base/strv.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/bootstrap.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/installer.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/rp/cluster/install_inputs.h"
#include "test/unit/support/rp/cluster/installer_contract.h"
#include "test/unit/support/test.h"

static struct install_inputs s;
static json *graph, *config;
static struct secret *text;

static const json *find_file(const char *path)
{
    const json *files = json_path(config, "storage.files");
    for (size_t i = 0; i < json_len(files); i++)
        if (str_eq(json_path_str(json_at(files, i), "path"), path))
            return json_at(files, i);
    fail_msg("there is no file %s", path);
    return NULL;
}

struct mode_case {
    const char *path;
    int mode;
};

static void keeps_secrets_from_others(void **state)
{
    (void)state;
    static const struct mode_case cases[] = {
        { "/opt/openshift/tls/root-ca.key", 0600 },
        { "/opt/openshift/tls/root-ca.crt", 0644 },
        { "/opt/openshift/tls/kube-apiserver-lb-server.crt", 0600 },
        { "/opt/openshift/auth/kubeconfig", 0600 },
        { "/opt/openshift/auth/kubeconfig-kubelet", 0600 },
        { "/opt/openshift/auth/kubeconfig-loopback", 0600 },
        { "/etc/kubernetes/kubeconfig", 0600 },
        { "/root"
          "/.docker/config.json",
          0600 },
        { "/etc/containers/registries.conf", 0644 },
        { "/usr/local/bin/bootkube.sh", 0555 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(json_path_int(find_file(cases[i].path), "mode", -1), cases[i].mode);
}

static void names_the_machine_s_own_server(void **state)
{
    (void)state;
    cleanup_json json *loopback =
        contract_give_manifest(text, "/opt/openshift/auth/kubeconfig-loopback");
    cleanup_json json *kubelet =
        contract_give_manifest(text, "/opt/openshift/auth/kubeconfig-kubelet");

    assert_string_equal(json_path_str(loopback, "clusters[0].cluster.server"),
                        "https://localhost:6443");
    assert_string_equal(json_path_str(kubelet, "clusters[0].cluster.server"),
                        "https://api-int." SAMPLE_DOMAIN ":6443");
}

static void pulls_from_mirrors_by_digest(void **state)
{
    (void)state;
    cleanup_secret struct secret *file =
        contract_give_file(text, "/etc/containers/registries.conf");
    cleanup_secret struct secret *login = contract_give_file(text, "/root"
                                                                   "/.docker/config.json");
    cleanup_secret struct secret *env = contract_give_file(text, "/opt/openshift/bootstrap.env");

    assert_non_null(
        strstr(secret_reveal(file, NULL),
               "  location = \"quay.io/openshift-release-dev/ocp-release\"\n"
               "  mirror-by-digest-only = true\n\n"
               "  [[registry.mirror]]\n"
               "    location = \"registry.example/openshift-release-dev/ocp-release\"\n"));
    assert_string_equal(secret_reveal(login, NULL), json_path_str(s.config, "pullSecret"));
    assert_string_equal(secret_reveal(env, NULL),
                        "RELEASE_IMAGE=quay.io/openshift-release-dev/ocp-release@sha256:abc\n"
                        "CLUSTER_DOMAIN=" SAMPLE_DOMAIN "\nINFRA_ID=" SAMPLE_INFRA_ID
                        "\nMASTERS=3\nETCD_DISCOVERY=operator\n");
}

static void runs_units(void **state)
{
    (void)state;
    static const char *const wanted[] = { "approve-csr.service",
                                          "bootkube.service",
                                          "crio-configure.service",
                                          "kubelet.service",
                                          "progress.service",
                                          "release-image.service",
                                          "systemd-journal-gatewayd.service",
                                          "extra.service" };
    const json *units = json_path(config, "systemd.units");
    assert_int_equal(json_len(units), ARRAY_LEN(wanted));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        const json *unit = json_at(units, i);
        assert_string_equal(json_path_str(unit, "name"), wanted[i]);
        /* Another unit starts it, when everything is there. */
        assert_int_equal(json_path_bool(unit, "enabled", false),
                         !str_eq(wanted[i], "bootkube.service"));
    }
}

static void lets_the_engineer_in(void **state)
{
    (void)state;
    assert_string_equal(json_path_str(config, "passwd.users[0].name"), "core");
    assert_string_equal(json_path_str(config, "passwd.users[0].sshAuthorizedKeys[0]"),
                        SAMPLE_SSH_KEY);
}

static void needs_other_assets(void **state)
{
    (void)state;
    cleanup_json json *other = json_give_copy(graph);
    json_del(other, ASSET_ADMIN_INTERNAL_CLIENT);
    cleanup_error struct error *err = NULL;

    assert_int_equal(bootstrap_make_asset(&s.in, other, &err), -1);

    assert_non_null(strstr(error_text(err), ASSET_ADMIN_INTERNAL_CLIENT));
}

static int set_up(void **state)
{
    (void)state;
    struct fake_clock time;
    struct fake_rng rng;
    fake_clock_init(&time);
    fake_rng_init(&rng, 3);
    struct opctx ctx = opctx_root(&time.base, &rng.base, NULL, NULL);
    struct installer *i = installer_builtin_new();
    install_inputs_init(&s, INSTALLER_V2);
    size_t len = 0;
    int rc = installer_generate(i, &ctx, &s.in, &graph, NULL);
    if (rc == 0)
        rc = graph_give_bootstrap_ignition(graph, &text, NULL);
    const char *data = rc == 0 ? secret_reveal(text, &len) : "";
    installer_free(i);
    fake_clock_release(&time);
    return rc < 0 ? rc : json_parse_object(data, len, &config, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    json_free(config);
    json_free(graph);
    secret_unref(text);
    install_inputs_release(&s);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("only its owner reads what is secret", keeps_secrets_from_others),
        CASE("kubeconfigs name the server that they are for", names_the_machine_s_own_server),
        CASE("mirrors serve what is named by digest", pulls_from_mirrors_by_digest),
        CASE("units run, and one waits for another", runs_units),
        CASE("core has the cluster's SSH key", lets_the_engineer_in),
        CASE("an asset that is missing is named", needs_other_assets),
    };
    return _cmocka_run_group_tests("bootstrap", tests, ARRAY_LEN(tests), set_up, tear_down);
}
