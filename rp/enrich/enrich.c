/*
 * A request of a customer must not cost threads by what it lists: few ask all questions. A cluster that has not answered yet is
 * asked one question at a time, so that those that never answer hold a thread each, and the rest of a page has enough.
 */
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

/* More than a page of a list has clusters. */
#define THREADS_MAX 12

/* One question to one cluster. */
struct job {
    const struct enrich_task *task; /* NULL: it does not concern the cluster */
    bool was_asked;
    json *found;
    struct error *failure;
    int64_t took_ms;
};

struct subject {
    json *cluster; /* the caller's thread alone */
    struct kube_config *config;
    struct kube_client *kube; /* NULL: it cannot be asked */
    struct job jobs[ENRICH_TASKS];
    size_t next, at_work; /* of the jobs; guarded, as the next one */
    bool has_answered;
};

/* What the threads of one call share. A job that was taken is its thread's until they are joined. */
struct page {
    const struct opctx *ctx;
    struct subject *subjects; /* borrowed */
    size_t len;
    pthread_mutex_t mu;
    pthread_cond_t cv; /* a job has ended */
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

/* The next job that may begin now; NULL: there is none. *ret_more: there will be. */
static struct job *find_job(struct page *p, struct subject **ret, bool *ret_more)
{
    *ret_more = false;
    for (size_t i = 0; i < p->len; i++) {
        struct subject *s = &p->subjects[i];
        while (s->next < ENRICH_TASKS && !s->jobs[s->next].task)
            s->next++;
        if (s->next == ENRICH_TASKS)
            continue;
        *ret_more = true;
        if (s->at_work > 0 && !s->has_answered)
            continue;
        *ret = s;
        s->at_work++;
        return &s->jobs[s->next++];
    }
    return NULL;
}

static struct job *take_job(struct page *p, struct subject **ret)
{
    struct job *j;
    bool more;
    pthread_mutex_lock(&p->mu);
    while (!(j = find_job(p, ret, &more)) && more)
        clock_wait(p->ctx->clock, &p->cv, &p->mu, CLOCK_NEVER);
    pthread_mutex_unlock(&p->mu);
    return j;
}

static void end_job(struct page *p, struct subject *s, const struct job *j)
{
    pthread_mutex_lock(&p->mu);
    s->at_work--;
    s->has_answered |= !error_is(j->failure, ERR_CONN) && !error_is(j->failure, ERR_TIMEOUT);
    pthread_cond_broadcast(&p->cv);
    pthread_mutex_unlock(&p->mu);
}

static void ask(void *arg)
{
    struct page *p = arg;
    struct subject *s = NULL;
    for (struct job *j; (j = take_job(p, &s));) {
        int64_t since = clock_mono_ns(p->ctx->clock);
        (void)j->task->fetch(s->kube, p->ctx, &j->found, &j->failure);
        j->took_ms = (clock_mono_ns(p->ctx->clock) - since) / NS_PER_MS;
        j->was_asked = true;
        end_job(p, s, j);
    }
}

static size_t begin(const struct enrich_config *cfg, const struct opctx *ctx, struct subject *s)
{
    cleanup_error struct error *err = NULL;
    size_t jobs = 0;
    if (open_client(cfg, ctx, s, &err) < 0) {
        log_warning(ctx->log, "live data of %s: %s", json_path_str(s->cluster, "id"),
                    error_text(err));
        return 0;
    }
    for (size_t i = 0; s->kube && i < ENRICH_TASKS; i++)
        if (!tasks[i]->concerns || tasks[i]->concerns(s->cluster)) {
            s->jobs[i].task = tasks[i];
            jobs++;
        }
    return jobs;
}

/* The caller's thread asks, too: it does so alone where others cannot be started. */
static void ask_all(struct page *p, size_t jobs)
{
    pthread_t threads[THREADS_MAX - 1];
    size_t n = 0;
    mutex_init(&p->mu);
    clock_cond_init(&p->cv);
    while (n < ARRAY_LEN(threads) && n + 1 < jobs &&
           thread_start(&threads[n], "enricher", ask, p, NULL) == 0)
        n++;
    ask(p);
    while (n)
        (void)pthread_join(threads[--n], NULL);
    pthread_cond_destroy(&p->cv);
    pthread_mutex_destroy(&p->mu);
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

static void end(const struct enrich_config *cfg, const struct opctx *ctx, struct subject *s)
{
    for (size_t i = 0; i < ENRICH_TASKS; i++) {
        struct job *j = &s->jobs[i];
        if (!j->was_asked)
            continue;
        if (!j->failure)
            (void)j->task->apply(cfg, ctx, s->cluster, j->found, &j->failure);
        count(cfg, j);
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
    struct page page = { .ctx = ctx, .len = len };
    size_t jobs = 0;
    page.subjects = xcalloc(len + 1, sizeof(*page.subjects));
    for (size_t i = 0; i < len; i++) {
        page.subjects[i].cluster = clusters[i];
        jobs += begin(cfg, ctx, &page.subjects[i]);
    }
    ask_all(&page, jobs);
    for (size_t i = 0; i < len; i++)
        end(cfg, ctx, &page.subjects[i]);
    free(page.subjects);
}
