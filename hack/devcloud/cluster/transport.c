/*
 * Requests of clients in this process go straight into serve(): no sockets, no TLS, no thread of their own. A watch is read
 * by the thread that asked for it; who writes to it (with the state's lock held) only leaves bytes and wakes that thread.
 */
#include <string.h>

#include "hack/devcloud/cluster/cluster_impl.h"
#include "hack/devcloud/cluster/hub.h"
#include "hack/devcloud/cluster/reply.h"
#include "hack/devcloud/cluster/serve.h"
#include "pkg/base/mem.h"
#include "pkg/net/http.h"

struct inner {
    struct http_transport base;
    struct cluster *c;
    char *user;
    struct strv groups;
};

/* ---- watches ---- */

struct stream {
    struct watch_sink sink;
    struct waker waker;
    struct buf pending;
    bool ended;
};

static int stream_write(struct watch_sink *sink, const char *data, size_t len)
{
    struct stream *s = container_of(sink, struct stream, sink);
    waker_lock(&s->waker);
    bool fits = s->pending.len + len <= WATCH_QUEUED_MAX;
    if (fits)
        buf_add(&s->pending, data, len);
    else
        s->ended = true; /* once it has read what waits, it begins again */
    waker_unlock(&s->waker);
    waker_signal(&s->waker);
    return fits ? 0 : -1;
}

static void stream_end(struct watch_sink *sink)
{
    struct stream *s = container_of(sink, struct stream, sink);
    waker_lock(&s->waker);
    s->ended = true;
    waker_unlock(&s->waker);
    waker_signal(&s->waker);
}

/* The next bytes, owned by the caller; NULL: the stream is over. */
static int stream_take(struct stream *s, char **ret, size_t *ret_len, struct error **err)
{
    int rcode = 0;
    *ret = NULL;
    waker_lock(&s->waker);
    while (rcode == 0 && !s->pending.len && !s->ended)
        rcode = waker_wait(&s->waker, CLOCK_NEVER, err);
    if (rcode == 0 && s->pending.len) {
        *ret_len = s->pending.len;
        *ret = buf_give(&s->pending);
        s->pending = (struct buf)BUF_INIT(BUF_UNBOUNDED);
    }
    waker_unlock(&s->waker);
    return rcode;
}

static int stream_to(struct watch *w, const struct opctx *ctx, const struct http_request *req,
                     struct http_response *ret, struct error **err)
{
    struct stream s = { .sink = { .write = stream_write, .end = stream_end },
                        .pending = BUF_INIT(BUF_UNBOUNDED) };
    int rcode = 0;
    waker_init(&s.waker, ctx);
    if (req->sink && req->sink->on_head(req->sink, ret)) {
        watch_start(w, &s.sink);
        for (char *data = NULL; rcode == 0;) {
            size_t len = 0;
            rcode = stream_take(&s, &data, &len, err);
            if (!data)
                break;
            rcode = req->sink->on_data(req->sink, data, len, err);
            free(data);
        }
    }
    watch_free(w);
    waker_release(&s.waker);
    buf_release(&s.pending);
    return rcode;
}

/* ---- requests ---- */

/* Behind scheme and authority. */
static const char *path_of(const char *url)
{
    const char *authority = strstr(url, "://");
    const char *path = strchr(authority ? authority + 3 : url, '/');
    return path ? path : "/";
}

static int read_request(const struct inner *t, const struct http_request *req,
                        struct api_request *rq, struct error **err)
{
    cleanup_free char *path = xstrdup(path_of(req->url));
    char *query = strchr(path, '?');
    if (query)
        *query++ = '\0';
    if (api_request_init(rq, req->method, path, query, err) < 0)
        return -1;
    rq->user.name = xstrdup(t->user);
    for (size_t i = 0; i < t->groups.len; i++)
        strv_add(&rq->user.groups, t->groups.v[i]);
    strv_add_unique(&rq->user.groups, "system:authenticated");
    rq->user_agent = http_headers_get(&req->headers, "User-Agent");
    rq->accept = http_headers_get(&req->headers, "Accept");
    rq->content_type = http_headers_get(&req->headers, "Content-Type");
    rq->body = req->body ? req->body : "";
    rq->body_len = req->body_len;
    return 0;
}

static int send(struct http_transport *base, const struct opctx *ctx,
                const struct http_request *req, struct http_response *ret, struct error **err)
{
    const struct inner *t = container_of(base, struct inner, base);
    cleanup_api_request struct api_request rq = { 0 };
    cleanup_api_reply struct api_reply reply;
    *ret = (struct http_response){ .version = 11, .body = BUF_INIT(BUF_UNBOUNDED) };
    api_reply_init(&reply);
    if (opctx_check(ctx, err) < 0 || read_request(t, req, &rq, err) < 0)
        return -1;
    serve(t->c, &rq, &reply);
    ret->status = reply.status;
    reply_add_headers(&reply, &ret->headers);
    if (reply.watch)
        return stream_to(reply.watch, ctx, req, ret, err);
    if (req->sink && req->sink->on_head(req->sink, ret))
        return req->sink->on_data(req->sink, reply.body.data, reply.body.len, err);
    buf_add(&ret->body, reply.body.data, reply.body.len);
    return 0;
}

struct http_transport *cluster_transport_new(struct cluster *c, const char *user,
                                             const char *const *groups)
{
    struct inner *t = xnew(struct inner);
    t->base.send = send;
    t->c = c;
    t->user = xstrdup(user);
    for (size_t i = 0; groups && groups[i]; i++)
        strv_add(&t->groups, groups[i]);
    return &t->base;
}

void cluster_transport_free(struct http_transport *base)
{
    if (!base)
        return;
    struct inner *t = container_of(base, struct inner, base);
    free(t->user);
    strv_release(&t->groups);
    free(t);
}
