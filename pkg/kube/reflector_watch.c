#include <string.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/kube/reflector_impl.h"
#include "pkg/kube/status.h"

#define WATCH_MIN_S 300
#define WATCH_MAX_S 600
#define WATCH_MARGIN_MS 5000 /* beyond which a watch that does not end is cut */
#define SHORT_WATCH_NS NS_PER_S
#define STREAM_WARN_NS (10 * NS_PER_S)
#define STREAM_QUIET_NS (30 * NS_PER_S)

struct watching {
    struct http_sink sink;
    struct reflector *reflector;
    struct json_collector collector;
    bool opened;
    bool staging;   /* a streaming list before its last bookmark */
    bool unordered; /* ADDED events come in any order: their versions say nothing */
    uint64_t events;
    struct error *failure; /* what the stream itself said, or made us leave it */
};

static bool on_head(struct http_sink *sink, const struct http_response *head)
{
    struct watching *w = container_of(sink, struct watching, sink);
    w->opened = head->status == 200;
    json_collector_reset(&w->collector);
    return w->opened;
}

/* The error of an ERROR event. */
static void take_status(struct watching *w, const struct watch_event *e)
{
    cleanup_json json *status = NULL;
    if (!e->object || json_parse(e->object, e->object_len, &status, &w->failure) < 0)
        (void)error_set(&w->failure, ERR_INTERNAL, "ERROR event without a Status");
    else
        (void)status_set_error(status, 0, &w->failure);
}

/* The streaming list is complete. */
static void end_staging(struct watching *w)
{
    struct reflector *r = w->reflector;
    pthread_mutex_lock(&r->mu);
    r->stream_stop = NULL;
    pthread_mutex_unlock(&r->mu);
    w->staging = w->unordered = false;
    r->version_unavailable = false;
    informer_stage_commit(r->informer);
    reflector_note_success(r);
}

static void on_bookmark(struct watching *w)
{
    const struct draft *d = &w->reflector->draft;
    w->unordered = false;
    if (d->version.len)
        reflector_set_version(w->reflector, buf_str(&d->version));
    if (w->staging && d->initial_events_end)
        end_staging(w);
    informer_touch(w->reflector->informer);
}

/* Whether the object is of the kind that is watched; fields that are missing are no contradiction. */
static int check_kind(const struct reflector *r, const struct draft *d, struct error **err)
{
    enum kube_projection p = r->informer->projection;
    const struct object_type *type = &r->informer->type;
    const char *kind = buf_str(&d->kind), *api_version = buf_str(&d->api_version);
    if ((p == PROJECT_METADATA || p == PROJECT_KEY) && strcmp(kind, "PartialObjectMetadata") == 0)
        return 0;
    if ((*kind && strcmp(kind, type->kind) != 0) ||
        (*api_version && strcmp(api_version, type->api_version) != 0))
        return error_set(err, ERR_INVALID, "%s %s instead of %s %s", api_version, kind,
                         type->api_version, type->kind);
    return 0;
}

static void apply(struct watching *w, enum watch_type type)
{
    struct reflector *r = w->reflector;
    if (!w->staging)
        informer_apply(r->informer, type, &r->draft);
    else if (type == WATCH_DELETED)
        informer_stage_remove(r->informer, &r->draft);
    else
        informer_stage_add(r->informer, &r->draft);
}

static int on_object(struct watching *w, enum watch_type type, struct error **err)
{
    struct reflector *r = w->reflector;
    cleanup_error struct error *defect = NULL;
    if (r->draft.has_metadata && r->draft.name.len && !r->draft.version.len) {
        /* A defect of the server: what it says about versions cannot be relied on. */
        (void)error_set(&w->failure, ERR_INVALID, "event of %s without resourceVersion",
                        buf_str(&r->draft.name));
        return error_set(err, ERR_CANCELLED, "the watch is left");
    }
    if (check_kind(r, &r->draft, &defect) < 0 || draft_check(&r->draft, &defect) < 0) {
        reflector_log_skipped(r, "an object", defect);
        return 0;
    }
    apply(w, type);
    if (type != WATCH_ADDED)
        w->unordered = false;
    if (!w->unordered)
        reflector_set_version(r, buf_str(&r->draft.version));
    draft_trim(&r->draft);
    return 0;
}

