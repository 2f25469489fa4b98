#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "pkg/amqp/impl.h"
#include "pkg/base/mem.h"

#define CONNECT_S 10
#define ANSWER_S 10
#define CLOSE_S 1

static const struct timeval answer_limit = { ANSWER_S, 0 };

void amqp_delivery_release(struct amqp_delivery *d)
{
    free(d->consumer);
    free(d->id);
    free(d->body);
    *d = (struct amqp_delivery){ 0 };
}

void amqp_close(struct amqp *c)
{
    if (!c)
        return;
    const struct timeval limit = { CLOSE_S, 0 };
    if (!c->is_broken && amqp_set_rpc_timeout(c->conn, &limit) == AMQP_STATUS_OK)
        (void)amqp_connection_close(c->conn, AMQP_REPLY_SUCCESS);
    (void)amqp_destroy_connection(c->conn);
    while (c->first) {
        struct pending *p = c->first;
        c->first = p->next;
        amqp_delivery_release(&p->d);
        free(p);
    }
    amqp_delivery_release(&c->coming);
    buf_release(&c->body);
    if (c->wake_fd >= 0)
        (void)close(c->wake_fd);
    free(c->where);
    free(c);
}

/* ---- opening ---- */

static int make_tls(struct amqp *c, const struct amqp_address *a, amqp_socket_t **ret,
                    struct error **err)
{
    /* The program's other parts have OpenSSL ready. */
    (void)amqp_set_initialize_ssl_library(0);
    amqp_socket_t *s = amqp_ssl_socket_new(c->conn);
    if (!s)
        return amqp_fail_status(c, AMQP_STATUS_SSL_ERROR, "making a TLS connection", err);
    amqp_ssl_socket_set_verify_peer(s, 1);
    amqp_ssl_socket_set_verify_hostname(s, 1);
    int status = amqp_ssl_socket_set_ssl_versions(s, AMQP_TLSv1_2, AMQP_TLSvLATEST);
    if (status != AMQP_STATUS_OK)
        return amqp_fail_status(c, status, "choosing versions of TLS", err);
    if (amqp_ssl_socket_set_cacert(s, a->ca_file) != AMQP_STATUS_OK) {
        c->is_broken = true;
        return error_set(err, ERR_INVALID, "broker %s: %s holds no certificates", c->where,
                         a->ca_file);
    }
    if (a->cert_file && amqp_ssl_socket_set_key(s, a->cert_file, a->key_file) != AMQP_STATUS_OK) {
        c->is_broken = true;
        return error_set(err, ERR_INVALID, "broker %s: %s and %s are no certificate and its key",
                         c->where, a->cert_file, a->key_file);
    }
    *ret = s;
    return 0;
}

static int dial(const struct opctx *ctx, struct amqp *c, const struct amqp_address *a,
                struct error **err)
{
    amqp_socket_t *s = NULL;
    if (a->tls) {
        if (make_tls(c, a, &s, err) < 0)
            return -1;
    } else {
        s = amqp_tcp_socket_new(c->conn);
        if (!s)
            return amqp_fail_status(c, AMQP_STATUS_SOCKET_ERROR, "making a connection", err);
    }
    int64_t left_ms = opctx_remaining_ms(ctx);
    struct timeval limit = { CONNECT_S, 0 };
    if (left_ms < CONNECT_S * 1000)
        limit = (struct timeval){ left_ms / 1000, (left_ms % 1000) * 1000 };
    if (amqp_set_handshake_timeout(c->conn, &answer_limit) != AMQP_STATUS_OK ||
        amqp_set_rpc_timeout(c->conn, &answer_limit) != AMQP_STATUS_OK)
        return amqp_fail_status(c, AMQP_STATUS_INVALID_PARAMETER, "setting limits", err);
    int status = amqp_socket_open_noblock(s, a->host, a->port, &limit);
    return status == AMQP_STATUS_OK ? 0 : amqp_fail_status(c, status, "connecting", err);
}

