/*
 * What comes from the broker. Frames are taken one by one without waiting, also those of a message's content, so that a
 * broker that stops in its middle holds up nobody; the sizes that it announces are limited before anything is kept.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "pkg/amqp/impl.h"
#include "pkg/base/mem.h"

static char *give_text(amqp_bytes_t b)
{
    return xstrndup(b.len ? b.bytes : "", b.len);
}

/* ---- contents ---- */

static unsigned read_earlier(const amqp_basic_properties_t *p)
{
    if (!(p->_flags & AMQP_BASIC_HEADERS_FLAG))
        return 0;
    const amqp_bytes_t key = amqp_cstring_bytes("x-delivery-count");
    for (int i = 0; i < p->headers.num_entries; i++) {
        const amqp_table_entry_t *e = &p->headers.entries[i];
        if (e->key.len != key.len || memcmp(e->key.bytes, key.bytes, key.len) != 0)
            continue;
        int64_t n = e->value.kind == AMQP_FIELD_KIND_I64   ? e->value.value.i64
                    : e->value.kind == AMQP_FIELD_KIND_I32 ? e->value.value.i32
                    : e->value.kind == AMQP_FIELD_KIND_U8  ? e->value.value.u8
                    : e->value.kind == AMQP_FIELD_KIND_I8  ? e->value.value.i8
                                                           : 0;
        return n > 0 && n < UINT16_MAX ? (unsigned)n : 0;
    }
    return 0;
}

static void content_end(struct amqp *c)
{
    c->content = CONTENT_NONE;
    if (c->is_return) {
        c->confirms.returned++;
        amqp_delivery_release(&c->coming);
        buf_clear(&c->body);
        return;
    }
    struct pending *p = xnew(struct pending);
    p->d = c->coming;
    p->d.len = c->body.len;
    p->d.body = xstrndup(buf_str(&c->body), c->body.len);
    c->coming = (struct amqp_delivery){ 0 };
    buf_clear(&c->body);
    *c->end = p;
    c->end = &p->next;
}

static int content_header(struct amqp *c, const amqp_frame_t *f, struct error **err)
{
    const amqp_basic_properties_t *p = f->payload.properties.decoded;
    if (f->payload.properties.body_size > AMQP_BODY_MAX)
        return amqp_fail_close(c, 311, amqp_cstring_bytes("a message is too large"), "receiving",
                               err);
    c->coming.id = p->_flags & AMQP_BASIC_MESSAGE_ID_FLAG ? give_text(p->message_id) : xstrdup("");
    c->coming.earlier = read_earlier(p);
    c->missing = (size_t)f->payload.properties.body_size;
    c->content = CONTENT_BODY;
    if (c->missing == 0)
        content_end(c);
    return 0;
}

static int content_body(struct amqp *c, const amqp_frame_t *f, struct error **err)
{
    size_t len = f->payload.body_fragment.len;
    if (len > c->missing)
        return amqp_fail_status(c, AMQP_STATUS_BAD_AMQP_DATA, "receiving", err);
    buf_add(&c->body, f->payload.body_fragment.bytes, len);
    c->missing -= len;
    if (c->missing == 0)
        content_end(c);
    return 0;
}

static void content_begin(struct amqp *c, bool is_return)
{
    c->content = CONTENT_HEADER;
    c->is_return = is_return;
}

/* ---- methods ---- */

