/* One watch: what it is sent, and how it ends. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"

#define BOOKMARK_NS (60 * NS_PER_S)
#define TIMEOUT_MIN_S 1800
#define CHECK_NS (10 * NS_PER_S)

void sets_watch_unref(struct sets_watch *w)
{
    if (!w || atomic_fetch_sub(&w->refs, 1) != 1)
        return;
    room_settle(w->room, &w->account, 0); /* its stream is gone, and its queue with it */
    selector_release(&w->selector);
    strv_release(&w->namespaces);
    free(w->nspace);
    free(w->who);
    free(w->name);
    free(w);
}

size_t sets_watch_pending(struct sets_watch *w)
{
    /* Chunk sizes are queued, too: it may be more than was sent. */
    size_t queued = sets_watch_queued(w), taken = queued < w->sent ? w->sent - queued : 0;
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
    cleanup_free char *whole = xasprintf("%s\n", text);
    (void)sets_watch_write(w, whole, strlen(whole));
    sets_watch_end(w);
    atomic_store(&w->closed, true);
    error_free(e);
}

/* Chunk sizes make it a little more on the wire, which only makes a reader seem slower by as much. */
int sets_watch_send(struct sets_watch *w, const char *line, size_t len)
{
    if (atomic_load(&w->closed))
        return -1;
    struct error *e = NULL;
    if (sets_watch_pending(w) >= WATCH_PENDING_MAX || !sets_watch_has_room(w, len))
        (void)error_set(&e, ERR_THROTTLED,
                        "the watch was not read fast enough: list again, and watch from there");
    if (e) {
        sets_watch_fail(w, e);
        return -1;
    }
    if (len <= w->claimed)
        w->claimed -= len;
    else if (!room_take(w->room, &w->account, sets_watch_queued(w), len))
        return 1;
    if (sets_watch_write(w, line, len) < 0) {
        atomic_store(&w->closed, true);
        return -1;
    }
    w->sent += len;
    w->ends[(w->first + w->pending++) % WATCH_PENDING_MAX] = w->sent;
    return 0;
}

void sets_told_release(struct sets_told *t)
{
    json_free(t->old_labels);
    json_free(t->labels);
}

static json *give_labels(const char *text)
{
    json *labels = NULL;
    if (text)
        (void)json_parse(text, strlen(text), &labels, NULL);
    return labels;
}

static void find_labels(struct sets_told *t)
{
    if (t->has_labels)
        return;
    t->has_labels = true;
    t->old_labels = give_labels(t->event->old_labels);
    t->labels = give_labels(t->event->labels);
}

/* What the change is to somebody who sees only what matches; NULL: nothing. */
static const char *seen_as(const struct sets_watch *w, struct sets_told *t)
{
    bool before = t->event->old_labels != NULL, after = t->event->labels != NULL;
    if (w->selector.len > 0) {
        find_labels(t);
        before = t->old_labels && selector_matches(&w->selector, t->old_labels);
        after = t->labels && selector_matches(&w->selector, t->labels);
    }
    if (before && after)
        return "MODIFIED";
    if (after)
        return "ADDED";
    return before ? "DELETED" : NULL;
}

int sets_watch_event(struct sets_watch *w, struct sets_told *t)
{
    const struct sets_event *e = t->event;
    int64_t before = w->last;
    if (e->revision <= w->last)
        return 0;
    w->last = e->revision;
    if (w->nothing || !str_eq(e->type, w->type->plural) ||
        (w->nspace && !str_eq(w->nspace, e->nspace)) || (w->name && !str_eq(w->name, e->name)) ||
        (w->limited && !strv_has(&w->namespaces, e->nspace)))
        return 0;
    const char *op = seen_as(w, t);
    if (!op)
        return 0;
    struct buf line = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&line, "{\"type\":\"%s\",\"object\":", op);
    buf_add(&line, e->object, e->object_len);
    buf_adds(&line, "}\n");
    int status = sets_watch_send(w, buf_str(&line), line.len);
    buf_release(&line);
    if (status > 0)
        w->last = before;
    return status;
}

int sets_watch_bookmark(struct sets_watch *w, bool initial_end)
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
    return sets_watch_send(w, whole, strlen(whole));
}

/* Lost rights end it: whoever has some left comes again and sees what is left to see. */
static bool has_rights(const struct sets_watch *w, struct sets_access *access)
{
    const char *place = w->type->global ? NULL : w->nspace;
    if (w->limited || (!w->nspace && !w->type->global)) {
        cleanup_strv struct strv now = STRV_INIT;
        bool limited = sets_access_namespaces(access, w->who, &now);
        bool same = limited == w->limited && now.len == w->namespaces.len;
        for (size_t i = 0; same && i < now.len; i++)
            same = strv_has(&w->namespaces, now.v[i]);
        return same;
    }
    return sets_access_role(access, w->who, place) >= ROLE_VIEWER;
}

