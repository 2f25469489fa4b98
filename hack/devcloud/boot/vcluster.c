#include "hack/devcloud/boot/vcluster.h"

#include <stdarg.h>
#include <string.h>

#include "hack/devcloud/boot/animation.h"
#include "hack/devcloud/boot/config_server.h"
#include "hack/devcloud/boot/listeners.h"
#include "hack/devcloud/boot/release.h"
#include "hack/devcloud/boot/rollout.h"
#include "hack/devcloud/boot/settings.h"
#include "hack/devcloud/boot/sign_in.h"
#include "hack/devcloud/boot/ssh_server.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

#define API_PORT 6443
#define TICK_MS 1000
#define RETRY_MS 2000

struct vcluster {
    struct vcluster_config cfg;
    char *machine_id, *group_id;
    char *custom_data;
    size_t custom_data_len;
    struct stop *stop;
    pthread_t thread;
    bool runs;
    char *said; /* the last complaint, so that none is repeated every tick */

    /* Of the thread. */
    struct opctx ctx;
    struct bootstrap *boot;
    struct cluster *cluster;
    struct sign_in *sign_in;
    struct listeners *listeners;
    struct config_server *configs;
    struct http_transport *transport;
    struct kube_config kube_config; /* its strings are borrowed */
    struct kube_client *kube;
    struct discovery *discovery;
    struct rollout *rollout;
    struct animation *animation;
    struct ssh_server *ssh;
    bool has_no_ssh; /* it cannot work here, as was said */
    bool straggles;  /* parts of one that was stopped still use the cluster */
    int64_t began_ns;
};

const char *vcluster_group(const struct vcluster *v)
{
    return v->group_id;
}

const char *vcluster_machine(const struct vcluster *v)
{
    return v->machine_id;
}

/* ---- the serial log ---- */