static int on_event(struct watching *w, const char *text, size_t len, struct error **err)
{
    struct reflector *r = w->reflector;
    struct watch_event e;
    w->events++;
    atomic_store_explicit(&r->stream_last_ns, clock_mono_ns(r->cache->opt.clock),
                          memory_order_relaxed);
    if (watch_event_scan(text, len, &r->draft, r->informer->projection, &r->informer->type, &e,
                         &w->failure) < 0) {
        (void)error_wrap(&w->failure, "watch event");
        return error_set(err, ERR_CANCELLED, "the watch is left");
    }
    switch (e.type) {
    case WATCH_ADDED:
    case WATCH_MODIFIED:
    case WATCH_DELETED:
        return on_object(w, e.type, err);
    case WATCH_BOOKMARK:
        on_bookmark(w);
        return 0;
    case WATCH_ERROR:
        take_status(w, &e);
        return error_set(err, ERR_CANCELLED, "the watch is left");
    case WATCH_UNKNOWN:
        break;
    }
    log_warning(r->cache->opt.log, "watching %s: skipped an event of unknown type",
                r->informer->label);
    return 0;
}

static int on_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct watching *w = container_of(sink, struct watching, sink);
    const char *end = data + len, *text;
    size_t text_len;
    for (;;) {
        int status = json_collector_feed(&w->collector, &data, end, &text, &text_len, err);
        if (status <= 0)
            return status;
        if (on_event(w, text, text_len, err) < 0)
            return -1;
    }
}

static void build_query(const struct watching *w, int64_t timeout_s, struct buf *query)
{
    const struct reflector *r = w->reflector;
    const char *version = r->version_unavailable ? "" : r->last_version;
    cleanup_free char *timeout = xasprintf("%lld", (long long)timeout_s);
    reflector_add_query(query, "watch", "true");
    reflector_add_selectors(r, query);
    reflector_add_query(query, "allowWatchBookmarks", "true");
    if (w->staging) {
        reflector_add_query(query, "sendInitialEvents", "true");
        reflector_add_query(query, "resourceVersionMatch", "NotOlderThan");
    }
    if (version[0])
        reflector_add_query(query, "resourceVersion", version);
    reflector_add_query(query, "timeoutSeconds", timeout);
}

/* One request, until its end. */
static int watch_once(struct watching *w, const struct opctx *ctx, struct error **err)
{
    struct reflector *r = w->reflector;
    cleanup_buf struct buf query = BUF_INIT(BUF_UNBOUNDED);
    cleanup_response struct http_response response = { 0 };
    int64_t timeout_s = WATCH_MIN_S + (int64_t)rng_below(ctx->rng, WATCH_MAX_S - WATCH_MIN_S + 1);
    struct opctx bounded = opctx_with_timeout_ms(ctx, timeout_s * 1000 + WATCH_MARGIN_MS);
    build_query(w, timeout_s, &query);
    json_collector_init(&w->collector, KUBE_OBJECT_MAX);
    metric_add(r->cache->metrics.watches, 1, METRIC_LABELS(r->informer->label));

    struct kube_raw raw = { .method = "GET",
                            .path = r->path,
                            .query = buf_str(&query),
                            .accept = reflector_accept(r, false),
                            .traffic = HTTP_CLASS_WATCH,
                            .sink = &w->sink,
                            .unthrottled_first_try = true };
    int status = kube_send_raw(r->cache->client, &bounded, &raw, &response, err);
    json_collector_release(&w->collector);
    return status;
}

