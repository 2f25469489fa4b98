/*
 * A key has one item while it is in any of these states, which are independent but for the first
 * two (an item is in one heap at most):
 *
 *   delayed     in the heap `delayed`, ordered by due time
 *   dirty       has to run; in the heap `ready`, ordered by priority and turn, unless it is being
 *               processed (then workqueue_done puts it there)
 *   processing  a worker has it
 *
 * No thread of its own moves due items: every getter waits until the earliest due time at most, and
 * moves what is due before it takes. So each waiting getter's deadline has to be no later than the
 * earliest due time; whoever makes that earlier wakes all of them. While no getter waits nobody
 * could take the item anyway.
 *
 * A new turn is given whenever an item enters `ready`, so that levels are first in, first out.
 */
#include "pkg/controller/workqueue.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/controller/workqueue_heap.h"
#include "pkg/controller/workqueue_limiter.h"
#include "pkg/controller/workqueue_metrics.h"

/* An index that was larger than this is released as soon as it is empty. */
#define INDEX_KEEP 64

struct item {
    struct heap_node node;
    int priority;
    bool dirty, processing;
    int64_t added_ns, started_ns;
    struct item *prev, *next; /* among those being processed */
    char key[];
};

struct ticker {
    struct heap_node node; /* rank: next time */
    int64_t period_ns;
    struct ticker *next;
    char key[];
};

struct workqueue {
    const struct clock *clock;
    char *name;
    struct metrics *registry;
    pthread_mutex_t mu; /* guards everything below */
    pthread_cond_t ready_cv, idle_cv;
    struct map *items; /* key to struct item */
    size_t items_peak;
    struct heap ready, delayed, ticks;
    struct ticker *tickers;
    struct item *processing;
    uint64_t turn;
    bool shutting_down, draining;
    struct limiter limiter;
    struct workqueue_metrics metrics;
};

static struct item *item_of(struct heap_node *n)
{
    return n ? container_of(n, struct item, node) : NULL;
}

static bool is_delayed(const struct item *i)
{
    return heap_has(&i->node) && !i->dirty;
}

static void collect_running(void *arg)
{
    struct workqueue *q = arg;
    int64_t sum = 0, longest = 0;
    pthread_mutex_lock(&q->mu);
    int64_t now = clock_mono_ns(q->clock);
    for (const struct item *i = q->processing; i; i = i->next) {
        int64_t running = now - i->started_ns;
        sum += running;
        if (running > longest)
            longest = running;
    }
    workqueue_metrics_running(&q->metrics, sum, longest);
    pthread_mutex_unlock(&q->mu);
}

struct workqueue *workqueue_new(const struct workqueue_config *cfg)
{
    struct workqueue *q = xnew(struct workqueue);
    q->clock = cfg->clock;
    q->name = xstrdup(cfg->name);
    q->registry = cfg->metrics;
    mutex_init(&q->mu);
    clock_cond_init(&q->ready_cv);
    clock_cond_init(&q->idle_cv);
    q->items = map_new(free);
    limiter_init(&q->limiter, cfg);
    workqueue_metrics_init(&q->metrics, cfg->metrics, q->name);
    metrics_add_collector(q->registry, collect_running, q);
    return q;
}

static void free_tickers(struct workqueue *q)
{
    heap_release(&q->ticks);
    while (q->tickers) {
        struct ticker *t = q->tickers;
        q->tickers = t->next;
        free(t);
    }
}

void workqueue_free(struct workqueue *q)
{
    if (!q)
        return;
    metrics_remove_collector(q->registry, collect_running, q);
    free_tickers(q);
    heap_release(&q->ready);
    heap_release(&q->delayed);
    map_free(q->items);
    limiter_release(&q->limiter);
    pthread_cond_destroy(&q->idle_cv);
    pthread_cond_destroy(&q->ready_cv);
    pthread_mutex_destroy(&q->mu);
    free(q->name);
    free(q);
}

/* ---- items; all with the lock held ---- */

