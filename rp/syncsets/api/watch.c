/* One watch: what it is sent, and how it ends. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"

#define BOOKMARK_NS (60 * NS_PER_S)
#define TIMEOUT_MIN_S 1800
#define FUTURE_MS 3000
#define PAGE 500
/* A reader of old events is waited for while so much is on its way. */
#define PACE_BYTES ((size_t)1 << 20)
#define PACE_EVENTS 500
#define PACE_MS 10
#define PACE_TRIES 3000

void sets_watch_unref(struct sets_watch *w)
{
    if (!w || atomic_fetch_sub(&w->refs, 1) != 1)
        return;
    selector_release(&w->selector);
    strv_release(&w->namespaces);
    free(w->nspace);
    free(w->who);
    free(w->name);
    free(w);
}

static void on_close(void *arg)
{
    struct sets_watch *w = arg;
    atomic_store(&w->closed, true);
    sets_watch_unref(w);
}

size_t sets_watch_pending(struct sets_watch *w)
{
    size_t taken = w->sent - http_stream_queued(w->stream);
    while (w->pending && w->ends[w->first] <= taken) {
        w->first = (w->first + 1) % WATCH_PENDING_MAX;
        w->pending--;
    }
    return w->pending;
}

void sets_watch_fail(struct sets_watch *w, struct error *e)
{
    cleanup_json json *status = sets_give_status_of(e);
    cleanup_json json *line = json_make("{'type':'ERROR','object':%j}", json_ref(status));
    cleanup_free char *text = json_give_text(line);
    (void)http_stream_write(w->stream, text, strlen(text));
    (void)http_stream_write(w->stream, "\n", 1);
    http_stream_end(w->stream);
    atomic_store(&w->closed, true);
    error_free(e);
}

/* Chunk sizes make it a little more on the wire, which only makes a reader seem quicker by as much. */
int sets_watch_send(struct sets_watch *w, const char *line, size_t len)
{
    if (atomic_load(&w->closed))
        return -1;
    if (sets_watch_pending(w) >= WATCH_PENDING_MAX ||
        http_stream_queued(w->stream) + len > WATCH_QUEUE_MAX) {
        struct error *e = NULL;
        (void)error_set(&e, ERR_THROTTLED,
                        "the watch was not read fast enough: list again, and watch from there");
        sets_watch_fail(w, e);
        return -1;
    }
    if (http_stream_write(w->stream, line, len) < 0) {
        atomic_store(&w->closed, true);
        return -1;
    }
    w->sent += len;
    w->ends[(w->first + w->pending++) % WATCH_PENDING_MAX] = w->sent;
    return 0;
}

static bool matches(const struct sets_watch *w, const char *labels)
{
    cleanup_json json *tree = NULL;
    if (!labels)
        return false;
    if (w->selector.len == 0)
        return true;
    return json_parse(labels, strlen(labels), &tree, NULL) == 0 &&
           selector_matches(&w->selector, tree);
}

/* What the change is to somebody who sees only what matches; NULL: nothing. */
static const char *seen_as(const struct sets_watch *w, const struct sets_event *e)
{
    bool before = matches(w, e->old_labels), after = matches(w, e->labels);
    if (before && after)
        return "MODIFIED";
    if (after)
        return "ADDED";
    return before ? "DELETED" : NULL;
}

void sets_watch_event(struct sets_watch *w, const struct sets_event *e)
{
    if (e->revision <= w->last)
        return;
    w->last = e->revision;
    if (!str_eq(e->type, w->type->plural) || (w->nspace && !str_eq(w->nspace, e->nspace)) ||
        (w->name && !str_eq(w->name, e->name)) ||
        (w->limited && !strv_has(&w->namespaces, e->nspace)))
        return;
    const char *op = seen_as(w, e);
    if (!op)
        return;
    struct buf line = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&line, "{\"type\":\"%s\",\"object\":", op);
    buf_add(&line, e->object, e->object_len);
    buf_adds(&line, "}\n");
    (void)sets_watch_send(w, buf_str(&line), line.len);
    buf_release(&line);
}

void sets_watch_bookmark(struct sets_watch *w, bool initial_end)
{
    cleanup_free char *version = xasprintf("%" PRId64, w->last);
    json *metadata = json_make("{'resourceVersion':%s}", version);
    if (initial_end)
        json_put(metadata, "annotations", json_make("{'k8s.io/initial-events-end':'true'}"));
    cleanup_json json *line =
        json_make("{'type':'BOOKMARK','object':{'apiVersion':%s,'kind':%s,'metadata':%j}}",
                  API_VERSION, w->type->kind, metadata);
    cleanup_free char *text = json_give_text(line);
    cleanup_free char *whole = xasprintf("%s\n", text);
    (void)sets_watch_send(w, whole, strlen(whole));
}

/* ---- the beginning ---- */

/* Waits while the reader has much before it. */
static int pace(const struct sets_request *r, struct sets_watch *w, struct error **err)
{
    for (int i = 0; i < PACE_TRIES; i++) {
        if (atomic_load(&w->closed))
            return error_set(err, ERR_CANCELLED, "the watch has ended");
        if (http_stream_queued(w->stream) < PACE_BYTES && sets_watch_pending(w) < PACE_EVENTS)
            return 0;
        if (opctx_sleep_ms(r->ctx, PACE_MS, err) < 0)
            return -1;
    }
    return 0; /* then it is told to be too slow */
}

