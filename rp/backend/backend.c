/*
 * The loop takes a document only when a worker is free for it, so the limit holds for both kinds together. Each worker is a
 * thread of its own for one document; those that ended are joined by the loop.
 */
#include "rp/backend/backend.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/store.h"
#include "pkg/database/subscriptions.h"
#include "rp/backend/metrics.h"
#include "rp/backend/openshiftcluster.h"
#include "rp/backend/reseal.h"
#include "rp/backend/subscription.h"

struct kind {
    const char *what, *thread, *key_member;
    int (*dequeue)(const struct opctx *ctx, struct database *db, char **ret_lease,
                   struct document *ret, struct error **err);
    void (*work)(const struct work *w);
};
static const struct kind kinds[] = {
    { "cluster", "cluster", "key", openshiftclusters_dequeue, openshiftcluster_work },
    { "subscription", "subscription", "id", subscriptions_dequeue, subscription_work },
};

struct worker {
    struct backend *b;
    const struct kind *kind;
    struct work work;
    char *key, *token;
    pthread_t thread;
    struct worker *next; /* of those that ended */
};

struct backend {
    struct backend_config cfg;
    struct log log;
    atomic_bool hand_over;
    pthread_mutex_t mu; /* guards the rest */
    pthread_cond_t cv;
    size_t workers;       /* at work, or about to be */
    struct worker *ended; /* to be joined */
};

struct backend *backend_new(const struct backend_config *cfg)
{
    struct backend *b = xnew(struct backend);
    b->cfg = *cfg;
    b->log = log_with(cfg->log, "component", "backend");
    b->cfg.log = &b->log;
    atomic_init(&b->hand_over, false);
    mutex_init(&b->mu);
    clock_cond_init(&b->cv);
    return b;
}

void backend_free(struct backend *b)
{
    if (!b)
        return;
    pthread_cond_destroy(&b->cv);
    pthread_mutex_destroy(&b->mu);
    free(b);
}

void backend_hand_over(struct backend *b)
{
    atomic_store(&b->hand_over, true);
}

size_t backend_workers(struct backend *b)
{
    pthread_mutex_lock(&b->mu);
    size_t n = b->workers;
    pthread_mutex_unlock(&b->mu);
    return n;
}

/* ---- workers ---- */

static void worker_free(struct worker *w)
{
    free(w->key);
    free(w->token);
    free(w);
}

/* The place of a worker, taken before the document is, so that there is never one too many. */
static void take_place(struct backend *b)
{
    pthread_mutex_lock(&b->mu);
    b->workers++;
    pthread_mutex_unlock(&b->mu);
}

/* Of a worker that ended (NULL: of one that never began). */
static void give_place(struct backend *b, struct worker *w)
{
    pthread_mutex_lock(&b->mu);
    b->workers--;
    if (w) {
        w->next = b->ended;
        b->ended = w;
        metrics_workers(&b->cfg, b->workers);
    }
    pthread_cond_broadcast(&b->cv);
    pthread_mutex_unlock(&b->mu);
}

static void run_worker(void *arg)
{
    struct worker *w = arg;
    w->kind->work(&w->work);
    give_place(w->b, w);
}

static void join_ended(struct backend *b)
{
    pthread_mutex_lock(&b->mu);
    struct worker *ended = take(b->ended);
    pthread_mutex_unlock(&b->mu);
    while (ended) {
        struct worker *w = ended;
        ended = w->next;
        pthread_join(w->thread, NULL);
        worker_free(w);
    }
}

/* Only the key and the lease go to the worker: trees stay with their thread. */
static int start_worker(struct backend *b, const struct kind *kind, const json *tree,
                        const char *token, int64_t since_ns, struct error **err)
{
    const char *key;
    if (json_need_str(tree, kind->key_member, &key, err) < 0)
        return -1;
    struct worker *w = xnew(struct worker);
    *w = (struct worker){ .b = b, .kind = kind, .key = xstrdup(key), .token = xstrdup(token) };
    w->work = (struct work){ .cfg = &b->cfg,
                             .key = w->key,
                             .token = w->token,
                             .since_ns = since_ns,
                             .hand_over = &b->hand_over };
    metrics_workers(&b->cfg, backend_workers(b));
    if (thread_start(&w->thread, kind->thread, run_worker, w, err) == 0)
        return 0;
    worker_free(w);
    return -1;
}

/* ---- the loop ---- */

static int take_document(struct backend *b, const struct opctx *ctx, const struct kind *kind,
                         bool *ret_took, struct error **err)
{
    cleanup_free char *token = NULL;
    cleanup_document struct document d = { 0 };
    int64_t since_ns = clock_mono_ns(ctx->clock);
    *ret_took = false;
    if (kind->dequeue(ctx, b->cfg.db, &token, &d, err) < 0)
        return -1;
    if (!d.tree)
        return 0;
    if (start_worker(b, kind, d.tree, token, since_ns, err) < 0)
        return -1;
    *ret_took = true;
    return 0;
}

