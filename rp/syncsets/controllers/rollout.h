/*
 * rollout.h - sets that ask for care (spec.rollout): their changes go to few clusters at a time, canaries first.
 *
 * A cluster that is to get a new generation of such a set waits in rollout_clusters: whoever works on it finds the set held
 * back, applies and deletes nothing of it, and puts the cluster there (hold_*). The leader admits waiting clusters, as many as
 * there is room for, and makes them due (rollout_*). Once a cluster has a result with the generation, its row goes. So the
 * rows that are admitted are those in flight, over all controllers and whatever crashes; one that cannot be worked on (paused,
 * unreachable) gives its place up, one that is set aside does not count.
 *
 * Each generation is a roll-out of its own. A cluster that has a result with it is held back no more: it tries again when it
 * fails, and is applied again in time.
 *
 * Threads: those of the leader and of workers; of one cluster the one who has its lease.
 */
#ifndef RP_SYNCSETS_CONTROLLERS_ROLLOUT_H
#define RP_SYNCSETS_CONTROLLERS_ROLLOUT_H

#include "rp/syncsets/controllers/workload.h"

/* ---- hold.c: of one cluster ---- */
/* Within the snapshot of workload_load, behind sets and statuses: which sets are held back. */
int hold_load(const struct opctx *ctx, struct sql *c, const char *cluster_uid, struct workload *w,
              struct error **err);
/*
 * hold_write - within the transaction that ends work on the cluster, its lease guarded: it waits where it is held back, and
 * gives places up where it has a result.
 *
 * is_able        false: nothing can be applied there now, so that it neither waits nor is in flight
 * *ret_admitted  to a set that was held back: the work is to be done again
 */
int hold_write(const struct opctx *ctx, struct sql *c, const char *cluster_uid,
               const struct workload *w, bool is_able, bool *ret_admitted, struct error **err);

/* ---- rollout.c: of one set ---- */
/* How it stands with one generation. */
struct rollout_state {
    int64_t max;                /* clusters at a time; 0: any number */
    int64_t percent;            /* more failures pause it; -1: none do */
    int64_t waiting, in_flight; /* clusters */
    int64_t reached, failed;    /* with a result, and with a failure */
    int64_t forgiven;           /* of failed: those of before somebody said to go on */
    int64_t canaries;           /* that have not succeeded; 0 once somebody said to go on */
    bool is_paused;
};
#define ROLLOUT_BATCH 500 /* are admitted at once, at most */
/* Whether too many have failed for those that wait. */
bool rollout_must_pause(const struct rollout_state *s);
/* How many may be admitted now. Pure, as the one above. */
int64_t rollout_room(const struct rollout_state *s);

/* One step for each set that clusters wait for: admits some, pauses it, or tells that it goes on. */
int rollout_step(const struct opctx *ctx, struct sets_store *st, struct error **err);

#endif
