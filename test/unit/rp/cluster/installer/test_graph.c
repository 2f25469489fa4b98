#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/kube/config.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/kubeconfig.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/test.h"

#define NOW (CERT_EPOCH_NS + DAY_NS / 2)

static struct pair signer;

static void put_text(json *graph, const char *asset, const char *text)
{
    json_put(graph, asset, asset_give_single("file", text, strlen(text), NULL));
}

/* The least that a graph has, as either driver leaves it. */
static json *give_graph(void)
{
    struct kubeconfig_parts parts = { .cluster = "short",
                                      .server = "https://api-int.short.example:6443",
                                      .ca_pem = signer.cert,
                                      .user = "admin",
                                      .cert_pem = signer.cert,
                                      .key = signer.key };
    cleanup_json json *tree = kubeconfig_give_tree(&parts);
    cleanup_secret struct secret *text = kubeconfig_give_text(tree);
    json *graph = json_make("{%s:{'InfraID':'aro-x7kq2'},%s:{'Password':'abcde-fghij'}}",
                            ASSET_CLUSTER_ID, ASSET_KUBEADMIN_PASSWORD);
    json *pair = json_new_object();
    size_t len;
    const char *key = secret_reveal(signer.key, &len);
    asset_put_bytes(pair, "CertRaw", signer.cert, strlen(signer.cert));
    asset_put_bytes(pair, "KeyRaw", key, len);
    json_put(graph, ASSET_ADMIN_SIGNER, pair);
    json_put(graph, ASSET_ROOT_CA, json_give_copy(pair));
    put_text(graph, ASSET_ADMIN_INTERNAL_CLIENT, secret_reveal(text, NULL));
    put_text(graph, ASSET_BOOTSTRAP, "{\"ignition\":{\"version\":\"3.2.0\"},\"a\":1}");
    put_text(graph, ASSET_MASTER, "{\"ignition\":{\"version\":\"3.2.0\"},\"b\":1}");
    put_text(graph, ASSET_WORKER, "{\"ignition\":{\"version\":\"3.2.0\"},\"c\":1}");
    return graph;
}

static void gives_files(void **state)
{
    (void)state;
    cleanup_json json *graph = give_graph();
    cleanup_secret struct secret *bootstrap = NULL, *master = NULL, *worker = NULL,
                                 *password = NULL;
    cleanup_free char *root = NULL;
    const char *infra = NULL;

    assert_int_equal(graph_give_bootstrap_ignition(graph, &bootstrap, NULL), 0);
    assert_int_equal(graph_give_master_ignition(graph, &master, NULL), 0);
    assert_int_equal(graph_give_worker_ignition(graph, &worker, NULL), 0);
    assert_int_equal(graph_give_kubeadmin_password(graph, &password, NULL), 0);
    assert_int_equal(graph_give_root_ca(graph, &root, NULL), 0);
    assert_int_equal(graph_need_infra_id(graph, &infra, NULL), 0);

    assert_non_null(strstr(secret_reveal(bootstrap, NULL), "\"a\":1"));
    assert_non_null(strstr(secret_reveal(master, NULL), "\"b\":1"));
    assert_non_null(strstr(secret_reveal(worker, NULL), "\"c\":1"));
    assert_string_equal(secret_reveal(password, NULL), "abcde-fghij");
    assert_string_equal(root, signer.cert);
    assert_string_equal(infra, "aro-x7kq2");
}

/* ---- kubeconfigs ---- */

static struct kube_config *give_config(const struct secret *text)
{
    size_t len;
    const char *data = secret_reveal(text, &len);
    struct kube_config *config = NULL;
    assert_int_equal(kube_config_parse(data, len, NULL, &config, NULL), 0);
    return config;
}

/* That the signer vouches for the client at that time, and what the certificate says. */
static struct x509_facts give_facts(const char *pem, int64_t wall_ns)
{
    cleanup_free char *body = xstrdup(strchr(pem, '\n') + 1), *der = NULL;
    *strstr(body, "-----END") = '\0';
    size_t out = 0, len;
    for (size_t i = 0; body[i]; i++)
        if (body[i] != '\n')
            body[out++] = body[i];
    assert_int_equal(base64_parse(body, out, &der, &len, NULL), 0);
    struct x509_facts facts = { 0 };
    assert_int_equal(x509_read_der(der, len, &facts, NULL), 0);
    assert_int_equal(x509_verify_client(der, len, signer.cert, wall_ns, NULL), 0);
    return facts;
}

struct config_case {
    const char *name;
    int (*give)(const json *graph, int64_t wall_ns, struct secret **ret, struct error **err);
    const char *server, *common_name, *organization;
    int64_t days;
    bool has_ca;
};
static struct config_case config_cases[] = {
    { "the service is in system:masters for ten years", graph_give_service_kubeconfig,
      "https://api-int.short.example:6443", "system:aro-service", "system:masters", 3650, true },
    { "the engineers are in no group, for ten years", graph_give_sre_kubeconfig,
      "https://api-int.short.example:6443", "system:aro-sre", NULL, 3650, true },
    { "the customer is system:admin at the public name for a year",
      graph_give_user_admin_kubeconfig, "https://api.short.example:6443", "system:admin", NULL, 365,
      false },
};

