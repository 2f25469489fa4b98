#include "pkg/amqp/impl.h"
#include "pkg/base/mem.h"

static amqp_bytes_t bytes_of(const char *s)
{
    return s ? amqp_cstring_bytes(s) : amqp_empty_bytes;
}

static void fill_arguments(const struct amqp_argument *from, amqp_table_entry_t *to, int *ret_len)
{
    int n = 0;
    for (; n < AMQP_ARGUMENTS_MAX && from[n].key; n++) {
        to[n].key = amqp_cstring_bytes(from[n].key);
        if (from[n].text) {
            to[n].value.kind = AMQP_FIELD_KIND_UTF8;
            to[n].value.value.bytes = amqp_cstring_bytes(from[n].text);
        } else {
            to[n].value.kind = AMQP_FIELD_KIND_I64;
            to[n].value.value.i64 = from[n].number;
        }
    }
    *ret_len = n;
}

static void declare_queue(struct amqp *c, const struct amqp_entity *e)
{
    amqp_table_entry_t entries[AMQP_ARGUMENTS_MAX];
    amqp_table_t table = { .entries = entries };
    fill_arguments(e->arguments, entries, &table.num_entries);
    (void)amqp_queue_declare(c->conn, CHANNEL, bytes_of(e->name), 0, !e->is_private, e->is_private,
                             e->is_private, table);
}

static int declare_one(struct amqp *c, const struct amqp_entity *e, struct error **err)
{
    static const char *const words[] = {
        [AMQP_EXCHANGE] = "exchange", [AMQP_QUEUE] = "queue", [AMQP_BINDING] = "binding of"
    };
    switch (e->kind) {
    case AMQP_EXCHANGE:
        (void)amqp_exchange_declare(c->conn, CHANNEL, bytes_of(e->name), bytes_of(e->type), 0, 1, 0,
                                    0, amqp_empty_table);
        break;
    case AMQP_QUEUE:
        declare_queue(c, e);
        break;
    case AMQP_BINDING:
        (void)amqp_queue_bind(c->conn, CHANNEL, bytes_of(e->name), bytes_of(e->source),
                              bytes_of(e->key), amqp_empty_table);
        break;
    }
    amqp_rpc_reply_t reply = amqp_get_rpc_reply(c->conn);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
        amqp_maybe_release_buffers(c->conn);
        return 0;
    }
    cleanup_free char *doing = xasprintf("declaring %s %s", words[e->kind], e->name);
    return amqp_fail_reply(c, reply, doing, err);
}

int amqp_declare(struct amqp *c, const struct amqp_entity *entities, size_t n, struct error **err)
{
    if (c->is_broken)
        return amqp_fail_broken(c, err);
    for (size_t i = 0; i < n; i++)
        if (declare_one(c, &entities[i], err) < 0)
            return -1;
    return 0;
}

int amqp_purge(struct amqp *c, const char *queue, uint32_t *ret_dropped, struct error **err)
{
    if (c->is_broken)
        return amqp_fail_broken(c, err);
    const amqp_queue_purge_ok_t *ok = amqp_queue_purge(c->conn, CHANNEL, bytes_of(queue));
    if (!ok)
        return amqp_fail_reply(c, amqp_get_rpc_reply(c->conn), "purging", err);
    if (ret_dropped)
        *ret_dropped = ok->message_count;
    return 0;
}
