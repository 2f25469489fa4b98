/* Threads that take hints and work on their clusters. A quarter of them leaves slow work to the others. */
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "rp/syncsets/controllers/impl.h"

#define AGAIN_MS 1000

int64_t sets_controllers_fast_workers(int64_t workers)
{
    if (workers < 2)
        return 0;
    return workers / 4 > 1 ? workers / 4 : 1;
}

static bool is_fast_only(struct sets_controllers *k)
{
    return atomic_fetch_add(&k->takers, 1) < sets_controllers_fast_workers(k->cfg.workers);
}

static void work_on(struct sets_controllers *k, struct sets_delivery *d)
{
    cleanup_error struct error *err = NULL;
    int status = d->dead ? sweep_quarantine(&k->work_ctx, k->cfg.store, d->hint.uid, &err)
                         : reconcile(k, d->hint.uid, &err);
    if (status == 0) {
        sets_queue_ack(k->cfg.queue, d);
        return;
    }
    cleanup_free char *what = xasprintf("work on cluster %s", d->hint.uid);
    controllers_warn(k, what, err);
    /* First the pause: given back at once, others would use up its deliveries while the database is away for a moment. */
    (void)opctx_sleep_ms(&k->ctx, AGAIN_MS, NULL);
    sets_queue_nack(k->cfg.queue, d);
}

void worker_run(void *controllers)
{
    struct sets_controllers *k = controllers;
    bool fast_only = is_fast_only(k);
    while (!stop_is_set(k->soft)) {
        struct sets_delivery d;
        cleanup_error struct error *err = NULL;
        if (sets_queue_take(&k->ctx, k->cfg.queue, fast_only, &d, &err) == 0) {
            work_on(k, &d);
            continue;
        }
        if (stop_is_set(k->soft))
            break;
        controllers_warn(k, "taking work", err);
        (void)opctx_sleep_ms(&k->ctx, AGAIN_MS, NULL);
    }
}
