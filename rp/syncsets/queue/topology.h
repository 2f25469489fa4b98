/*
 * topology.h - names and properties of what SyncSets has on a broker, PREFIX being "syncsets" unless it is set:
 *
 *   PREFIX.events             topic exchange, keys TYPE.OP.NAMESPACE (or _): what was committed
 *   PREFIX.watch.NAME.TYPE    queue of one named consumer of these events
 *   PREFIX.work               direct exchange, keys fast and slow, to the queues PREFIX.work.fast and .slow
 *   PREFIX.dead               direct exchange, key dead, to the queue PREFIX.work.dead
 *
 * All are durable, all queues are quorum queues. Threads: pure.
 */
#ifndef RP_SYNCSETS_QUEUE_TOPOLOGY_H
#define RP_SYNCSETS_QUEUE_TOPOLOGY_H

#include "pkg/amqp/amqp.h"

#define BUS_PREFIX "syncsets"

struct bus_names {
    char *events, *work, *dead;              /* exchanges */
    char *work_fast, *work_slow, *work_dead; /* queues */
};
/* ERR_INVALID: it is empty, too long, or has other characters than letters, digits, '.', '-' and '_'. */
int bus_check_prefix(const char *prefix, struct error **err);
void bus_names_init(struct bus_names *n, const char *prefix);
void bus_names_release(struct bus_names *n);
#define cleanup_bus_names CLEANUP_WITH(bus_names_release)

int bus_declare_events(struct amqp *c, const struct bus_names *n, struct error **err);
int bus_declare_work(struct amqp *c, const struct bus_names *n, struct error **err);
/* The queue of a named consumer (queue: its name), or one of the connection alone (queue NULL), bound to all events of a
 * type. */
int bus_declare_watch(struct amqp *c, const struct bus_names *n, const char *queue,
                      const char *type, struct error **err);

#endif
