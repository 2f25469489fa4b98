#include "rp/syncsets/queue/topology.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/queue/queue.h"

#define PREFIX_MAX 64
#define WATCH_EXPIRES_MS (24 * 3600 * 1000)
#define WATCH_LENGTH 100000

int bus_check_prefix(const char *prefix, struct error **err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.-_";
    size_t len = strlen(prefix);
    if (len > 0 && len <= PREFIX_MAX && strspn(prefix, allowed) == len)
        return 0;
    return error_set(err, ERR_INVALID,
                     "'%s': at most %d letters, digits, dots, dashes and underscores", prefix,
                     PREFIX_MAX);
}

void bus_names_init(struct bus_names *n, const char *prefix)
{
    *n = (struct bus_names){
        .events = xasprintf("%s.events", prefix),
        .work = xasprintf("%s.work", prefix),
        .dead = xasprintf("%s.dead", prefix),
        .work_fast = xasprintf("%s.work.fast", prefix),
        .work_slow = xasprintf("%s.work.slow", prefix),
        .work_dead = xasprintf("%s.work.dead", prefix),
    };
}

void bus_names_release(struct bus_names *n)
{
    free(n->events);
    free(n->work);
    free(n->dead);
    free(n->work_fast);
    free(n->work_slow);
    free(n->work_dead);
    *n = (struct bus_names){ 0 };
}

int bus_declare_events(struct amqp *c, const struct bus_names *n, struct error **err)
{
    const struct amqp_entity e = { .kind = AMQP_EXCHANGE, .name = n->events, .type = "topic" };
    return amqp_declare(c, &e, 1, err);
}

/* Dead letters are kept by the queue until the next one has them: that wants reject-publish. */
static struct amqp_entity work_queue(const struct bus_names *n, const char *name)
{
    return (struct amqp_entity){ .kind = AMQP_QUEUE,
                                 .name = name,
                                 .arguments = {
                                     { .key = "x-queue-type", .text = "quorum" },
                                     { .key = "x-delivery-limit", .number = SETS_DELIVERIES_MAX },
                                     { .key = "x-dead-letter-exchange", .text = n->dead },
                                     { .key = "x-dead-letter-routing-key", .text = "dead" },
                                     { .key = "x-dead-letter-strategy", .text = "at-least-once" },
                                     { .key = "x-overflow", .text = "reject-publish" },
                                 } };
}

int bus_declare_work(struct amqp *c, const struct bus_names *n, struct error **err)
{
    const struct amqp_entity entities[] = {
        { .kind = AMQP_EXCHANGE, .name = n->dead, .type = "direct" },
        { .kind = AMQP_QUEUE,
          .name = n->work_dead,
          .arguments = { { .key = "x-queue-type", .text = "quorum" } } },
        { .kind = AMQP_BINDING, .name = n->work_dead, .source = n->dead, .key = "dead" },
        { .kind = AMQP_EXCHANGE, .name = n->work, .type = "direct" },
        work_queue(n, n->work_fast),
        work_queue(n, n->work_slow),
        { .kind = AMQP_BINDING, .name = n->work_fast, .source = n->work, .key = "fast" },
        { .kind = AMQP_BINDING, .name = n->work_slow, .source = n->work, .key = "slow" },
    };
    return amqp_declare(c, entities, ARRAY_LEN(entities), err);
}

int bus_declare_watch(struct amqp *c, const struct bus_names *n, const char *queue,
                      const char *type, struct error **err)
{
    static const struct amqp_argument kept[] = {
        { .key = "x-queue-type", .text = "quorum" },
        { .key = "x-expires", .number = WATCH_EXPIRES_MS },
        { .key = "x-max-length", .number = WATCH_LENGTH },
        { .key = "x-overflow", .text = "drop-head" },
    };
    cleanup_free char *key = xasprintf("%s.#", type);
    struct amqp_entity entities[] = {
        { .kind = AMQP_EXCHANGE, .name = n->events, .type = "topic" },
        { .kind = AMQP_QUEUE, .name = queue ? queue : "", .is_private = !queue },
        { .kind = AMQP_BINDING, .name = queue ? queue : "", .source = n->events, .key = key },
    };
    if (queue)
        memcpy(entities[1].arguments, kept, sizeof(kept));
    return amqp_declare(c, entities, ARRAY_LEN(entities), err);
}
