/*
 * work.h - rows of cluster_work: which clusters are due, who has them, and until when.
 *
 * The row is the truth; a hint in a queue is a reason to look at it. Times in these rows are whole seconds of the database's
 * clock (of this host's with SQLite), so that hosts need not agree.
 *
 * A cluster is due when due_at has come and quarantined is not ahead. Whoever works on it has its lease: fence grew by one
 * when it was taken, and everything that is written for it carries that fence. So there are never two workers on one
 * cluster, and one that lost its lease while it stood still writes nothing more.
 *
 * Who locks several rows of a cluster in one transaction takes them in this order: cluster_work, each set and its statuses,
 * cluster_probes, clusters, clustersyncs, revision. Callers' writes begin with the cluster: the deadlocks that remain are few, and sets_transact
 * repeats what they end.
 *
 * attempts counts leases that were not given back, and work that failed in a way that it would again. A cluster whose lease
 * is lost, with WORK_ATTEMPTS_MAX of them in a row, is set aside until the time in quarantined.
 */
#ifndef RP_SYNCSETS_CONTROLLERS_WORK_H
#define RP_SYNCSETS_CONTROLLERS_WORK_H

#include "rp/syncsets/store/impl.h"
#include "rp/syncsets/store/transact.h"

/* A statement in both dialects. text(NOW): a macro that makes it, NOW standing for the database's seconds. */
#define WORK_NOW_SQLITE "host_now_s()"
#define WORK_NOW_POSTGRESQL "extract(epoch FROM clock_timestamp())::bigint"
#define WORK_BOTH(text) \
    { \
        [SQL_SQLITE] = text(WORK_NOW_SQLITE), [SQL_POSTGRESQL] = text(WORK_NOW_POSTGRESQL) \
    }

#define WORK_FAST_MAX 50 /* changes that concern more clusters are slow */
#define WORK_ATTEMPTS_MAX 5
#define WORK_QUARANTINE_S 3600
#define WORK_QUARANTINE_MAX_S (24 * 3600)
#define WORK_QUEUED_MAX_S 60 /* then the hint is believed lost */

/* How long a cluster is set aside after that many lost leases. */
int64_t work_quarantine_s(int64_t attempts);
int work_now_s(const struct opctx *ctx, struct sets_store *st, struct sql *c, int64_t *ret,
               struct error **err);

/* ---- matcher.c ---- */
/*
 * match_events - marks the clusters that the next events of the log concern, and moves the cursor "matcher" behind them, in
 * one transaction. Two that work at once do no harm: the later one finds the cursor moved.
 *
 * *ret_more  there may be more of them
 * Errors     ERR_GONE: the log no longer has what comes next (it is never compacted beyond this cursor)
 */
int match_events(const struct opctx *ctx, struct sets_store *st, bool *ret_more,
                 struct error **err);

/* Makes one cluster due within a transaction, as something that happened now. */
int match_cluster(const struct opctx *ctx, struct sets_store *st, struct sql *c, const char *uid,
                  struct error **err);

/* The same for some, whose uids are the texts of a JSON array. */
int match_clusters(const struct opctx *ctx, struct sets_store *st, struct sql *c, const char *uids,
                   struct error **err);

/* ---- dispatcher.c ---- */
/* Those that are due and wait: marks up to room of each class as queued, round-robin over namespaces, oldest first; of a
 * namespace no more than its share of the workers may take soon.
 * *ret: [{"uid","revision","slow"}], owned; the caller puts them into the queue, in this order. */
int dispatch_choose(const struct opctx *ctx, struct sets_store *st, size_t workers, json **ret,
                    struct error **err);
/* Those that could not be put, from the from-th on, wait again. */
int dispatch_give_back(const struct opctx *ctx, struct sets_store *st, const json *chosen,
                       size_t from, struct error **err);

/* ---- sweeper.c ---- */
/* Frees leases that ran out (and sets clusters aside that often lost theirs), and forgets hints that were put long ago. */
struct sweep {
    int64_t lost;        /* leases */
    int64_t quarantined; /* clusters */
    int64_t forgotten;   /* hints */
};
int sweep_rows(const struct opctx *ctx, struct sets_store *st, struct sweep *ret,
               struct error **err);
/* Sets one aside, whose hints came again and again, when it is still due and lost a lease, too. */
int sweep_quarantine(const struct opctx *ctx, struct sets_store *st, const char *uid,
                     struct error **err);

/* ---- lease.c ---- */
struct lease {
    char uid[64], nspace[64];
    const char *owner; /* of the process; borrowed */
    int64_t fence;
    int64_t until_ns; /* monotonic; counted from before the database was asked */
    /* As the row was when it was taken. */
    int64_t dirty_revision, next_full_at, attempts;
};
/* 1: taken; 0: somebody has it, or it is not due. */
int lease_take(const struct opctx *ctx, struct sets_store *st, const char *owner, const char *uid,
               int64_t lease_s, struct lease *ret, struct error **err);
/* ERR_CONFLICT, code FENCE_LOST: it is somebody else's, or nobody's. */
int lease_renew(const struct opctx *ctx, struct sets_store *st, struct lease *l, int64_t lease_s,
                struct error **err);
/* Within a transaction, before what it guards: locks the row. Errors as lease_renew. */
int lease_guard(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                const struct lease *l, struct error **err);
/* Gives it back within a transaction, due at due_s (at once when the cluster was marked since). done: all that was asked
 * for until it was taken is done. */
int lease_end(const struct opctx *ctx, struct sets_store *st, struct sql *c, const struct lease *l,
              int64_t due_s, int64_t next_full_at, bool done, struct error **err);
/* Gives it back as it was, due now; for those that stop. Not an attempt. */
int lease_drop(const struct opctx *ctx, struct sets_store *st, const struct lease *l,
               struct error **err);
/* Gives it back after work that would fail again just so: it counts as an attempt, and is due in again_s, or at once when the
 * cluster was marked since. */
int lease_fail(const struct opctx *ctx, struct sets_store *st, const struct lease *l,
               int64_t again_s, struct error **err);
#define FENCE_LOST CONFLICT_CODE

#endif