static struct item *make_item(struct workqueue *q, const char *key, int priority)
{
    size_t size = strlen(key) + 1;
    struct item *i = xcalloc(1, sizeof(*i) + size);
    memcpy(i->key, key, size);
    i->priority = priority;
    map_set(q->items, key, i);
    if (map_len(q->items) > q->items_peak)
        q->items_peak = map_len(q->items);
    return i;
}

/* Forgets an item that is in no state any more. */
static void drop_if_unused(struct workqueue *q, struct item *i)
{
    if (i->dirty || i->processing || heap_has(&i->node))
        return;
    map_del(q->items, i->key);
    if (map_len(q->items) == 0 && q->items_peak > INDEX_KEEP) {
        map_clear(q->items);
        q->items_peak = 0;
    }
}

static void push_ready(struct workqueue *q, struct item *i)
{
    i->node.rank = -(int64_t)i->priority;
    i->node.turn = q->turn++;
    heap_push(&q->ready, &i->node);
    pthread_cond_signal(&q->ready_cv);
}

static void make_dirty(struct workqueue *q, struct item *i, int64_t now)
{
    if (heap_has(&i->node))
        heap_remove(&q->delayed, &i->node);
    i->dirty = true;
    i->added_ns = now;
    workqueue_metrics_added(&q->metrics, i->priority);
    if (!i->processing)
        push_ready(q, i);
}

static void raise(struct workqueue *q, struct item *i, int priority)
{
    if (priority <= i->priority)
        return;
    if (i->dirty)
        workqueue_metrics_moved(&q->metrics, i->priority, priority);
    i->priority = priority;
    if (i->dirty && heap_has(&i->node)) {
        heap_remove(&q->ready, &i->node);
        push_ready(q, i);
    }
}

static int64_t earliest_ns(const struct workqueue *q)
{
    const struct heap_node *delayed = heap_top(&q->delayed), *tick = heap_top(&q->ticks);
    int64_t at = delayed ? delayed->rank : CLOCK_NEVER;
    return tick && tick->rank < at ? tick->rank : at;
}

static void delay_until(struct workqueue *q, struct item *i, int64_t due_ns)
{
    if (heap_has(&i->node)) {
        if (i->node.rank <= due_ns)
            return;
        heap_remove(&q->delayed, &i->node);
    }
    bool is_earliest = due_ns < earliest_ns(q);
    i->node.rank = due_ns;
    i->node.turn = q->turn++;
    heap_push(&q->delayed, &i->node);
    if (is_earliest)
        pthread_cond_broadcast(&q->ready_cv);
}

static void add(struct workqueue *q, const char *key, int64_t delay_ns, int priority)
{
    if (q->shutting_down)
        return;
    struct item *i = map_get(q->items, key);
    if (!i)
        i = make_item(q, key, priority);
    else if (i->dirty || is_delayed(i))
        raise(q, i, priority);
    else
        i->priority = priority; /* what it ran with is over */
    if (i->dirty)
        return;
    int64_t now = clock_mono_ns(q->clock), due_ns;
    if (delay_ns <= 0)
        make_dirty(q, i, now);
    else
        delay_until(q, i, __builtin_add_overflow(now, delay_ns, &due_ns) ? CLOCK_NEVER : due_ns);
}

static void move_due(struct workqueue *q, int64_t now)
{
    for (struct heap_node *n; (n = heap_top(&q->ticks)) && n->rank <= now;) {
        struct ticker *t = container_of(n, struct ticker, node);
        heap_remove(&q->ticks, n);
        if (__builtin_add_overflow(now, t->period_ns, &n->rank))
            n->rank = CLOCK_NEVER;
        heap_push(&q->ticks, n);
        add(q, t->key, 0, PRIORITY_NORMAL);
    }
    for (struct item *i; (i = item_of(heap_top(&q->delayed))) && i->node.rank <= now;)
        make_dirty(q, i, now);
}

/* ---- adding ---- */

static int64_t ms_to_ns(int64_t ms)
{
    int64_t ns;
    if (ms <= 0)
        return 0;
    return __builtin_mul_overflow(ms, NS_PER_MS, &ns) ? CLOCK_NEVER : ns;
}