static int method(struct amqp *c, const amqp_method_t *m, struct error **err)
{
    switch (m->id) {
    case AMQP_BASIC_ACK_METHOD: {
        const amqp_basic_ack_t *a = m->decoded;
        confirms_settle(&c->confirms, a->delivery_tag, a->multiple, false);
        return 0;
    }
    case AMQP_BASIC_NACK_METHOD: {
        const amqp_basic_nack_t *n = m->decoded;
        confirms_settle(&c->confirms, n->delivery_tag, n->multiple, true);
        return 0;
    }
    case AMQP_BASIC_RETURN_METHOD:
        content_begin(c, true);
        return 0;
    case AMQP_BASIC_DELIVER_METHOD: {
        const amqp_basic_deliver_t *d = m->decoded;
        c->coming.tag = d->delivery_tag;
        c->coming.consumer = give_text(d->consumer_tag);
        content_begin(c, false);
        return 0;
    }
    case AMQP_BASIC_CANCEL_METHOD:
        return amqp_fail_close(c, 313, amqp_cstring_bytes("the queue is gone"), "consuming", err);
    case AMQP_CHANNEL_CLOSE_METHOD: {
        const amqp_channel_close_t *e = m->decoded;
        return amqp_fail_close(c, e->reply_code, e->reply_text, "channel closed", err);
    }
    case AMQP_CONNECTION_CLOSE_METHOD: {
        const amqp_connection_close_t *e = m->decoded;
        return amqp_fail_close(c, e->reply_code, e->reply_text, "connection closed", err);
    }
    default:
        return 0;
    }
}

static int frame(struct amqp *c, const amqp_frame_t *f, struct error **err)
{
    if (f->frame_type == AMQP_FRAME_METHOD && c->content == CONTENT_NONE)
        return method(c, &f->payload.method, err);
    if (f->channel != CHANNEL)
        return f->frame_type == AMQP_FRAME_METHOD ? method(c, &f->payload.method, err) : 0;
    if (f->frame_type == AMQP_FRAME_HEADER && c->content == CONTENT_HEADER)
        return content_header(c, f, err);
    if (f->frame_type == AMQP_FRAME_BODY && c->content == CONTENT_BODY)
        return content_body(c, f, err);
    if (f->frame_type == AMQP_FRAME_METHOD && (f->payload.method.id == AMQP_CHANNEL_CLOSE_METHOD))
        return method(c, &f->payload.method, err);
    return amqp_fail_status(c, AMQP_STATUS_UNEXPECTED_STATE, "receiving", err);
}

int amqp_take_frames(struct amqp *c, struct error **err)
{
    if (c->is_broken)
        return amqp_fail_broken(c, err);
    for (;;) {
        const struct timeval now = { 0, 0 };
        amqp_frame_t f;
        int status = amqp_simple_wait_frame_noblock(c->conn, &f, &now);
        if (status == AMQP_STATUS_TIMEOUT)
            return 0;
        if (status != AMQP_STATUS_OK)
            return amqp_fail_status(c, status, "receiving", err);
        if (frame(c, &f, err) < 0)
            return -1;
        amqp_maybe_release_buffers(c->conn);
    }
}

/* ---- waiting ---- */

static void wake(void *arg)
{
    const struct amqp *c = arg;
    const uint64_t one = 1;
    if (write(c->wake_fd, &one, sizeof(one)) < 0) {
        /* full: it is readable already */
    }
}

void amqp_wake(struct amqp *c)
{
    wake(c);
}

static bool was_woken(const struct amqp *c)
{
    uint64_t n;
    return read(c->wake_fd, &n, sizeof(n)) > 0;
}

int amqp_wait_frames(const struct opctx *ctx, struct amqp *c, bool *ret_woken, struct error **err)
{
    struct pollfd fds[] = { { .fd = amqp_get_sockfd(c->conn), .events = POLLIN },
                            { .fd = c->wake_fd, .events = POLLIN } };
    struct stop_watch watch = { .fn = wake, .arg = c };
    int64_t left_ms = opctx_remaining_ms(ctx);
    stop_watch(ctx->stop, &watch);
    int n = poll(fds, ARRAY_LEN(fds), left_ms < BATCH_MS ? (int)left_ms : BATCH_MS);
    stop_unwatch(ctx->stop, &watch);
    if (n < 0 && errno != EINTR)
        return error_set_errno(err, errno, "waiting for broker %s", c->where);
    *ret_woken = was_woken(c);
    return 0;
}