static void say(struct vcluster *v, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct vcluster *v, const char *fmt, ...)
{
    char now[TIME_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *text = xvasprintf(fmt, ap);
    va_end(ap);
    time_rfc3339(clock_wall_ns(v->cfg.clock), now);
    cleanup_free char *line = xasprintf("%s %s\n", now, text);
    v->cfg.cloud->append_log(v->cfg.cloud, v->machine_id, line);
    log_info(v->cfg.log, "%s: %s", v->machine_id, text);
}

/* A complaint that may come every tick: said when it is a new one. e is consumed. */
static void complain(struct vcluster *v, const char *what, struct error *e)
{
    cleanup_error struct error *owned = e;
    cleanup_free char *text = xasprintf("%s: %s", what, error_text(owned));
    if (stop_is_set(v->stop) || str_eq(text, v->said))
        return;
    say(v, "%s", text);
    free(v->said);
    v->said = take(text);
}

/* ---- the machine's first minutes ---- */

/* Ignition tries for ever, but for what can never work. */
static int fetch(struct vcluster *v, struct ignition **ret)
{
    struct error *e = NULL;
    for (;;) {
        if (ignition_fetch(v->cfg.sources, &v->ctx, v->custom_data, v->custom_data_len, ret, &e) ==
            0)
            return 0;
        bool is_hopeless = error_is(e, ERR_INVALID) || error_is(e, ERR_UNSUPPORTED);
        complain(v, "ignition", take(e));
        if (is_hopeless || opctx_sleep_ms(&v->ctx, RETRY_MS, NULL) < 0)
            return -1;
    }
}

static int check_group(const struct vcluster *v, struct error **err)
{
    const char *slash = strrchr(v->group_id, '/');
    const char *name = slash ? slash + 1 : v->group_id;
    if (str_eq_nocase(name, v->boot->resource_group))
        return 0;
    return error_set(err, ERR_INVALID, "the cluster is for resource group %s, the machine is in %s",
                     v->boot->resource_group, name);
}

static int read_config(struct vcluster *v)
{
    cleanup_ignition struct ignition *i = NULL;
    struct error *e = NULL;
    if (fetch(v, &i) < 0)
        return -1;
    say(v, "ignition: version %s, %zu files", i->version, i->order.len);
    if (bootstrap_read(i, clock_wall_ns(v->cfg.clock), &v->boot, &e) < 0 ||
        check_group(v, &e) < 0) {
        complain(v, "bootkube", e);
        return -1;
    }
    return 0;
}

/* ---- the API server ---- */

static int start_api(struct vcluster *v, struct error **err)
{
    static char server[] = "https://api.inside", nspace[] = "default";
    static const char *const masters[] = { "system:masters", NULL };
    struct cluster_config cluster = { .client_ca_pem = v->boot->client_ca_pem,
                                      .service_accounts = true,
                                      .owner_enforcement = true,
                                      .http = v->cfg.http,
                                      .clock = v->cfg.clock,
                                      .rng = v->cfg.rng,
                                      .log = v->cfg.log };
    struct kube_client_options client = { .user_agent = "cluster-bootstrap",
                                          .qps = -1,
                                          .clock = v->cfg.clock,
                                          .rng = v->cfg.rng,
                                          .env = v->cfg.env,
                                          .log = v->cfg.log };
    if (cluster_new(&cluster, &v->cluster, err) < 0)
        return -1;
    v->transport = cluster_transport_new(v->cluster, "system:admin", masters);
    v->kube_config = (struct kube_config){ .server = server, .nspace = nspace };
    if (kube_client_new_over(v->transport, &v->kube_config, &client, &v->kube, err) < 0)
        return -1;
    v->sign_in = sign_in_new(v->cluster, v->kube, v->cfg.clock, v->cfg.rng);
    struct listeners_config listeners = { .cluster = v->cluster,
                                          .boot = v->boot,
                                          .port = v->cfg.port,
                                          .intercept = sign_in_intercept,
                                          .intercept_arg = v->sign_in };
    if (listeners_new(&listeners, &v->listeners, err) < 0)
        return -1;
    struct config_server_config configs = { .boot = v->boot,
                                            .http = v->cfg.http,
                                            .clock = v->cfg.clock,
                                            .rng = v->cfg.rng,
                                            .log = v->cfg.log };
    if (v->boot->mcs.cert_pem)
        v->configs = config_server_new(&configs);
    v->discovery = discovery_new(v->kube, v->cfg.clock);
    v->began_ns = clock_mono_ns(v->cfg.clock);
    return 0;
}

static void listen_outside(struct vcluster *v)
{
    cleanup_json json *frontends = v->cfg.cloud->give_frontends(v->cfg.cloud, v->group_id);
    cleanup_json json *endpoints = v->cfg.cloud->give_endpoints(v->cfg.cloud, v->group_id);
    cleanup_strv struct strv addresses = STRV_INIT;
    struct error *e = NULL;
    listeners_find(frontends, endpoints, API_PORT, &addresses);
    if (listeners_set(v->listeners, &addresses, &e) < 0)
        complain(v, "listening", e);
}

/* ---- controllers, kubelet ---- */

/* Each node is a machine of that name. */
static bool is_on(void *arg, const char *node)
{
    const struct vcluster *v = arg;
    cleanup_free char *id =
        xasprintf("%s/providers/Microsoft.Compute/virtualMachines/%s", v->group_id, node);
    return v->cfg.cloud->look(v->cfg.cloud, id, NULL) == CLOUD_RUNS;
}

static int start_animation(struct vcluster *v, const json *settings, struct error **err)
{
    struct animation_config cfg = { .cluster = v->cluster,
                                    .boot = v->boot,
                                    .port = listeners_inner_port(v->listeners),
                                    .dir = settings_pretends(settings, false) ? NULL : v->cfg.dir,
                                    .bin_dir = v->cfg.bin_dir,
                                    .pod_env = v->cfg.pod_env,
                                    .is_on = is_on,
                                    .arg = v,
                                    .clock = v->cfg.clock,
                                    .rng = v->cfg.rng,
                                    .env = v->cfg.env,
                                    .log = v->cfg.log };
    return animation_start(&cfg, &v->animation, err);
}

static void stop_animation(struct vcluster *v)
{
    if (!animation_stop(take(v->animation)))
        v->straggles = true;
}

/* A part that failed has ended; both begin anew. */
static void animate(struct vcluster *v, const json *settings)
{
    struct error *e = NULL;
    if (v->animation && animation_check(v->animation, &e) < 0) {
        complain(v, "kubelet", take(e));
        stop_animation(v);
    }
    if (!v->animation && start_animation(v, settings, &e) < 0)
        complain(v, "kubelet", e);
}

/* ---- the SSH server ---- */

static void start_ssh(struct vcluster *v, const char *address)
{
    struct error *e = NULL;
    cleanup_free char *name = xasprintf("%s-bootstrap", v->boot->infra);
    const struct ssh_server_config cfg = {
        .dir = v->cfg.dir, .name = name, .keys = &v->boot->core_keys, .address = address
    };
    if (ssh_server_start(&cfg, &v->ssh, &e) == 0) {
        say(v, "sshd: user core at %s, which is 127.0.0.1:%u", address, ssh_server_port(v->ssh));
        return;
    }
    v->has_no_ssh = error_is(e, ERR_UNSUPPORTED);
    complain(v, "sshd", e);
}

/* It comes and goes with the machine's power, and starts again when it has ended. */
static void keep_ssh(struct vcluster *v)
{
    cleanup_strv struct strv addresses = STRV_INIT;
    struct error *e = NULL;
    bool runs = v->cfg.cloud->look(v->cfg.cloud, v->machine_id, &addresses) == CLOUD_RUNS;
    if (v->ssh && runs && ssh_server_check(v->ssh, &e) < 0)
        complain(v, "sshd", take(e));
    else if (v->ssh && runs)
        return;
    ssh_server_free(take(v->ssh));
    if (runs && v->cfg.dir && addresses.len && v->boot->core_keys.len && !v->has_no_ssh)
        start_ssh(v, addresses.v[0]);
}

/* ---- ticks ---- */

static void tick(struct vcluster *v)
{
    struct error *e = NULL;
    cleanup_json json *settings = v->cfg.cloud->give_settings(v->cfg.cloud, v->boot->infra);
    struct view view = { .api = { v->kube, v->discovery, &v->ctx },
                         .cloud = v->cfg.cloud,
                         .boot = v->boot,
                         .configs = v->configs,
                         .group_id = v->group_id,
                         .settings = settings,
                         .age_ms = (clock_mono_ns(v->cfg.clock) - v->began_ns) / NS_PER_MS };
    listen_outside(v);
    keep_ssh(v);
    enum rollout_stage before = rollout_stage(v->rollout);
    if (rollout_tick(v->rollout, &view, &e) < 0)
        complain(v, "bootkube", take(e));
    if (rollout_stage(v->rollout) != before)
        say(v, "bootkube: %s", rollout_stage_text(rollout_stage(v->rollout)));
    if (rollout_stage(v->rollout) >= ROLLOUT_APPLIED)
        animate(v, settings);
    if (v->configs)
        config_server_rest(v->configs);
}

static void live(struct vcluster *v)
{
    struct error *e = NULL;
    if (start_api(v, &e) < 0) {
        complain(v, "kube-apiserver", e);
        return;
    }
    say(v, "kube-apiserver: serves %s", v->boot->domain);
    v->rollout = rollout_new(v->cfg.clock, v->cfg.rng);
    do
        tick(v);
    while (opctx_sleep_ms(&v->ctx, v->cfg.tick_ms, NULL) == 0);
}

static void end(struct vcluster *v)
{
    ssh_server_free(v->ssh);
    stop_animation(v);
    rollout_free(v->rollout);
    config_server_free(v->configs);
    discovery_free(v->discovery);
    listeners_free(v->listeners);
    sign_in_free(v->sign_in);
    kube_client_free(v->kube);
    cluster_transport_free(v->transport);
    if (v->straggles) {
        log_error(v->cfg.log, "%s: controllers do not end; their cluster stays in memory",
                  v->machine_id);
        return;
    }
    cluster_free(v->cluster);
    bootstrap_free(v->boot);
}

static void run(void *arg)
{
    struct vcluster *v = arg;
    v->ctx = opctx_root(v->cfg.clock, v->cfg.rng, v->stop, v->cfg.log);
    if (read_config(v) == 0)
        live(v);
    end(v);
}

/* ---- life ---- */

int vcluster_start(const struct vcluster_config *cfg, const struct azure_machine *m,
                   struct vcluster **ret, struct error **err)
{
    struct vcluster *v = xnew(struct vcluster);
    v->cfg = *cfg;
    v->cfg.port = cfg->port ? cfg->port : API_PORT;
    v->cfg.tick_ms = cfg->tick_ms ? cfg->tick_ms : TICK_MS;
    v->machine_id = xstrdup(m->id);
    v->group_id = xstrdup(m->group_id);
    v->custom_data = xstrndup(m->custom_data ? m->custom_data : "", m->custom_data_len);
    v->custom_data_len = m->custom_data_len;
    v->stop = stop_new(NULL);
    if (thread_start(&v->thread, "vcluster", run, v, err) < 0) {
        vcluster_free(v);
        return error_wrap(err, "starting the cluster of %s", m->id);
    }
    v->runs = true;
    *ret = v;
    return 0;
}

void vcluster_ask_to_stop(struct vcluster *v)
{
    stop_request(v->stop);
}

void vcluster_free(struct vcluster *v)
{
    if (!v)
        return;
    stop_request(v->stop);
    if (v->runs)
        pthread_join(v->thread, NULL);
    stop_unref(v->stop);
    free(v->machine_id);
    free(v->group_id);
    free(v->custom_data);
    free(v->said);
    free(v);
}
