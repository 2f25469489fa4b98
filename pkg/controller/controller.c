/*
 * The thread of controller_run starts the sources (unless a warm-up did), waits for their sync and is
 * then itself the first of the workers, so that a controller with one worker is one thread. What ends
 * it is the context's stop: a watch on it shuts the queue down, which wakes all workers. A warm-up
 * leaves no thread behind: sources need none.
 */
#include "pkg/controller/controller.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/controller/controller_metrics.h"
#include "pkg/controller/crash.h"

#define SYNC_TIMEOUT_MS (2 * 60 * 1000)
/* Sources have no way to tell that they have synced: they are asked, at first often. */
#define SYNC_POLL_MIN_MS 2
#define SYNC_POLL_MAX_MS 100
/* Some 80 s with the default back-off. */
#define FAILURES_TILL_ERROR 15

struct controller {
    struct controller_config cfg;
    char *name;
    struct workqueue *queue;
    struct controller_metrics metrics;
    atomic_int phase; /* enum phase */
    atomic_bool synced;
    /* Of the sources: it lives until they are stopped, longer than the thread of a warm-up. */
    struct opctx source_ctx;
    size_t sources_started;
};

enum phase { PHASE_NEW, PHASE_WARMING, PHASE_WARM, PHASE_RUN };

struct controller *controller_new(const struct controller_config *cfg)
{
    struct controller *c = xnew(struct controller);
    c->cfg = *cfg;
    c->name = xstrdup(cfg->name);
    if (c->cfg.max_concurrent < 1)
        c->cfg.max_concurrent = 1;
    c->cfg.sources = xmemdup(cfg->sources, cfg->sources_len * sizeof(struct source *));
    struct workqueue_config queue = cfg->queue;
    queue.name = c->name;
    queue.clock = cfg->clock;
    queue.metrics = cfg->metrics;
    c->queue = workqueue_new(&queue);
    controller_metrics_init(&c->metrics, cfg->metrics, c->name, c->cfg.max_concurrent);
    atomic_init(&c->phase, PHASE_NEW);
    atomic_init(&c->synced, false);
    return c;
}

static void stop_sources(struct controller *c)
{
    while (c->sources_started > 0) {
        struct source *s = c->cfg.sources[--c->sources_started];
        s->stop(s);
    }
    atomic_store(&c->synced, false);
    stop_unref(take(c->source_ctx.stop));
}

void controller_free(struct controller *c)
{
    if (!c)
        return;
    stop_sources(c);
    workqueue_free(c->queue);
    free(c->cfg.sources);
    free(c->name);
    free(c);
}

bool controller_has_synced(const struct controller *c)
{
    return atomic_load(&c->synced);
}

struct workqueue *controller_queue(struct controller *c)
{
    return c->queue;
}

/* ---- one run ---- */

/*
 * Errors are what somebody has to look at. What a retry mends is none: servers restart, rights arrive
 * late, objects are made in any order. What keeps failing for longer than such things take is one; a
 * peer that is away may be away for longer, and is no fault of what is reconciled.
 */
static void log_failure(const struct opctx *ctx, const struct error *e, int failures)
{
    const struct log log = log_with(ctx->log, "err", error_text(e));
    /* A stop breaks things off in many ways; what is really wrong shows again at the next start. */
    if (error_is(e, ERR_CANCELLED) || stop_is_set(ctx->stop))
        log_debug(&log, "reconcile was cancelled");
    else if (error_is_marked_terminal(e))
        log_error(&log, "reconcile failed, no retry will help");
    else if (error_is(e, ERR_CONFLICT))
        log_info(&log, "reconcile met a newer object, it will be run again");
    else if (failures < FAILURES_TILL_ERROR || error_is_retriable(e))
        log_warning(&log, "reconcile failed, it will be run again");
    else
        log_error(&log, "reconcile keeps failing, %d times in a row", failures);
}

static enum reconcile_outcome handle_failure(struct controller *c, const struct opctx *ctx,
                                             const char *key, const struct result *result,
                                             const struct error *e)
{
    log_failure(ctx, e, workqueue_failures(c->queue, key) + 1);
    if (result->requeue_after_ms > 0)
        log_warning(ctx->log, "an error beats requeue_after, which is ignored");
    if (error_is_marked_terminal(e))
        controller_metrics_terminal(&c->metrics);
    else
        workqueue_add_rate_limited(c->queue, key, result->priority);
    return OUTCOME_ERROR;
}

