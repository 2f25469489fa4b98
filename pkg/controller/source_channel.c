/* A source that others push keys into: what was sent before the start waits, each key once. */
#include <pthread.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/controller/controller.h"

struct channel {
    struct source base;
    char *name;
    pthread_mutex_t mu;      /* guards the rest */
    struct workqueue *queue; /* while started */
    struct strv waiting;
    bool closed;
};

static struct channel *channel_of(struct source *s)
{
    return container_of(s, struct channel, base);
}

static int start(struct source *s, struct workqueue *q, const struct opctx *ctx, struct error **err)
{
    struct channel *c = channel_of(s);
    (void)ctx;
    pthread_mutex_lock(&c->mu);
    bool again = c->queue != NULL;
    if (!again) {
        c->queue = q;
        for (size_t i = 0; i < c->waiting.len; i++)
            workqueue_add(q, c->waiting.v[i]);
        strv_release(&c->waiting);
    }
    pthread_mutex_unlock(&c->mu);
    return again ? error_set(err, ERR_INTERNAL, "channel %s: started twice", c->name) : 0;
}

static bool has_synced(struct source *s)
{
    struct channel *c = channel_of(s);
    pthread_mutex_lock(&c->mu);
    bool started = c->queue != NULL;
    pthread_mutex_unlock(&c->mu);
    return started;
}

static void stop(struct source *s)
{
    struct channel *c = channel_of(s);
    pthread_mutex_lock(&c->mu);
    c->queue = NULL;
    pthread_mutex_unlock(&c->mu);
}

bool source_channel_send(struct source *s, const char *key)
{
    struct channel *c = channel_of(s);
    pthread_mutex_lock(&c->mu);
    bool open = !c->closed;
    if (open && c->queue)
        workqueue_add(c->queue, key);
    else if (open)
        strv_add_unique(&c->waiting, key);
    pthread_mutex_unlock(&c->mu);
    return open;
}

void source_channel_close(struct source *s)
{
    struct channel *c = channel_of(s);
    pthread_mutex_lock(&c->mu);
    c->closed = true;
    pthread_mutex_unlock(&c->mu);
}

struct source *source_channel_new(const char *name)
{
    struct channel *c = xnew(struct channel);
    c->name = xstrdup(name);
    mutex_init(&c->mu);
    c->base =
        (struct source){ .name = c->name, .start = start, .has_synced = has_synced, .stop = stop };
    return &c->base;
}

void source_channel_free(struct source *s)
{
    if (!s)
        return;
    struct channel *c = channel_of(s);
    strv_release(&c->waiting);
    pthread_mutex_destroy(&c->mu);
    free(c->name);
    free(c);
}
