/* The install graph with the built-in installer, and a storage account that is a scripted transport with a memory. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/published.h"
#include "rp/cluster/install_graph.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/installer.h"
#include "rp/cluster/release.h"
#include "rp/cluster/ssh_key.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/installer_contract.h"

#define SUBNET \
    "/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/"
#define CLUSTER \
    "{'infraId':'a-12345','storageSuffix':'abcde12345','machineZones':{'masters':[],'workers':[]}" \
    "," \
    "'clusterProfile':{'version':'4.17.3'},'networkProfile':{'podCidr':'10.128.0.0/" \
    "14','serviceCidr':" \
    "'172.30.0.0/16'},'masterProfile':{'vmSize':'Standard_D8s_v3','subnetId':'" SUBNET "m'}," \
    "'workerProfiles':[{'name':'worker','vmSize':'Standard_D4s_v3','diskSizeGB':128,'count':3," \
    "'subnetId':'" SUBNET "w'}],'apiserverProfile':{'visibility':'Public','intIp':'10.0.0.4'}," \
    "'ingressProfiles':[{'name':'default','visibility':'Public','ip':'203.0.113.8'}]}"
static const char *const env[] = { "PULL_SECRET={\"auths\":{\"quay.io\":{\"auth\":\"eDp5\"}}}",
                                   NULL };

/* A transport in front of the scripted one: blobs, and signatures for them. */
struct account {
    struct http_transport base;
    struct strv order; /* what was written, in order */
    char *graph;
    size_t graph_len;
    int fail_put; /* this write fails; 0: none */
};

static void answer(struct http_response *ret, int status, const char *body, size_t len)
{
    *ret = (struct http_response){ .version = 11, .status = status };
    buf_init(&ret->body, (size_t)64 << 20);
    buf_add(&ret->body, body, len);
}

static void put_blob(struct account *a, const struct http_request *req, struct http_response *ret)
{
    strv_add(&a->order, strstr(req->url, "bootstrap.ign") ? "bootstrap.ign" : "graph");
    if ((int)a->order.len == a->fail_put) {
        answer(ret, 403, "", 0);
        return;
    }
    if (strstr(req->url, "/aro/graph?")) {
        free(a->graph);
        a->graph = xmemdup(req->body, req->body_len);
        a->graph_len = req->body_len;
    }
    answer(ret, 201, "", 0);
}

static int account_send(struct http_transport *base, const struct opctx *ctx,
                        const struct http_request *req, struct http_response *ret,
                        struct error **err)
{
    static const char token[] =
        "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t\"}";
    static const char sas[] = "{\"accountSasToken\":\"sig=x\"}";
    struct account *a = container_of(base, struct account, base);
    (void)ctx;
    (void)err;
    if (strstr(req->url, "/oauth2/"))
        answer(ret, 200, token, strlen(token));
    else if (strstr(req->url, "/ListAccountSas?"))
        answer(ret, 200, sas, strlen(sas));
    else if (strcmp(req->method, "PUT") == 0)
        put_blob(a, req, ret);
    else if (a->graph)
        answer(ret, 200, a->graph, a->graph_len);
    else
        answer(ret, 404, "", 0);
    return 0;
}

struct rig {
    struct cluster_rig r;
    struct account account;
    struct installer *installer;
};

static void rig_open(struct rig *rig)
{
    *rig = (struct rig){ .account.base.send = account_send };
    cluster_rig_open_env(&rig->r, CLUSTER, env, NULL, 0);
    rig->r.cfg.transport = &rig->account.base;
    rig->installer = installer_builtin_new();
    rig->r.cfg.installer = rig->installer;
    json *offer = json_make("{'id':'v1','openShiftVersion':{'properties':{'version':'4.17.3',"
                            "'openShiftPullspec':'quay.io/release:x','enabled':true,"
                            "'machineImage':{'sku':'aro_417','version':'417.94.20240905'}}}}");
    assert_int_equal(
        published_create(&rig->r.ctx, rig->r.db.db, PUBLISHED_VERSIONS, offer, NULL, NULL), 0);
}

static void rig_finish(struct rig *rig)
{
    cluster_rig_close(&rig->r);
    installer_free(rig->installer);
    strv_release(&rig->account.order);
    free(rig->account.graph);
}

/* The installer wants the document's ID to be what it is outside of tests; nothing is written to the document afterwards. */
static void prepare(struct rig *rig)
{
    cleanup_machine_image struct machine_image image = { 0 };
    run_step(&rig->r, cluster_ensure_ssh_key);
    assert_int_equal(cluster_ensure_image(rig->r.c, &rig->r.ctx, &image, NULL), 0);
    json_put(rig->r.c->doc, "id", json_new_str("0d7c9e2e-6a8e-4b6e-9a3b-1c3a6a0f7e51"));
}