static enum reconcile_outcome handle_success(struct controller *c, const char *key,
                                             const struct result *result)
{
    workqueue_forget(c->queue, key);
    if (result->requeue_after_ms <= 0)
        return OUTCOME_SUCCESS;
    workqueue_add_after(c->queue, key, result->requeue_after_ms, result->priority);
    return OUTCOME_REQUEUE_AFTER;
}

static void run_key(struct controller *c, const struct opctx *parent, const char *key, int priority)
{
    char id[UUID_LEN + 1];
    rng_uuid(c->cfg.rng, id);
    const struct log log_key = log_with(parent->log, "key", key);
    const struct log log = log_with(&log_key, "reconcileID", id);
    struct opctx ctx = opctx_with_log(parent, &log);
    if (c->cfg.reconcile_timeout_ms > 0)
        ctx = opctx_with_timeout_ms(&ctx, c->cfg.reconcile_timeout_ms);

    struct result result = { .priority = priority };
    cleanup_error struct error *e = NULL;
    int64_t began = clock_mono_ns(ctx.clock);
    controller_metrics_begin(&c->metrics);
    crash_note_set(c->name, key);
    int rcode = c->cfg.reconcile(c->cfg.arg, &ctx, key, &result, &e);
    crash_note_clear();
    int64_t ended = clock_mono_ns(ctx.clock);

    bool has_own_deadline = ctx.deadline_ns != parent->deadline_ns;
    if (has_own_deadline && rcode < 0 && ended >= ctx.deadline_ns)
        controller_metrics_timeout(&c->metrics);
    enum reconcile_outcome outcome =
        rcode < 0 ? handle_failure(c, &ctx, key, &result, e) : handle_success(c, key, &result);
    controller_metrics_end(&c->metrics, outcome, ended - began);
    log_debug(&log, "reconcile took %lld us", (long long)((ended - began) / 1000));
}

/* ---- workers ---- */

struct workers {
    struct controller *c;
    const struct opctx *ctx;
    pthread_t *threads; /* all but the first, which is controller_run's own */
    int len;
};

static void work(void *arg)
{
    struct workers *w = arg;
    char *key;
    int priority;
    while (workqueue_get(w->c->queue, &key, &priority)) {
        /* What is queued at the stop is left to the next leader, or the next start. */
        if (!stop_is_set(w->ctx->stop))
            run_key(w->c, w->ctx, key, priority);
        workqueue_done(w->c->queue, key);
        free(key);
    }
}

static int start_workers(struct workers *w, struct error **err)
{
    w->threads = xcalloc((size_t)w->c->cfg.max_concurrent, sizeof(*w->threads));
    while (w->len < w->c->cfg.max_concurrent - 1) {
        if (thread_start(&w->threads[w->len], w->c->name, work, w, err) < 0)
            return -1;
        w->len++;
    }
    return 0;
}

static int run_workers(struct controller *c, const struct opctx *ctx, struct error **err)
{
    struct workers w = { .c = c, .ctx = ctx };
    int rcode = start_workers(&w, err);
    if (rcode == 0)
        work(&w);
    else
        workqueue_shutdown(c->queue);
    for (int i = 0; i < w.len; i++)
        pthread_join(w.threads[i], NULL);
    free(w.threads);
    return rcode;
}

/* ---- sources ---- */

static int start_sources(struct controller *c, const struct opctx *ctx, struct error **err)
{
    c->source_ctx = opctx_root(ctx->clock, ctx->rng, stop_new(ctx->stop), c->cfg.log);
    for (; c->sources_started < c->cfg.sources_len; c->sources_started++) {
        struct source *s = c->cfg.sources[c->sources_started];
        if (s->start(s, c->queue, &c->source_ctx, err) < 0)
            return error_wrap(err, "starting source %s", s->name);
    }
    return 0;
}

