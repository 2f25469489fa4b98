/*
 * How watches begin: the state, page by page, then the log from where the first page was, until the hub can go on.
 *
 * The pages are of different moments. So what the log says of an object is sent only when it came after the page that had
 * the object's place in the order of the list; the end of the state is told once the log is read up to the last page.
 *
 * A reader that has much before it is set aside, and nobody waits for it but itself. The same goes for one that begins at a
 * revision that is still to come, and for one whose next page or event has no room among those of all watches: it is ended only
 * when its patience is, as the log keeps for it what it waits for.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/api/impl.h"

#define THREADS 4
/* No page is read for a reader that has so much before it; a page has about as much. */
#define PACE_BYTES ((size_t)1 << 20)
#define PACE_EVENTS 400
#define PACE_NS (10 * NS_PER_MS)
#define FRAME_BYTES 32 /* of a line, around the object */
#define ROOM_PACE_NS (20 * NS_PER_MS)
#define PATIENCE_MS 30000
/* A revision that somebody heard of elsewhere may be there in a moment. */
#define AHEAD_MS 3000
#define AHEAD_PACE_NS (50 * NS_PER_MS)

/* Objects up to this one are as they were at the revision; name NULL: all that are left. */
struct part {
    int64_t revision;
    char *nspace, *name;
};
struct beginning {
    struct sets_watch *w;
    bool has_state, told_state; /* all of it was sent; and its end was told */
    bool no_room;               /* the last attempt ended so */
    size_t wanted;              /* what there was no room for, in bytes */
    struct part *parts;
    size_t len;
    size_t page_bytes;             /* of the page of events that is being sent */
    int64_t ready_ns, too_slow_ns; /* not before; and when its reader has had time enough */
    int64_t ahead_ns;              /* until then the log may come to where it begins; 0: it has */
    struct beginning *next;
};

struct sets_beginnings {
    struct sets_api *api;
    struct sets_hub *hub;
    const struct opctx *ctx;
    pthread_t threads[THREADS];
    size_t threads_len;
    pthread_mutex_t mu; /* first, stops */
    pthread_cond_t cv;
    struct beginning *first;
    bool stops;
};

static void free_parts(struct beginning *b)
{
    for (size_t i = 0; i < b->len; i++) {
        free(b->parts[i].nspace);
        free(b->parts[i].name);
    }
    free(b->parts);
    b->parts = NULL;
    b->len = 0;
}

static void let_go(struct sets_beginnings *all, struct beginning *b)
{
    sets_hub_let_go(all->hub, b->w);
    free_parts(b);
    free(b);
}

/* ---- the state ---- */

static void add_part(struct beginning *b, struct sets_page *page)
{
    b->parts = xreallocarray(b->parts, b->len + 1, sizeof(*b->parts));
    struct part *part = &b->parts[b->len++];
    *part = (struct part){ .revision = page->revision };
    if (page->more) {
        part->nspace = take(page->last_nspace);
        part->name = take(page->last_name);
    }
}

static int list_page(struct sets_beginnings *all, const struct beginning *b, struct sets_page *ret,
                     struct error **err)
{
    const struct sets_watch *w = b->w;
    const struct part *before = b->len ? &b->parts[b->len - 1] : NULL;
    const struct sets_query q = { .type = w->type,
                                  .nspace = w->nspace,
                                  .namespaces = w->limited ? &w->namespaces : NULL,
                                  .selector = &w->selector,
                                  .name = w->name,
                                  .failed = -1,
                                  .limit = PACE_EVENTS,
                                  .max_bytes = PACE_BYTES,
                                  .after_nspace = before ? before->nspace : NULL,
                                  .after_name = before ? before->name : NULL,
                                  .as_added = true,
                                  .one_moment = true };
    if (w->nothing)
        return sets_revision(all->ctx, all->api->store, &ret->revision, err);
    return sets_list(all->ctx, all->api->store, &q, ret, err);
}

static int send_state(struct sets_beginnings *all, struct beginning *b, struct error **err)
{
    cleanup_page struct sets_page page = { 0 };
    if (list_page(all, b, &page, err) < 0)
        return -1;
    if (b->len == 0)
        b->w->last = page.revision;
    b->wanted = page.items.len;
    b->no_room = !room_take_early(b->w->room, &b->w->account, sets_watch_queued(b->w), b->wanted);
    if (b->no_room)
        return 0;
    b->w->claimed = page.items.len; /* so that it is sent whole: no part is read again */
    const char *at = buf_str(&page.items);
    for (const char *end; (end = strchr(at, '\n')); at = end + 1)
        if (sets_watch_send(b->w, at, (size_t)(end + 1 - at)) < 0)
            break; /* which has ended it */
    b->w->claimed = 0;
    b->has_state = !page.more;
    add_part(b, &page);
    return 0;
}

