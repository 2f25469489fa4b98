#include "rp/syncsets/remote/turnstile.h"

#include "pkg/base/thread.h"

struct turnstile_waiter {
    struct waker waker;
    bool admitted; /* with the waker's lock; the place counts as used from then on */
    struct turnstile_waiter *next;
};

void turnstile_init(struct turnstile *g, int places)
{
    *g = (struct turnstile){ .len = places, .free = places };
    mutex_init(&g->mu);
}

void turnstile_release(struct turnstile *g)
{
    pthread_mutex_destroy(&g->mu);
}

/* With the lock. */
static void take_place(struct turnstile *g, const void *with)
{
    int i = 0;
    while (g->places[i].taken)
        i++;
    g->places[i] = (struct turnstile_place){ true, pthread_self(), with };
}

/* With the lock. */
static void forget(struct turnstile *g, const struct turnstile_waiter *w)
{
    struct turnstile_waiter *before = NULL;
    for (struct turnstile_waiter *at = g->first; at; before = at, at = at->next) {
        if (at != w)
            continue;
        if (before)
            before->next = at->next;
        else
            g->first = at->next;
        if (g->last == at)
            g->last = before;
        return;
    }
}

/* With the lock: a place has become free. */
static void admit_next(struct turnstile *g)
{
    struct turnstile_waiter *w = g->first;
    if (!w) {
        g->free++;
        return;
    }
    forget(g, w);
    waker_lock(&w->waker);
    w->admitted = true;
    waker_unlock(&w->waker);
    waker_signal(&w->waker);
}

static int wait_for_place(struct turnstile_waiter *w, struct error **err)
{
    int rc = 0;
    waker_lock(&w->waker);
    while (rc == 0 && !w->admitted)
        rc = waker_wait(&w->waker, CLOCK_NEVER, err);
    waker_unlock(&w->waker);
    return rc;
}

int turnstile_enter(struct turnstile *g, const struct opctx *ctx, const void *with,
                    struct error **err)
{
    pthread_mutex_lock(&g->mu);
    if (g->free > 0) {
        g->free--;
        take_place(g, with);
        pthread_mutex_unlock(&g->mu);
        return 0;
    }
    struct turnstile_waiter w = { .next = NULL };
    waker_init(&w.waker, ctx);
    if (g->last)
        g->last->next = &w;
    else
        g->first = &w; /* cppcheck-suppress autoVariables ; taken out before w ends */
    g->last = &w;      /* cppcheck-suppress autoVariables ; the same */
    pthread_mutex_unlock(&g->mu);

    int rc = wait_for_place(&w, err);

    /* Who admits touches a waiter only with this lock held, so from here on it is ours alone. */
    pthread_mutex_lock(&g->mu);
    if (!w.admitted)
        forget(g, &w);
    else if (rc < 0)
        admit_next(g);
    else
        take_place(g, with);
    pthread_mutex_unlock(&g->mu);
    waker_release(&w.waker);
    return rc;
}

void turnstile_leave(struct turnstile *g)
{
    pthread_mutex_lock(&g->mu);
    for (int i = 0; i < g->len; i++) {
        if (!g->places[i].taken || !pthread_equal(g->places[i].thread, pthread_self()))
            continue;
        g->places[i].taken = false;
        admit_next(g);
        break;
    }
    pthread_mutex_unlock(&g->mu);
}

const void *turnstile_entered_with(struct turnstile *g)
{
    const void *with = NULL;
    pthread_mutex_lock(&g->mu);
    for (int i = 0; i < g->len; i++)
        if (g->places[i].taken && pthread_equal(g->places[i].thread, pthread_self()))
            with = g->places[i].with;
    pthread_mutex_unlock(&g->mu);
    return with;
}