/* Names of the sources that are waited for still. */
static char *give_missing(const struct controller *c)
{
    cleanup_strv struct strv missing = STRV_INIT;
    for (size_t i = 0; i < c->cfg.sources_len; i++) {
        struct source *s = c->cfg.sources[i];
        if (!s->optional && !s->has_synced(s))
            strv_add(&missing, s->name);
    }
    return missing.len ? strv_give_joined(&missing, ", ") : NULL;
}

static int wait_for_sync(struct controller *c, const struct opctx *ctx, struct error **err)
{
    int64_t timeout_ms = c->cfg.sync_timeout_ms ? c->cfg.sync_timeout_ms : SYNC_TIMEOUT_MS;
    struct opctx bounded = *ctx;
    if (timeout_ms > 0)
        bounded = opctx_with_timeout_ms(ctx, timeout_ms);
    int64_t poll_ms = SYNC_POLL_MIN_MS;
    for (;;) {
        cleanup_free char *missing = give_missing(c);
        if (!missing)
            return 0;
        if (poll_ms > opctx_remaining_ms(&bounded))
            poll_ms = opctx_remaining_ms(&bounded);
        if (opctx_sleep_ms(&bounded, poll_ms, err) < 0) {
            if (stop_is_set(ctx->stop))
                return -1;
            return error_set(err, ERR_TIMEOUT, "no sync within %lld ms: %s", (long long)timeout_ms,
                             missing);
        }
        poll_ms = poll_ms * 2 < SYNC_POLL_MAX_MS ? poll_ms * 2 : SYNC_POLL_MAX_MS;
    }
}

static int sync_sources(struct controller *c, const struct opctx *ctx, struct error **err)
{
    if (start_sources(c, ctx, err) < 0 || wait_for_sync(c, ctx, err) < 0)
        return -1;
    atomic_store(&c->synced, true);
    log_debug(ctx->log, "all sources have synced");
    return 0;
}

/* Being stopped is no error, whatever it cut short. Takes over *e. */
static int conclude(const struct controller *c, const struct opctx *ctx, int rcode,
                    struct error **e, struct error **err)
{
    if (rcode == 0 || stop_is_set(ctx->stop)) {
        error_clear(e);
        return 0;
    }
    error_move(err, e);
    return error_wrap(err, "controller %s", c->name);
}

int controller_warm_up(struct controller *c, const struct opctx *parent, struct error **err)
{
    int phase = PHASE_NEW;
    if (!atomic_compare_exchange_strong(&c->phase, &phase, PHASE_WARMING))
        return error_set(err, ERR_INTERNAL, "controller %s: started twice", c->name);

    const struct log log = log_with(c->cfg.log ? c->cfg.log : parent->log, "controller", c->name);
    const struct opctx ctx = opctx_with_log(parent, &log);
    struct error *e = NULL;
    int rcode = sync_sources(c, &ctx, &e);
    if (rcode < 0)
        stop_sources(c);
    atomic_store(&c->phase, PHASE_WARM);
    return conclude(c, &ctx, rcode, &e, err);
}

static void shut_down(void *arg)
{
    workqueue_shutdown(arg);
}

int controller_run(struct controller *c, const struct opctx *parent, struct error **err)
{
    int phase = PHASE_NEW;
    if (!atomic_compare_exchange_strong(&c->phase, &phase, PHASE_RUN) &&
        (phase != PHASE_WARM || !atomic_compare_exchange_strong(&c->phase, &phase, PHASE_RUN)))
        return error_set(err, ERR_INTERNAL, "controller %s: started twice", c->name);

    const struct log log = log_with(c->cfg.log ? c->cfg.log : parent->log, "controller", c->name);
    const struct opctx ctx = opctx_with_log(parent, &log);
    struct stop_watch watch = { .fn = shut_down, .arg = c->queue };
    stop_watch(ctx.stop, &watch);

    struct error *e = NULL;
    int rcode = 0;
    if (!atomic_load(&c->synced))
        rcode = sync_sources(c, &ctx, &e);
    if (rcode == 0)
        rcode = run_workers(c, &ctx, &e);
    workqueue_shutdown(c->queue);
    stop_sources(c);
    stop_unwatch(ctx.stop, &watch);
    return conclude(c, &ctx, rcode, &e, err);
}
