#include "rp/enrich/enrich.h"

#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/database.h"
#include "rp/enrich/task.h"

#define KUBECONFIG "properties.aroServiceKubeconfig"
#define ENDPOINT "properties.networkProfile.privateEndpointIp"

static const struct enrich_task *const tasks[ENRICH_TASKS] = {
    &enrich_version,
    &enrich_ingress,
    &enrich_workers,
    &enrich_principal,
};

/* One question to one cluster. */
struct job {
    const struct enrich_task *task;
    struct kube_client *kube; /* borrowed */
    const struct opctx *ctx;
    pthread_t thread;
    bool runs;
    json *found; /* the thread's until it is joined, as what follows */
    struct error *failure;
    int64_t took_ms;
};

struct subject {
    json *cluster;
    struct kube_config *config;
    struct kube_client *kube; /* NULL: it cannot be asked */
    struct job jobs[ENRICH_TASKS];
};

/* ---- asking ---- */

static int open_client(const struct enrich_config *cfg, const struct opctx *ctx, struct subject *s,
                       struct error **err)
{
    const char *sealed = json_path_str(s->cluster, KUBECONFIG);
    const char *address = json_path_str(s->cluster, ENDPOINT);
    cleanup_secret struct secret *plain = NULL;
    size_t len;
    if (!sealed || !*sealed || !address || !*address)
        return 0;
    if (database_open_sealed(ctx, cfg->db, sealed, &plain, err) < 0)
        return -1;
    const char *text = secret_reveal(plain, &len);
    const struct kube_client_options opt = { .user_agent = "aro-rp-enricher",
                                             .dial_address = address,
                                             .clock = ctx->clock,
                                             .rng = ctx->rng,
                                             .env = cfg->env,
                                             .log = ctx->log };
    if (kube_config_parse(text, len, NULL, &s->config, err) < 0)
        return -1;
    return cfg->transport ? kube_client_new_over(cfg->transport, s->config, &opt, &s->kube, err)
                          : kube_client_new(cfg->http, s->config, &opt, &s->kube, err);
}

static void ask(void *arg)
{
    struct job *j = arg;
    int64_t since = clock_mono_ns(j->ctx->clock);
    (void)j->task->fetch(j->kube, j->ctx, &j->found, &j->failure);
    j->took_ms = (clock_mono_ns(j->ctx->clock) - since) / NS_PER_MS;
}

static void begin(const struct enrich_config *cfg, const struct opctx *ctx, struct subject *s)
{
    cleanup_error struct error *err = NULL;
    if (open_client(cfg, ctx, s, &err) < 0) {
        log_warning(ctx->log, "live data of %s: %s", json_path_str(s->cluster, "id"),
                    error_text(err));
        return;
    }
    for (size_t i = 0; s->kube && i < ENRICH_TASKS; i++) {
        struct job *j = &s->jobs[i];
        *j = (struct job){ .task = tasks[i], .kube = s->kube, .ctx = ctx };
        if (!tasks[i]->concerns || tasks[i]->concerns(s->cluster))
            j->runs = thread_start(&j->thread, "enricher", ask, j, &j->failure) == 0;
    }
}

/* ---- answering ---- */

static void count(const struct enrich_config *cfg, const struct job *j)
{
    const struct statsd_dim dims[] = { { "task", j->task->name } };
    if (!cfg->statsd)
        return;
    statsd_count(cfg->statsd, "enricher.tasks.count", 1, dims, ARRAY_LEN(dims));
    statsd_timing_ms(cfg->statsd, "enricher.tasks.duration", j->took_ms, dims, ARRAY_LEN(dims));
    if (j->failure)
        statsd_count(cfg->statsd, "enricher.tasks.errors", 1, dims, ARRAY_LEN(dims));
    if (error_is(j->failure, ERR_TIMEOUT))
        statsd_count(cfg->statsd, "enricher.timeouts", 1, dims, ARRAY_LEN(dims));
}

static void finish(const struct enrich_config *cfg, const struct opctx *ctx, struct subject *s,
                   struct job *j)
{
    (void)pthread_join(j->thread, NULL);
    if (!j->failure)
        (void)j->task->apply(cfg, ctx, s->cluster, j->found, &j->failure);
    count(cfg, j);
}

static void end(const struct enrich_config *cfg, const struct opctx *ctx, struct subject *s)
{
    for (size_t i = 0; i < ENRICH_TASKS; i++) {
        struct job *j = &s->jobs[i];
        if (j->runs)
            finish(cfg, ctx, s, j);
        if (j->failure)
            log_warning(ctx->log, "%s of %s: %s", j->task->name, json_path_str(s->cluster, "id"),
                        error_text(j->failure));
        json_free(j->found);
        error_free(j->failure);
    }
    kube_client_free(s->kube);
    kube_config_free(s->config);
}

void enrich_clusters(const struct enrich_config *cfg, const struct opctx *ctx,
                     json *const *clusters, size_t len)
{
    struct subject *subjects = xcalloc(len + 1, sizeof(*subjects));
    for (size_t i = 0; i < len; i++) {
        subjects[i].cluster = clusters[i];
        begin(cfg, ctx, &subjects[i]);
    }
    for (size_t i = 0; i < len; i++)
        end(cfg, ctx, &subjects[i]);
    free(subjects);
}
