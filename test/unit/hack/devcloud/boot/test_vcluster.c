/* A cluster comes up from an Ignition configuration and is reached as its customers would. */
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#include "hack/devcloud/boot/vcluster.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/kube/client.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/hack/devcloud/fake_cloud.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/pkg/kube/temp_dir.h"

#define MACHINE BOOT_MACHINES BOOT_INFRA "-bootstrap"
#define POINTER \
    "{\"ignition\":{\"version\":\"3.2.0\",\"config\":{\"replace\":{\"source\":" \
    "\"https://sa.blob.core.windows.net/ignition/bootstrap.ign?sig=s3cret\"}}}}"

struct rig {
    struct fake_env env;
    struct http_client *http;
    struct http_transport sources;
    atomic_int status; /* with which sources answer */
    char *config, *dir;
    struct boot_files files;
    struct fake_cloud cloud;
    struct vcluster_config cfg;
    struct vcluster *v;
    uint16_t port;
    char *address;
    /* an administrator */
    struct kube_config kube_config;
    char *server, *server_name;
    struct kube_client *kube;
    struct stop *stop;
    struct opctx ctx;
};

static int send_source(struct http_transport *t, const struct opctx *ctx,
                       const struct http_request *req, struct http_response *ret,
                       struct error **err)
{
    struct rig *r = container_of(t, struct rig, sources);
    (void)ctx;
    (void)err;
    *ret = (struct http_response){ .status = r->status, .body = BUF_INIT(BUF_UNBOUNDED) };
    assert_string_equal(req->url,
                        "https://sa.blob.core.windows.net/ignition/bootstrap.ign?sig=s3cret");
    buf_adds(&ret->body, r->status == 200 ? r->config : "AuthenticationFailed");
    return 0;
}

/* An address of this machine that nobody else is likely to use, at a port that is free there now. */
static void choose_address(struct rig *r)
{
    r->address =
        xasprintf("127.%d.%d.%d", (int)rng_below(rng_system(), 60) + 64,
                  (int)rng_below(rng_system(), 250) + 1, (int)rng_below(rng_system(), 250) + 1);
    r->port = (uint16_t)(20000 + rng_below(rng_system(), 20000));
}

static void open_rig(struct rig *r)
{
    *r = (struct rig){ .sources = { send_source }, .status = 200 };
    fake_env_init(&r->env);
    boot_files_init(&r->files);
    fake_cloud_init(&r->cloud);
    choose_address(r);
    struct http_client_config http = { .clock = clock_system(), .env = &r->env.base };
    assert_int_equal(http_client_new(&http, &r->http, NULL), 0);
    r->stop = stop_new(NULL);
    r->ctx = opctx_root(clock_system(), rng_system(), r->stop, NULL);
    r->cfg = (struct vcluster_config){ .cloud = &r->cloud.base,
                                       .http = r->http,
                                       .sources = &r->sources,
                                       .port = r->port,
                                       .tick_ms = 20,
                                       .clock = clock_system(),
                                       .rng = rng_system(),
                                       .env = &r->env.base };
}

static void start(struct rig *r)
{
    static char id[] = MACHINE, group[] = BOOT_GROUP, pointer[] = POINTER;
    struct azure_machine m = {
        .id = id, .group_id = group, .custom_data = pointer, .custom_data_len = strlen(pointer)
    };
    r->config = boot_files_give_config(&r->files, "3.2.0");
    assert_int_equal(vcluster_start(&r->cfg, &m, &r->v, NULL), 0);
}

/* As Azure does when the private endpoint is there. */
static void give_endpoint(struct rig *r)
{
    cleanup_free char *list = xasprintf("[{'address':'%s','status':'Approved'}]", r->address);
    fake_cloud_set(&r->cloud, &r->cloud.endpoints, list);
}

static void sign_in(struct rig *r)
{
    struct kube_client_options client = { .clock = clock_system(),
                                          .rng = rng_system(),
                                          .env = &r->env.base,
                                          .request_timeout_ms = 5000 };
    static char nspace[] = "default";
    r->server = xasprintf("https://%s:%u", r->address, r->port);
    r->server_name = xstrdup("api-int." BOOT_DOMAIN);
    r->kube_config = (struct kube_config){ .server = r->server,
                                           .nspace = nspace,
                                           .server_name = r->server_name,
                                           .ca_pem = r->files.serving_ca_pem,
                                           .cert_pem = r->files.admin_cert_pem,
                                           .key_pem = r->files.admin_key_pem };
    assert_int_equal(kube_client_new(r->http, &r->kube_config, &client, &r->kube, NULL), 0);
}

