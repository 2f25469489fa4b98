/* What the built-in installer makes brings a virtual cluster up, and its kubeconfigs and password are good there. */
#include <string.h>

#include "hack/devcloud/boot/vcluster.h"
#include "operator/deploy/dnsmasq.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "pkg/kube/client.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/installer.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/hack/devcloud/fake_cloud.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/rp/cluster/install_inputs.h"

#define POINTER(version) \
    "{\"ignition\":{\"version\":\"" version "\",\"config\":{\"replace\":{\"source\":" \
    "\"https://sa.blob.core.windows.net/ignition/bootstrap.ign\"}}}}"

struct rig {
    struct fake_env env;
    struct http_client *http;
    struct http_transport sources;
    struct install_inputs inputs;
    json *graph;
    struct secret *config; /* bootstrap.ign */
    struct fake_cloud cloud;
    struct vcluster *v;
    char *group, *address, *dial;
    uint16_t port;
    struct opctx ctx;
};

static int send_source(struct http_transport *t, const struct opctx *ctx,
                       const struct http_request *req, struct http_response *ret,
                       struct error **err)
{
    struct rig *r = container_of(t, struct rig, sources);
    (void)ctx;
    (void)req;
    (void)err;
    *ret = (struct http_response){ .status = 200, .body = BUF_INIT(BUF_UNBOUNDED) };
    buf_adds(&ret->body, secret_reveal(r->config, NULL));
    return 0;
}

static void must(int rcode, struct error *err)
{
    if (rcode < 0)
        fail_msg("%s", error_text(err));
}

/* By a zone in the first layout; in the second machines know names themselves. */
static void give_names(struct rig *r, enum installer_layout layout)
{
    static const struct dnsmasq_names names = { .domain = SAMPLE_DOMAIN,
                                                .api_int_ip = SAMPLE_API_INT_IP,
                                                .ingress_ip = "10.0.1.30" };
    cleanup_free char *zone = xasprintf(
        "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Network/privateDnsZones/%s",
        r->inputs.in.platform.subscription_id, r->inputs.in.resource_group, SAMPLE_DOMAIN);
    cleanup_free char *record = xasprintf("%s/A/api-int", zone);
    cleanup_free char *links = xasprintf("%s/virtualNetworkLinks", zone);
    if (layout == INSTALLER_V1) {
        json_put(r->cloud.resources, links, json_make("{'value':[{}]}"));
        json_put(
            r->cloud.resources, record,
            json_make("{'properties':{'aRecords':[{'ipv4Address':'" SAMPLE_API_INT_IP "'}]}}"));
        return;
    }
    json *made = NULL;
    must(dnsmasq_give_machineconfig(&names, "master", &made, NULL), NULL);
    cleanup_json json *config = made;
    cleanup_free char *text = yaml_give_text(config);
    json_put(r->inputs.manifests, "99-master-aro-dns.yaml", json_new_str(text));
}

/* Each with its pointer. */
static void make_masters(struct rig *r)
{
    cleanup_secret struct secret *pointer = NULL;
    must(graph_give_master_ignition(r->graph, &pointer, NULL), NULL);
    for (int i = 0; i < 3; i++) {
        cleanup_free char *master =
            xasprintf("%s/providers/Microsoft.Compute/virtualMachines/%s-master-%d", r->group,
                      SAMPLE_INFRA_ID, i);
        json_put(r->cloud.machines, master,
                 json_make("{'runs':true,'custom':%s}", secret_reveal(pointer, NULL)));
    }
}

static void install(struct rig *r, enum installer_layout layout)
{
    cleanup_installer struct installer *builtin = installer_builtin_new();
    struct error *err = NULL;
    install_inputs_init(&r->inputs, layout);
    give_names(r, layout);
    must(installer_generate(builtin, &r->ctx, &r->inputs.in, &r->graph, &err), err);
    must(graph_give_bootstrap_ignition(r->graph, &r->config, &err), err);
    r->group = xasprintf("/subscriptions/%s/resourceGroups/%s",
                         r->inputs.in.platform.subscription_id, r->inputs.in.resource_group);
}

static void start(struct rig *r, const char *pointer)
{
    cleanup_free char *id = xasprintf("%s/providers/Microsoft.Compute/virtualMachines/%s-bootstrap",
                                      r->group, SAMPLE_INFRA_ID);
    cleanup_free char *text = xstrdup(pointer);
    cleanup_free char *endpoints = xasprintf("[{'address':'%s','status':'Approved'}]", r->address);
    struct azure_machine m = {
        .id = id, .group_id = r->group, .custom_data = text, .custom_data_len = strlen(text)
    };
    struct vcluster_config cfg = { .cloud = &r->cloud.base,
                                   .http = r->http,
                                   .sources = &r->sources,
                                   .port = r->port,
                                   .tick_ms = 20,
                                   .clock = clock_system(),
                                   .rng = rng_system(),
                                   .env = &r->env.base };
    make_masters(r);
    fake_cloud_set(&r->cloud, &r->cloud.frontends,
                   "[{'address':'" SAMPLE_API_INT_IP "','ports':[6443,22623]}]");
    fake_cloud_set(&r->cloud, &r->cloud.endpoints, endpoints);
    assert_int_equal(vcluster_start(&cfg, &m, &r->v, NULL), 0);
}