/* The broker closes without a word, or tells, when it refuses a login. */
static int fail_login(struct amqp *c, amqp_rpc_reply_t reply, struct error **err)
{
    struct error *why = NULL;
    (void)amqp_fail_reply(c, reply, "logging in", &why);
    if (!error_is(why, ERR_FORBIDDEN))
        return error_move(err, &why);
    (void)error_set(err, ERR_UNAUTHORIZED, "%s", error_text(why));
    error_free(why);
    return -1;
}

static int log_in(struct amqp *c, const struct amqp_config *cfg, struct error **err)
{
    const struct amqp_address *a = cfg->address;
    amqp_table_entry_t entries[2] = {
        { .key = amqp_cstring_bytes("connection_name"),
          .value = { .kind = AMQP_FIELD_KIND_UTF8,
                     .value.bytes = amqp_cstring_bytes(cfg->name ? cfg->name : "aro") } },
    };
    /* A refusal then comes as an answer instead of a closed connection. */
    amqp_table_entry_t abilities[] = {
        { .key = amqp_cstring_bytes("authentication_failure_close"),
          .value = { .kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1 } },
        { .key = amqp_cstring_bytes("consumer_cancel_notify"),
          .value = { .kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1 } },
        { .key = amqp_cstring_bytes("publisher_confirms"),
          .value = { .kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1 } },
        { .key = amqp_cstring_bytes("basic.nack"),
          .value = { .kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1 } },
    };
    entries[1] = (amqp_table_entry_t){
        .key = amqp_cstring_bytes("capabilities"),
        .value = { .kind = AMQP_FIELD_KIND_TABLE,
                   .value.table = { .num_entries = ARRAY_LEN(abilities), .entries = abilities } }
    };
    const amqp_table_t properties = { .num_entries = ARRAY_LEN(entries), .entries = entries };
    amqp_rpc_reply_t reply = amqp_login_with_properties(
        c->conn, a->vhost, CHANNEL, AMQP_DEFAULT_FRAME_SIZE,
        cfg->heartbeat_s ? cfg->heartbeat_s : AMQP_HEARTBEAT_S, &properties, AMQP_SASL_METHOD_PLAIN,
        a->user, secret_reveal(a->password, NULL));
    return reply.reply_type == AMQP_RESPONSE_NORMAL ? 0 : fail_login(c, reply, err);
}

static int begin(struct amqp *c, struct error **err)
{
    (void)amqp_channel_open(c->conn, CHANNEL);
    amqp_rpc_reply_t reply = amqp_get_rpc_reply(c->conn);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL)
        return amqp_fail_reply(c, reply, "opening a channel", err);
    (void)amqp_confirm_select(c->conn, CHANNEL);
    reply = amqp_get_rpc_reply(c->conn);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL)
        return amqp_fail_reply(c, reply, "asking for confirms", err);
    amqp_maybe_release_buffers(c->conn);
    return 0;
}

int amqp_open(const struct opctx *ctx, const struct amqp_config *cfg, struct amqp **ret,
              struct error **err)
{
    cleanup_amqp struct amqp *c = xnew(struct amqp);
    c->conn = amqp_new_connection();
    c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->clock = ctx->clock;
    c->where = xstrdup(cfg->address->text);
    c->end = &c->first;
    c->is_broken = true; /* nothing to say good-bye to */
    buf_init(&c->body, AMQP_BODY_MAX);
    confirms_init(&c->confirms);
    if (!c->conn || c->wake_fd < 0)
        return error_set(err, ERR_UNAVAILABLE, "no memory or descriptors for a connection");
    if (opctx_check(ctx, err) < 0 || dial(ctx, c, cfg->address, err) < 0 ||
        log_in(c, cfg, err) < 0 || begin(c, err) < 0)
        return -1;
    c->is_broken = false;
    *ret = take(c);
    return 0;
}