static void close_rig(struct rig *r)
{
    kube_client_free(r->kube);
    vcluster_free(r->v);
    http_client_free(r->http);
    stop_unref(r->stop);
    boot_files_release(&r->files);
    fake_cloud_release(&r->cloud);
    fake_env_release(&r->env);
    free(r->config);
    if (r->dir)
        temp_dir_free(r->dir);
    free(r->address);
    free(r->server);
    free(r->server_name);
}

/* Until the object has what want names; the connection may not be there yet. */
static void await(struct rig *r, const struct gvr *gvr, const char *nspace, const char *name,
                  const char *want)
{
    cleanup_json json *tree = loose_tree(want);
    for (;;) {
        cleanup_json json *now = NULL;
        cleanup_error struct error *e = NULL;
        if (kube_get(r->kube, &r->ctx, KUBE_REF(gvr, nspace, name), &now, &e) == 0) {
            cleanup_json json *merged = json_give_merged(json_give_copy(now), tree);
            if (json_equal(merged, now))
                return;
        }
        assert_int_equal(opctx_sleep_ms(&r->ctx, 20, NULL), 0);
    }
}

static void comes_up(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    start(&r);
    fake_cloud_await(&r.cloud, "bootkube.service complete"); /* before anybody can reach it */

    give_endpoint(&r);
    sign_in(&r);

    await(&r, &GVR_CONFIGMAPS, "kube-system", "bootstrap", "{'data':{'status':'complete'}}");
    await(&r, &GVR_SECRETS, "openshift-config", "pull-secret",
          "{'type':'kubernetes.io/dockerconfigjson'}");
    close_rig(&r);
}

static void waits_for_masters(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    json *masters = r.cloud.machines;
    r.cloud.machines = json_new_object();
    start(&r);

    fake_cloud_await(&r.cloud, "waiting for machine " BOOT_INFRA "-master-0");
    pthread_mutex_lock(&r.cloud.mu);
    json_free(r.cloud.machines);
    r.cloud.machines = masters;
    pthread_mutex_unlock(&r.cloud.mu);
    fake_cloud_await(&r.cloud, "bootkube.service complete");
    close_rig(&r);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    r.status = 403;
    boot_files_set(&r.files, "/opt/openshift/tls/kube-apiserver-lb-server.key", NULL);
    start(&r);

    fake_cloud_await(&r.cloud, "status 403: AuthenticationFailed");
    r.status = 200; /* the source is tried again */
    fake_cloud_await(&r.cloud, "kube-apiserver-lb-server.key: there is no such file");

    assert_null(strstr(buf_str(&r.cloud.log), "s3cret"));
    close_rig(&r);
}

/* Nothing listens at that address but by way of the SSH server's folder. */
static void has_ssh_server(void **state)
{
    (void)state;
    struct rig r;
    struct stat there;
    open_rig(&r);
    r.dir = temp_dir_give();
    r.cfg.dir = r.dir;
    cleanup_free char *keys = path_give_joined(r.dir, BOOT_INFRA "-bootstrap/.ssh/authorized_keys");
    fake_cloud_set(&r.cloud, &r.cloud.settings, "{'pretend':true}");
    json_put(r.cloud.machines, MACHINE, json_make("{'runs':true}"));
    start(&r);

    fake_cloud_await(&r.cloud, "sshd: user core at 10.0.0.9");
    assert_int_equal(stat(keys, &there), 0);
    pthread_mutex_lock(&r.cloud.mu);
    json_del(r.cloud.machines, MACHINE);
    pthread_mutex_unlock(&r.cloud.mu);

    while (stat(keys, &there) == 0)
        assert_int_equal(opctx_sleep_ms(&r.ctx, 20, NULL), 0);
    close_rig(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a cluster comes up and is reached at its private endpoint", comes_up),
        CASE("the bootstrap ends only when the masters are there", waits_for_masters),
        CASE("the bootstrap machine has an SSH server as long as it runs", has_ssh_server),
        CASE("what goes wrong is in the serial log, without signatures", says_what_is_wrong),
    };
    return RUN_CASES("vcluster", tests);
}