/* ---- the log ---- */

static bool is_behind(const struct sets_event *e, const struct part *p)
{
    int order = p->name ? strcmp(e->nspace, p->nspace) : -1;
    if (order == 0)
        order = strcmp(e->name, p->name);
    return order > 0;
}

/* The state had it already. */
static bool was_sent(const struct beginning *b, const struct sets_event *e)
{
    size_t i = 0;
    while (i < b->len && is_behind(e, &b->parts[i]))
        i++;
    return i < b->len && e->revision <= b->parts[i].revision;
}

static int visit(void *arg, const struct sets_event *e, struct error **err)
{
    struct beginning *b = arg;
    cleanup_told struct sets_told told = { .event = e };
    (void)err;
    if (was_sent(b, e))
        b->w->last = e->revision;
    else if (sets_watch_event(b->w, &told) > 0) {
        b->no_room = true;
        b->wanted = e->object_len + FRAME_BYTES;
        return 1;
    }
    b->page_bytes += e->object_len;
    return b->page_bytes >= PACE_BYTES;
}

/* 1: the hub has it now. */
static int catch_up(struct sets_beginnings *all, struct beginning *b, struct error **err)
{
    struct sets_watch *w = b->w;
    if (!b->told_state && w->last >= b->parts[b->len - 1].revision) {
        b->no_room = sets_watch_bookmark(w, true) > 0;
        b->wanted = 0;
        if (b->no_room)
            return 0;
        b->told_state = true;
        free_parts(b);
    }
    if (b->told_state && sets_hub_join(all->hub, w))
        return 1;
    int64_t last;
    return sets_events(all->ctx, all->api->store, w->last, PACE_EVENTS, visit, b, &last, err);
}

/* 0 with ready_ns later: its revision is still to come. */
static int await_revision(struct sets_beginnings *all, struct beginning *b, int64_t now,
                          struct error **err)
{
    int64_t last = sets_hub_last(all->hub);
    if (last >= b->w->last) {
        b->ahead_ns = 0;
        return 0;
    }
    if (now >= b->ahead_ns)
        return error_set(err, ERR_TIMEOUT,
                         "resourceVersion %" PRId64 " is in the future: it is %" PRId64, b->w->last,
                         last);
    b->ready_ns = now + AHEAD_PACE_NS;
    return 0;
}

/* ---- turns ---- */

static bool is_ahead_of_reader(struct sets_watch *w)
{
    size_t queued = sets_watch_queued(w);
    room_settle(w->room, &w->account, queued);
    size_t most = w->room && room_is_short(w->room) ? ROOM_KEEPS_UP : PACE_BYTES;
    return queued >= most || sets_watch_pending(w) >= PACE_EVENTS;
}

static int64_t patience_ns(const struct sets_beginnings *all)
{
    return (all->api->cfg.patience_ms ? all->api->cfg.patience_ms : PATIENCE_MS) * NS_PER_MS;
}

/* What had no room would have some now: else nothing is read for it. */
static bool is_worth_a_try(struct beginning *b)
{
    struct sets_watch *w = b->w;
    size_t queued = sets_watch_queued(w);
    bool fits = b->has_state ? room_take(w->room, &w->account, queued, b->wanted)
                             : room_take_early(w->room, &w->account, queued, b->wanted);
    room_settle(w->room, &w->account, queued);
    return fits;
}

/* 1 as of catch_up. */
static int go_on(struct sets_beginnings *all, struct beginning *b, int64_t now, struct error **err)
{
    int status = 0;
    if (!b->no_room || is_worth_a_try(b)) {
        b->no_room = false;
        b->page_bytes = 0;
        status = b->has_state ? catch_up(all, b, err) : send_state(all, b, err);
        if (!b->no_room || b->page_bytes)
            b->too_slow_ns = now + patience_ns(all);
        if (b->no_room)
            metric_add(all->api->delayed, 1, METRIC_LABELS(NULL));
    }
    if (b->no_room)
        b->ready_ns = now + ROOM_PACE_NS;
    return status;
}

static int end_slow(const struct beginning *b, struct error **err)
{
    return error_set(err, ERR_THROTTLED,
                     b->no_room ? "what waits for readers of all watches together leaves no room: "
                                  "list again later, and watch from there"
                                : "the watch was not read: list again, and watch from there");
}

