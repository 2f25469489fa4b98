/*
 * opctx.h - the context of one operation: deadline, stop flag, clock, randomness, log fields.
 * First parameter of everything that waits. A child context ends no later than its parent.
 *
 * Contexts live on the stack of the thread that runs the operation. `struct stop` is shared.
 */
#ifndef PKG_BASE_OPCTX_H
#define PKG_BASE_OPCTX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/clock.h"
#include "pkg/base/error.h"

struct stop; /* a one-way flag that many threads can watch; reference-counted */

/* Called once, by the thread that requests the stop, or at once by stop_watch when already set. Must not
 * block. After stop_unwatch returned it neither runs nor will run; a callback may unwatch itself. So neither
 * stop_request nor stop_unwatch may be called with a lock held that the callback takes (a waker's own, say). */
struct stop_watch {
    void (*fn)(void *arg);
    void *arg;
    struct stop_watch *prev_, *next_;
    bool linked_;
};

/* The parent may be NULL; a set parent sets the child. */
struct stop *stop_new(struct stop *parent);
struct stop *stop_ref(struct stop *s);
void stop_unref(struct stop *s);
void stop_request(struct stop *s);
bool stop_is_set(const struct stop *s);                /* false for NULL */
void stop_watch(struct stop *s, struct stop_watch *w); /* NULL s: no-op */
void stop_unwatch(struct stop *s, struct stop_watch *w);

DEFINE_RELEASE(struct stop *, stop_unref)
#define cleanup_stop CLEANUP_WITH(stop_unref_slot)

struct log; /* log.h */

struct opctx {
    const struct clock *clock;
    const struct rng *rng;
    struct stop *stop;     /* borrowed; may be NULL */
    int64_t deadline_ns;   /* monotonic; CLOCK_NEVER: none */
    const struct log *log; /* borrowed; may be NULL: no log */
};

/* A root context: no deadline. log may be NULL. */
struct opctx opctx_root(const struct clock *clock, const struct rng *rng, struct stop *stop,
                        const struct log *log);
/* The same with an earlier (never later) deadline, another stop or other log fields. */
struct opctx opctx_with_timeout_ms(const struct opctx *parent, int64_t timeout_ms);
/* stop: child of parent's. */
struct opctx opctx_with_stop(const struct opctx *parent, struct stop *stop);
struct opctx opctx_with_log(const struct opctx *parent, const struct log *log);

/* 0, or -1 with ERR_CANCELLED or ERR_TIMEOUT. */
int opctx_check(const struct opctx *ctx, struct error **err);
/* INT64_MAX when no deadline; never negative. */
int64_t opctx_remaining_ms(const struct opctx *ctx);
/* Waits ms; -1 with ERR_CANCELLED or ERR_TIMEOUT if the context ends first (at once if the deadline is
 * nearer than ms). */
int opctx_sleep_ms(const struct opctx *ctx, int64_t ms, struct error **err);

/*
 * Waiting for a predicate under a mutex with a context: waker_init registers with the context's stop,
 * and every waker_wait returns when signalled, stopped, or at deadline.
 */
struct waker {
    pthread_mutex_t mu;
    pthread_cond_t cv;
    const struct opctx *ctx;
    struct stop_watch watch_;
};
void waker_init(struct waker *w, const struct opctx *ctx);
void waker_release(struct waker *w);
void waker_lock(struct waker *w);
void waker_unlock(struct waker *w);
void waker_signal(struct waker *w); /* any thread; takes the lock itself */
/* With the lock held. Until the context's deadline and no later than deadline_ns. 0 = look again;
 * -1 = the context ended (ERR_CANCELLED, ERR_TIMEOUT). Reaching deadline_ns alone is 0. */
int waker_wait(struct waker *w, int64_t deadline_ns, struct error **err);

#endif
