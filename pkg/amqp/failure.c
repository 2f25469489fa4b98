#include <stdio.h>
#include <string.h>

#include "pkg/amqp/impl.h"

static const struct {
    unsigned code;
    enum err_kind kind;
} replies[] = {
    { 403, ERR_FORBIDDEN },    { 404, ERR_NOT_FOUND }, { 405, ERR_CONFLICT },
    { 406, ERR_PRECONDITION }, { 530, ERR_FORBIDDEN },
};

static enum err_kind kind_of(unsigned code)
{
    for (size_t i = 0; i < ARRAY_LEN(replies); i++)
        if (replies[i].code == code)
            return replies[i].kind;
    return ERR_UNAVAILABLE;
}

int amqp_fail_close(struct amqp *c, unsigned code, amqp_bytes_t text, const char *doing,
                    struct error **err)
{
    c->is_broken = true;
    (void)error_set(err, kind_of(code), "broker %s: %s: %.*s", c->where, doing, (int)text.len,
                    (const char *)text.bytes);
    if (kind_of(code) == ERR_PRECONDITION)
        error_mark_terminal(err);
    return -1;
}

int amqp_fail_status(struct amqp *c, int status, const char *doing, struct error **err)
{
    c->is_broken = true;
    return error_set(err, status == AMQP_STATUS_TIMEOUT ? ERR_TIMEOUT : ERR_CONN,
                     "broker %s: %s: %s", c->where, doing, amqp_error_string2(status));
}

int amqp_fail_reply(struct amqp *c, amqp_rpc_reply_t reply, const char *doing, struct error **err)
{
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
        reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        const amqp_channel_close_t *m = reply.reply.decoded;
        return amqp_fail_close(c, m->reply_code, m->reply_text, doing, err);
    }
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
        reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
        const amqp_connection_close_t *m = reply.reply.decoded;
        return amqp_fail_close(c, m->reply_code, m->reply_text, doing, err);
    }
    return amqp_fail_status(c,
                            reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION
                                ? reply.library_error
                                : AMQP_STATUS_WRONG_METHOD,
                            doing, err);
}

int amqp_fail_broken(struct amqp *c, struct error **err)
{
    return error_set(err, ERR_CONN, "broker %s: the connection failed before", c->where);
}
