#include "hack/devcloud/cluster/hub.h"

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

struct hub {
    struct cluster *c;
    pthread_mutex_t mu;
    pthread_cond_t cv;
    struct watch *first;
    pthread_t thread;
    bool runs, stop;
};

struct hub *hub_new(struct cluster *c)
{
    struct hub *h = xnew(struct hub);
    h->c = c;
    mutex_init(&h->mu);
    clock_cond_init(&h->cv);
    return h;
}

void hub_add(struct hub *h, struct watch *w)
{
    (void)pthread_mutex_lock(&h->mu);
    w->bookmark_ns = clock_mono_ns(h->c->cfg.clock) + h->c->cfg.bookmark_ms * NS_PER_MS;
    int64_t final = w->end_ns - 2 * NS_PER_S;
    if (final < w->bookmark_ns && final > clock_mono_ns(h->c->cfg.clock))
        w->bookmark_ns = final;
    w->next = h->first;
    if (w->next)
        w->next->prev = w;
    h->first = w;
    w->linked = true;
    (void)pthread_cond_signal(&h->cv);
    (void)pthread_mutex_unlock(&h->mu);
}

static void unlink_watch(struct hub *h, struct watch *w)
{
    if (!w->linked)
        return;
    if (w->prev)
        w->prev->next = w->next;
    else
        h->first = w->next;
    if (w->next)
        w->next->prev = w->prev;
    w->prev = w->next = NULL;
    w->linked = false;
}

void hub_remove(struct hub *h, struct watch *w)
{
    (void)pthread_mutex_lock(&h->mu);
    unlink_watch(h, w);
    (void)pthread_mutex_unlock(&h->mu);
}

static int64_t tick(struct hub *h, int64_t now_ns)
{
    int64_t soonest = CLOCK_NEVER;
    for (struct watch *w = h->first, *next; w; w = next) {
        next = w->next;
        int64_t due = watch_tick(w, now_ns);
        if (due == CLOCK_NEVER)
            unlink_watch(h, w);
        else if (due < soonest)
            soonest = due;
    }
    return soonest;
}

int64_t hub_tick(struct hub *h, int64_t now_ns)
{
    (void)pthread_mutex_lock(&h->mu);
    int64_t soonest = tick(h, now_ns);
    (void)pthread_mutex_unlock(&h->mu);
    return soonest;
}

void hub_end_of(struct hub *h, const void *owner)
{
    (void)pthread_mutex_lock(&h->mu);
    for (struct watch *w = h->first, *next; w; w = next) {
        next = w->next;
        if (w->sink->owner != owner)
            continue;
        unlink_watch(h, w);
        watch_end(w);
    }
    (void)pthread_mutex_unlock(&h->mu);
}

static void run(void *arg)
{
    struct hub *h = arg;
    const struct clock *clock = h->c->cfg.clock;
    (void)pthread_mutex_lock(&h->mu);
    while (!h->stop) {
        int64_t due = tick(h, clock_mono_ns(clock));
        if (!h->stop)
            (void)clock_wait(clock, &h->cv, &h->mu, due);
    }
    (void)pthread_mutex_unlock(&h->mu);
}

int hub_start(struct hub *h, struct error **err)
{
    if (h->runs)
        return 0;
    if (thread_start(&h->thread, "cluster-hub", run, h, err) < 0)
        return error_wrap(err, "starting the watches' clock");
    h->runs = true;
    return 0;
}

void hub_free(struct hub *h)
{
    if (!h)
        return;
    if (h->runs) {
        (void)pthread_mutex_lock(&h->mu);
        h->stop = true;
        (void)pthread_cond_signal(&h->cv);
        (void)pthread_mutex_unlock(&h->mu);
        (void)pthread_join(h->thread, NULL);
    }
    (void)pthread_cond_destroy(&h->cv);
    (void)pthread_mutex_destroy(&h->mu);
    free(h);
}
