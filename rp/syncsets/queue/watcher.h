/*
 * watcher.h - events of one API type from the broker, for a consumer that keeps a copy of the objects.
 *
 *     open, then list over REST, then sets_watcher_seen(list's resourceVersion), then next, next, ...
 *
 * Each event comes at least once from the broker and is given once: what is not newer than what was seen is dropped. An event
 * whose `prev` was not seen tells that others were lost, and so may a new connection: next then says WATCH_GAP, and says it
 * until sets_watcher_seen told where the consumer stands, having gone on over HTTP (watch from the last revision, or a new
 * list). Events that came meanwhile are kept by the broker.
 *
 * A named consumer has a durable queue: it misses nothing while it is away for less than a day and 100,000 events. One
 * without a name has a queue that ends with the connection.
 *
 * Between two calls of next at most half a minute should pass, or the broker takes the consumer for dead; then there is a
 * new connection and a gap.
 * Threads: one at a time.
 */
#ifndef RP_SYNCSETS_QUEUE_WATCHER_H
#define RP_SYNCSETS_QUEUE_WATCHER_H

#include "pkg/amqp/address.h"
#include "rp/syncsets/queue/message.h"

struct sets_watcher;
struct sets_watcher_config {
    const struct amqp_address *broker; /* borrowed */
    const char *prefix;                /* NULL: BUS_PREFIX */
    const char *consumer;              /* letters, digits, '.', '-', '_'; NULL: none */
    const char *type;                  /* plural of the API type */
};
/* Subscribes: from here on the broker keeps events for it. ERR_INVALID: names; else as amqp.h. */
int sets_watcher_open(const struct opctx *ctx, const struct sets_watcher_config *cfg,
                      struct sets_watcher **ret, struct error **err);
void sets_watcher_close(struct sets_watcher *w); /* a named queue stays; accepts NULL */
DEFINE_RELEASE(struct sets_watcher *, sets_watcher_close)
#define cleanup_sets_watcher CLEANUP_WITH(sets_watcher_close_slot)

enum sets_watch_news {
    WATCH_EVENT, /* *ret, owned by the caller */
    WATCH_GAP,   /* something may be missing behind *ret_last */
};
/* Waits; the event before counts as handled. Lost connections are made again, with pauses. ERR_TIMEOUT at the context's
 * deadline, which harms nothing; ERR_PRECONDITION the queue is there with other properties. */
int sets_watcher_next(const struct opctx *ctx, struct sets_watcher *w,
                      enum sets_watch_news *ret_news, struct sets_bus_event *ret, int64_t *ret_last,
                      struct error **err);
/* The consumer knows all up to this revision. */
void sets_watcher_seen(struct sets_watcher *w, int64_t revision);

#endif
