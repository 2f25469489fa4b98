#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/kube.h"
#include "test/unit/support/pkg/net/tls_server.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

/* ---- clients ---- */

#define HOST "api-int.a.aro.example.com"

/* An API server with the cluster's names, where the private endpoint is. */
struct endpoint {
    struct test_cert *ca, *cert;
    struct tls_server *server;
    struct http_client *http;
    char *sni, *token;
    const char *const
        *busy; /* before it answers: 503 with that Retry-After, each; ends with NULL */
};

static bool answer(struct server_call *call)
{
    struct endpoint *e = call->arg;
    const char *token = http_headers_get(&call->req->headers, "Authorization");
    free(e->sni);
    free(e->token);
    e->sni = xstrdup(call->req->sni);
    e->token = xstrdup(token ? token : "");
    if (e->busy && *e->busy) {
        cleanup_free char *asks = xasprintf("Retry-After: %s\r\n", *e->busy++);
        call_reply(call, 503, asks, "being rolled out");
        return true;
    }
    call_reply(call, 200, "Content-Type: application/json\r\n",
               "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"n\"}}");
    return true;
}

static void endpoint_open(struct endpoint *e)
{
    *e = (struct endpoint){ .ca = test_ca_new("cluster") };
    e->cert = test_cert_new(e->ca, "api", "DNS:" HOST);
    e->server = tls_server_start(
        &(struct tls_server_config){ .cert = e->cert, .script = answer, .arg = e });
    const struct http_client_config cfg = { .clock = clock_system(), .env = env_process() };
    assert_int_equal(http_client_new(&cfg, &e->http, NULL), 0);
}

static void endpoint_close(struct endpoint *e)
{
    http_client_free(e->http);
    tls_server_stop(e->server);
    test_cert_free(e->cert);
    test_cert_free(e->ca);
    free(e->sni);
    free(e->token);
}

static struct secret *give_kubeconfig(const struct endpoint *e, const char *token)
{
    cleanup_free char *ca = base64_give(e->ca->cert_pem, strlen(e->ca->cert_pem));
    cleanup_free char *server = tls_server_give_url(e->server, HOST, "");
    cleanup_free char *text =
        xasprintf("apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: %s\n"
                  "    certificate-authority-data: %s\nusers:\n- name: u\n  user:\n    token: %s\n"
                  "contexts:\n- name: x\n  context: {cluster: c, user: u}\ncurrent-context: x\n",
                  server, ca, token);
    return secret_new(text, strlen(text));
}

static void put_kubeconfig(struct cluster_rig *r, const struct endpoint *e, const char *member,
                           const char *token)
{
    cleanup_secret struct secret *config = give_kubeconfig(e, token);
    assert_int_equal(cluster_set_secret(r->c, &r->ctx, member, config, NULL), 0);
}

/* Time is the system's where sockets are real. */
static struct opctx give_context(struct cluster_rig *r, struct endpoint *e)
{
    r->cfg.http = e->http;
    r->cfg.clock = clock_system();
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, &r->log);
    return opctx_with_timeout_ms(&ctx, 20000);
}