static void check_made_once(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    cleanup_json_wiped json *graph = NULL;
    const char *infra;

    prepare(&rig);
    run_step(&rig.r, cluster_ensure_graph);
    run_step(&rig.r, cluster_ensure_graph);

    assert_int_equal(rig.account.order.len, 2);
    assert_string_equal(rig.account.order.v[0], "bootstrap.ign");
    assert_string_equal(rig.account.order.v[1], "graph");
    assert_null(memmem(rig.account.graph, rig.account.graph_len, "a-12345", 7)); /* sealed */
    assert_int_equal(install_graph_load(rig.r.c, &rig.r.ctx, &graph, NULL), 0);
    assert_int_equal(graph_need_infra_id(graph, &infra, NULL), 0);
    assert_string_equal(infra, "a-12345");
    rig_finish(&rig);
}

/* What the service adds reaches the machines. */
static void check_manifests(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    cleanup_json_wiped json *graph = NULL;
    cleanup_secret struct secret *ignition = NULL;
    prepare(&rig);
    run_step(&rig.r, cluster_ensure_graph);
    assert_int_equal(install_graph_load(rig.r.c, &rig.r.ctx, &graph, NULL), 0);

    assert_int_equal(graph_give_bootstrap_ignition(graph, &ignition, NULL), 0);
    cleanup_json json *service =
        contract_give_manifest(ignition, "/opt/openshift/manifests/aro-ingress-service.yaml");

    assert_string_equal(json_path_str(service, "spec.loadBalancerIP"), "203.0.113.8");
    rig_finish(&rig);
}

static void check_half_written(void **state)
{
    (void)state;
    for (int n = 1; n <= 2; n++) {
        struct rig rig;
        rig_open(&rig);
        rig.account.fail_put = n;
        prepare(&rig);

        cleanup_error struct error *err = fail_step(&rig.r, cluster_ensure_graph);

        assert_null(rig.account.graph); /* so it is made again */
        assert_null(strstr(error_text(err), "sig="));
        rig.account.fail_put = 0;
        run_step(&rig.r, cluster_ensure_graph);
        assert_non_null(rig.account.graph);
        rig_finish(&rig);
    }
}

static void check_kubeconfigs(void **state)
{
    (void)state;
    static const char *const members[] = { "adminKubeconfig", "aroServiceKubeconfig",
                                           "aroSREKubeconfig", "userAdminKubeconfig" };
    struct rig rig;
    rig_open(&rig);
    prepare(&rig);
    run_step(&rig.r, cluster_ensure_graph);

    run_step(&rig.r, cluster_generate_kubeconfigs);

    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        cleanup_free char *text = cluster_rig_give_secret(&rig.r, members[i]);
        assert_non_null(strstr(text, "server:"));
    }
    cleanup_free char *password = cluster_rig_give_secret(&rig.r, "kubeadminPassword");
    assert_int_equal(strlen(password), 23);
    cleanup_free char *before = cluster_rig_give_secret(&rig.r, "aroServiceKubeconfig");
    run_step(&rig.r, cluster_generate_kubeconfigs);
    cleanup_free char *after = cluster_rig_give_secret(&rig.r, "aroServiceKubeconfig");
    assert_string_equal(after, before); /* certificates in use stay */

    cleanup_secret struct secret *outworn = secret_new("unreadable", 10);
    assert_int_equal(cluster_set_secret(rig.r.c, &rig.r.ctx, "userAdminKubeconfig", outworn, NULL),
                     0);
    run_step(&rig.r, cluster_generate_kubeconfigs);
    cleanup_free char *customers = cluster_rig_give_secret(&rig.r, "userAdminKubeconfig");
    assert_non_null(strstr(customers, "server:")); /* the customer's is made anew in time */
    rig_finish(&rig);
}

static void check_damaged(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    json *graph = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(install_graph_load(rig.r.c, &rig.r.ctx, &graph, &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
    rig.account.graph = xstrdup("damaged");
    rig.account.graph_len = 7;
    assert_int_equal(install_graph_load(rig.r.c, &rig.r.ctx, &graph, &err), -1);

    assert_non_null(strstr(error_text(err), "loading the install graph"));
    assert_null(graph);
    rig_finish(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a graph is made once, sealed, behind the bootstrap's configuration", check_made_once),
        CASE("the router's Service with its address is among the manifests", check_manifests),
        CASE("one that was half written is made again", check_half_written),
        CASE("kubeconfigs and password are kept once", check_kubeconfigs),
        CASE("a graph that is missing or damaged is told", check_damaged),
    };
    return RUN_CASES("install_graph", tests);
}
