/* impl.h - what the files of rp/syncsets/controllers share. */
#ifndef RP_SYNCSETS_CONTROLLERS_IMPL_H
#define RP_SYNCSETS_CONTROLLERS_IMPL_H

#include <stdatomic.h>

#include "rp/syncsets/controllers/controllers.h"
#include "rp/syncsets/controllers/crowd.h"
#include "rp/syncsets/controllers/keeper.h"
#include "rp/syncsets/controllers/workload.h"

struct measures {
    struct metric *reconcile_s, *applied, *apply_s;
    struct metric *set_first_s, *selector_first_s, *cluster_first_s;
};
void measures_init(struct measures *m, struct metrics *metrics);
void firsts_init(struct measures *m, struct metrics *metrics); /* firsts.c */

struct sets_controllers {
    struct sets_controllers_config cfg;
    char *owner;
    struct stop *soft;     /* no more work is taken; what is under way ends behind its object */
    struct stop *hard;     /* requests end, too */
    struct opctx ctx;      /* ends with soft */
    struct opctx work_ctx; /* ends with hard */
    struct keeper *keeper;
    struct crowd *crowd;
    struct measures measures;
    pthread_mutex_t threads_mu;
    pthread_t *threads; /* with the lock, and the two below */
    size_t threads_len, threads_cap;
    pthread_mutex_t scout_mu; /* held by the one prober that looks whose turn it is */
    atomic_int
        resting; /* probers that have no cluster, those that have just been started among them */
    _Atomic int64_t leader_ns; /* monotonic time of the leader's last turn */
    atomic_int takers;         /* threads that have begun, to number them */
    _Atomic int64_t full_ns;   /* monotonic time when a full disk was last told of; 0: never */
};

/* Logs why `what` (NULL: nothing to add) failed. All threads meet a full disk of the database again and again: one line each
 * FULL_AGAIN_NS tells of it. */
#define FULL_AGAIN_NS (300 * NS_PER_S)
void controllers_warn(struct sets_controllers *k, const char *what, const struct error *why);

/* ---- threads: each ends with soft ---- */
void worker_run(void *controllers);
void prober_run(void *controllers);
void leader_run(void *controllers);
/* One more prober, when there may be another. */
void controllers_add_prober(struct sets_controllers *k);

/* ---- one cluster ---- */
struct job {
    struct sets_controllers *k;
    struct opctx ctx; /* ends with the lease */
    struct held held;
    struct workload w;
    struct sets_remote *remote;
    int64_t began_ns;
    bool is_full, is_stopped, is_paused, is_tried, is_rendered;
    bool has_answered;    /* the cluster, in this job */
    unsigned unreachable; /* failures to connect, one behind the other */
    bool is_refused;      /* the API server no longer knows the credentials */
    char *why_unreachable;
    size_t reached;  /* the first set that was not looked at */
    size_t applied;  /* sets that were worked on */
    bool is_changed; /* a set was written while it was applied: look again at once */
};
#define UNREACHABLE_MAX 3
int64_t job_now_s(const struct job *job); /* the database's clock, by ours since the load */
/* For what is written at the end of work: the end of the process does not cut it off, but it has less time then,
 * JOB_LAST_MS. */
#define JOB_LAST_MS 4000
struct opctx job_ending_ctx(const struct job *job);
/* Takes the lease of that cluster and does what is due. 0 also when there is nothing to do, or the lease was lost: the hint is
 * used up; -1: it is to come again. */
int reconcile(struct sets_controllers *k, const char *uid, struct error **err);

/* track.c: what apply_set is told to keep, for one set of a job. */
struct tracking {
    struct job *job;
    struct set_state *s;
    int64_t began_ns;
    bool has_begun; /* an object: one a time at least is done */
};
#define SET_TOO_LONG "SetTooLong" /* code of the error that ends it */
struct apply_tracker track_give(struct tracking *t);
/* The rows of all that has been applied or is gone since the workload was read, but of finished sets, within a transaction. */
int track_write(const struct opctx *ctx, struct sets_store *st, struct sql *c, const char *uid,
                const struct workload *w, struct error **err);

/* finish.c */
/* Everything of a job in one transaction, the lease with it. done: nothing is left to do until due_s. */
int finish_job(struct job *job, int64_t due_s, int64_t next_full_at, bool done, struct error **err);
/* The cluster is gone: nothing of it stays. */
int finish_gone(struct job *job, struct error **err);

/* firsts.c: measures the first successes of a job that is written. was_complete: all sets of the cluster had had one before;
 * complete_s: when they have, all of them, since this job; 0: they have not. */
void firsts_measure(const struct job *job, bool was_complete, int64_t complete_s);

/* gauges.c: asks the database for all gauges. */
int gauges_measure(const struct opctx *ctx, struct sets_store *st, struct metrics *metrics,
                   struct error **err);
/* For who leads no longer: they are another's now, and would count twice. */
void gauges_forget(struct metrics *metrics);

#endif
