#include "rp/syncsets/queue/broker.h"

#include <stdlib.h>

#include "pkg/base/mem.h"

struct broker {
    struct bus_names names;
    struct broker_putter *putter;
    struct broker_taker *taker; /* NULL: this process only puts */
};

static void broker_close(struct sets_queue *q)
{
    struct broker *b = q->way;
    if (b->putter)
        broker_putter_end(b->putter);
    if (b->taker)
        broker_taker_end(b->taker);
    bus_names_release(&b->names);
    free(b);
}

static int broker_open(struct sets_queue *q, struct error **err)
{
    struct broker *b = xnew(struct broker);
    q->way = b;
    bus_names_init(&b->names, q->cfg.prefix ? q->cfg.prefix : BUS_PREFIX);
    if (broker_putter_start(q, &b->names, &b->putter, err) == 0 &&
        (!q->cfg.takers || broker_taker_start(q, &b->names, &b->taker, err) == 0))
        return 0;
    stop_request(q->stop);
    broker_close(q);
    return -1;
}

static int broker_put(const struct opctx *ctx, struct sets_queue *q, const struct sets_hint *h,
                      struct error **err)
{
    return broker_putter_put(ctx, ((struct broker *)q->way)->putter, h, err);
}

static int broker_fetch(const struct opctx *ctx, struct sets_queue *q, bool fast_only,
                        struct sets_delivery *ret, struct error **err)
{
    const struct broker *b = q->way;
    if (!b->taker)
        return error_set(err, ERR_UNSUPPORTED, "this queue was opened without takers");
    return broker_taker_take(ctx, b->taker, fast_only, ret, err);
}

static void broker_ack(struct sets_queue *q, const struct sets_delivery *d)
{
    broker_taker_settle(((struct broker *)q->way)->taker, d, true);
}

static void broker_nack(struct sets_queue *q, const struct sets_delivery *d)
{
    broker_taker_settle(((struct broker *)q->way)->taker, d, false);
}

const struct queue_ops queue_broker = {
    .open = broker_open,
    .close = broker_close,
    .put = broker_put,
    .fetch = broker_fetch,
    .ack = broker_ack,
    .nack = broker_nack,
};
