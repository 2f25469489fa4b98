#include "hack/devcloud/kubelet/process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "hack/devcloud/kubelet/child.h"
#include "hack/devcloud/kubelet/container.h"
#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"

#define TOKEN_LIFE_S 3600
#define RESTART_PAUSE_NS NS_PER_S

extern char **environ;

/* A loopback address that no other pod of this machine is likely to have. */
static void choose_address(const struct rng *rng, char **ret_real, char **ret_shown)
{
    unsigned a = (unsigned)rng_below(rng, 250) + 2, b = (unsigned)rng_below(rng, 250) + 2,
             c = (unsigned)rng_below(rng, 250) + 2;
    *ret_real = xasprintf("127.%u.%u.%u", a, b, c);
    *ret_shown = xasprintf("10.%u.%u.%u", a, b, c);
}

struct process *process_new(const struct kubelet_config *cfg, const char *pod_name,
                            struct error **err)
{
    struct process *p = xnew(struct process);
    p->log = cfg->log;
    p->dir = path_give_joined(cfg->dir, pod_name);
    p->log_path = path_give_joined(p->dir, "log");
    choose_address(cfg->rng, &p->address, &p->shown_ip);
    if (mkdir(p->dir, 0700) == 0 || errno == EEXIST)
        return p;
    error_set_errno(err, errno, "making %s", p->dir);
    process_free(p);
    return NULL;
}

/* ---- credentials ---- */

static int write_token(struct process *p, const struct kubelet_config *cfg, const struct opctx *ctx,
                       const json *pod, struct error **err)
{
    const char *account = json_path_str(pod, "spec.serviceAccountName");
    cleanup_json json *reply = NULL;
    const char *token;
    if (kube_request_token(cfg->kube, ctx, json_path_str(pod, "metadata.namespace"),
                           account ? account : "default", NULL, TOKEN_LIFE_S, &reply, err) < 0 ||
        json_need_str(reply, "status.token", &token, err) < 0)
        return error_wrap(err, "getting a service account token");
    cleanup_free char *path = path_give_joined(p->dir, "token");
    if (file_write_atomic(path, token, strlen(token), 0600, err) < 0)
        return -1;
    p->token_due_ns = clock_mono_ns(cfg->clock) +
                      (cfg->token_period_ms ? cfg->token_period_ms : 60000) * NS_PER_MS;
    return 0;
}

int process_refresh_token(struct process *p, const struct kubelet_config *cfg,
                          const struct opctx *ctx, const json *pod, struct error **err)
{
    return clock_mono_ns(cfg->clock) < p->token_due_ns ? 0 : write_token(p, cfg, ctx, pod, err);
}

static int write_kubeconfig(const struct process *p, const struct kubelet_config *cfg,
                            struct error **err)
{
    cleanup_json json *config =
        json_make("{'apiVersion':'v1','kind':'Config','current-context':'pod',"
                  "'clusters':[{'name':'pod','cluster':{'server':%s}}],"
                  "'users':[{'name':'pod','user':{'tokenFile':'token'}}],"
                  "'contexts':[{'name':'pod','context':{'cluster':'pod','user':'pod'}}]}",
                  cfg->pod_config->server);
    if (cfg->pod_config->ca_pem) {
        cleanup_free char *ca =
            base64_give(cfg->pod_config->ca_pem, strlen(cfg->pod_config->ca_pem));
        json_set_str(config, "clusters[0].cluster.certificate-authority-data", ca, NULL);
    }
    if (cfg->pod_config->server_name)
        json_set_str(config, "clusters[0].cluster.tls-server-name", cfg->pod_config->server_name,
                     NULL);
    cleanup_free char *text = json_give_text(config);
    cleanup_free char *path = path_give_joined(p->dir, "kubeconfig");
    return file_write_atomic(path, text, strlen(text), 0600, err);
}

/* ---- start ---- */

/* entry, "NAME=value", is consumed; what the pod itself sets counts more. */
static void add_default(struct strv *env, char *entry)
{
    cleanup_free char *owned = entry;
    if (!env_lookup(env, owned, strcspn(owned, "=")))
        strv_take(env, take(owned));
}

static void inherit(struct strv *env)
{
    static const char *const prefixes[] = {
        "ARO_", "SSL_CERT_", "ASAN_", "UBSAN_", "TSAN_", "LSAN_"
    };
    for (char **e = environ; *e; e++)
        for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
            if (str_starts(*e, prefixes[i]))
                add_default(env, xstrdup(*e));
}

static int spawn(struct process *p, const struct kubelet_config *cfg, const struct strv *args,
                 const struct strv *env, struct error **err)
{
    const char *name = strrchr(args->v[0], '/');
    cleanup_free char *file = path_give_joined(cfg->bin_dir, name ? name + 1 : args->v[0]);
    p->pid = child_start(file, args, env, p->log_path, err);
    if (p->pid == 0)
        return -1;
    p->started_wall_ns = clock_wall_ns(cfg->clock);
    p->failed_probes = 0;
    p->liveness_due_ns = 0;
    p->ready = false;
    return 0;
}

int process_start(struct process *p, const struct kubelet_config *cfg, const struct opctx *ctx,
                  const json *pod, struct error **err)
{
    json *container = json_path(pod, "spec.containers[0]");
    cleanup_strv struct strv env = STRV_INIT;
    cleanup_strv struct strv args = STRV_INIT;
    if (container_give_env(cfg, ctx, pod, container, p->address, &env, err) < 0)
        return -1;
    container_give_args(container, &env, &args);
    if (args.len == 0)
        return error_set(err, ERR_INVALID, "the container has no command");
    if (write_token(p, cfg, ctx, pod, err) < 0 || write_kubeconfig(p, cfg, err) < 0)
        return -1;
    for (size_t i = 0; cfg->pod_env && cfg->pod_env[i]; i++)
        add_default(&env, xstrdup(cfg->pod_env[i]));
    inherit(&env);
    add_default(&env, xasprintf("KUBECONFIG=%s/kubeconfig", p->dir));
    add_default(&env, xasprintf("HOME=%s", p->dir));
    add_default(&env, xasprintf("HOSTNAME=%s", json_path_str(pod, "metadata.name")));
    return spawn(p, cfg, &args, &env, err);
}

/* ---- end ---- */

void process_poll(struct process *p, const struct clock *clock)
{
    int status;
    if (p->pid <= 0 || !child_has_ended(p->pid, &status))
        return;
    p->pid = 0;
    p->ready = false;
    p->has_exited = true;
    p->last_exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    p->restart_due_ns =
        clock_mono_ns(clock) + RESTART_PAUSE_NS * (p->restarts < 10 ? p->restarts + 1 : 10);
}

void process_signal(struct process *p, int sig)
{
    if (p->pid > 0)
        (void)kill(p->pid, sig);
}

void process_free(struct process *p)
{
    cleanup_error struct error *e = NULL;
    if (!p)
        return;
    if (p->pid > 0)
        child_kill(p->pid);
    if (dir_remove(p->dir, &e) < 0)
        log_warning(p->log, "%s", error_text(e));
    free(p->dir);
    free(p->log_path);
    free(p->address);
    free(p->shown_ip);
    free(p);
}