static void check_config(void **state)
{
    const struct config_case *c = *state;
    cleanup_json json *graph = give_graph();
    cleanup_secret struct secret *text = NULL, *again = NULL;

    assert_int_equal(c->give(graph, NOW, &text, NULL), 0);
    assert_int_equal(c->give(graph, NOW, &again, NULL), 0);

    cleanup_kube_config struct kube_config *config = give_config(text);
    struct x509_facts facts = give_facts(config->cert_pem, NOW);
    assert_string_equal(config->server, c->server);
    assert_string_equal(facts.common_name, c->common_name);
    assert_int_equal(facts.organizations.len, c->organization ? 1 : 0);
    if (c->organization)
        assert_string_equal(facts.organizations.v[0], c->organization);
    assert_int_equal(facts.not_before_wall_ns, NOW);
    assert_int_equal(facts.not_after_wall_ns, NOW + c->days * DAY_NS);
    if (c->has_ca)
        assert_string_equal(config->ca_pem, signer.cert);
    else
        assert_null(config->ca_pem);
    assert_false(secret_equal(text, again)); /* a new key each time */
    x509_facts_release(&facts);
}

static void gives_the_installed_one(void **state)
{
    (void)state;
    cleanup_json json *graph = give_graph();
    cleanup_secret struct secret *text = NULL;

    assert_int_equal(graph_give_admin_kubeconfig(graph, &text, NULL), 0);

    cleanup_kube_config struct kube_config *config = give_config(text);
    assert_string_equal(config->server, "https://api-int.short.example:6443");
    assert_string_equal(config->cert_pem, signer.cert);
}

static void knows_when_to_renew(void **state)
{
    (void)state;
    cleanup_json json *graph = give_graph();
    cleanup_secret struct secret *user = NULL, *service = NULL;
    cleanup_secret struct secret *garbage = secret_new("]", 1), *empty = secret_new("", 0);
    assert_int_equal(graph_give_user_admin_kubeconfig(graph, NOW, &user, NULL), 0);
    assert_int_equal(graph_give_service_kubeconfig(graph, NOW, &service, NULL), 0);
    struct kubeconfig_parts keyless_parts = { .cluster = "short",
                                              .server = "https://api.short.example:6443",
                                              .user = "admin" };
    cleanup_json json *keyless_tree = kubeconfig_give_tree(&keyless_parts);
    cleanup_secret struct secret *keyless = kubeconfig_give_text(keyless_tree);

    assert_false(user_admin_kubeconfig_is_due(user, NOW));
    assert_false(user_admin_kubeconfig_is_due(user, NOW + 90 * DAY_NS));
    assert_true(user_admin_kubeconfig_is_due(user, NOW + 90 * DAY_NS + NS_PER_S));
    assert_true(user_admin_kubeconfig_is_due(service, NOW));
    assert_true(user_admin_kubeconfig_is_due(NULL, NOW));
    assert_true(user_admin_kubeconfig_is_due(empty, NOW));
    assert_true(user_admin_kubeconfig_is_due(garbage, NOW));
    assert_true(user_admin_kubeconfig_is_due(keyless, NOW));
}

/* ---- damage ---- */

static void checks_a_whole_graph(void **state)
{
    (void)state;
    static const char *const assets[] = { ASSET_BOOTSTRAP,    ASSET_MASTER,
                                          ASSET_WORKER,       ASSET_ADMIN_INTERNAL_CLIENT,
                                          ASSET_ADMIN_SIGNER, ASSET_ROOT_CA,
                                          ASSET_CLUSTER_ID,   ASSET_KUBEADMIN_PASSWORD };
    cleanup_json json *whole = give_graph();

    assert_int_equal(graph_check(whole, NOW, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(assets); i++) {
        cleanup_json json *graph = json_give_copy(whole);
        cleanup_error struct error *err = NULL;
        json_del(graph, assets[i]);
        assert_int_equal(graph_check(graph, NOW, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
        assert_non_null(strstr(error_text(err), assets[i]));
    }
}

static void refuses_other_json(void **state)
{
    (void)state;
    cleanup_json json *graph = give_graph();
    put_text(graph, ASSET_MASTER, "{\"hello\":1}");
    put_text(graph, ASSET_WORKER, "moon");
    cleanup_secret struct secret *text = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(graph_give_master_ignition(graph, &text, &err), -1);
    assert_non_null(strstr(error_text(err), ASSET_MASTER));
    assert_int_equal(graph_give_worker_ignition(graph, &text, &err), -1);
    assert_non_null(strstr(error_text(err), ASSET_WORKER));
}

int main(void)
{
    struct CMUnitTest tests[5 + ARRAY_LEN(config_cases)] = {
        CASE("files are given as they are", gives_files),
        CASE("the installed kubeconfig is given as it is", gives_the_installed_one),
        CASE("a customer's kubeconfig is made anew in time", knows_when_to_renew),
        CASE("a graph is whole, or what it lacks is named", checks_a_whole_graph),
        CASE("what is no ignition configuration is refused", refuses_other_json),
    };
    for (size_t i = 0; i < ARRAY_LEN(config_cases); i++)
        tests[5 + i] =
            (struct CMUnitTest)CASE_OF(config_cases[i].name, check_config, &config_cases[i]);
    signer = pair_make("admin-kubeconfig-signer", NULL, false, false);
    int failed = RUN_CASES("graph", tests);
    pair_release(&signer);
    return failed;
}
