/* Messages out and in. */
#include <stdlib.h>
#include <unistd.h>

#include "pkg/amqp/impl.h"
#include "pkg/base/mem.h"

int amqp_service(struct amqp *c, struct error **err)
{
    return amqp_take_frames(c, err);
}

/* ---- out ---- */

/* Until at most `most` are without a confirm. */
static int await_confirms(const struct opctx *ctx, struct amqp *c, size_t most, struct error **err)
{
    for (;;) {
        bool woken;
        if (amqp_take_frames(c, err) < 0)
            return -1;
        if (confirms_open(&c->confirms) <= most)
            return 0;
        if (opctx_check(ctx, err) < 0 || amqp_wait_frames(ctx, c, &woken, err) < 0)
            return -1;
        /* Whoever woke it means amqp_next. */
        if (woken)
            c->owes_wake = true;
    }
}

int amqp_publish(const struct opctx *ctx, struct amqp *c, const struct amqp_message *m,
                 struct error **err)
{
    amqp_basic_properties_t p = { ._flags =
                                      AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG,
                                  .content_type = amqp_cstring_bytes("application/json"),
                                  .delivery_mode = AMQP_DELIVERY_PERSISTENT };
    if (m->id) {
        p._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
        p.message_id = amqp_cstring_bytes(m->id);
    }
    if (c->is_broken)
        return amqp_fail_broken(c, err);
    if (confirms_open(&c->confirms) == AMQP_WINDOW &&
        await_confirms(ctx, c, AMQP_WINDOW - 1, err) < 0)
        return -1;
    cleanup_free char *body = xmemdup(m->body, m->len); /* the library takes no constant */
    int status = amqp_basic_publish(c->conn, CHANNEL, amqp_cstring_bytes(m->exchange),
                                    amqp_cstring_bytes(m->key), 1, 0, &p,
                                    (amqp_bytes_t){ .len = m->len, .bytes = body });
    if (status != AMQP_STATUS_OK)
        return amqp_fail_status(c, status, "publishing", err);
    confirms_add(&c->confirms);
    return 0;
}

int amqp_flush(const struct opctx *ctx, struct amqp *c, size_t *ret_returned, struct error **err)
{
    if (await_confirms(ctx, c, 0, err) < 0)
        return -1;
    size_t refused = c->confirms.refused, returned = c->confirms.returned;
    c->confirms.refused = c->confirms.returned = 0;
    if (refused)
        return error_set(err, ERR_UNAVAILABLE, "broker %s: it could not keep %zu messages",
                         c->where, refused);
    if (ret_returned)
        *ret_returned = returned;
    return 0;
}

/* ---- in ---- */

int amqp_consume(struct amqp *c, const char *queue, const char *consumer, uint16_t prefetch,
                 struct error **err)
{
    if (c->is_broken)
        return amqp_fail_broken(c, err);
    /* Not global: for each consumer that begins afterwards. */
    (void)amqp_basic_qos(c->conn, CHANNEL, 0, prefetch, 0);
    amqp_rpc_reply_t reply = amqp_get_rpc_reply(c->conn);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL)
        return amqp_fail_reply(c, reply, "limiting deliveries", err);
    (void)amqp_basic_consume(c->conn, CHANNEL, amqp_cstring_bytes(queue),
                             amqp_cstring_bytes(consumer), 0, 0, 0, amqp_empty_table);
    reply = amqp_get_rpc_reply(c->conn);
    return reply.reply_type == AMQP_RESPONSE_NORMAL ? 0
                                                    : amqp_fail_reply(c, reply, "consuming", err);
}

int amqp_next(const struct opctx *ctx, struct amqp *c, struct amqp_delivery *ret,
              struct error **err)
{
    for (;;) {
        bool woken;
        if (amqp_take_frames(c, err) < 0)
            return -1;
        struct pending *p = c->first;
        if (p) {
            c->first = p->next;
            if (!p->next)
                c->end = &c->first;
            *ret = p->d;
            free(p);
            return 1;
        }
        if (c->owes_wake) {
            c->owes_wake = false;
            return 0;
        }
        if (opctx_check(ctx, err) < 0 || amqp_wait_frames(ctx, c, &woken, err) < 0)
            return -1;
        c->owes_wake = woken;
    }
}

int amqp_ack(struct amqp *c, uint64_t tag, struct error **err)
{
    if (c->is_broken)
        return amqp_fail_broken(c, err);
    int status = amqp_basic_ack(c->conn, CHANNEL, tag, 0);
    return status == AMQP_STATUS_OK ? 0 : amqp_fail_status(c, status, "acknowledging", err);
}

int amqp_nack(struct amqp *c, uint64_t tag, bool again, struct error **err)
{
    if (c->is_broken)
        return amqp_fail_broken(c, err);
    int status = amqp_basic_nack(c->conn, CHANNEL, tag, 0, again);
    return status == AMQP_STATUS_OK ? 0 : amqp_fail_status(c, status, "giving back", err);
}
