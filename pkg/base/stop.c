/*
 * struct stop: a flag, the watches to call when it is set, and a place under a parent.
 *
 * Callbacks run without the lock, on the one thread that set the flag. `running` is the watch whose
 * callback is under way: stop_unwatch waits until it is over, except on that very thread, where the
 * callback itself unwatches. A watch is never looked at after its callback began, since the
 * callback may free it.
 *
 * A child is a watch of its parent. Its last reference may go while the parent is calling it: then
 * either the caller still got a reference (stop_try_ref) and finishes the work first, or the
 * destructor's stop_unwatch waits for the callback, which finds no reference left and does nothing.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/opctx.h"
#include "pkg/base/thread.h"

struct stop {
    atomic_uint refs;
    atomic_bool set;
    pthread_mutex_t mu; /* guards the rest, and the change of set */
    pthread_cond_t idle;
    struct stop_watch *watches;
    const struct stop_watch *running;
    pthread_t runner; /* meaningful while running is not NULL */
    struct stop *parent;
    struct stop_watch parent_watch;
};

static void parent_stopped(void *arg);

struct stop *stop_new(struct stop *parent)
{
    struct stop *s = xnew(struct stop);
    atomic_init(&s->refs, 1);
    atomic_init(&s->set, false);
    mutex_init(&s->mu);
    clock_cond_init(&s->idle);
    s->parent = stop_ref(parent);
    s->parent_watch = (struct stop_watch){ .fn = parent_stopped, .arg = s };
    stop_watch(s->parent, &s->parent_watch);
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): our reference outlives those that a stop takes */
    return s;
}

struct stop *stop_ref(struct stop *s)
{
    if (s)
        atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

static bool stop_try_ref(struct stop *s)
{
    unsigned refs = atomic_load_explicit(&s->refs, memory_order_relaxed);
    while (refs != 0) {
        if (atomic_compare_exchange_weak_explicit(&s->refs, &refs, refs + 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    }
    return false;
}

void stop_unref(struct stop *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    stop_unwatch(s->parent, &s->parent_watch);
    stop_unref(s->parent);
    pthread_cond_destroy(&s->idle);
    pthread_mutex_destroy(&s->mu);
    free(s);
}

bool stop_is_set(const struct stop *s)
{
    return s && atomic_load_explicit(&s->set, memory_order_acquire);
}

static void stop_unlink(struct stop *s, struct stop_watch *w)
{
    if (w->prev_)
        w->prev_->next_ = w->next_;
    else
        s->watches = w->next_;
    if (w->next_)
        w->next_->prev_ = w->prev_;
    w->prev_ = w->next_ = NULL;
    w->linked_ = false;
}

/* The caller holds a reference: a callback may drop all others. */
static void stop_run(struct stop *s)
{
    pthread_mutex_lock(&s->mu);
    if (atomic_load_explicit(&s->set, memory_order_relaxed)) {
        pthread_mutex_unlock(&s->mu);
        return;
    }
    atomic_store_explicit(&s->set, true, memory_order_release);
    s->runner = pthread_self();
    while (s->watches) {
        struct stop_watch *w = s->watches;
        void (*fn)(void *) = w->fn;
        void *arg = w->arg;
        stop_unlink(s, w);
        s->running = w;
        pthread_mutex_unlock(&s->mu);
        fn(arg);
        pthread_mutex_lock(&s->mu);
        s->running = NULL;
        pthread_cond_broadcast(&s->idle);
    }
    pthread_mutex_unlock(&s->mu);
}

void stop_request(struct stop *s)
{
    if (!s || !stop_try_ref(s))
        return;
    stop_run(s);
    stop_unref(s);
}

static void parent_stopped(void *arg)
{
    stop_request(arg);
}

void stop_watch(struct stop *s, struct stop_watch *w)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->mu);
    bool set = atomic_load_explicit(&s->set, memory_order_relaxed);
    if (!set) {
        w->prev_ = NULL;
        w->next_ = s->watches;
        if (w->next_)
            w->next_->prev_ = w;
        s->watches = w;
        w->linked_ = true;
    }
    pthread_mutex_unlock(&s->mu);
    if (set)
        w->fn(w->arg);
}

void stop_unwatch(struct stop *s, struct stop_watch *w)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->mu);
    if (w->linked_) {
        stop_unlink(s, w);
    } else {
        while (s->running == w && !pthread_equal(s->runner, pthread_self()))
            pthread_cond_wait(&s->idle, &s->mu);
    }
    pthread_mutex_unlock(&s->mu);
}
