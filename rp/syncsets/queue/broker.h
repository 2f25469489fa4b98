/*
 * broker.h - the way of hints over a broker: one connection and thread for what goes out, one for what comes in. Private to
 * rp/syncsets/queue. Threads: as queue.h.
 */
#ifndef RP_SYNCSETS_QUEUE_BROKER_H
#define RP_SYNCSETS_QUEUE_BROKER_H

#include "rp/syncsets/queue/impl.h"
#include "rp/syncsets/queue/topology.h"

struct broker_putter;
int broker_putter_start(struct sets_queue *q, const struct bus_names *names,
                        struct broker_putter **ret, struct error **err);
/* The queue's stop is set; nobody is in a call. */
void broker_putter_end(struct broker_putter *p);
int broker_putter_put(const struct opctx *ctx, struct broker_putter *p, const struct sets_hint *h,
                      struct error **err);

struct broker_taker;
int broker_taker_start(struct sets_queue *q, const struct bus_names *names,
                       struct broker_taker **ret, struct error **err);
void broker_taker_end(struct broker_taker *t);
int broker_taker_take(const struct opctx *ctx, struct broker_taker *t, bool fast_only,
                      struct sets_delivery *ret, struct error **err);
/* Of a connection that is gone: nothing happens, the broker delivers again by itself. */
void broker_taker_settle(struct broker_taker *t, const struct sets_delivery *d, bool ack);

#endif
