#include "pkg/base/flight.h"

#include "pkg/base/mem.h"

struct flight_waiter {
    struct waker waker;
    bool done;
    struct flight_waiter *next;
};

bool flight_begin(struct flight *f)
{
    bool free_to_begin = !f->busy;
    f->busy = true;
    return free_to_begin;
}

void flight_end(struct flight *f)
{
    f->busy = false;
    for (struct flight_waiter *w = take(f->waiters), *next; w; w = next) {
        next = w->next;
        waker_lock(&w->waker);
        w->done = true;
        waker_unlock(&w->waker);
        waker_signal(&w->waker);
    }
}

static void forget(struct flight *f, const struct flight_waiter *gone)
{
    struct flight_waiter **at = &f->waiters;
    while (*at && *at != gone)
        at = &(*at)->next;
    if (*at)
        *at = gone->next;
}

int flight_wait(struct flight *f, pthread_mutex_t *mu, const struct opctx *ctx, struct error **err)
{
    struct flight_waiter w = { .next = f->waiters };
    int rc = 0;
    waker_init(&w.waker, ctx);
    f->waiters = &w; /* cppcheck-suppress autoVariables ; taken out below, before w ends */
    pthread_mutex_unlock(mu);

    waker_lock(&w.waker);
    while (rc == 0 && !w.done)
        rc = waker_wait(&w.waker, CLOCK_NEVER, err);
    waker_unlock(&w.waker);

    /* flight_end touches a waiter only with this lock held, so from here on it is ours alone. */
    pthread_mutex_lock(mu);
    forget(f, &w);
    pthread_mutex_unlock(mu);
    waker_release(&w.waker); /* may wait for a stop's callback, so not under the lock */
    pthread_mutex_lock(mu);
    return rc;
}
