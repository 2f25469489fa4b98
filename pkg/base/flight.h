/*
 * flight.h - work that one thread does for all who need it: the others wait, each until its own context ends.
 *
 * Lies beside what the work fills in, under the same mutex, which every function wants held. The lock is free
 * while somebody works or waits.
 *
 *   while (!usable(x)) {
 *       if (flight_begin(&x->flight)) {
 *           unlock, work, lock, note the outcome in x
 *           flight_end(&x->flight);
 *       } else if (flight_wait(&x->flight, &x->mu, ctx, err) < 0) {
 *           return -1;
 *       }
 *   }
 */
#ifndef PKG_BASE_FLIGHT_H
#define PKG_BASE_FLIGHT_H

#include "pkg/base/opctx.h"

struct flight_waiter;
struct flight { /* zeros: nobody works */
    bool busy;
    struct flight_waiter *waiters; /* on the stacks of those who wait */
};

/* true: the caller does the work, then calls flight_end. false: somebody is at it. */
bool flight_begin(struct flight *f);
void flight_end(struct flight *f);
/* Until the work under way has ended (0), or ctx has (-1: ERR_CANCELLED, ERR_TIMEOUT). Gives mu back meanwhile, so
 * look again at all that it guards. */
int flight_wait(struct flight *f, pthread_mutex_t *mu, const struct opctx *ctx, struct error **err);

#endif