/* Its own failure first: the transport only reports that the sink ended the exchange. */
static const struct error *failure_of(const struct watching *w, int status, const struct error *e)
{
    if (w->failure)
        return w->failure;
    return status < 0 ? e : NULL;
}

static bool may_watch_on(struct reflector *r, int64_t now_ns)
{
    int64_t window_ns = r->informer->internal_error_window_ms * NS_PER_MS;
    if (r->internal_error_since_ns < 0)
        r->internal_error_since_ns = now_ns;
    return window_ns > 0 && now_ns - r->internal_error_since_ns < window_ns;
}

static enum watch_end on_quiet_end(struct watching *w, int64_t took_ns, struct error **err)
{
    struct reflector *r = w->reflector;
    r->internal_error_since_ns = -1;
    if (took_ns >= SHORT_WATCH_NS || w->events) {
        if (w->opened)
            reflector_note_success(r);
        return WATCH_END_AGAIN;
    }
    metric_add(r->cache->metrics.short_watches, 1, METRIC_LABELS(r->informer->label));
    (void)error_set(err, ERR_CONN,
                    "very short watch: it ended in less than a second, without events");
    return WATCH_END_LEAVE;
}

static enum watch_end on_failed_end(struct watching *w, const struct opctx *ctx,
                                    const struct error *e, struct error **err)
{
    struct reflector *r = w->reflector;
    enum trouble t = reflector_trouble(ctx, e);
    metric_add(r->cache->metrics.watch_errors, 1, METRIC_LABELS(r->informer->label));
    if (t != TROUBLE_INTERNAL)
        r->internal_error_since_ns = -1;
    if (t == TROUBLE_EXPIRED) { /* ordinary: nothing to report */
        metric_add(r->cache->metrics.relist_410, 1, METRIC_LABELS(r->informer->label));
        log_debug(r->cache->opt.log, "watching %s: %s", r->informer->label, error_text(e));
        return WATCH_END_LEAVE;
    }
    if (t == TROUBLE_INTERNAL && w->failure && may_watch_on(r, clock_mono_ns(ctx->clock)))
        return WATCH_END_AGAIN;
    if (t == TROUBLE_BUSY) {
        reflector_note_failure(r, e);
        return WATCH_END_BACKOFF;
    }
    struct error *copy = error_give_copy(e);
    (void)error_move(err, &copy);
    (void)error_wrap(err, "watch");
    return WATCH_END_LEAVE;
}

/* What to do after a watch that was no streaming list, or no longer. */
static enum watch_end judge(struct watching *w, const struct opctx *ctx, const struct error *e,
                            int64_t took_ns, struct error **err)
{
    if (stop_is_set(ctx->stop))
        return WATCH_END_AGAIN; /* the caller sees the stop */
    bool timeout = e && !w->failure && error_is(e, ERR_TIMEOUT);
    if (!e || timeout || (!w->failure && reflector_trouble(ctx, e) == TROUBLE_CUT))
        return on_quiet_end(w, took_ns, err);
    return on_failed_end(w, ctx, e, err);
}

enum watch_end reflector_watch(struct reflector *r, const struct opctx *ctx, struct error **err)
{
    cleanup_error struct error *sent = NULL;
    struct watching w = { .sink = { .on_head = on_head, .on_data = on_data }, .reflector = r };
    w.unordered = !r->last_version[0] || strcmp(r->last_version, "0") == 0;
    int64_t begin = clock_mono_ns(ctx->clock);
    int status = watch_once(&w, ctx, &sent);

    enum watch_end end =
        judge(&w, ctx, failure_of(&w, status, sent), clock_mono_ns(ctx->clock) - begin, err);
    error_free(w.failure);
    return end;
}

/* ---- streaming list ---- */

