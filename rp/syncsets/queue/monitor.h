/*
 * monitor.h - a lock whose waits end with their context, for state that several threads wait on.
 *
 *     struct stop_watch watch;
 *     monitor_enter(&m, ctx, &watch);
 *     while (!ready && (status = monitor_wait(&m, ctx, CLOCK_NEVER, err)) == 0)
 *         ;
 *     monitor_leave(&m, ctx, &watch);
 *
 * Threads: any; the stop of a context must not be requested with the lock held.
 */
#ifndef RP_SYNCSETS_QUEUE_MONITOR_H
#define RP_SYNCSETS_QUEUE_MONITOR_H

#include "pkg/base/opctx.h"

struct monitor {
    pthread_mutex_t mu;
    pthread_cond_t cv;
};
void monitor_init(struct monitor *m);
void monitor_release(struct monitor *m);
/* Takes the lock; until monitor_leave the context's stop wakes waits. */
void monitor_enter(struct monitor *m, const struct opctx *ctx, struct stop_watch *w);
void monitor_leave(struct monitor *m, const struct opctx *ctx, struct stop_watch *w);
/* With the lock held. 0: look again (woken, or until_ns came); -1: the context ended. */
int monitor_wait(struct monitor *m, const struct opctx *ctx, int64_t until_ns, struct error **err);
void monitor_wake(struct monitor *m); /* all; with the lock held */

#endif
