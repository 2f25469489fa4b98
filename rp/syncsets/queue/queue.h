/*
 * queue.h - hints of work on clusters, each handed to one worker; and the news that something was committed.
 *
 * A hint is nothing but a reason to look at a cluster's row in cluster_work, which is the truth: a hint may come twice, late,
 * for work that is done, or (after the loss of a broker or a database) not at all. Whoever dispatches puts it again then.
 *
 * A delivery belongs to its taker until sets_queue_ack (done, or nothing to do) or sets_queue_nack (somebody shall have it
 * again). A taker that dies gives it back: at once with a broker (with all that it had in line), after SETS_HINT_LAPSE_S in PostgreSQL. What came
 * SETS_DELIVERIES_MAX times without an ack comes once more, as dead: the taker is to set its cluster aside, then ack.
 *
 * Ways, by configuration:
 *   SQLite      hints and news stay in this process and end with it
 *   PostgreSQL  hints are rows of work_hints, taken with SKIP LOCKED; LISTEN and NOTIFY wake
 *   a broker    hints are messages in quorum queues (topology.h), and PostgreSQL tells of commits
 *
 * Errors: ERR_TIMEOUT, ERR_CANCELLED the context ended; ERR_UNAVAILABLE, ERR_CONN try again.
 * Threads: every call but open and close from any; open and close from one, and when it closes nobody is in a call.
 */
#ifndef RP_SYNCSETS_QUEUE_QUEUE_H
#define RP_SYNCSETS_QUEUE_QUEUE_H

#include "pkg/amqp/address.h"
#include "pkg/metrics/metrics.h"
#include "pkg/sql/sql.h"

#define SETS_DELIVERIES_MAX 5
#define SETS_HINT_LAPSE_S 180

struct sets_hint {
    char uid[64]; /* of the cluster */
    int64_t dirty_revision;
    bool slow; /* one of many: yields to others */
};

struct sets_delivery {
    struct sets_hint hint;
    unsigned attempts; /* deliveries of it until now, this one among them */
    bool dead;
    uint64_t tag_, turn_;
};

struct sets_queue;
struct sets_queue_config {
    struct sql_db *db;                 /* borrowed, with its schema */
    const struct amqp_address *broker; /* borrowed; NULL: none. Needs PostgreSQL */
    const char *prefix;                /* borrowed; of names on the broker; NULL: "syncsets" */
    unsigned takers,
        fast_takers;         /* threads that will take, and those of them that take fast_only */
    struct metrics *metrics; /* may be NULL */
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log; /* may be NULL */
};
int sets_queue_open(const struct sets_queue_config *cfg, struct sets_queue **ret,
                    struct error **err);
void sets_queue_close(struct sets_queue *q); /* accepts NULL */
DEFINE_RELEASE(struct sets_queue *, sets_queue_close)
#define cleanup_sets_queue CLEANUP_WITH(sets_queue_close_slot)

/* When it returns 0 the hint is kept (confirmed, committed). ERR_INVALID: the uid is none. */
int sets_queue_put(const struct opctx *ctx, struct sets_queue *q, const struct sets_hint *h,
                   struct error **err);
/* Waits for one. Hints that are not slow come first; fast_only: no others. */
int sets_queue_take(const struct opctx *ctx, struct sets_queue *q, bool fast_only,
                    struct sets_delivery *ret, struct error **err);
/* Of what was taken, once. Both end the delivery whatever happens: a failure leaves it to the lapse. */
void sets_queue_ack(struct sets_queue *q, const struct sets_delivery *d);
void sets_queue_nack(struct sets_queue *q, const struct sets_delivery *d);

/* Waits until something was committed that *seen (0 at first) does not know of, then sets it. More often than needed rather
 * than too seldom; but a lost connection can hide a change, so that callers look by themselves now and then, too. */
int sets_queue_wait_change(const struct opctx *ctx, struct sets_queue *q, int64_t *seen,
                           struct error **err);
/* Of this process: sets_store_config's on_commit. Does not block. */
void sets_queue_committed(void *queue);

#endif
