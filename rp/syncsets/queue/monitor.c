#include "rp/syncsets/queue/monitor.h"

#include "pkg/base/thread.h"

void monitor_init(struct monitor *m)
{
    mutex_init(&m->mu);
    clock_cond_init(&m->cv);
}

void monitor_release(struct monitor *m)
{
    pthread_cond_destroy(&m->cv);
    pthread_mutex_destroy(&m->mu);
}

static void stopped(void *arg)
{
    struct monitor *m = arg;
    pthread_mutex_lock(&m->mu);
    monitor_wake(m);
    pthread_mutex_unlock(&m->mu);
}

void monitor_enter(struct monitor *m, const struct opctx *ctx, struct stop_watch *w)
{
    *w = (struct stop_watch){ .fn = stopped, .arg = m };
    stop_watch(ctx->stop, w);
    pthread_mutex_lock(&m->mu);
}

void monitor_leave(struct monitor *m, const struct opctx *ctx, struct stop_watch *w)
{
    pthread_mutex_unlock(&m->mu);
    stop_unwatch(ctx->stop, w);
}

int monitor_wait(struct monitor *m, const struct opctx *ctx, int64_t until_ns, struct error **err)
{
    if (opctx_check(ctx, err) < 0)
        return -1;
    int64_t at = until_ns < ctx->deadline_ns ? until_ns : ctx->deadline_ns;
    (void)clock_wait(ctx->clock, &m->cv, &m->mu, at);
    return 0;
}

void monitor_wake(struct monitor *m)
{
    pthread_cond_broadcast(&m->cv);
}
