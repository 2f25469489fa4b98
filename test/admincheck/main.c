/* admincheck CSR - the administrators' routes into a cluster, on the real API server of KUBECONFIG. CSR is a file with a request
 * for a certificate, in PEM. */
#include <stdio.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/database.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/store.h"
#include "pkg/kube/client.h"
#include "pkg/net/http_client.h"
#include "rp/frontend/admin/admin.h"
#include "rp/frontend/frontend.h"

#define SUB "00000000-0000-0000-0000-00000000000a"
#define CLUSTER \
    "/subscriptions/" SUB \
    "/resourcegroups/g/providers/microsoft.redhatopenshift/openshiftclusters/c"
#define FILE_MAX (1 << 20)

static void must(int result, const struct error *e, const char *what)
{
    if (result == 0)
        return;
    fprintf(stderr, "admincheck: %s: %s\n", what, error_text(e));
    exit(1);
}

struct check {
    struct opctx ctx;
    struct rp_env *env;
    struct aead *pages;
    struct database *db;
    struct http_client *http;
    struct http_peer *peer;
    struct kube_config *cfg;
    struct kube_client *kube;
    struct admin_clients clients;
    struct frontend *frontend;
};

/* ---- the cluster ---- */

static int list_keys(struct aead_source *s, const struct opctx *ctx, struct aead_keys *ret,
                     struct error **err)
{
    static const char raw[AEAD_V2_KEY_LEN] = "a key of this check";
    cleanup_free char *text = base64_give(raw, sizeof(raw));
    (void)s;
    (void)ctx;
    return aead_keys_add(ret, AEAD_V2, secret_new(text, strlen(text)), 1, false, err);
}
static struct aead_source keys = { .list = list_keys };

static char *give_file(const char *path)
{
    char *text = NULL;
    size_t len;
    struct error *err = NULL;
    must(file_read(path, FILE_MAX, &text, &len, &err), err, path);
    return text;
}

static void make_objects(struct check *c, const char *request_pem)
{
    static const struct gvr csrs = { "certificates.k8s.io", "v1", "certificatesigningrequests",
                                     "CertificateSigningRequest", false };
    cleanup_free char *request = base64_give(request_pem, strlen(request_pem));
    const struct {
        const struct gvr *gvr;
        const char *nspace;
        json *object;
    } objects[] = {
        { &GVR_NAMESPACES, NULL,
          json_make(
              "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'openshift-etcd'}}") },
        { &GVR_NAMESPACES, NULL,
          json_make("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'customer'}}") },
        { &GVR_NODES, NULL,
          json_make("{'apiVersion':'v1','kind':'Node','metadata':{'name':'master-0'}}") },
        { &csrs, NULL,
          json_make("{'apiVersion':'certificates.k8s.io/v1','kind':'CertificateSigningRequest',"
                    "'metadata':{'name':'csr-1'},'spec':{'request':%s,'signerName':"
                    "'kubernetes.io/kube-apiserver-client','usages':['client auth']}}",
                    request) },
    };
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        struct error *err = NULL;
        const struct kube_ref ref = { .gvr = objects[i].gvr, .nspace = objects[i].nspace };
        must(kube_create(c->kube, &c->ctx, &ref, objects[i].object, NULL, NULL, &err), err,
             "making an object");
        json_free(objects[i].object);
    }
}

/* ---- the resource provider ---- */

static const char *get_variable(const struct env *env, const char *name)
{
    (void)env;
    return str_eq(name, "RP_MODE") ? "test" : NULL;
}
static const struct env variables = { get_variable };

static void add_cluster(struct check *c, const char *kubeconfig)
{
    cleanup_secret struct secret *plain = secret_new(kubeconfig, strlen(kubeconfig));
    struct error *err = NULL;
    json *document = json_make("{'key':%s,'clusterResourceGroupIdKey':'g','clientIdKey':'c',"
                               "'openShiftCluster':{'id':%s,'properties':{}}}",
                               CLUSTER, CLUSTER);
    must(database_put_sealed(&c->ctx, c->db, document,
                             "openShiftCluster.properties.aroSREKubeconfig", plain, &err),
         err, "sealing the kubeconfig");
    must(openshiftclusters_create(&c->ctx, c->db, document, NULL, &err), err, "adding the cluster");
}

