/* A watch: its bytes come on the client's I/O thread, which must not wait; the thread that takes the events may. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/syncsets/client_impl.h"

#define LINE_MAX_BYTES ((size_t)4 << 20)

struct pending {
    struct pending *next;
    size_t len;
    char text[];
};
struct syncsets_watch {
    struct http_sink sink;
    struct syncsets *client;
    struct http_request request;
    char *url;
    struct opctx ctx; /* the request's */
    struct stop *stop;
    pthread_t thread;
    struct buf line; /* the I/O thread's: what came of the last one */
    pthread_mutex_t mu;
    pthread_cond_t cv;
    struct pending *first, **last; /* under mu, as all below */
    size_t count, bytes;
    struct error *failure;
    bool ended;
};

/* ---- the I/O thread ---- */

static bool on_head(struct http_sink *sink, const struct http_response *head)
{
    (void)sink;
    return head->status == 200;
}

static int keep_line(struct syncsets_watch *w, struct error **err)
{
    size_t len = w->line.len;
    struct pending *p = xcalloc(1, sizeof(*p) + len + 1);
    memcpy(p->text, buf_str(&w->line), len);
    p->len = len;
    buf_clear(&w->line);
    pthread_mutex_lock(&w->mu);
    bool fits = w->count < SYNCSETS_PENDING_MAX && w->bytes + len <= SYNCSETS_PENDING_BYTES;
    if (fits) {
        *w->last = p;
        w->last = &p->next;
        w->count++;
        w->bytes += len;
        pthread_cond_broadcast(&w->cv);
    }
    pthread_mutex_unlock(&w->mu);
    if (fits)
        return 0;
    free(p);
    return error_set(err, ERR_THROTTLED, "the events of the watch were not taken fast enough");
}

static int on_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct syncsets_watch *w = container_of(sink, struct syncsets_watch, sink);
    for (const char *end = data + len; data < end;) {
        const char *stop = memchr(data, '\n', (size_t)(end - data));
        size_t n = (size_t)((stop ? stop : end) - data);
        buf_add(&w->line, data, n);
        if (w->line.spoiled)
            return error_set(err, ERR_TOO_LARGE, "an event of more than %zu bytes", LINE_MAX_BYTES);
        if (stop && w->line.len > 0 && keep_line(w, err) < 0)
            return -1;
        data += n + (stop ? 1 : 0);
    }
    return 0;
}

/* ---- the thread of the request ---- */

static void read_all(void *arg)
{
    struct syncsets_watch *w = arg;
    cleanup_response struct http_response r = { 0 };
    struct error *e = NULL;
    if (http_send(w->client->transport, &w->ctx, &w->request, &r, &e) == 0 && r.status != 200)
        (void)syncsets_refused(r.status, &r.body, &e);
    pthread_mutex_lock(&w->mu);
    w->failure = e;
    w->ended = true;
    pthread_cond_broadcast(&w->cv);
    pthread_mutex_unlock(&w->mu);
}

static void watch_free(struct syncsets_watch *w)
{
    for (struct pending *p = w->first, *next; p; p = next) {
        next = p->next;
        free(p);
    }
    http_request_release(&w->request);
    buf_release(&w->line);
    error_free(w->failure);
    pthread_cond_destroy(&w->cv);
    pthread_mutex_destroy(&w->mu);
    stop_unref(w->stop);
    free(w->url);
    free(w);
}

int syncsets_follow(struct syncsets *c, const struct opctx *ctx,
                    const struct syncsets_operation *op, const struct syncsets_subject *subject,
                    const struct syncsets_options *opt, struct syncsets_watch **ret,
                    struct error **err)
{
    struct syncsets_numbers numbers;
    struct syncsets_call call;
    if (syncsets_prepare(op, subject, opt, true, &numbers, &call, err) < 0)
        return -1;
    struct syncsets_watch *w = xnew(struct syncsets_watch);
    w->sink = (struct http_sink){ on_head, on_data };
    w->client = c;
    w->last = &w->first;
    buf_init(&w->line, LINE_MAX_BYTES);
    mutex_init(&w->mu);
    clock_cond_init(&w->cv);
    w->stop = stop_new(ctx->stop);
    w->ctx = opctx_root(ctx->clock, ctx->rng, w->stop, NULL);
    w->request = (struct http_request){ .traffic = HTTP_CLASS_WATCH, .sink = &w->sink };
    if (syncsets_begin(c, &call, &w->request, &w->url, err) < 0 ||
        thread_start(&w->thread, "syncsets-watch", read_all, w, err) < 0) {
        watch_free(w);
        return -1;
    }
    *ret = w;
    return 0;
}

void syncsets_watch_close(struct syncsets_watch *w)
{
    if (!w)
        return;
    stop_request(w->stop);
    (void)pthread_join(w->thread, NULL);
    watch_free(w);
}

bool syncsets_watch_has_ended(struct syncsets_watch *w)
{
    pthread_mutex_lock(&w->mu);
    bool ended = w->ended;
    pthread_mutex_unlock(&w->mu);
    return ended;
}

/* ---- whoever takes them ---- */

void syncsets_event_release(struct syncsets_event *e)
{
    free(e->type);
    json_free(e->object);
    *e = (struct syncsets_event){ 0 };
}

/* With the lock held. NULL: there is none. */
static struct pending *take_pending(struct syncsets_watch *w)
{
    struct pending *p = w->first;
    if (!p)
        return NULL;
    w->first = p->next;
    if (!w->first)
        w->last = &w->first;
    w->count--;
    w->bytes -= p->len;
    return p;
}

static void on_stop(void *arg)
{
    struct syncsets_watch *w = arg;
    pthread_mutex_lock(&w->mu);
    pthread_cond_broadcast(&w->cv);
    pthread_mutex_unlock(&w->mu);
}

/* *ret NULL: it has ended. */
static int wait_pending(struct syncsets_watch *w, const struct opctx *ctx, struct pending **ret,
                        struct error **err)
{
    struct stop_watch stopped = { .fn = on_stop, .arg = w };
    int status = 0;
    stop_watch(ctx->stop, &stopped);
    pthread_mutex_lock(&w->mu);
    while (!w->first && !w->ended && (status = opctx_check(ctx, err)) == 0)
        (void)clock_wait(ctx->clock, &w->cv, &w->mu, ctx->deadline_ns);
    *ret = take_pending(w);
    pthread_mutex_unlock(&w->mu);
    stop_unwatch(ctx->stop, &stopped);
    return status;
}

static int read_event(const struct pending *p, struct syncsets_event *ret, struct error **err)
{
    cleanup_json json *event = NULL;
    const char *type;
    if (json_parse_object(p->text, p->len, &event, err) < 0 ||
        json_need_str(event, "type", &type, err) < 0)
        return error_wrap(err, "an event of a watch");
    if (str_eq(type, "ERROR"))
        return syncsets_status_error(json_get(event, "object"), 0, err);
    ret->type = xstrdup(type);
    ret->object = json_ref(json_get(event, "object"));
    return 0;
}

int syncsets_watch_next(struct syncsets_watch *w, const struct opctx *ctx,
                        struct syncsets_event *ret, struct error **err)
{
    struct pending *p = NULL;
    *ret = (struct syncsets_event){ 0 };
    if (wait_pending(w, ctx, &p, err) < 0)
        return -1;
    if (!p && w->failure) {
        struct error *e = error_give_copy(w->failure);
        return error_move(err, &e);
    }
    int status = p ? read_event(p, ret, err) : 0;
    free(p);
    return status;
}
