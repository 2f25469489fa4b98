/* queue_rig.h - a queue over the store of sets_rig; with a broker, over that of BROKER_URL, under names of its own. */
#ifndef TEST_UNIT_SUPPORT_RP_SYNCSETS_QUEUE_RIG_H
#define TEST_UNIT_SUPPORT_RP_SYNCSETS_QUEUE_RIG_H

#include "rp/syncsets/queue/queue.h"
#include "test/unit/support/pkg/amqp/broker_rig.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

struct queue_rig {
    struct sets_rig base; /* its store tells the queue of commits */
    struct stop *stop;
    struct opctx ctx; /* ends with stop, after a minute at the latest */
    struct metrics *metrics;
    struct sets_queue *queue;
    struct broker_rig broker; /* with a broker only */
    bool has_broker;
};
void queue_rig_init(struct queue_rig *r);
void queue_rig_init_broker(struct queue_rig *r);
/* Both servers are there. */
bool queue_rig_has_servers(void);
/* One more on the same names, as of another process; owned by the caller. takers 0: it only puts. */
struct sets_queue *queue_rig_open(struct queue_rig *r, unsigned takers);
/* Until the queue's connections are made. */
void queue_rig_await(struct queue_rig *r, struct sets_queue *q);
void queue_rig_release(struct queue_rig *r);

void queue_rig_put(struct queue_rig *r, const char *uid, int64_t revision, bool slow);
struct sets_delivery queue_rig_take(struct queue_rig *r, bool fast_only);
/* Takes this one and acknowledges it. */
void queue_rig_expect(struct queue_rig *r, bool fast_only, const char *uid, int64_t revision);
void queue_rig_expect_none(struct queue_rig *r, bool fast_only);
/* Until no news of a change come for a moment. */
void queue_rig_settle(struct queue_rig *r, int64_t *seen);
/* A counter without labels. */
int queue_rig_metric(struct queue_rig *r, const char *name);

#endif