static void start(struct check *c, const char *kubeconfig)
{
    const struct aead_config aead_cfg = { .source = &keys };
    const struct http_client_config http_cfg = { .clock = clock_system(), .env = env_process() };
    const struct http_peer_config peer_cfg = { 0 };
    const struct kube_client_options kube_opt = { .clock = clock_system(),
                                                  .rng = rng_system(),
                                                  .env = env_process() };
    struct aead *aead = NULL;
    struct store *store = NULL;
    struct error *err = NULL;

    c->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    must(rp_env_load(&variables, &c->env, &err), err, "settings");
    must(aead_new(&aead_cfg, &c->ctx, &aead, &err), err, "keys");
    must(aead_new(&aead_cfg, &c->ctx, &c->pages, &err), err, "keys");
    must(store_open_sqlite(&c->ctx, "sqlite::memory:", &store, &err), err, "documents");
    c->db = database_new(store, aead);
    must(http_client_new(&http_cfg, &c->http, &err), err, "the client");
    must(http_peer_new(c->http, &peer_cfg, &c->peer, &err), err, "the client");
    must(kube_config_parse(kubeconfig, strlen(kubeconfig), NULL, &c->cfg, &err), err, "kubeconfig");
    must(kube_client_new(c->http, c->cfg, &kube_opt, &c->kube, &err), err, "the cluster");
    c->clients = (struct admin_clients){ .http = c->http, .env = env_process() };
    const struct frontend_config cfg = {
        .env = c->env,
        .database = c->db,
        .page_aead = c->pages,
        .arm = authorizer_allow_all(),
        .admin = authorizer_allow_all(),
        .more_routes = admin_routes,
        .more_routes_len = admin_routes_len,
        .more_arg = &c->clients,
        .plain = true,
        .clock = clock_system(),
        .rng = rng_system(),
    };
    must(frontend_start(&cfg, &c->frontend, &err), err, "the frontend");
}

static void end(struct check *c)
{
    cleanup_stop struct stop *at_once = stop_new(NULL);
    stop_request(at_once);
    frontend_stop(c->frontend, at_once);
    kube_client_free(c->kube);
    kube_config_free(c->cfg);
    http_peer_unref(c->peer);
    http_client_free(c->http);
    database_close(c->db);
    aead_free(c->pages);
    rp_env_free(c->env);
}

/* ---- requests ---- */

#define CONFIGMAP(value) \
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\",\"namespace\":" \
    "\"openshift-etcd\"},\"data\":{\"a\":\"" value "\"}}"
#define OBJECTS "/kubernetesobjects"
#define MAP OBJECTS "?kind=configmaps&namespace=openshift-etcd&name=m"

