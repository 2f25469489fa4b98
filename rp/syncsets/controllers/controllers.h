/*
 * controllers.h - what ships sets to clusters: any number of processes, each with one of these, share one database.
 *
 * One of them leads: it matches changes to clusters, dispatches hints of work, sweeps what others left and measures. All of
 * them work on clusters and look whether clusters can be reached. Nobody keeps anything that another could not go on
 * with: whoever dies, its leases run out, and the others go on.
 *
 * Threads: start and stop from one; the others are its own.
 */
#ifndef RP_SYNCSETS_CONTROLLERS_CONTROLLERS_H
#define RP_SYNCSETS_CONTROLLERS_CONTROLLERS_H

#include "pkg/metrics/metrics.h"
#include "rp/syncsets/queue/queue.h"
#include "rp/syncsets/remote/remote.h"
#include "rp/syncsets/store/store.h"

struct
    sets_controllers_config { /* pointers are borrowed until sets_controllers_stop has returned */
    struct sets_store *store;
    struct sets_queue *queue;
    struct sets_remotes *remotes;
    struct metrics *metrics; /* may be NULL */
    const char *name;        /* of this process, in leases; what makes it unique is added */
    int64_t workers;         /* threads that work on clusters; 0: 16 */
    /* Threads that look whether clusters can be reached, and SETS_PROBERS_WAITING times as many while they do nothing but wait for
     * clusters that do not answer; 0: 8 */
    int64_t probers;
    int64_t
        reapply_s;   /* everything is applied again after so long, and up to a tenth more; 0: 2 h */
    int64_t lease_s; /* 0: 120; renewed four times in it */
    /* So that others get their turn: behind so long no further set of a cluster is begun, and a set that takes longer than
     * the other ends behind the object that it is at, as a failure. 0: 120, 300 */
    int64_t job_max_s, set_max_s;
    int64_t tick_ms; /* how often the leader looks without being woken; 0: 1000 */
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log; /* may be NULL */
};
#define SETS_PROBERS_WAITING 8
struct sets_controllers;
/* Of so many workers, those that take only clusters of small changes. */
int64_t sets_controllers_fast_workers(int64_t workers);
int sets_controllers_start(const struct sets_controllers_config *cfg, struct sets_controllers **ret,
                           struct error **err);
/* Whether it still works: ERR_UNAVAILABLE when its leader or its keeper of leases stands still. Does not block. */
int sets_controllers_check(struct sets_controllers *k, struct error **err);
/* Takes no more work, ends what it is at behind the object that it is at, gives its leases back. What has not ended after
 * grace_ms is cut off, and has SETS_CONTROLLERS_LAST_MS to write what it did. Accepts NULL. */
#define SETS_CONTROLLERS_LAST_MS 13000
void sets_controllers_stop(struct sets_controllers *k, int64_t grace_ms);

#endif