/* One step of b; false: there is no other, it was handed on or let go. */
static bool take_step(struct sets_beginnings *all, struct beginning *b)
{
    struct error *why = NULL;
    int64_t now = clock_mono_ns(all->ctx->clock);
    int status = 0;
    b->ready_ns = now;
    if (!sets_watch_may_go_on(b->w, all->api->cfg.access, now)) {
        status = -1;
    } else if (b->ahead_ns) {
        status = await_revision(all, b, now, &why);
        b->too_slow_ns = now + patience_ns(all);
    } else if (now >= b->too_slow_ns && (b->no_room || is_ahead_of_reader(b->w))) {
        status = end_slow(b, &why);
    } else if (!is_ahead_of_reader(b->w)) {
        status = go_on(all, b, now, &why);
    } else {
        b->ready_ns = now + PACE_NS;
    }
    if (why)
        sets_watch_fail(b->w, why);
    if (status < 0) {
        let_go(all, b);
    } else if (status > 0) {
        free_parts(b);
        free(b);
    }
    return status == 0;
}

static void put(struct sets_beginnings *all, struct beginning *b)
{
    pthread_mutex_lock(&all->mu);
    struct beginning **at = &all->first;
    while (*at)
        at = &(*at)->next;
    b->next = NULL;
    *at = b;
    pthread_cond_signal(&all->cv);
    pthread_mutex_unlock(&all->mu);
}

/* The first that is ready; waits for one. NULL: it is over. */
static struct beginning *take_ready(struct sets_beginnings *all)
{
    struct beginning *found = NULL;
    pthread_mutex_lock(&all->mu);
    while (!all->stops) {
        int64_t now = clock_mono_ns(all->ctx->clock), until = CLOCK_NEVER;
        struct beginning **at = &all->first;
        for (; *at && (*at)->ready_ns > now; at = &(*at)->next)
            if ((*at)->ready_ns < until)
                until = (*at)->ready_ns;
        if (*at) {
            found = *at;
            *at = found->next;
            break;
        }
        (void)clock_wait(all->ctx->clock, &all->cv, &all->mu, until);
    }
    pthread_mutex_unlock(&all->mu);
    return found;
}

static void work(void *arg)
{
    struct sets_beginnings *all = arg;
    for (struct beginning *b; (b = take_ready(all));)
        if (take_step(all, b))
            put(all, b);
}

/* ---- the whole ---- */

int sets_beginnings_start(struct sets_api *api, struct sets_hub *hub, const struct opctx *ctx,
                          struct sets_beginnings **ret, struct error **err)
{
    struct sets_beginnings *all = xnew(struct sets_beginnings);
    all->api = api;
    all->hub = hub;
    all->ctx = ctx;
    mutex_init(&all->mu);
    clock_cond_init(&all->cv);
    for (; all->threads_len < THREADS; all->threads_len++) {
        if (thread_start(&all->threads[all->threads_len], "syncsets-begin", work, all, err) < 0) {
            sets_beginnings_stop(all);
            return -1;
        }
    }
    *ret = all;
    return 0;
}

void sets_beginnings_add(struct sets_beginnings *all, struct sets_watch *w, int64_t from,
                         bool ahead)
{
    struct beginning *b = xnew(struct beginning);
    int64_t ahead_ms = all->api->cfg.ahead_ms ? all->api->cfg.ahead_ms : AHEAD_MS;
    b->w = w;
    b->ahead_ns = ahead ? clock_mono_ns(all->ctx->clock) + ahead_ms * NS_PER_MS : 0;
    b->has_state = b->told_state = from != 0;
    b->too_slow_ns = clock_mono_ns(all->ctx->clock) + patience_ns(all);
    w->last = from;
    put(all, b);
}

void sets_beginnings_resume(struct sets_beginnings *all, struct sets_watch *w)
{
    struct beginning *b = xnew(struct beginning);
    b->w = w;
    b->has_state = b->told_state = true;
    b->too_slow_ns = clock_mono_ns(all->ctx->clock) + patience_ns(all);
    metric_add(all->api->delayed, 1, METRIC_LABELS(NULL));
    put(all, b);
}

void sets_beginnings_stop(struct sets_beginnings *all)
{
    if (!all)
        return;
    pthread_mutex_lock(&all->mu);
    all->stops = true;
    pthread_cond_broadcast(&all->cv);
    pthread_mutex_unlock(&all->mu);
    for (size_t i = 0; i < all->threads_len; i++)
        (void)pthread_join(all->threads[i], NULL);
    for (struct beginning *b = all->first, *next; b; b = next) {
        next = b->next;
        let_go(all, b);
    }
    pthread_mutex_destroy(&all->mu);
    pthread_cond_destroy(&all->cv);
    free(all);
}