static int send_state(const struct sets_request *r, struct sets_watch *w, struct error **err)
{
    cleanup_page struct sets_page page = { 0 };
    const struct sets_query q = { .type = w->type,
                                  .nspace = w->nspace,
                                  .namespaces = w->limited ? &w->namespaces : NULL,
                                  .selector = &w->selector,
                                  .name = w->name,
                                  .failed = -1,
                                  .limit = SIZE_MAX / 4,
                                  .as_added = true,
                                  .one_moment = true };
    if (sets_list(r->ctx, r->api->store, &q, &page, err) < 0)
        return -1;
    const char *at = buf_str(&page.items);
    for (const char *end; (end = strchr(at, '\n')); at = end + 1)
        if (pace(r, w, err) < 0 || sets_watch_send(w, at, (size_t)(end + 1 - at)) < 0)
            return -1;
    w->last = page.revision;
    sets_watch_bookmark(w, true);
    return 0;
}

static int visit(void *arg, const struct sets_event *e, struct error **err)
{
    (void)err;
    sets_watch_event(arg, e);
    return 0;
}

/* From the log, until it has no more; then the hub goes on. */
static int catch_up(const struct sets_request *r, struct sets_watch *w, struct error **err)
{
    while (!sets_hub_join(r->api->hub, w)) {
        int64_t before = w->last, last, floor;
        if (sets_events(r->ctx, r->api->store, NULL, before, PAGE, visit, w, &last, err) < 0 ||
            pace(r, w, err) < 0 || sets_floor(r->ctx, r->api->store, &floor, err) < 0)
            return -1;
        /* What was compacted meanwhile may not have been seen. */
        if (floor > before)
            return error_set(err, ERR_GONE, "resourceVersion %" PRId64 " is too old: list again",
                             before);
    }
    return 0;
}

static int check_start(const struct sets_request *r, int64_t from, struct error **err)
{
    int64_t floor, now;
    if (sets_floor(r->ctx, r->api->store, &floor, err) < 0 ||
        sets_revision(r->ctx, r->api->store, &now, err) < 0)
        return -1;
    if (from > now) {
        struct opctx soon = opctx_with_timeout_ms(r->ctx, FUTURE_MS);
        while (from > now && opctx_sleep_ms(&soon, 100, NULL) == 0)
            if (sets_revision(r->ctx, r->api->store, &now, err) < 0)
                return -1;
        if (from > now)
            return error_set(err, ERR_TIMEOUT,
                             "resourceVersion %" PRId64 " is in the future: it is %" PRId64, from,
                             now);
    }
    if (from < floor)
        return error_set(err, ERR_GONE, "resourceVersion %" PRId64 " is too old: list again", from);
    return 0;
}

static int read_watch(const struct sets_request *r, struct sets_watch *w, int64_t *ret_from,
                      struct error **err)
{
    int64_t timeout_s;
    int64_t dflt = TIMEOUT_MIN_S + (int64_t)rng_below(r->ctx->rng, TIMEOUT_MIN_S);
    if (sets_request_selector(r, &w->selector, err) < 0 ||
        sets_request_bool(r, "allowWatchBookmarks", &w->bookmarks, err) < 0 ||
        sets_request_int(r, "timeoutSeconds", 1, 86400, dflt, &timeout_s, err) < 0 ||
        sets_request_int(r, "resourceVersion", 0, INT64_MAX, 0, ret_from, err) < 0)
        return -1;
    if (r->nspace && sets_request_allow(r, ROLE_VIEWER, r->nspace, err) < 0)
        return -1;
    if (!r->nspace)
        w->limited = sets_access_namespaces(r->api->cfg.access, r->who, &w->namespaces);
    int64_t now = clock_mono_ns(r->ctx->clock);
    w->type = r->type;
    w->who = xstrdup(r->who);
    w->nspace = r->type->global ? NULL : xstrdup(r->nspace);
    w->name = xstrdup(r->name);
    w->end_ns = now + timeout_s * NS_PER_S;
    w->bookmark_ns = now + BOOKMARK_NS;
    w->check_ns = now;
    return 0;
}

static int begin(struct sets_request *r, struct sets_watch *w, int64_t from, struct error **err)
{
    http_call_set_header(r->call, "Content-Type", "application/json");
    http_call_set_status(r->call, 200);
    atomic_fetch_add(&w->refs, 1);
    w->stream = http_call_begin_stream(r->call, WATCH_QUEUE_MAX + ((size_t)1 << 20), on_close, w);
    w->last = from;
    return from ? 0 : send_state(r, w, err);
}

int sets_verb_watch(struct sets_request *r, struct error **err)
{
    struct sets_watch *w = xnew(struct sets_watch);
    struct error *why = NULL;
    int64_t from = 0;
    atomic_init(&w->refs, 1);
    if (read_watch(r, w, &from, err) < 0) {
        sets_watch_unref(w);
        return -1;
    }
    if (from && check_start(r, from, &why) < 0 && !error_is(why, ERR_GONE)) {
        sets_watch_unref(w);
        return error_move(err, &why);
    }
    if (why) {
        (void)begin(r, w, from, NULL);
    } else if (begin(r, w, from, &why) == 0 && catch_up(r, w, &why) == 0) {
        return 0; /* the hub has it now */
    }
    if (why)
        sets_watch_fail(w, why);
    http_stream_unref(w->stream);
    sets_watch_unref(w);
    return 0;
}