/* false: no place before the stop. */
static bool await_place(struct backend *b, const struct opctx *ctx)
{
    size_t limit = (size_t)b->cfg.settings.workers;
    pthread_mutex_lock(&b->mu);
    while (b->workers >= limit && !stop_is_set(ctx->stop))
        clock_wait(ctx->clock, &b->cv, &b->mu, CLOCK_NEVER);
    pthread_mutex_unlock(&b->mu);
    join_ended(b);
    return opctx_check(ctx, NULL) == 0;
}

/* One of each kind, if there are. */
static bool take_documents(struct backend *b, const struct opctx *ctx)
{
    bool took_any = false;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        cleanup_error struct error *err = NULL;
        bool took;
        if (!await_place(b, ctx))
            return took_any;
        take_place(b);
        if (take_document(b, ctx, &kinds[i], &took, &err) < 0 && !error_is(err, ERR_CANCELLED))
            log_error(ctx->log, "taking a %s: %s", kinds[i].what, error_text(err));
        if (!took)
            give_place(b, NULL);
        took_any |= took;
    }
    return took_any;
}

/* Backends that began together do not look together for ever. */
static int64_t tick_ms(const struct backend *b, const struct rng *rng)
{
    int64_t tick = b->cfg.settings.tick_ms;
    return tick - (int64_t)rng_below(rng, (uint64_t)tick / 4 + 1);
}

static void loop(struct backend *b, const struct opctx *ctx)
{
    struct store *store = database_store(b->cfg.db);
    while (opctx_check(ctx, NULL) == 0) {
        uint64_t seen = store_hint(store, COLL_OPENSHIFT_CLUSTERS);
        if (!take_documents(b, ctx))
            (void)store_hint_wait(ctx, store, COLL_OPENSHIFT_CLUSTERS, seen, tick_ms(b, ctx->rng),
                                  NULL);
    }
}

static void drain(struct backend *b)
{
    if (b->cfg.hasty)
        backend_hand_over(b);
    pthread_mutex_lock(&b->mu);
    if (b->workers)
        log_info(&b->log, "stopping when %zu documents are done", b->workers);
    while (b->workers)
        clock_wait(b->cfg.clock, &b->cv, &b->mu, CLOCK_NEVER);
    pthread_mutex_unlock(&b->mu);
    join_ended(b);
}

/* ---- the run ---- */

/* What goes on beside the documents, each on a thread of its own until the stop. */
struct chore {
    const char *name;
    void (*run)(const struct backend_config *cfg, const struct opctx *ctx);
};

static void measure_queues(const struct backend_config *cfg, const struct opctx *ctx)
{
    do
        metrics_queues(cfg, ctx);
    while (opctx_sleep_ms(ctx, cfg->settings.queue_length_ms, NULL) == 0);
}

static const struct chore chores[] = { { "queues", measure_queues }, { "reseal", reseal_run } };

struct chore_run {
    const struct chore *chore;
    const struct backend_config *cfg;
    const struct opctx *ctx;
    pthread_t thread;
};

static void run_chore(void *arg)
{
    const struct chore_run *c = arg;
    c->chore->run(c->cfg, c->ctx);
}

static void join_chores(struct chore_run *runs, size_t len)
{
    for (size_t i = 0; i < len; i++)
        pthread_join(runs[i].thread, NULL);
}

static int start_chores(struct backend *b, const struct opctx *ctx, struct chore_run *runs,
                        struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(chores); i++) {
        runs[i] = (struct chore_run){ .chore = &chores[i], .cfg = &b->cfg, .ctx = ctx };
        if (thread_start(&runs[i].thread, chores[i].name, run_chore, &runs[i], err) == 0)
            continue;
        stop_request(ctx->stop);
        join_chores(runs, i);
        return -1;
    }
    return 0;
}

static void on_stop(void *arg)
{
    struct backend *b = arg;
    pthread_mutex_lock(&b->mu);
    pthread_cond_broadcast(&b->cv);
    pthread_mutex_unlock(&b->mu);
}

int backend_run(struct backend *b, const struct opctx *ctx, struct error **err)
{
    const struct opctx logged = opctx_with_log(ctx, &b->log);
    struct stop_watch watch = { .fn = on_stop, .arg = b };
    struct chore_run runs[ARRAY_LEN(chores)];
    if (start_chores(b, &logged, runs, err) < 0)
        return error_wrap(err, "starting the backend");
    stop_watch(ctx->stop, &watch);
    log_info(&b->log, "taking documents, at most %lld at once", (long long)b->cfg.settings.workers);
    loop(b, &logged);
    stop_unwatch(ctx->stop, &watch);
    drain(b);
    join_chores(runs, ARRAY_LEN(runs));
    log_info(&b->log, "stopped");
    return 0;
}
