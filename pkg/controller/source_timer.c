/* A source without a thread: the queue itself keeps the period (workqueue_add_every). */
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/controller/controller.h"

struct timer {
    struct source base;
    char *name, *key;
    int64_t period_ms;
    struct workqueue *queue; /* while started */
};

static struct timer *timer_of(struct source *s)
{
    return container_of(s, struct timer, base);
}

static int start(struct source *s, struct workqueue *q, const struct opctx *ctx, struct error **err)
{
    struct timer *t = timer_of(s);
    (void)ctx;
    if (t->queue)
        return error_set(err, ERR_INTERNAL, "timer %s: started twice", t->name);
    t->queue = q;
    workqueue_add_every(q, t->key, t->period_ms);
    return 0;
}

static bool has_synced(struct source *s)
{
    return timer_of(s)->queue != NULL;
}

static void stop(struct source *s)
{
    struct timer *t = timer_of(s);
    if (t->queue)
        workqueue_end_every(t->queue, t->key);
    t->queue = NULL;
}

struct source *source_timer_new(const char *name, const char *key, int64_t period_ms)
{
    struct timer *t = xnew(struct timer);
    t->name = xstrdup(name);
    t->key = xstrdup(key);
    t->period_ms = period_ms;
    t->base =
        (struct source){ .name = t->name, .start = start, .has_synced = has_synced, .stop = stop };
    return &t->base;
}

void source_timer_free(struct source *s)
{
    if (!s)
        return;
    struct timer *t = timer_of(s);
    free(t->name);
    free(t->key);
    free(t);
}
