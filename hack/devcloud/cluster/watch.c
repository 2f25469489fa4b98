/*
 * Lines are written while the state's lock is held, so that each watch sees every change once and in
 * order. The hub's lock protects the list of watches and their clocks; it may be held when the state's
 * is taken, never the other way round.
 */
#include "hack/devcloud/cluster/watch.h"

#include <string.h>

#include "hack/devcloud/cluster/hub.h"
#include "hack/devcloud/cluster/read.h"
#include "hack/devcloud/cluster/record.h"
#include "hack/devcloud/cluster/reply.h"
#include "pkg/base/mem.h"

#define TIMEOUT_MIN_S 1800
#define FINAL_BOOKMARK_NS (2 * NS_PER_S)

static int check_initial_events(const struct op *op, struct error **err)
{
    struct fail_object o = { "meta.k8s.io", "", "ListOptions", "" };
    struct invalid faults = { NULL };
    bool exact = str_eq(api_query(op->rq, "resourceVersionMatch"), "NotOlderThan");
    if (api_query_true(op->rq, "sendInitialEvents") && !exact)
        invalid_forbidden(&faults, "resourceVersionMatch",
                          "sendInitialEvents requires setting resourceVersionMatch to "
                          "NotOlderThan");
    int rc = invalid_check(&faults, &o, err);
    invalid_release(&faults);
    return rc;
}

static int read_options(struct watch *w, struct error **err)
{
    int64_t timeout_s;
    bool given;
    const struct op *op = &w->op;
    if (selection_parse(op, &w->selection, err) < 0 ||
        api_query_int(op->rq, "timeoutSeconds", 0, &timeout_s, err) < 0 ||
        read_version(op, &w->since, &given, err) < 0 || read_check_match(op, true, err) < 0)
        return -1;
    w->streams_list =
        cluster_has(op->c, CLUSTER_MINOR_WATCH_LIST) && api_query_true(op->rq, "sendInitialEvents");
    if (cluster_has(op->c, CLUSTER_MINOR_WATCH_LIST) && check_initial_events(op, err) < 0)
        return -1;
    if (w->streams_list)
        w->since = 0;
    w->bookmarks = api_query_true(op->rq, "allowWatchBookmarks");
    if (timeout_s <= 0)
        timeout_s = TIMEOUT_MIN_S + (int64_t)rng_below(op->c->cfg.rng, TIMEOUT_MIN_S);
    w->end_ns = clock_mono_ns(op->c->cfg.clock) + timeout_s * NS_PER_S;
    return 0;
}

/* A watch outlives its request: it keeps a copy of what replies depend on. */
static void copy_request(struct watch *w, const struct api_request *rq)
{
    w->rq = (struct api_request){ .method = "GET", .verb = "watch" };
    w->rq.nspace = xstrdup(rq->nspace);
    for (size_t i = 0; i < rq->keys.len; i++) {
        strv_add(&w->rq.keys, rq->keys.v[i]);
        strv_add(&w->rq.values, rq->values.v[i]);
    }
}

int watch_open(const struct op *op, struct watch **ret, struct error **err)
{
    struct watch *w = xnew(struct watch);
    copy_request(w, op->rq);
    w->kinds = kinds_ref(op->kinds);
    op_init(&w->op, op->c, &w->rq, w->kinds, op->r, NULL);
    w->op.media = op->media;
    if (read_options(w, err) < 0) {
        watch_free(w);
        return -1;
    }
    *ret = w;
    return 0;
}

void watch_free(struct watch *w)
{
    if (!w)
        return;
    hub_remove(w->op.c->hub, w);
    state_unlisten(w->op.c->state, &w->listener);
    selection_release(&w->selection);
    op_release(&w->op);
    api_request_release(&w->rq);
    kinds_unref(w->kinds);
    free(w);
}

/* ---- events ---- */

static void send_event(struct watch *w, const char *type, const struct record *r)
{
    cleanup_buf struct buf line = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&line, "{\"type\":\"%s\",\"object\":", type);
    reply_write_event_object(&line, &w->op, r, !w->columns_sent);
    w->columns_sent = true;
    buf_adds(&line, "}\n");
    if (w->sink->write(w->sink, line.data, line.len) < 0)
        w->over = true;
}

/* The last content that was selected, at the version of the change. */
static void send_gone(struct watch *w, const struct change *c)
{
    cleanup_json json *tree = record_give_tree(c->before);
    cleanup_record struct record *last =
        record_new(c->before->collection, tree, c->revision, c->before->created);
    send_event(w, "DELETED", last);
}

