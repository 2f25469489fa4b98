#include "hack/devcloud/boot/animation.h"

#include <errno.h>
#include <sys/stat.h>

#include "hack/devcloud/controllers/controllers.h"
#include "hack/devcloud/kubelet/kubelet.h"
#include "pkg/base/file.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

#define OPERATOR_NAMESPACE "openshift-azure-operator"

struct animation {
    struct animation_config cfg;
    struct stop *stop;
    struct kube_config inside; /* of clients here; strings are borrowed */
    struct kube_config pods;   /* of pods: over the network */
    char *pods_server, *pods_server_name, *dir;
    struct http_transport *manager, *node; /* identities */
    struct kube_client *kube;
    struct controllers_config controllers;
    struct kubelet_config kubelet;
    pthread_t threads[2];
    size_t threads_len;
    bool straggles; /* of the controllers' thread, until it is joined */
    pthread_mutex_t mu;
    struct error *failure;
};

/* The first failure is kept for who looks. e is consumed. */
static void fail(struct animation *a, const char *what, struct error *e)
{
    if (!stop_is_set(a->stop))
        log_error(a->cfg.log, "%s of %s: %s", what, a->cfg.boot->infra, error_text(e));
    error_wrap(&e, "%s", what);
    pthread_mutex_lock(&a->mu);
    if (a->failure)
        error_free(e);
    else
        a->failure = e;
    pthread_mutex_unlock(&a->mu);
}

static void run_controllers(void *arg)
{
    struct animation *a = arg;
    struct error *e = NULL;
    if (controllers_run(&a->controllers, a->stop, &a->straggles, &e) < 0)
        fail(a, "controllers", e);
}

static void run_kubelet(void *arg)
{
    struct animation *a = arg;
    struct error *e = NULL;
    if (kubelet_run(&a->kubelet, a->stop, &e) < 0)
        fail(a, "kubelets", e);
}

static int prepare_dir(struct animation *a, struct error **err)
{
    if (!a->cfg.dir)
        return 0;
    a->dir = path_give_joined(a->cfg.dir, a->cfg.boot->infra);
    if ((mkdir(a->cfg.dir, 0700) < 0 && errno != EEXIST) ||
        (mkdir(a->dir, 0700) < 0 && errno != EEXIST))
        return error_set_errno(err, errno, "making %s", a->dir);
    return 0;
}

static void name_servers(struct animation *a)
{
    static char inside[] = "https://api.inside", nspace[] = "default";
    a->pods_server = xasprintf("https://127.0.0.1:%u", a->cfg.port);
    a->pods_server_name = xasprintf("api-int.%s", a->cfg.boot->domain);
    a->inside = (struct kube_config){ .server = inside,
                                      .nspace = nspace,
                                      .ca_pem = a->cfg.boot->serving_ca_pem };
    a->pods = (struct kube_config){ .server = a->pods_server,
                                    .nspace = nspace,
                                    .ca_pem = a->cfg.boot->serving_ca_pem,
                                    .server_name = a->pods_server_name };
}

static int open_clients(struct animation *a, struct error **err)
{
    static const char *const masters[] = { "system:masters", NULL };
    const struct animation_config *cfg = &a->cfg;
    struct kube_client_options client = { .user_agent = "kubelet",
                                          .qps = -1,
                                          .clock = cfg->clock,
                                          .rng = cfg->rng,
                                          .env = cfg->env,
                                          .log = cfg->log };
    a->manager = cluster_transport_new(cfg->cluster, "system:kube-controller-manager", NULL);
    a->node = cluster_transport_new(cfg->cluster, "system:kubelets", masters);
    return kube_client_new_over(a->node, &a->inside, &client, &a->kube, err);
}

static int start(struct animation *a, struct error **err)
{
    /* Without an operator that really runs little is owned, and many clusters are to share a process. */
    static const char *const few[] = { "pods",     "replicasets", "deployments", "daemonsets",
                                       "machines", "machinesets", NULL };
    const struct animation_config *cfg = &a->cfg;
    name_servers(a);
    if (prepare_dir(a, err) < 0 || open_clients(a, err) < 0)
        return -1;
    a->controllers = (struct controllers_config){ .kube = &a->inside,
                                                  .transport = a->manager,
                                                  .garbage = cfg->dir ? NULL : few,
                                                  .clock = cfg->clock,
                                                  .rng = cfg->rng,
                                                  .env = cfg->env,
                                                  .log = cfg->log };
    a->kubelet = (struct kubelet_config){ .kube = a->kube,
                                          .pod_config = &a->pods,
                                          .real_namespace = cfg->dir ? OPERATOR_NAMESPACE : NULL,
                                          .bin_dir = cfg->bin_dir,
                                          .dir = a->dir ? a->dir : "",
                                          .pod_env = cfg->pod_env,
                                          .is_on = cfg->is_on,
                                          .arg = cfg->arg,
                                          .clock = cfg->clock,
                                          .rng = cfg->rng,
                                          .env = cfg->env,
                                          .log = cfg->log };
    void (*const runs[])(void *) = { run_controllers, run_kubelet };
    for (; a->threads_len < ARRAY_LEN(runs); a->threads_len++)
        if (thread_start(&a->threads[a->threads_len], "animation", runs[a->threads_len], a, err) <
            0)
            return -1;
    return 0;
}

int animation_start(const struct animation_config *cfg, struct animation **ret, struct error **err)
{
    struct animation *a = xnew(struct animation);
    a->cfg = *cfg;
    a->stop = stop_new(NULL);
    mutex_init(&a->mu);
    if (start(a, err) < 0) {
        (void)animation_stop(a);
        return error_wrap(err, "animating the cluster");
    }
    *ret = a;
    return 0;
}

int animation_check(struct animation *a, struct error **err)
{
    pthread_mutex_lock(&a->mu);
    struct error *failure = take(a->failure);
    pthread_mutex_unlock(&a->mu);
    return failure ? error_move(err, &failure) : 0;
}

bool animation_stop(struct animation *a)
{
    cleanup_error struct error *e = NULL;
    if (!a)
        return true;
    stop_request(a->stop);
    while (a->threads_len)
        pthread_join(a->threads[--a->threads_len], NULL);
    if (a->dir && dir_remove(a->dir, &e) < 0)
        log_warning(a->cfg.log, "%s", error_text(e));
    if (a->straggles)
        return false; /* and they go on using what is below */
    kube_client_free(a->kube);
    cluster_transport_free(a->manager);
    cluster_transport_free(a->node);
    stop_unref(a->stop);
    error_free(a->failure);
    (void)pthread_mutex_destroy(&a->mu);
    free(a->pods_server);
    free(a->pods_server_name);
    free(a->dir);
    free(a);
    return true;
}
