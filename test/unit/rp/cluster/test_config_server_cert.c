/* The sealed graph lies in a storage account that is a transport with a memory. */
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "rp/cluster/config_server_cert.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/graph.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/rp/cluster/installer_contract.h"
#include "test/unit/support/test.h"

#define NS "openshift-machine-config-operator"
#define SECRET_NAME "machine-config-server-tls"
#define KNOWN \
    "{'infraId':'a-12345','storageSuffix':'abcde','apiserverProfile':{'intIp':'10.0.0.4'}}"
#define YEARS(n) ((n)*365 * DAY_NS)

struct rig {
    struct inside_rig r;
    struct http_transport account;
    char *sealed;
    size_t loads;
    struct pair root;
    int64_t now_ns;
};

static int account_send(struct http_transport *base, const struct opctx *ctx,
                        const struct http_request *req, struct http_response *ret,
                        struct error **err)
{
    struct rig *rig = container_of(base, struct rig, account);
    const char *body = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t\"}";
    (void)ctx;
    (void)err;
    if (strstr(req->url, "/ListAccountSas?"))
        body = "{\"accountSasToken\":\"sig=x\"}";
    if (strstr(req->url, "/aro/graph?")) {
        body = rig->sealed;
        rig->loads++;
    }
    *ret = (struct http_response){ .version = 11, .status = 200 };
    buf_init(&ret->body, HTTP_BODY_MAX_DEFAULT);
    buf_adds(&ret->body, body);
    return 0;
}

static void seal_graph(struct rig *rig)
{
    json *root = json_new_object();
    size_t len;
    const char *key = secret_reveal(rig->root.key, &len);
    asset_put_bytes(root, "CertRaw", rig->root.cert, strlen(rig->root.cert));
    asset_put_bytes(root, "KeyRaw", key, len);
    cleanup_json_wiped json *graph = json_make("{%s:%j}", ASSET_ROOT_CA, root);
    cleanup_free char *text = json_give_text(graph);
    cleanup_secret struct secret *plain = secret_new(text, strlen(text));
    assert_int_equal(database_seal(rig->r.ctx, rig->r.outer.db.db, plain, &rig->sealed, NULL), 0);
}

static void set_version(struct rig *rig, const char *version)
{
    fake_cluster_put(&rig->r.inside,
                     json_make("{'apiVersion':'config.openshift.io/v1','kind':'ClusterVersion',"
                               "'metadata':{'name':'version'},'status':{'history':[{'state':"
                               "'Completed','version':%s}]}}",
                               version));
}

static void open_rig(struct rig *rig)
{
    *rig = (struct rig){ .account.send = account_send };
    inside_rig_open(&rig->r, KNOWN);
    rig->r.outer.cfg.transport = &rig->account;
    rig->root = pair_make("root-ca", NULL, false, false);
    rig->now_ns = clock_wall_ns(rig->r.ctx->clock);
    seal_graph(rig);
    set_version(rig, "4.12.3");
}

static void close_rig(struct rig *rig)
{
    inside_rig_close(&rig->r);
    pair_release(&rig->root);
    free(rig->sealed);
}

static void add_secret(struct rig *rig, const char *cert_pem)
{
    cleanup_free char *encoded = base64_give(cert_pem, strlen(cert_pem));
    fake_cluster_put(&rig->r.inside, json_make("{'apiVersion':'v1','kind':'Secret','metadata':{"
                                               "'name':%s,'namespace':%s},'data':{'tls.crt':%s,"
                                               "'tls.key':'a2V5','other':'eA=='}}",
                                               SECRET_NAME, NS, encoded));
    fake_cluster_forget_writes(&rig->r.inside);
}

/* A certificate of the cluster's authority, for that address, which ends then. NULL: one for the right address that names its own
 * key. */
static void add_cert(struct rig *rig, const char *ip, int64_t not_after_ns)
{
    const char *const ips[] = { ip, NULL };
    const struct x509_request request = {
        .common_name = "system:machine-config-server",
        .ip_addresses = ips,
        .is_server = true,
        .not_before_wall_ns = rig->now_ns - DAY_NS,
        .not_after_wall_ns = not_after_ns,
        .issuer_cert_pem = rig->root.cert,
        .issuer_key_pem = rig->root.key,
    };
    cleanup_free char *cert = ip ? NULL : cert_give_own_issuer();
    cleanup_secret struct secret *key = NULL;
    if (ip)
        assert_int_equal(x509_make(&request, &cert, &key, NULL), 0);
    add_secret(rig, cert);
}

static void add_pod(struct rig *rig, const char *name, const char *app, int64_t created_ns)
{
    char created[TIME_TEXT_MAX];
    time_rfc3339(created_ns, created);
    fake_cluster_put(&rig->r.inside,
                     json_make("{'apiVersion':'v1','kind':'Pod','metadata':{'name':%s,"
                               "'namespace':%s,'labels':{'k8s-app':%s},'creationTimestamp':%s}}",
                               name, NS, app, created));
}

static bool has_pod(struct rig *rig, const char *name)
{
    return fake_cluster_get(&rig->r.inside, &GVR_PODS, NS, name) != NULL;
}

static struct secret *give_data(struct rig *rig, const char *path)
{
    const char *encoded = inside_rig_text(&rig->r, &GVR_SECRETS, NS, SECRET_NAME, path);
    char *text = NULL;
    size_t len;
    assert_int_equal(base64_parse(encoded, strlen(encoded), &text, &len, NULL), 0);
    struct secret *data = secret_new(text, len);
    secret_free_text(text);
    return data;
}

