/*
 * relay.h - brings the log of changes to the broker, in order and without gaps.
 *
 * Any number of processes run one; a lock of a database session makes one of them the leader. It publishes what is behind the
 * cursor "relay", waits for the broker's confirms, then moves the cursor: whoever dies in between leaves events that come
 * twice, never ones that do not come. A leader that was deposed without knowing does no harm, for consumers drop what they
 * have seen. While the broker is away the log grows; compaction never passes the cursor.
 *
 * The metric syncsets_outbox_lag_seconds is the age of the oldest event that was not published, whoever leads.
 */
#ifndef RP_SYNCSETS_QUEUE_RELAY_H
#define RP_SYNCSETS_QUEUE_RELAY_H

#include "pkg/amqp/address.h"
#include "pkg/metrics/metrics.h"
#include "rp/syncsets/store/store.h"

struct sets_relay;
struct sets_relay_config {
    struct sets_store *store;          /* borrowed; over PostgreSQL */
    const struct amqp_address *broker; /* borrowed */
    const char *prefix;                /* borrowed; NULL: BUS_PREFIX */
    struct metrics *metrics;           /* borrowed; may be NULL */
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log; /* may be NULL */
};
/* Looks first whether the broker has what is needed: ERR_PRECONDITION when it has it otherwise. A broker that is away is no
 * error. Threads: start and stop from one. */
int sets_relay_start(const struct sets_relay_config *cfg, struct sets_relay **ret,
                     struct error **err);
void sets_relay_stop(struct sets_relay *r); /* accepts NULL */
DEFINE_RELEASE(struct sets_relay *, sets_relay_stop)
#define cleanup_sets_relay CLEANUP_WITH(sets_relay_stop_slot)

#endif