static void open_rig(struct rig *r, enum installer_layout layout, const char *pointer)
{
    *r = (struct rig){ .sources = { send_source } };
    fake_env_init(&r->env);
    fake_cloud_init(&r->cloud);
    r->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    struct http_client_config http = { .clock = clock_system(), .env = &r->env.base };
    assert_int_equal(http_client_new(&http, &r->http, NULL), 0);
    r->port = (uint16_t)(20000 + rng_below(rng_system(), 20000));
    r->address =
        xasprintf("127.%d.%d.%d", (int)rng_below(rng_system(), 60) + 64,
                  (int)rng_below(rng_system(), 250) + 1, (int)rng_below(rng_system(), 250) + 1);
    r->dial = xasprintf("%s:%u", r->address, r->port);
    install(r, layout);
    start(r, pointer);
}

static void close_rig(struct rig *r)
{
    vcluster_free(r->v);
    http_client_free(r->http);
    secret_unref(r->config);
    json_free_wiped(r->graph);
    install_inputs_release(&r->inputs);
    fake_cloud_release(&r->cloud);
    fake_env_release(&r->env);
    free(r->group);
    free(r->address);
    free(r->dial);
}

/* Until the ConfigMap of the bootstrap says complete, asked with that kubeconfig. */
static void await_complete(struct rig *r, const struct secret *kubeconfig)
{
    cleanup_kube_config struct kube_config *config = NULL;
    cleanup_kube_client struct kube_client *kube = NULL;
    struct kube_client_options options = { .dial_address = r->dial,
                                           .request_timeout_ms = 5000,
                                           .clock = clock_system(),
                                           .rng = rng_system(),
                                           .env = &r->env.base };
    size_t len;
    const char *text = secret_reveal(kubeconfig, &len);
    struct error *err = NULL;
    must(kube_config_parse(text, len, NULL, &config, &err), err);
    must(kube_client_new(r->http, config, &options, &kube, &err), err);
    for (;;) {
        cleanup_json json *map = NULL;
        if (kube_get(kube, &r->ctx, KUBE_REF(&GVR_CONFIGMAPS, "kube-system", "bootstrap"), &map,
                     NULL) == 0) {
            assert_string_equal(json_path_str(map, "data.status"), "complete");
            return;
        }
        assert_int_equal(opctx_sleep_ms(&r->ctx, 20, NULL), 0);
    }
}

/* As `oc login -u kubeadmin`: the status of the answer. */
static int sign_in(struct rig *r, const char *password)
{
    cleanup_free char *pair = xasprintf("kubeadmin:%s", password);
    cleanup_free char *basic = base64_give(pair, strlen(pair));
    cleanup_free char *header = xasprintf("Basic %s", basic);
    cleanup_http_peer struct http_peer *peer = NULL;
    cleanup_response struct http_response response = { 0 };
    cleanup_request struct http_request rq = {
        .method = "GET",
        .url = "https://api." SAMPLE_DOMAIN
               ":6443/oauth/authorize?client_id=openshift-challenging-client&response_type=token",
        .timeout_ms = 30000
    };
    struct http_peer_config cfg = { .dial_address = r->dial, .insecure = true };
    assert_int_equal(http_peer_new(r->http, &cfg, &peer, NULL), 0);
    http_headers_add(&rq.headers, "Authorization", header);
    http_headers_add(&rq.headers, "X-CSRF-Token", "1");
    assert_int_equal(http_send(http_peer_transport(peer), &r->ctx, &rq, &response, NULL), 0);
    return response.status;
}

static void comes_up(enum installer_layout layout, const char *pointer)
{
    struct rig r;
    open_rig(&r, layout, pointer);
    cleanup_secret struct secret *admin = NULL, *service = NULL, *password = NULL;
    int64_t now = clock_wall_ns(clock_system());
    struct error *err = NULL;
    must(graph_give_admin_kubeconfig(r.graph, &admin, &err), err);
    must(graph_give_service_kubeconfig(r.graph, now, &service, &err), err);
    must(graph_give_kubeadmin_password(r.graph, &password, &err), err);

    await_complete(&r, admin);
    await_complete(&r, service);
    assert_int_equal(sign_in(&r, secret_reveal(password, NULL)), 302);
    assert_int_equal(sign_in(&r, "wrong"), 401);
    close_rig(&r);
}

static void layout_1(void **state)
{
    (void)state;
    comes_up(INSTALLER_V1, POINTER("2.2.0"));
}

static void layout_2(void **state)
{
    (void)state;
    comes_up(INSTALLER_V2, POINTER("3.2.0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a cluster of the first layout comes up", layout_1),
        CASE("a cluster of the second layout comes up", layout_2),
    };
    return RUN_CASES("installed_cluster", tests);
}