static const struct request_case {
    const char *name, *method, *target, *body;
    int status;
    const char *has; /* text of the reply; NULL: it has no body */
} cases[] = {
    { "creates an object", "POST", OBJECTS, CONFIGMAP("1"), 200, NULL },
    { "shows it", "GET", MAP, NULL, 200, "\"a\": \"1\"" },
    { "updates it", "POST", OBJECTS, CONFIGMAP("2"), 200, NULL },
    { "shows the update", "GET", MAP, NULL, 200, "\"a\": \"2\"" },
    { "lists objects", "GET", OBJECTS "?kind=ConfigMap&namespace=openshift-etcd", NULL, 200,
      "\"kind\": \"ConfigMapList\"" },
    { "deletes it", "DELETE", MAP, NULL, 200, NULL },
    { "tells that it is gone", "GET", MAP, NULL, 404, "\"target\": \"configmaps/m\"" },
    { "tells what the server finds wrong", "POST", OBJECTS,
      "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"d\","
      "\"namespace\":\"openshift-etcd\"}}",
      422, "\"code\": \"Invalid\"" },
    { "does not show secrets", "GET", OBJECTS "?kind=Secret&namespace=openshift-etcd", NULL, 403,
      "Access to secrets is forbidden." },
    { "does not show customers' objects", "GET", OBJECTS "?kind=pods&namespace=customer", NULL, 403,
      "'customer' is forbidden." },
    { "shows them to who may see all", "GET",
      OBJECTS "?kind=pods&namespace=customer&unrestricted=true", NULL, 200, "\"PodList\"" },
    { "does not show namespaces", "GET", OBJECTS "?kind=ns", NULL, 403, "Resource=namespaces" },
    { "knows no other kinds", "GET", OBJECTS "?kind=moons&namespace=openshift-etcd", NULL, 400,
      "The provided resource is invalid." },
    { "lets nobody write rights", "POST", OBJECTS,
      "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{"
      "\"name\":\"r\"}}",
      403, "Write access to RBAC is forbidden." },
    { "cordons a node", "POST", "/cordonnode?vmName=master-0&shouldCordon=true", NULL, 200, NULL },
    { "shows that it is", "GET", OBJECTS "?kind=Node&name=master-0", NULL, 200,
      "\"unschedulable\": true" },
    { "uncordons it", "POST", "/cordonnode?vmName=master-0&shouldCordon=false", NULL, 200, NULL },
    { "cordons no other node", "POST", "/cordonnode?vmName=moon&shouldCordon=true", NULL, 404,
      "\"target\": \"nodes/moon\"" },
    { "approves a request", "POST", "/approvecsr?csrName=csr-1", NULL, 200, NULL },
    { "shows the approval", "GET", OBJECTS "?kind=csr&name=csr-1", NULL, 200,
      "\"AROSupportApprove\"" },
    { "approves all, again", "POST", "/approvecsr", NULL, 200, NULL },
    { "approves no other request", "POST", "/approvecsr?csrName=moon", NULL, 400,
      "certificate signing request 'moon' was not found." },
    { "knows no log of no pod", "GET",
      "/kubernetespodlogs?namespace=openshift-etcd&podname=p&container=c", NULL, 404,
      "\"target\": \"pods/p\"" },
};

static bool run_case(struct check *c, const struct request_case *r)
{
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u/admin" CLUSTER "%s",
                                       frontend_plain_port(c->frontend), r->target);
    cleanup_request struct http_request req = {
        .method = r->method, .url = url, .body = r->body, .body_len = r->body ? strlen(r->body) : 0
    };
    cleanup_response struct http_response res = { 0 };
    cleanup_error struct error *err = NULL;
    if (r->body)
        http_headers_set(&req.headers, "Content-Type", "application/json");
    if (http_send(http_peer_transport(c->peer), &c->ctx, &req, &res, &err) < 0) {
        printf("  FAILED %s: %s\n", r->name, error_text(err));
        return false;
    }
    const char *body = buf_str(&res.body);
    bool good = res.status == r->status && (r->has ? strstr(body, r->has) != NULL : !*body);
    printf("  %s %s\n", good ? "ok    " : "FAILED", r->name);
    if (!good)
        printf("%d %s\n", res.status, body);
    return good;
}

int main(int argc, char **argv)
{
    const char *path = env_get(env_process(), "KUBECONFIG");
    struct check c = { 0 };
    int failed = 0;
    if (argc != 2 || !path) {
        fprintf(stderr, "usage: KUBECONFIG=FILE admincheck CSR\n");
        return 2;
    }
    cleanup_free char *kubeconfig = give_file(path), *request = give_file(argv[1]);
    start(&c, kubeconfig);
    add_cluster(&c, kubeconfig);
    make_objects(&c, request);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        failed += !run_case(&c, &cases[i]);
    end(&c);
    printf("%d passed, %d failed\n", (int)ARRAY_LEN(cases) - failed, failed);
    return failed != 0;
}
