#include "pkg/kube/reflector.h"

#include <string.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/kube/reflector_impl.h"
#include "pkg/kube/status.h"
#include "pkg/net/url.h"

#define BACKOFF_BASE_MS 800
#define BACKOFF_CAP_MS 30000
#define BACKOFF_RESET_MS 120000

struct reflector *reflector_new(struct informer *i)
{
    struct reflector *r = xnew(struct reflector);
    r->informer = i;
    r->cache = i->cache;
    r->last_version = xstrdup("");
    r->internal_error_since_ns = -1;
    r->backoff = (struct backoff){ .base_ms = BACKOFF_BASE_MS,
                                   .cap_ms = BACKOFF_CAP_MS,
                                   .reset_after_ms = BACKOFF_RESET_MS,
                                   .factor = 2,
                                   .jitter = 1 };
    draft_init(&r->draft);
    mutex_init(&r->mu);
    (void)kube_give_path(KUBE_REF(&i->gvr, i->nspace, NULL), &r->path, &r->path_err);
    return r;
}

void reflector_free(struct reflector *r)
{
    if (!r)
        return;
    draft_release(&r->draft);
    pthread_mutex_destroy(&r->mu);
    error_free(r->path_err);
    free(r->path);
    free(r->last_version);
    free(r->failure);
    free(r);
}

void reflector_set_version(struct reflector *r, const char *version)
{
    if (strcmp(r->last_version, version) == 0)
        return;
    free(r->last_version);
    r->last_version = xstrdup(version);
}

void reflector_add_query(struct buf *query, const char *name, const char *value)
{
    cleanup_buf struct buf one = BUF_INIT(BUF_UNBOUNDED);
    if (!value)
        return;
    url_add_query(&one, name, value); /* "?name=value" */
    if (query->len)
        buf_addc(query, '&');
    buf_adds(query, buf_str(&one) + 1);
}

void reflector_add_selectors(const struct reflector *r, struct buf *query)
{
    reflector_add_query(query, "labelSelector", r->informer->label_selector);
    reflector_add_query(query, "fieldSelector", r->informer->field_selector);
}

const char *reflector_accept(const struct reflector *r, bool list)
{
    enum kube_projection p = r->informer->projection;
    if (p != PROJECT_METADATA && p != PROJECT_KEY)
        return NULL;
    return list ? "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,"
                  "application/json"
                : "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
}

void reflector_log_skipped(const struct reflector *r, const char *what, const struct error *e)
{
    log_warning(r->cache->opt.log, "watching %s: skipped %s: %s", r->informer->label, what,
                error_text(e));
}

enum trouble reflector_trouble(const struct opctx *ctx, const struct error *e)
{
    if (stop_is_set(ctx->stop))
        return TROUBLE_STOPPED;
    if (status_is_too_large_rv(e))
        return TROUBLE_TOO_LARGE;
    switch (error_kind(e)) {
    case ERR_GONE:
        return TROUBLE_EXPIRED;
    case ERR_THROTTLED:
        return TROUBLE_BUSY;
    case ERR_CONN:
        if (str_eq(error_get_code(e), HTTP_ERR_REFUSED))
            return TROUBLE_BUSY;
        if (str_eq(error_get_code(e), HTTP_ERR_RESET) || str_eq(error_get_code(e), HTTP_ERR_EOF) ||
            str_eq(error_get_code(e), HTTP_ERR_LOST))
            return TROUBLE_CUT;
        return TROUBLE_OTHER;
    case ERR_INTERNAL:
        return error_get_status(e) == 500 ? TROUBLE_INTERNAL : TROUBLE_OTHER;
    default:
        return TROUBLE_OTHER;
    }
}

void reflector_note_success(struct reflector *r)
{
    if (!r->failure)
        return;
    log_info(r->cache->opt.log, "watching %s: recovered", r->informer->label);
    free(take(r->failure));
}

/* Once per change of text: a kind that is not installed, or a right that is missing, may last for
 * ever. */
void reflector_note_failure(struct reflector *r, const struct error *e)
{
    const char *text = error_text(e);
    if (kube_client_told_outage(r->cache->client, e) ||
        (r->failure && strcmp(r->failure, text) == 0))
        return;
    free(r->failure);
    r->failure = xstrdup(text);
    bool expected = atomic_load(&r->informer->optional) &&
                    (error_is(e, ERR_NOT_FOUND) || error_is(e, ERR_FORBIDDEN));
    log_at(r->cache->opt.log, expected ? LOG_INFO : LOG_WARNING, "watching %s: %s",
           r->informer->label, text);
}

int reflector_pause(struct reflector *r, const struct opctx *ctx)
{
    int64_t ms = backoff_next_ms(&r->backoff, ctx->clock, ctx->rng);
    return opctx_sleep_ms(ctx, ms, NULL);
}

/* Streaming lists are for servers that know them; what one refuses is listed. */
static bool wants_stream(const struct reflector *r, const struct opctx *ctx)
{
    return r->cache->opt.allow_streaming_list && !r->streams_refused &&
           kube_cache_streams(r->cache, ctx);
}

/* Watches until it is time to list again. 0: the context ended. */
static int watch_on(struct reflector *r, const struct opctx *ctx, enum watch_end end,
                    struct error **err)
{
    for (;;) {
        if (stop_is_set(ctx->stop))
            return 0;
        if (end == WATCH_END_LEAVE)
            return -1;
        if (end == WATCH_END_BACKOFF && reflector_pause(r, ctx) < 0)
            return 0;
        error_clear(err);
        end = reflector_watch(r, ctx, err);
    }
}

/* A list and all watches that follow it. -1: pause, then come again. */
static int one_round(struct reflector *r, const struct opctx *ctx, struct error **err)
{
    enum watch_end end = WATCH_END_AGAIN;
    if (!r->path) {
        struct error *copy = error_give_copy(r->path_err);
        return error_move(err, &copy);
    }
    if (wants_stream(r, ctx)) {
        enum stream_end stream = reflector_stream(r, ctx, &end, err);
        if (stream == STREAM_SYNCED)
            return watch_on(r, ctx, end, err);
        if (stream == STREAM_RETRY)
            return -1;
        error_clear(err);
    }
    if (reflector_list(r, ctx, err) < 0)
        return -1;
    return watch_on(r, ctx, end, err);
}

void reflector_run(struct reflector *r, const struct opctx *ctx)
{
    while (!stop_is_set(ctx->stop)) {
        cleanup_error struct error *err = NULL;
        if (one_round(r, ctx, &err) < 0 && !stop_is_set(ctx->stop)) {
            if (err)
                reflector_note_failure(r, err);
            if (reflector_pause(r, ctx) < 0)
                return;
        }
    }
}
