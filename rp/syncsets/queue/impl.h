/* impl.h - what the ways of rp/syncsets/queue share. */
#ifndef RP_SYNCSETS_QUEUE_IMPL_H
#define RP_SYNCSETS_QUEUE_IMPL_H

#include "rp/syncsets/queue/monitor.h"
#include "rp/syncsets/queue/queue.h"

/* A way to keep hints. State hangs from sets_queue.way. */
struct queue_ops {
    int (*open)(struct sets_queue *q, struct error **err);
    void (*close)(struct sets_queue *q);
    int (*put)(const struct opctx *ctx, struct sets_queue *q, const struct sets_hint *h,
               struct error **err);
    int (*fetch)(const struct opctx *ctx, struct sets_queue *q, bool fast_only,
                 struct sets_delivery *ret, struct error **err);
    void (*ack)(struct sets_queue *q, const struct sets_delivery *d);
    void (*nack)(struct sets_queue *q, const struct sets_delivery *d);
    void (*woken)(struct sets_queue *q); /* another session put a hint; NULL: nobody tells */
};
extern const struct queue_ops queue_local, queue_rows, queue_broker;

struct sets_queue {
    struct sets_queue_config cfg;
    const struct queue_ops *ops;
    void *way;
    struct stop *stop; /* requested by close */
    struct opctx ctx;  /* of its own threads */
    struct monitor news;
    int64_t changes; /* by news: commits that were told of */
    pthread_t listener;
    bool listens;
    struct metric *redeliveries, *dead_letters;
};

/* Counts what comes again. */
void queue_count(struct sets_queue *q, const struct sets_delivery *d);

/* What sessions that take hints LISTEN to; the payload tells it from changes. */
#define QUEUE_CHANNEL "syncsets_work"
#define QUEUE_PAYLOAD "work"

#endif
