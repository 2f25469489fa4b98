#include <stdio.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/net/server_impl.h"

struct http_stream {
    struct outlet outlet; /* first */
    bool chunked;         /* HTTP/1.0 gets plain bytes until the connection closes */
};

static void stream_free(struct outlet *o)
{
    struct http_stream *s = container_of(o, struct http_stream, outlet);
    outlet_release(&s->outlet);
    free(s);
}

struct http_stream *http_call_begin_stream(struct http_call *c, size_t max_queued,
                                           void (*on_close)(void *arg), void *arg)
{
    struct http_stream *s = xnew(struct http_stream);
    outlet_init(&s->outlet, c->server->hub, c->conn_id, max_queued, stream_free);
    s->outlet.on_close = on_close;
    s->outlet.arg = arg;
    s->chunked = c->req.version == 11;
    outlet_ref(&s->outlet); /* the call's, later the connection's */
    if (c->stream)
        stream_drop(c->stream);
    c->stream = s;
    return s;
}

struct outlet *stream_outlet(struct http_stream *s)
{
    return &s->outlet;
}

void stream_drop(struct http_stream *s)
{
    outlet_close(&s->outlet);
    outlet_unref(&s->outlet);
}

int http_stream_write(struct http_stream *s, const void *data, size_t len)
{
    char head[24];

    if (len == 0) /* an empty chunk would end the body */
        return outlet_is_open(&s->outlet) ? 0 : -1;
    if (!s->chunked)
        return outlet_append(&s->outlet, NULL, 0, data, len, NULL, 0);
    int head_len = snprintf(head, sizeof(head), "%zx\r\n", len);
    return outlet_append(&s->outlet, head, (size_t)head_len, data, len, "\r\n", 2);
}

bool http_stream_is_open(const struct http_stream *s)
{
    struct http_stream *lockable = (struct http_stream *)(uintptr_t)s;
    return outlet_is_open(&lockable->outlet);
}

size_t http_stream_queued(struct http_stream *s)
{
    pthread_mutex_lock(&s->outlet.mu);
    size_t n = s->outlet.queue.len + s->outlet.in_flight;
    pthread_mutex_unlock(&s->outlet.mu);
    return n;
}

void http_stream_end(struct http_stream *s)
{
    outlet_leave(&s->outlet, OUTLET_ENDING, "0\r\n\r\n", s->chunked ? 5 : 0);
}

void http_stream_abort(struct http_stream *s)
{
    outlet_leave(&s->outlet, OUTLET_CUT, NULL, 0);
}

void http_stream_unref(struct http_stream *s)
{
    if (!s)
        return;
    http_stream_end(s);
    outlet_unref(&s->outlet);
}
