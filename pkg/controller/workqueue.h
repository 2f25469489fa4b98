/*
 * workqueue.h - the work queue: a key is handled by one worker at a time, adds collapse, delays and
 * priorities.
 *
 * Keys are strings. A key is in `dirty` (waiting or to be run again), `processing`, both, or
 * neither. Knows nothing of Kubernetes. Threads: safe from any.
 */
#ifndef PKG_CONTROLLER_WORKQUEUE_H
#define PKG_CONTROLLER_WORKQUEUE_H

#include "pkg/base/opctx.h"
#include "pkg/metrics/metrics.h"

#define PRIORITY_NORMAL 0
#define PRIORITY_LOW (-100) /* initial list and resync */

struct workqueue_config {
    const char *name; /* metric labels name and controller */
    const struct clock *clock;
    struct metrics *metrics; /* may be NULL */
    int64_t base_delay_ms;   /* per-key back-off: 0 = 5 ms, doubling ... */
    int64_t max_delay_ms;    /* ... to: 0 = 1000 s */
    double qps;              /* overall bucket for rate-limited adds: 0 = 10, negative = none */
    int burst;               /* 0 = 100 */
};

struct workqueue;
struct workqueue *workqueue_new(const struct workqueue_config *cfg);
void workqueue_free(struct workqueue *q);

/*
 * Adding a key that waits already can only bring it forward: it keeps the earlier time and the higher
 * priority, and a raised one goes to the back of its new level. Added while it is processed, it runs once
 * more afterwards. After shutdown all adds are ignored.
 */
void workqueue_add(struct workqueue *q, const char *key);
void workqueue_add_priority(struct workqueue *q, const char *key, int priority);
void workqueue_add_after(struct workqueue *q, const char *key, int64_t delay_ms,
                         int priority); /* <= 0: now */
void workqueue_add_rate_limited(struct workqueue *q, const char *key, int priority);
/* Adds the key now and then every period, until shutdown or workqueue_end_every; at most one run of
 * a late tick. One period a key. */
void workqueue_add_every(struct workqueue *q, const char *key, int64_t period_ms);
void workqueue_end_every(struct workqueue *q, const char *key);
void workqueue_forget(struct workqueue *q, const char *key); /* clears the failure count only */
int workqueue_failures(struct workqueue *q, const char *key);
/* What made keys fail is over: clears all failure counts and runs now those that wait to be tried again. */
void workqueue_retry_now(struct workqueue *q);
/* Blocks. false: shut down and empty. *ret_key is owned by the caller; ret_priority may be NULL. Each
 * key got has to be given back with workqueue_done. */
bool workqueue_get(struct workqueue *q, char **ret_key, int *ret_priority);
void workqueue_done(struct workqueue *q, const char *key);
size_t workqueue_len(struct workqueue *q); /* ready, not delayed */
/* No more adds; queued keys are still handed out; delayed ones are dropped. */
void workqueue_shutdown(struct workqueue *q);
/* shutdown, then waits until nothing is queued or processing, or the context ends. A plain shutdown
 * ends a waiting drain (ERR_CANCELLED). */
int workqueue_drain(struct workqueue *q, const struct opctx *ctx, struct error **err);

DEFINE_RELEASE(struct workqueue *, workqueue_free)
#define cleanup_workqueue CLEANUP_WITH(workqueue_free_slot)

#endif