static void the_cluster_is_reached_at_its_private_endpoint(void **state)
{
    (void)state;
    struct endpoint e;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_json json *ns = NULL;
    cleanup_error struct error *err = NULL;
    endpoint_open(&e);
    cluster_rig_open(&r, "{'networkProfile':{'privateEndpointIp':'127.0.0.1'}}", NULL, 0);
    put_kubeconfig(&r, &e, "adminKubeconfig", "admin");
    put_kubeconfig(&r, &e, "aroServiceKubeconfig", "service");
    struct opctx ctx = give_context(&r, &e);

    assert_int_equal(cluster_initialize_kubernetes_clients(r.c, &ctx, &err), 0);
    struct kube_client *first = r.c->kube;
    assert_int_equal(cluster_initialize_kubernetes_clients(r.c, &ctx, &err), 0);
    assert_ptr_equal(r.c->kube, first);
    if (kube_get(r.c->kube, &ctx, KUBE_REF(&GVR_NAMESPACES, NULL, "n"), &ns, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_string_equal(e.sni, HOST);
    assert_string_equal(e.token, "Bearer service");
    cluster_release_kubernetes_clients(r.c);
    assert_null(r.c->kube);
    endpoint_close(&e);
}

static void the_installers_kubeconfig_will_do(void **state)
{
    (void)state;
    struct endpoint e;
    cleanup_cluster_rig struct cluster_rig r;
    endpoint_open(&e);
    cluster_rig_open(&r, "{'networkProfile':{'privateEndpointIp':'127.0.0.1'}}", NULL, 0);
    put_kubeconfig(&r, &e, "adminKubeconfig", "admin");
    struct opctx ctx = give_context(&r, &e);

    assert_int_equal(cluster_initialize_kubernetes_clients(r.c, &ctx, NULL), 0);
    assert_int_equal(kube_get(r.c->kube, &ctx, KUBE_REF(&GVR_NAMESPACES, NULL, "n"), NULL, NULL),
                     0);

    assert_string_equal(e.token, "Bearer admin");
    cluster_release_kubernetes_clients(r.c);
    endpoint_close(&e);
}

/* One request more than any client sends to a server that says when to come again. */
static void an_api_server_that_is_rolled_out_is_waited_for(void **state)
{
    (void)state;
    static const char *const busy[] = {
        "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "1", NULL
    };
    struct endpoint e;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    endpoint_open(&e);
    cluster_rig_open(&r, "{'networkProfile':{'privateEndpointIp':'127.0.0.1'}}", NULL, 0);
    put_kubeconfig(&r, &e, "aroServiceKubeconfig", "service");
    struct opctx ctx = give_context(&r, &e);
    assert_int_equal(cluster_initialize_kubernetes_clients(r.c, &ctx, NULL), 0);
    e.busy = busy;

    if (kube_get(r.c->kube, &ctx, KUBE_REF(&GVR_NAMESPACES, NULL, "n"), NULL, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_null(*e.busy);
    cluster_release_kubernetes_clients(r.c);
    endpoint_close(&e);
}

static void without_address_or_kubeconfig_there_is_no_client(void **state)
{
    (void)state;
    static const struct {
        const char *properties, *want;
    } cases[] = {
        { "{}", "networkProfile.privateEndpointIp" },
        { "{'networkProfile':{'privateEndpointIp':''}}", "networkProfile.privateEndpointIp" },
        { "{'networkProfile':{'privateEndpointIp':'127.0.0.1'}}", "aroServiceKubeconfig" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_cluster_rig struct cluster_rig r;
        cleanup_error struct error *err = NULL;
        cluster_rig_open(&r, cases[i].properties, NULL, 0);

        assert_int_equal(cluster_initialize_kubernetes_clients(r.c, &r.ctx, &err), -1);

        assert_non_null(strstr(error_text(err), cases[i].want));
        assert_null(r.c->kube);
    }
}

static void a_kubeconfig_that_is_none_is_told_so(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cleanup_secret struct secret *text = secret_new("certainly none", 14);
    cluster_rig_open(&r, "{'networkProfile':{'privateEndpointIp':'127.0.0.1'}}", NULL, 0);
    assert_int_equal(cluster_set_secret(r.c, &r.ctx, "aroServiceKubeconfig", text, NULL), 0);

    assert_int_equal(cluster_initialize_kubernetes_clients(r.c, &r.ctx, &err), -1);

    assert_true(str_starts(error_text(err), "the cluster's kubeconfig"));
}

/* ---- edits ---- */

#define MAP(value) \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m','namespace':'n'},'data':" \
    "{'k':'" value "','other':'x'}}"

static const struct kube_ref map_ref = { .gvr = &GVR_CONFIGMAPS, .nspace = "n", .name = "m" };

static int set_value(json *object, void *arg, struct error **err)
{
    return json_set_str(object, "data.k", arg, err);
}

static void an_edit_writes_only_what_differs(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    char value[] = "new";
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside, MAP("old"));
    fake_cluster_fail(&r.inside, "PUT", 409, "Conflict", 1);

    assert_int_equal(cluster_edit(r.c->kube, r.ctx, &map_ref, set_value, value, NULL), 0);
    assert_int_equal(cluster_edit(r.c->kube, r.ctx, &map_ref, set_value, value, NULL), 0);

    assert_string_equal(inside_rig_text(&r, &GVR_CONFIGMAPS, "n", "m", "data.k"), "new");
    assert_string_equal(inside_rig_text(&r, &GVR_CONFIGMAPS, "n", "m", "data.other"), "x");
    assert_int_equal(fake_cluster_writes(&r.inside, "PUT"), 2); /* the refused one, and the other */
}

static void an_edit_of_nothing_names_it(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    char value[] = "new";
    inside_rig_open(&r, "{}");

    assert_int_equal(cluster_edit(r.c->kube, r.ctx, &map_ref, set_value, value, &err), -1);

    assert_true(error_is(err, ERR_NOT_FOUND));
    assert_true(str_starts(error_text(err), "changing ConfigMap m"));
}

static void what_is_absent_is_no_error(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    json *object = NULL;
    inside_rig_open(&r, "{}");

    assert_int_equal(cluster_get_if_present(r.c->kube, r.ctx, &map_ref, &object, NULL), 0);
    assert_null(object);
    fake_cluster_fail(&r.inside, "GET", 403, "Forbidden", 1);
    assert_int_equal(cluster_get_if_present(r.c->kube, r.ctx, &map_ref, &object, NULL), -1);
}

static void what_is_there_is_not_made_again(void **state)
{
    (void)state;
    const struct kube_ref all = { .gvr = &GVR_CONFIGMAPS, .nspace = "n" };
    cleanup_inside_rig struct inside_rig r;
    cleanup_json json *object = rig_tree(MAP("new"));
    inside_rig_open(&r, "{}");

    assert_int_equal(cluster_create_once(r.c->kube, r.ctx, &all, object, NULL), 0);
    assert_int_equal(cluster_create_once(r.c->kube, r.ctx, &all, object, NULL), 0);
    assert_string_equal(inside_rig_text(&r, &GVR_CONFIGMAPS, "n", "m", "data.k"), "new");
    fake_cluster_fail(&r.inside, "POST", 403, "Forbidden", 1);
    assert_int_equal(cluster_create_once(r.c->kube, r.ctx, &all, object, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the cluster is reached at its private endpoint",
             the_cluster_is_reached_at_its_private_endpoint),
        CASE("the installer's kubeconfig will do", the_installers_kubeconfig_will_do),
        CASE("an API server that is rolled out is waited for",
             an_api_server_that_is_rolled_out_is_waited_for),
        CASE("without an address or a kubeconfig there is no client",
             without_address_or_kubeconfig_there_is_no_client),
        CASE("a kubeconfig that is none is told so", a_kubeconfig_that_is_none_is_told_so),
        CASE("an edit writes only what differs", an_edit_writes_only_what_differs),
        CASE("an edit of nothing names it", an_edit_of_nothing_names_it),
        CASE("what is absent is no error", what_is_absent_is_no_error),
        CASE("what is there is not made again", what_is_there_is_not_made_again),
    };
    return RUN_CASES("kube", tests);
}