static void assert_new(struct rig *rig)
{
    cleanup_secret struct secret *cert = give_data(rig, "data[\"tls.crt\"]");
    cleanup_secret struct secret *key = give_data(rig, "data[\"tls.key\"]");
    struct x509_facts facts = contract_give_facts(secret_reveal(cert, NULL));
    assert_string_equal(facts.common_name, "system:machine-config-server");
    assert_true(strv_has(&facts.ip_addresses, "10.0.0.4"));
    assert_true(strv_has(&facts.dns_names, "api-int.a." RIG_ZONE));
    assert_true(strv_has(&facts.dns_names, "10.0.0.4"));
    assert_false(facts.names_own_key);
    assert_true(facts.not_after_wall_ns - rig->now_ns > YEARS(9));
    assert_int_equal(pem_check_key_matches(secret_reveal(cert, NULL), key, NULL), 0);
    assert_string_equal(inside_rig_text(&rig->r, &GVR_SECRETS, NS, SECRET_NAME, "data.other"),
                        "eA==");
    x509_facts_release(&facts);
}

/* ---- renewed ---- */

struct due_case {
    const char *name, *ip;
    int years;
};
static struct due_case due_cases[] = {
    { "one that is not valid for the address is renewed", "10.0.0.9", 9 },
    { "one that ends soon is renewed", "10.0.0.4", 1 },
    { "one that names its own key is renewed", NULL, 0 },
};

static void check_due(void **state)
{
    const struct due_case *c = *state;
    struct rig rig;
    open_rig(&rig);
    add_cert(&rig, c->ip, rig.now_ns + YEARS(c->years) - DAY_NS);
    add_pod(&rig, "server-a", "machine-config-server", rig.now_ns - DAY_NS);
    add_pod(&rig, "daemon-a", "machine-config-daemon", rig.now_ns - DAY_NS);

    inside_rig_must(&rig.r, cluster_ensure_config_server_cert);

    assert_new(&rig);
    assert_false(has_pod(&rig, "server-a"));
    assert_true(has_pod(&rig, "daemon-a"));
    add_pod(&rig, "server-b", "machine-config-server", rig.now_ns + NS_PER_S);
    fake_cluster_forget_writes(&rig.r.inside);
    inside_rig_must(&rig.r, cluster_ensure_config_server_cert);
    fake_cluster_must_not_write(&rig.r.inside);
    assert_int_equal(rig.loads, 1);
    close_rig(&rig);
}

static void one_that_cannot_be_read_is_renewed(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    fake_cluster_add(&rig.r.inside, "{'apiVersion':'v1','kind':'Secret','metadata':{'name':"
                                    "'" SECRET_NAME "','namespace':'" NS "'},'data':{'tls.crt':"
                                    "'eA==','other':'eA=='}}");

    inside_rig_must(&rig.r, cluster_ensure_config_server_cert);

    assert_new(&rig);
    close_rig(&rig);
}

/* Who renewed it was cut off before its pods were restarted. */
static void pods_older_than_the_certificate_are_restarted(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    add_cert(&rig, "10.0.0.4", rig.now_ns + YEARS(9)); /* begins a day before now */
    add_pod(&rig, "older", "machine-config-server", rig.now_ns - 2 * DAY_NS);
    add_pod(&rig, "newer", "machine-config-server", rig.now_ns);

    inside_rig_must(&rig.r, cluster_ensure_config_server_cert);

    assert_false(has_pod(&rig, "older"));
    assert_true(has_pod(&rig, "newer"));
    assert_int_equal(rig.loads, 0);
    close_rig(&rig);
}

/* ---- left alone ---- */

static void newer_versions_renew_it_themselves(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    set_version(&rig, "4.19.0");
    add_cert(&rig, "10.0.0.9", rig.now_ns + DAY_NS);
    add_pod(&rig, "older", "machine-config-server", rig.now_ns - 2 * DAY_NS);

    inside_rig_must(&rig.r, cluster_ensure_config_server_cert);

    assert_true(has_pod(&rig, "older"));
    assert_int_equal(fake_cluster_writes(&rig.r.inside, SECRET_NAME), 0);
    close_rig(&rig);
}

static void where_there_is_none_none_is_made(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);

    inside_rig_must(&rig.r, cluster_ensure_config_server_cert);

    assert_null(fake_cluster_get(&rig.r.inside, &GVR_SECRETS, NS, SECRET_NAME));
    close_rig(&rig);
}

/* ---- for probes ---- */

static bool is_refused(struct rig *rig)
{
    bool refused = false;
    assert_int_equal(config_server_cert_is_refused(rig->r.c, rig->r.ctx, &refused, NULL), 0);
    return refused;
}

static void probes_refuse_one_that_names_its_own_key(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);

    assert_false(is_refused(&rig));
    add_cert(&rig, "10.0.0.9", rig.now_ns + YEARS(9));
    assert_false(is_refused(&rig));
    add_cert(&rig, NULL, 0);
    assert_true(is_refused(&rig));
    close_rig(&rig);
}

int main(void)
{
    const struct CMUnitTest more[] = {
        CASE("one that cannot be read is renewed", one_that_cannot_be_read_is_renewed),
        CASE("pods older than the certificate are restarted",
             pods_older_than_the_certificate_are_restarted),
        CASE("newer versions renew it themselves", newer_versions_renew_it_themselves),
        CASE("where there is none, none is made", where_there_is_none_none_is_made),
        CASE("probes refuse one that names its own key", probes_refuse_one_that_names_its_own_key),
    };
    struct CMUnitTest tests[ARRAY_LEN(due_cases) + ARRAY_LEN(more)];
    for (size_t i = 0; i < ARRAY_LEN(due_cases); i++)
        tests[i] = (struct CMUnitTest){ due_cases[i].name, check_due, NULL, NULL, &due_cases[i] };
    memcpy(tests + ARRAY_LEN(due_cases), more, sizeof(more));
    return RUN_CASES("config_server_cert", tests);
}