void workqueue_add(struct workqueue *q, const char *key)
{
    workqueue_add_priority(q, key, PRIORITY_NORMAL);
}

void workqueue_add_priority(struct workqueue *q, const char *key, int priority)
{
    pthread_mutex_lock(&q->mu);
    add(q, key, 0, priority);
    pthread_mutex_unlock(&q->mu);
}

void workqueue_add_after(struct workqueue *q, const char *key, int64_t delay_ms, int priority)
{
    pthread_mutex_lock(&q->mu);
    if (!q->shutting_down) {
        workqueue_metrics_retried(&q->metrics);
        add(q, key, ms_to_ns(delay_ms), priority);
    }
    pthread_mutex_unlock(&q->mu);
}

void workqueue_add_rate_limited(struct workqueue *q, const char *key, int priority)
{
    pthread_mutex_lock(&q->mu);
    if (!q->shutting_down) {
        workqueue_metrics_retried(&q->metrics);
        add(q, key, limiter_next_ns(&q->limiter, key), priority);
    }
    pthread_mutex_unlock(&q->mu);
}

static void end_every(struct workqueue *q, const char *key)
{
    for (struct ticker **at = &q->tickers; *at; at = &(*at)->next) {
        struct ticker *t = *at;
        if (strcmp(t->key, key) != 0)
            continue;
        *at = t->next;
        heap_remove(&q->ticks, &t->node);
        free(t);
        return;
    }
}

static void begin_every(struct workqueue *q, const char *key, int64_t period_ns)
{
    size_t size = strlen(key) + 1;
    struct ticker *t = xcalloc(1, sizeof(*t) + size);
    memcpy(t->key, key, size);
    t->period_ns = period_ns;
    t->next = q->tickers;
    q->tickers = t;
    if (__builtin_add_overflow(clock_mono_ns(q->clock), period_ns, &t->node.rank))
        t->node.rank = CLOCK_NEVER;
    t->node.turn = q->turn++;
    heap_push(&q->ticks, &t->node);
    pthread_cond_broadcast(&q->ready_cv);
}

void workqueue_add_every(struct workqueue *q, const char *key, int64_t period_ms)
{
    pthread_mutex_lock(&q->mu);
    if (!q->shutting_down) {
        end_every(q, key);
        if (period_ms > 0)
            begin_every(q, key, ms_to_ns(period_ms));
        add(q, key, 0, PRIORITY_NORMAL);
    }
    pthread_mutex_unlock(&q->mu);
}

void workqueue_end_every(struct workqueue *q, const char *key)
{
    pthread_mutex_lock(&q->mu);
    end_every(q, key);
    pthread_mutex_unlock(&q->mu);
}

void workqueue_forget(struct workqueue *q, const char *key)
{
    pthread_mutex_lock(&q->mu);
    limiter_forget(&q->limiter, key);
    pthread_mutex_unlock(&q->mu);
}

void workqueue_retry_now(struct workqueue *q)
{
    pthread_mutex_lock(&q->mu);
    int64_t now = clock_mono_ns(q->clock);
    for (struct map_iter it = { 0 }; !q->shutting_down && map_next(q->items, &it);) {
        struct item *i = it.value;
        /* With failures a delay is a back-off: a success clears them before it asks for a delay. */
        if (is_delayed(i) && limiter_failures(&q->limiter, i->key) > 0)
            make_dirty(q, i, now);
    }
    limiter_forget_all(&q->limiter);
    pthread_mutex_unlock(&q->mu);
}

int workqueue_failures(struct workqueue *q, const char *key)
{
    pthread_mutex_lock(&q->mu);
    int n = limiter_failures(&q->limiter, key);
    pthread_mutex_unlock(&q->mu);
    return n;
}

size_t workqueue_len(struct workqueue *q)
{
    pthread_mutex_lock(&q->mu);
    move_due(q, clock_mono_ns(q->clock));
    size_t len = q->ready.len;
    pthread_mutex_unlock(&q->mu);
    return len;
}