static bool concerns(const struct watch *w, const struct record *r)
{
    const char *nspace = w->rq.nspace;
    return r && (!nspace || strcmp(nspace, r->nspace) == 0) && selection_matches(&w->selection, r);
}

/* What a change means for those who select: an object may enter or leave the selection. */
static void on_change(struct listener *l, const struct change *c)
{
    struct watch *w = container_of(l, struct watch, listener);
    bool is = c->type != CHANGE_DELETED && concerns(w, c->now);
    bool was = concerns(w, c->before);
    if (w->over)
        return;
    if (is)
        send_event(w, was ? "MODIFIED" : "ADDED", c->now);
    else if (was)
        send_gone(w, c);
}

static void send_error(struct watch *w, const struct error *e)
{
    cleanup_json json *status = fail_give_status(e);
    cleanup_json json *event = json_make("{'type':'ERROR','object':%j}", take(status));
    cleanup_buf struct buf line = BUF_INIT(BUF_UNBOUNDED);
    json_write(&line, event);
    buf_addc(&line, '\n');
    (void)w->sink->write(w->sink, line.data, line.len);
}

struct bookmarking {
    struct watch *w;
    bool ends_initial;
};

static void send_bookmark(void *arg, int64_t revision)
{
    const struct bookmarking *b = arg;
    struct watch *w = b->w;
    cleanup_buf struct buf line = BUF_INIT(BUF_UNBOUNDED);
    const struct resource *r = w->op.r;
    bool plain = w->op.media.shape == SHAPE_OBJECT;
    cleanup_free char *of_meta = xasprintf("meta.k8s.io/%s", w->op.media.version);
    cleanup_free char *text = xasprintf("%lld", (long long)revision);
    if (w->over)
        return;
    json *meta = json_make("{'resourceVersion':%s,'creationTimestamp':null}", text);
    if (b->ends_initial)
        json_put(meta, "annotations", json_make("{'k8s.io/initial-events-end':'true'}"));
    cleanup_json json *event =
        json_make("{'type':'BOOKMARK','object':{'kind':%s,'apiVersion':%s,'metadata':%j}}",
                  plain                              ? r->kind
                  : w->op.media.shape == SHAPE_TABLE ? "Table"
                                                     : "PartialObjectMetadata",
                  plain ? w->op.api_version : of_meta, meta);
    json_write(&line, event);
    buf_addc(&line, '\n');
    if (w->sink->write(w->sink, line.data, line.len) < 0)
        w->over = true;
}

void watch_bookmark(struct watch *w, bool ends_initial)
{
    struct bookmarking b = { w, ends_initial };
    state_locked(w->op.c->state, send_bookmark, &b);
}

static void end_now(void *arg, int64_t revision)
{
    struct watch *w = arg;
    (void)revision;
    w->over = true;
}

void watch_end(struct watch *w)
{
    state_locked(w->op.c->state, end_now, w);
    w->sink->end(w->sink);
}

void watch_start(struct watch *w, struct watch_sink *sink)
{
    cleanup_error struct error *why = NULL;
    w->sink = sink;
    w->listener = (struct listener){ .collection = w->op.r->collection, .on_change = on_change };
    if (state_listen(w->op.c->state, &w->listener, w->since, NULL, &why) < 0) {
        cleanup_error struct error *gone = NULL;
        (void)fail_expired(&gone, error_text(why));
        send_error(w, gone);
        w->over = true;
        sink->end(sink);
        return;
    }
    if (w->streams_list)
        watch_bookmark(w, true);
    hub_add(w->op.c->hub, w);
}

int64_t watch_tick(struct watch *w, int64_t now_ns)
{
    if (now_ns >= w->end_ns) {
        watch_end(w);
        return CLOCK_NEVER;
    }
    if (!w->bookmarks)
        return w->end_ns;
    if (now_ns >= w->bookmark_ns) {
        watch_bookmark(w, false);
        w->bookmark_ns = now_ns + w->op.c->cfg.bookmark_ms * NS_PER_MS;
        /* One more shortly before the end, so that the next watch begins where this one ended. */
        int64_t final = w->end_ns - FINAL_BOOKMARK_NS;
        if (now_ns < final && final < w->bookmark_ns)
            w->bookmark_ns = final;
    }
    return w->bookmark_ns < w->end_ns ? w->bookmark_ns : w->end_ns;
}
