#include "pkg/kube/config.h"
#include "rp/cluster/installer/kubeconfig.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/test.h"

static void is_read_by_clients(void **state)
{
    (void)state;
    struct pair ca = pair_make("ca", NULL, false, false);
    struct pair user = pair_make("user", &ca, true, false);
    struct kubeconfig_parts parts = { .cluster = "short",
                                      .server = "https://api-int.short.example:6443",
                                      .ca_pem = ca.cert,
                                      .user = "admin",
                                      .cert_pem = user.cert,
                                      .key = user.key };

    cleanup_json_wiped json *tree = kubeconfig_give_tree(&parts);
    cleanup_secret struct secret *text = kubeconfig_give_text(tree);

    size_t len;
    const char *data = secret_reveal(text, &len);
    cleanup_kube_config struct kube_config *config = NULL;
    assert_int_equal(kube_config_parse(data, len, "admin", &config, NULL), 0);
    assert_string_equal(config->server, "https://api-int.short.example:6443");
    assert_string_equal(config->ca_pem, ca.cert);
    assert_string_equal(config->cert_pem, user.cert);
    assert_true(secret_equal(config->key_pem, user.key));
    pair_release(&user);
    pair_release(&ca);
}

static void leaves_out_what_there_is_not(void **state)
{
    (void)state;
    struct kubeconfig_parts parts = {
        .cluster = "short", .server = "https://x", .user = "kubelet", .token_file = "/etc/token"
    };

    cleanup_json json *tree = kubeconfig_give_tree(&parts);

    assert_false(json_path_has(tree, "clusters[0].cluster[\"certificate-authority-data\"]"));
    assert_false(json_path_has(tree, "users[0].user[\"client-certificate-data\"]"));
    assert_string_equal(json_path_str(tree, "users[0].user.tokenFile"), "/etc/token");
    assert_string_equal(json_path_str(tree, "current-context"), "kubelet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("clients read what was put in", is_read_by_clients),
        CASE("what there is not is left out", leaves_out_what_there_is_not),
    };
    return RUN_CASES("kubeconfig", tests);
}
