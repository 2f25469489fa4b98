/*
 * amqp.h - AMQP 0-9-1 as RabbitMQ speaks it: connections with one channel, on which messages are published with confirms,
 * consumed with acknowledgements, and exchanges and queues declared.
 *
 * A connection that failed is of no more use: every call on it fails, it can only be closed. amqp_keep (keep.h) makes one
 * after another. Heartbeats are sent and looked for in amqp_next, amqp_service, amqp_publish and amqp_flush: whoever has a
 * connection calls one of them more often than half of the heartbeat.
 *
 * Errors: ERR_CONN, ERR_TIMEOUT the broker is away or silent; ERR_UNAVAILABLE it refuses for now; ERR_UNAUTHORIZED,
 * ERR_FORBIDDEN it refuses us; ERR_NOT_FOUND no such queue or exchange; ERR_PRECONDITION, marked terminal: it has one of that
 * name with other properties, which the text names; ERR_CANCELLED the context's stop. Texts hold no password.
 * Threads: a connection is for one thread at a time; amqp_wake is for any while it is open.
 * Source: AMQP 0-9-1, RabbitMQ's confirms, consumer cancellation and quorum queues (3.10), librabbitmq 0.11.
 */
#ifndef PKG_AMQP_AMQP_H
#define PKG_AMQP_AMQP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/amqp/address.h"
#include "pkg/base/opctx.h"

#define AMQP_HEARTBEAT_S 30
#define AMQP_WINDOW 256               /* messages that wait for their confirm */
#define AMQP_BODY_MAX ((size_t)65536) /* larger messages fail the connection */

struct amqp;
struct amqp_config {
    const struct amqp_address *address; /* borrowed */
    const char *name;                   /* how the broker shows the connection */
    int heartbeat_s;                    /* 0: AMQP_HEARTBEAT_S */
};
/* Waits at most for some 10 s for each of connecting and logging in, also when stopped. */
int amqp_open(const struct opctx *ctx, const struct amqp_config *cfg, struct amqp **ret,
              struct error **err);
void amqp_close(struct amqp *c); /* accepts NULL */
DEFINE_RELEASE(struct amqp *, amqp_close)
#define cleanup_amqp CLEANUP_WITH(amqp_close_slot)

/* ---- declaring ---- */
struct amqp_argument {
    const char *key;  /* NULL: none */
    const char *text; /* NULL: the number */
    int64_t number;
};
#define AMQP_ARGUMENTS_MAX 6
enum amqp_kind { AMQP_EXCHANGE, AMQP_QUEUE, AMQP_BINDING };
struct amqp_entity {
    enum amqp_kind kind;
    const char *name; /* queues and bindings: "": the queue whose name the broker chose last */
    const char *type; /* of an exchange: topic, direct, fanout */
    const char *source, *key; /* of a binding: exchange, routing key */
    bool
        is_private; /* of a queue: of this connection alone, ends with it; else durable, as exchanges are */
    struct amqp_argument arguments[AMQP_ARGUMENTS_MAX]; /* of a queue */
};
/* In order. What is there already with the same properties is fine. */
int amqp_declare(struct amqp *c, const struct amqp_entity *entities, size_t n, struct error **err);
/* Drops the messages of a queue that nobody has. */
int amqp_purge(struct amqp *c, const char *queue, uint32_t *ret_dropped, struct error **err);

/* ---- publishing ---- */
struct amqp_message {
    const char *exchange, *key, *id; /* id may be NULL */
    const char *body;                /* JSON */
    size_t len;
};
/* Persistent and mandatory. Waits while AMQP_WINDOW are not confirmed. */
int amqp_publish(const struct opctx *ctx, struct amqp *c, const struct amqp_message *m,
                 struct error **err);
/* Until all are confirmed. *ret_returned (may be NULL): how many since the last time no queue took. ERR_UNAVAILABLE: the
 * broker could not keep some. */
int amqp_flush(const struct opctx *ctx, struct amqp *c, size_t *ret_returned, struct error **err);

/* ---- consuming ---- */
struct amqp_delivery {
    uint64_t tag;
    unsigned earlier; /* deliveries of it that were not acknowledged, as quorum queues count */
    char *consumer, *id, *body; /* id "" when it has none */
    size_t len;
};
void amqp_delivery_release(struct amqp_delivery *d);
#define cleanup_delivery CLEANUP_WITH(amqp_delivery_release)
/* consumer: its name within the connection. */
int amqp_consume(struct amqp *c, const char *queue, const char *consumer, uint16_t prefetch,
                 struct error **err);
/* 1: *ret; 0: amqp_wake was called. ERR_TIMEOUT at the context's deadline, which harms nothing. ERR_UNAVAILABLE: the queue
 * is gone. */
int amqp_next(const struct opctx *ctx, struct amqp *c, struct amqp_delivery *ret,
              struct error **err);
int amqp_ack(struct amqp *c, uint64_t tag, struct error **err);
/* again: to whoever comes; else the broker drops it, or dead-letters it. */
int amqp_nack(struct amqp *c, uint64_t tag, bool again, struct error **err);

/* Takes what has come, and sends a heartbeat when one is due; does not wait. */
int amqp_service(struct amqp *c, struct error **err);
void amqp_wake(struct amqp *c);

#endif
