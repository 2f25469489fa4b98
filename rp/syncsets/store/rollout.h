/*
 * rollout.h - rows of `rollouts`: how the roll-out of a set's generation stands. What happens is in
 * rp/syncsets/controllers/rollout.h.
 *
 * Who locks several of these in one transaction takes the set, its row here, rows of cluster_work, rows of rollout_clusters.
 * Threads: a store is safe from any thread; a connection is its thread's.
 */
#ifndef RP_SYNCSETS_STORE_ROLLOUT_H
#define RP_SYNCSETS_STORE_ROLLOUT_H

#include "rp/syncsets/store/impl.h"

/* In the status of a set: True while its roll-out waits for somebody who says to go on. */
#define CONDITION_ROLLOUT_PAUSED "RolloutPaused"

/* Locks the set's row until the transaction ends; what it said of another generation is forgotten. */
int sets_rollout_begin(const struct opctx *ctx, struct sql *c, const char *uid, int64_t generation,
                       struct error **err);
/* Clusters where that generation has that result, Success or Failure. */
int sets_rollout_count(const struct opctx *ctx, struct sql *c, const char *uid, int64_t generation,
                       const char *result, int64_t *ret, struct error **err);
/*
 * sets_rollout_resume - lets the roll-out of the set's generation go on: failures until now no longer count, and its canaries
 * keep nobody waiting.
 *
 * Errors ERR_NOT_FOUND; ERR_UNPROCESSABLE it has none
 */
int sets_rollout_resume(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
                        const char *nspace, const char *name, const char *actor,
                        struct error **err);

#endif
