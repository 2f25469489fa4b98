/*
 * keeper.h - renews the leases that this process has, and knows for how long they still stand.
 *
 * Threads: safe from any; a held lease belongs to the thread that holds it.
 */
#ifndef RP_SYNCSETS_CONTROLLERS_KEEPER_H
#define RP_SYNCSETS_CONTROLLERS_KEEPER_H

#include "pkg/metrics/metrics.h"
#include "rp/syncsets/controllers/work.h"

/* Nothing is changed in a cluster with less than that left, or less than a third of a lease below 30 s. */
#define KEEPER_MARGIN_S 10

struct keeper;
struct held {
    struct lease lease;
    struct stop *stop; /* requested once it is lost */
    /* The keeper's: under its lock. */
    int64_t renew_ns;
    bool lost, renewing;
    struct held *next;
};
int keeper_start(const struct opctx *ctx, struct sets_store *st, int64_t lease_s,
                 struct metrics *metrics, struct keeper **ret, struct error **err);
void keeper_stop(struct keeper *k); /* nobody holds any more; accepts NULL */
/* parent: what else ends the work. h is the holder's until keeper_remove has returned. */
void keeper_add(struct keeper *k, struct held *h, const struct lease *lease, struct stop *parent);
/* Whether it was lost meanwhile. */
bool keeper_remove(struct keeper *k, struct held *h);
/* ERR_CONFLICT, code FENCE_LOST: not more than the margin of it is left. */
int keeper_check(struct keeper *k, const struct held *h, struct error **err);
/* Monotonic time of its end as it is now; renewals move it. */
int64_t keeper_until_ns(struct keeper *k, const struct held *h);
/* Monotonic time of its last turn. */
int64_t keeper_turn_ns(struct keeper *k);

#endif
