#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hack/devcloud/boot/animation.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/kube/client.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/hack/devcloud/boot_files.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/pkg/kube/temp_dir.h"

struct rig {
    struct fake_env env;
    struct cluster *cluster;
    struct bootstrap *boot;
    struct http_transport *transport;
    struct kube_config config;
    struct kube_client *kube;
    struct opctx ctx;
    struct animation *animation;
};

static void open_rig(struct rig *r)
{
    static char server[] = "https://api.inside", nspace[] = "default";
    static const char *const masters[] = { "system:masters", NULL };
    cleanup_boot_files struct boot_files files;
    *r = (struct rig){ 0 };
    boot_files_init(&files);
    fake_env_init(&r->env);
    r->boot = boot_files_give_bootstrap(&files);
    struct cluster_config cluster = { .service_accounts = true,
                                      .clock = clock_system(),
                                      .rng = rng_system() };
    assert_int_equal(cluster_new(&cluster, &r->cluster, NULL), 0);
    r->transport = cluster_transport_new(r->cluster, "root", masters);
    r->config = (struct kube_config){ .server = server, .nspace = nspace };
    struct kube_client_options options = {
        .qps = -1, .clock = clock_system(), .rng = rng_system(), .env = &r->env.base
    };
    assert_int_equal(kube_client_new_over(r->transport, &r->config, &options, &r->kube, NULL), 0);
    r->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
}

static void close_rig(struct rig *r)
{
    (void)animation_stop(r->animation);
    kube_client_free(r->kube);
    cluster_transport_free(r->transport);
    cluster_free(r->cluster);
    bootstrap_free(r->boot);
    fake_env_release(&r->env);
}

static void make(struct rig *r, const struct gvr *gvr, const char *nspace, const char *loose)
{
    cleanup_json json *tree = loose_tree(loose);
    cleanup_free char *api_version = gvr_give_api_version(gvr);
    json_put(tree, "apiVersion", json_new_str(api_version));
    json_put(tree, "kind", json_new_str(gvr->kind));
    cleanup_error struct error *err = NULL;
    if (kube_create(r->kube, &r->ctx, KUBE_REF(gvr, nspace, NULL), tree, NULL, NULL, &err) < 0)
        fail_msg("%s", error_text(err));
}

static void await(struct rig *r, const struct gvr *gvr, const char *nspace, const char *name,
                  const char *want)
{
    cleanup_json json *tree = loose_tree(want);
    for (;;) {
        cleanup_json json *now = NULL;
        if (kube_get(r->kube, &r->ctx, KUBE_REF(gvr, nspace, name), &now, NULL) == 0) {
            cleanup_json json *merged = json_give_merged(json_give_copy(now), tree);
            if (json_equal(merged, now))
                return;
        }
        assert_int_equal(opctx_sleep_ms(&r->ctx, 20, NULL), 0);
    }
}

static void deployments_become_available(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    struct animation_config cfg = { .cluster = r.cluster,
                                    .boot = r.boot,
                                    .clock = clock_system(),
                                    .rng = rng_system(),
                                    .env = &r.env.base };
    make(&r, &GVR_NODES, NULL, "{'metadata':{'name':'n'}}");
    make(&r, &GVR_NAMESPACES, NULL, "{'metadata':{'name':'openshift-azure-operator'}}");

    assert_int_equal(animation_start(&cfg, &r.animation, NULL), 0);
    make(&r, &GVR_DEPLOYMENTS, "openshift-azure-operator",
         "{'metadata':{'name':'d'},'spec':{'replicas':1,'selector':{'matchLabels':{'x':'y'}},"
         "'template':{'metadata':{'labels':{'x':'y'}},'spec':{'containers':[{'name':'c','image':"
         "'i'}]}}}}");

    await(&r, &GVR_DEPLOYMENTS, "openshift-azure-operator", "d",
          "{'status':{'availableReplicas':1,'readyReplicas':1}}");
    close_rig(&r);
}

static void a_folder_that_cannot_be_made(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    char *dir = temp_dir_give(), *file = temp_dir_write(dir, "file", "x");
    cleanup_free char *below = xasprintf("%s/pods", file);
    struct animation_config cfg = { .cluster = r.cluster,
                                    .boot = r.boot,
                                    .dir = below,
                                    .clock = clock_system(),
                                    .rng = rng_system(),
                                    .env = &r.env.base };

    assert_int_equal(animation_start(&cfg, &r.animation, NULL), -1);

    free(file);
    temp_dir_free(dir);
    close_rig(&r);
}

static void leaves_no_folder(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    char *dir = temp_dir_give();
    cleanup_free char *own = path_give_joined(dir, r.boot->infra);
    struct animation_config cfg = { .cluster = r.cluster,
                                    .boot = r.boot,
                                    .dir = dir,
                                    .bin_dir = dir,
                                    .clock = clock_system(),
                                    .rng = rng_system(),
                                    .env = &r.env.base };
    assert_int_equal(animation_start(&cfg, &r.animation, NULL), 0);
    assert_int_equal(access(own, F_OK), 0);

    assert_true(animation_stop(take(r.animation)));

    assert_int_equal(access(own, F_OK), -1);
    temp_dir_free(dir);
    close_rig(&r);
}

/* No further descriptors: the kubelet cannot serve logs. */
static rlim_t take_descriptors(void)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static void give_descriptors(rlim_t before)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = before;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void failures_are_told(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    struct animation_config cfg = { .cluster = r.cluster,
                                    .boot = r.boot,
                                    .clock = clock_system(),
                                    .rng = rng_system(),
                                    .env = &r.env.base };
    cleanup_error struct error *err = NULL;
    rlim_t before = take_descriptors();
    assert_int_equal(animation_start(&cfg, &r.animation, NULL), 0);

    while (animation_check(r.animation, &err) == 0)
        assert_int_equal(opctx_sleep_ms(&r.ctx, 20, NULL), 0);
    give_descriptors(before);

    assert_non_null(err);
    close_rig(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a Deployment becomes available without a process", deployments_become_available),
        CASE("a folder that cannot be made is an error", a_folder_that_cannot_be_made),
        CASE("its folder goes with it", leaves_no_folder),
        CASE("a part that fails is told of", failures_are_told),
    };
    return RUN_CASES("animation", tests);
}