bool sets_watch_may_go_on(struct sets_watch *w, struct sets_access *access, int64_t now_ns)
{
    if (atomic_load(&w->closed) || now_ns >= w->end_ns)
        return false;
    if (now_ns < w->check_ns)
        return true;
    w->check_ns = now_ns + CHECK_NS;
    return has_rights(w, access);
}

/* ---- the beginning ---- */

static int check_start(const struct sets_request *r, int64_t from, bool *ret_ahead,
                       struct error **err)
{
    int64_t floor, now;
    if (sets_floor(r->ctx, r->api->store, &floor, err) < 0 ||
        sets_revision(r->ctx, r->api->store, &now, err) < 0)
        return -1;
    *ret_ahead = from > now;
    if (from < floor)
        return error_set(err, ERR_GONE, "resourceVersion %" PRId64 " is too old: list again", from);
    return 0;
}

static int read_fields(const struct sets_request *r, struct sets_watch *w, struct error **err)
{
    cleanup_fields struct sets_fields f = { 0 };
    if (sets_request_fields(r, &f, err) < 0)
        return -1;
    if (f.failed >= 0)
        return error_set(err, ERR_INVALID,
                         "fieldSelector: status.failed can be listed, but not watched");
    w->nothing = f.nothing;
    w->name = take(f.name);
    if (f.nspace && !w->nspace && !r->type->global)
        w->nspace = take(f.nspace);
    return 0;
}

/* Whether the state comes first is told by where it begins, unless the caller says so. */
static int choose_start(const struct sets_request *r, int64_t *from, struct error **err)
{
    cleanup_free char *text = NULL;
    bool state;
    if (sets_request_text(r, "sendInitialEvents", &text, err) < 0 ||
        sets_request_bool(r, "sendInitialEvents", &state, err) < 0)
        return -1;
    if (text && state)
        *from = 0; /* the state is never older than what its caller knows */
    if (text && !state && *from == 0)
        return sets_revision(r->ctx, r->api->store, from, err);
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
        sets_request_int(r, "resourceVersion", 0, INT64_MAX, 0, ret_from, err) < 0 ||
        choose_start(r, ret_from, err) < 0)
        return -1;
    if (r->nspace && sets_request_allow(r, ROLE_VIEWER, r->nspace, err) < 0)
        return -1;
    if (!r->nspace)
        w->limited = sets_access_namespaces(r->api->cfg.access, r->who, &w->namespaces);
    int64_t now = clock_mono_ns(r->ctx->clock);
    w->type = r->type;
    w->room = r->api->room;
    w->who = xstrdup(r->who);
    w->nspace = r->type->global ? NULL : xstrdup(r->nspace);
    w->end_ns = now + timeout_s * NS_PER_S;
    w->bookmark_ns = now + BOOKMARK_NS;
    w->check_ns = now;
    return read_fields(r, w, err);
}

/* A stream flows only after its handler has returned, so that nothing is waited for here: the hub does the rest. */
int sets_verb_watch(struct sets_request *r, struct error **err)
{
    struct sets_watch *w = xnew(struct sets_watch);
    struct error *why = NULL;
    int64_t from = 0;
    bool ahead = false;
    atomic_init(&w->refs, 1);
    w->queue_max = r->api->cfg.watch_queue_max ? r->api->cfg.watch_queue_max : WATCH_QUEUE_MAX;
    if (read_watch(r, w, &from, err) < 0) {
        sets_watch_unref(w);
        return -1;
    }
    if (from && check_start(r, from, &ahead, &why) < 0) {
        if (!error_is(why, ERR_GONE)) {
            sets_watch_unref(w);
            return error_move(err, &why);
        }
        int status = sets_watch_open(w, r->call, err);
        if (status == 0) {
            sets_watch_fail(w, take(why));
            sets_watch_leave(w);
        }
        error_free(why);
        sets_watch_unref(w);
        return status;
    }
    if (sets_hub_admit(r->api->hub, r->who, err) < 0) {
        sets_watch_unref(w);
        return -1;
    }
    if (sets_watch_open(w, r->call, err) < 0) {
        sets_hub_dismiss(r->api->hub, r->who);
        sets_watch_unref(w);
        return -1;
    }
    sets_hub_take(r->api->hub, w, from, ahead);
    return 0;
}