/* ---- taking and giving back ---- */

static void link_processing(struct workqueue *q, struct item *i)
{
    i->processing = true;
    i->prev = NULL;
    i->next = q->processing;
    if (i->next)
        i->next->prev = i;
    q->processing = i;
}

static void unlink_processing(struct workqueue *q, struct item *i)
{
    i->processing = false;
    if (i->prev)
        i->prev->next = i->next;
    else
        q->processing = i->next;
    if (i->next)
        i->next->prev = i->prev;
}

static struct item *wait_ready(struct workqueue *q)
{
    for (;;) {
        move_due(q, clock_mono_ns(q->clock));
        struct item *i = item_of(heap_top(&q->ready));
        if (i || q->shutting_down)
            return i;
        clock_wait(q->clock, &q->ready_cv, &q->mu, earliest_ns(q));
    }
}

bool workqueue_get(struct workqueue *q, char **ret_key, int *ret_priority)
{
    pthread_mutex_lock(&q->mu);
    struct item *i = wait_ready(q);
    if (i) {
        heap_remove(&q->ready, &i->node);
        i->dirty = false;
        link_processing(q, i);
        i->started_ns = clock_mono_ns(q->clock);
        workqueue_metrics_taken(&q->metrics, i->priority, i->started_ns - i->added_ns);
        *ret_key = xstrdup(i->key);
        if (ret_priority)
            *ret_priority = i->priority;
    }
    pthread_mutex_unlock(&q->mu);
    return i != NULL;
}

static bool is_idle(const struct workqueue *q)
{
    return !q->processing && q->ready.len == 0;
}

void workqueue_done(struct workqueue *q, const char *key)
{
    pthread_mutex_lock(&q->mu);
    struct item *i = map_get(q->items, key);
    if (i && i->processing) {
        unlink_processing(q, i);
        workqueue_metrics_done(&q->metrics, clock_mono_ns(q->clock) - i->started_ns);
        if (i->dirty)
            push_ready(q, i);
        drop_if_unused(q, i);
        if (is_idle(q))
            pthread_cond_broadcast(&q->idle_cv);
    }
    pthread_mutex_unlock(&q->mu);
}

/* ---- the end ---- */

static void shut_down(struct workqueue *q)
{
    q->shutting_down = true;
    free_tickers(q);
    for (struct item *i; (i = item_of(heap_top(&q->delayed)));) {
        heap_remove(&q->delayed, &i->node);
        drop_if_unused(q, i);
    }
    pthread_cond_broadcast(&q->ready_cv);
}

void workqueue_shutdown(struct workqueue *q)
{
    pthread_mutex_lock(&q->mu);
    shut_down(q);
    q->draining = false;
    pthread_cond_broadcast(&q->idle_cv);
    pthread_mutex_unlock(&q->mu);
}

static void wake_drain(void *arg)
{
    struct workqueue *q = arg;
    pthread_mutex_lock(&q->mu);
    pthread_cond_broadcast(&q->idle_cv);
    pthread_mutex_unlock(&q->mu);
}

static int wait_idle(struct workqueue *q, const struct opctx *ctx, struct error **err)
{
    while (!is_idle(q)) {
        if (!q->draining)
            return error_set(err, ERR_CANCELLED, "shut down while draining");
        if (opctx_check(ctx, err) < 0)
            return -1;
        clock_wait(q->clock, &q->idle_cv, &q->mu, ctx->deadline_ns);
    }
    return 0;
}

int workqueue_drain(struct workqueue *q, const struct opctx *ctx, struct error **err)
{
    struct stop_watch watch = { .fn = wake_drain, .arg = q };
    stop_watch(ctx->stop, &watch);
    pthread_mutex_lock(&q->mu);
    shut_down(q);
    q->draining = true;
    int rcode = wait_idle(q, ctx, err);
    pthread_mutex_unlock(&q->mu);
    stop_unwatch(ctx->stop, &watch);
    return rcode < 0 ? error_wrap(err, "draining queue %s", q->name) : 0;
}
