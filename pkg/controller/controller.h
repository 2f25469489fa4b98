/*
 * controller.h - level-based reconciling of keys: sources fill a queue, workers call reconcile.
 */
#ifndef PKG_CONTROLLER_CONTROLLER_H
#define PKG_CONTROLLER_CONTROLLER_H

#include "pkg/controller/workqueue.h"

struct result {
    int64_t requeue_after_ms; /* > 0: run again after exactly that; clears the failure count */
    int priority;             /* of the requeue; comes in as the one that the key had */
};

/* What feeds a controller. start subscribes and returns at once (its context lives until stop returned);
 * has_synced turns true when every initial key was put into the queue; stop ends the subscription and
 * returns after the last add. stop is called only after a start that succeeded. */
struct source {
    const char *name; /* in the error of a source that never syncs */
    int (*start)(struct source *s, struct workqueue *q, const struct opctx *ctx,
                 struct error **err);
    bool (*has_synced)(struct source *s);
    void (*stop)(struct source *s);
    bool optional; /* its kind may be missing: start-up does not wait for it */
};

typedef int (*reconcile_fn)(void *arg, const struct opctx *ctx, const char *key, struct result *ret,
                            struct error **err);

struct controller_config {
    const char *name;
    /* -1 = retry with back-off, unless the error is marked terminal (error_mark_terminal: its kind alone
     * does not stop retries, since what was invalid may change unseen). One key never runs twice at once.
     * The context's log has the fields controller, key and reconcileID. */
    reconcile_fn reconcile;
    void *arg;
    struct source **sources;
    size_t sources_len;
    int max_concurrent;           /* 0 = 1 */
    int64_t sync_timeout_ms;      /* 0 = 2 min, negative = waits for ever */
    int64_t reconcile_timeout_ms; /* 0 = none */
    const struct clock *clock;
    const struct rng *rng;
    struct metrics *metrics;
    const struct log *log;
    struct workqueue_config queue; /* name, clock and metrics are filled in */
};

struct controller;
struct controller *controller_new(const struct controller_config *cfg);
/* Blocks until the context's stop: starts the sources, waits for the sync of all that are not
 * optional, runs the workers. Stop: no error, running reconciles are cancelled and awaited, queued
 * keys are left. A source that does not sync in time, or a second run, is an error. */
int controller_run(struct controller *c, const struct opctx *ctx, struct error **err);
/* For a standby, at most once and before controller_run: starts the sources, waits for their sync and
 * returns; they go on to fill the queue, which controller_run will find full. Errors and stop as there. */
int controller_warm_up(struct controller *c, const struct opctx *ctx, struct error **err);
bool controller_has_synced(const struct controller *c);
struct workqueue *controller_queue(struct controller *c); /* borrowed */
void controller_free(struct controller *c);

/* Adds one key once and then every period (0: once). */
struct source *source_timer_new(const char *name, const char *key, int64_t period_ms);
void source_timer_free(struct source *s);

/* Adds the keys that any thread sends; what is sent while the source is not started waits for the start. */
struct source *source_channel_new(const char *name);
bool source_channel_send(struct source *s, const char *key); /* false: it is closed */
void source_channel_close(
    struct source *s); /* takes nothing more in; what came before is handed on */
void source_channel_free(struct source *s); /* not while it is started; accepts NULL */

#endif
