/*
 * Moving time must wake waiters through their own conditions, under their own mutexes, which this
 * clock may take only while holding nothing of its own (a waiter comes with its mutex held). So
 * advance first pins the due waiters, lets go of the clock, and then signals each; a pinned waiter
 * does not return from its wait, and lets go of its mutex until the pin is gone.
 */
#include "test/unit/support/fake_clock.h"

#include <sched.h>
#include <stdbool.h>

struct fake_waiter {
    pthread_cond_t *cv;
    pthread_mutex_t *mu;
    int64_t deadline_ns;
    bool due;      /* woken, or about to be */
    unsigned pins; /* uses by fake_clock_advance_ns */
    struct fake_waiter *next;
    struct fake_waiter *next_due;
};

static struct fake_clock *fake(const struct clock *c)
{
    return ((const struct fake_clock *)(const void *)c)->self;
}

static int64_t fake_mono_ns(const struct clock *clock)
{
    struct fake_clock *c = fake(clock);
    pthread_mutex_lock(&c->mu);
    int64_t now = c->mono_ns;
    pthread_mutex_unlock(&c->mu);
    return now;
}

static int64_t fake_wall_ns(const struct clock *clock)
{
    struct fake_clock *c = fake(clock);
    pthread_mutex_lock(&c->mu);
    int64_t now = c->wall_ns;
    pthread_mutex_unlock(&c->mu);
    return now;
}

/* With the clock's lock: moves time and pins who is due. */
static struct fake_waiter *move_time(struct fake_clock *c, int64_t ns)
{
    c->mono_ns += ns;
    c->wall_ns += ns;
    struct fake_waiter *due = NULL;
    for (struct fake_waiter *w = c->waiters; w; w = w->next) {
        if (w->due || w->deadline_ns > c->mono_ns)
            continue;
        w->due = true;
        w->pins++;
        w->next_due = due;
        due = w;
    }
    return due;
}

/* Without any lock: wakes and unpins them. */
static void wake_due(struct fake_clock *c, struct fake_waiter *due)
{
    while (due) {
        struct fake_waiter *w = due;
        due = w->next_due; /* read before the unpinning, after which w may be gone */
        pthread_mutex_lock(w->mu);
        pthread_cond_broadcast(w->cv);
        pthread_mutex_unlock(w->mu);
        pthread_mutex_lock(&c->mu);
        w->pins--;
        pthread_cond_broadcast(&c->changed);
        pthread_mutex_unlock(&c->mu);
    }
}

void fake_clock_advance_ns(struct fake_clock *c, int64_t ns)
{
    pthread_mutex_lock(&c->mu);
    struct fake_waiter *due = move_time(c, ns);
    pthread_mutex_unlock(&c->mu);
    wake_due(c, due);
}

void fake_clock_advance_ms(struct fake_clock *c, int64_t ms)
{
    fake_clock_advance_ns(c, ms * NS_PER_MS);
}

void fake_clock_set_wall_ns(struct fake_clock *c, int64_t wall_ns)
{
    pthread_mutex_lock(&c->mu);
    c->wall_ns = wall_ns;
    pthread_mutex_unlock(&c->mu);
}

/* Jumps to the deadline. Lets go of the mutex for a moment, as every wait does. */
static void jump(struct fake_clock *c, pthread_mutex_t *mu, int64_t deadline_ns)
{
    pthread_mutex_unlock(mu);
    sched_yield();
    pthread_mutex_lock(&c->mu);
    int64_t left = deadline_ns - c->mono_ns;
    struct fake_waiter *due = left > 0 ? move_time(c, left) : NULL;
    pthread_mutex_unlock(&c->mu);
    wake_due(c, due);
    pthread_mutex_lock(mu);
}

static void add_waiter(struct fake_clock *c, struct fake_waiter *w)
{
    w->next = c->waiters;
    c->waiters = w;
    pthread_cond_broadcast(&c->changed);
}

/* With the clock's lock, none of the waiter's. */
static void remove_waiter(struct fake_clock *c, struct fake_waiter *w)
{
    while (w->pins > 0)
        pthread_cond_wait(&c->changed, &c->mu);
    struct fake_waiter **at = &c->waiters;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
}

static bool fake_wait(const struct clock *clock, pthread_cond_t *cv, pthread_mutex_t *mu,
                      int64_t deadline_ns)
{
    struct fake_clock *c = fake(clock);
    struct fake_waiter w = { .cv = cv, .mu = mu, .deadline_ns = deadline_ns };
    pthread_mutex_lock(&c->mu);
    bool over = c->mono_ns >= deadline_ns;
    bool auto_advance = atomic_load(&c->auto_advance) && deadline_ns != CLOCK_NEVER;
    if (!over && !auto_advance)
        add_waiter(c, &w);
    pthread_mutex_unlock(&c->mu);
    if (over)
        return false;
    if (auto_advance) {
        jump(c, mu, deadline_ns);
        return false;
    }

    pthread_cond_wait(cv, mu);
    /* The waker may be on its way to this mutex; whoever signals meanwhile is seen by the caller,
     * who looks at its predicate again. */
    pthread_mutex_unlock(mu);
    pthread_mutex_lock(&c->mu);
    remove_waiter(c, &w);
    over = c->mono_ns >= deadline_ns;
    pthread_mutex_unlock(&c->mu);
    pthread_mutex_lock(mu);
    return !over;
}

void fake_clock_init(struct fake_clock *c)
{
    *c = (struct fake_clock){
        .base = { .mono_ns = fake_mono_ns, .wall_ns = fake_wall_ns, .wait = fake_wait },
        .self = c,
        .mono_ns = FAKE_MONO_NS,
        .wall_ns = FAKE_WALL_NS,
    };
    atomic_init(&c->auto_advance, false);
    pthread_mutex_init(&c->mu, NULL);
    pthread_cond_init(&c->changed, NULL);
}

void fake_clock_release(struct fake_clock *c)
{
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->mu);
}

void fake_clock_await(struct fake_clock *c, size_t n)
{
    pthread_mutex_lock(&c->mu);
    for (;;) {
        size_t waiting = 0;
        for (const struct fake_waiter *w = c->waiters; w; w = w->next)
            waiting += !w->due;
        if (waiting >= n)
            break;
        pthread_cond_wait(&c->changed, &c->mu);
    }
    pthread_mutex_unlock(&c->mu);
}

/* With the clock's lock. */
static int64_t earliest_deadline(const struct fake_clock *c)
{
    int64_t earliest = CLOCK_NEVER;
    for (const struct fake_waiter *w = c->waiters; w; w = w->next) {
        if (!w->due && w->deadline_ns < earliest)
            earliest = w->deadline_ns;
    }
    return earliest;
}

int64_t fake_clock_step(struct fake_clock *c)
{
    pthread_mutex_lock(&c->mu);
    while (earliest_deadline(c) == CLOCK_NEVER)
        pthread_cond_wait(&c->changed, &c->mu);
    int64_t ns = earliest_deadline(c) - c->mono_ns;
    struct fake_waiter *due = move_time(c, ns);
    pthread_mutex_unlock(&c->mu);
    wake_due(c, due);
    return ns;
}