/* A streaming list that ended before its last bookmark. */
static enum stream_end judge_stream(struct reflector *r, const struct opctx *ctx,
                                    const struct error *e, struct error **err)
{
    if (r->stream_expired) {
        r->streams_refused = true;
        kube_cache_refuse_streams(r->cache);
        (void)error_set(err, ERR_UNSUPPORTED, "the server does not end streaming lists");
        return STREAM_USE_LIST;
    }
    if (!e) {
        (void)error_set(err, ERR_CONN, "the streaming list ended early");
        return STREAM_RETRY;
    }
    struct error *copy = error_give_copy(e);
    (void)error_move(err, &copy);
    (void)error_wrap(err, "streaming list");
    switch (reflector_trouble(ctx, e)) {
    case TROUBLE_EXPIRED:
    case TROUBLE_TOO_LARGE:
        r->version_unavailable = true;
        return STREAM_RETRY;
    case TROUBLE_BUSY:
    case TROUBLE_CUT:
    case TROUBLE_STOPPED:
        return STREAM_RETRY;
    case TROUBLE_INTERNAL:
    case TROUBLE_OTHER:
        break;
    }
    if (error_is(e, ERR_INVALID) || error_is(e, ERR_UNPROCESSABLE)) {
        r->streams_refused = true;
        kube_cache_refuse_streams(r->cache);
    }
    return STREAM_USE_LIST;
}

static void register_stream(struct reflector *r, struct stop *stop, int64_t now_ns)
{
    pthread_mutex_lock(&r->mu);
    r->stream_stop = stop;
    r->stream_begin_ns = r->stream_warned_ns = now_ns;
    atomic_store(&r->stream_last_ns, now_ns);
    r->stream_expired = false;
    pthread_mutex_unlock(&r->mu);
    if (stop)
        kube_cache_poke(r->cache);
}

enum stream_end reflector_stream(struct reflector *r, const struct opctx *ctx,
                                 enum watch_end *ret_end, struct error **err)
{
    cleanup_error struct error *sent = NULL;
    cleanup_stop struct stop *stop = stop_new(ctx->stop);
    struct opctx own = opctx_with_stop(ctx, stop);
    struct watching w = { .sink = { .on_head = on_head, .on_data = on_data },
                          .reflector = r,
                          .staging = true,
                          .unordered = true };
    int64_t begin = clock_mono_ns(ctx->clock);
    metric_add(r->cache->metrics.lists, 1, METRIC_LABELS(r->informer->label));
    informer_stage_begin(r->informer, r->version_unavailable);
    register_stream(r, stop, begin);
    int status = watch_once(&w, &own, &sent);

    pthread_mutex_lock(&r->mu);
    r->stream_stop = NULL;
    pthread_mutex_unlock(&r->mu);
    const struct error *e = failure_of(&w, status, sent);
    enum stream_end end = STREAM_SYNCED;
    if (w.staging) {
        informer_stage_begin(r->informer, false);
        end = judge_stream(r, ctx, e, err);
    } else {
        *ret_end = judge(&w, ctx, e, clock_mono_ns(ctx->clock) - begin, err);
    }
    error_free(w.failure);
    return end;
}

int64_t reflector_tick(struct reflector *r, int64_t now_ns)
{
    int64_t due = CLOCK_NEVER;
    pthread_mutex_lock(&r->mu);
    if (r->stream_stop) {
        if (now_ns - r->stream_warned_ns >= STREAM_WARN_NS) {
            r->stream_warned_ns = now_ns;
            log_warning(r->cache->opt.log, "watching %s: streaming list not complete after %lld s",
                        r->informer->label, (long long)((now_ns - r->stream_begin_ns) / NS_PER_S));
        }
        int64_t quiet_until = atomic_load(&r->stream_last_ns) + STREAM_QUIET_NS;
        due = r->stream_warned_ns + STREAM_WARN_NS;
        if (now_ns >= quiet_until) {
            r->stream_expired = true;
            stop_request(r->stream_stop);
            due = CLOCK_NEVER;
        } else if (quiet_until < due) {
            due = quiet_until;
        }
    }
    pthread_mutex_unlock(&r->mu);
    return due;
}
