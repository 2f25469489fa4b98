/*
 * A watcher lists once, then follows, and after each end goes on behind the last revision that it saw, at whichever server is
 * there. Its copy of the objects must never need another list.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/syncsets/operations.h"
#include "test/synccrash/synccrash.h"

#define TURN_MS 500
#define CUT_ONE_IN 60 /* events: it leaves by itself */
#define LIST_MAX 5000

struct copy {
    char *name;
    int64_t revision, generation;
    bool gone;
    bool listed; /* by the list, which may be newer than the revision that it names */
};
struct watcher {
    struct world *w;
    const char *plural;
    struct chance chance;
    pthread_t thread;
    pthread_mutex_t mu; /* guards the following */
    struct map *copies; /* of struct copy, by uid */
    struct map *seen;   /* "uid/revision" */
    int64_t last;       /* revision; -1: not listed yet */
    char last_text[INT_TEXT_MAX];
};

static void copy_free(void *arg)
{
    struct copy *o = arg;
    free(o->name);
    free(o);
}

/* ---- one event ---- */

static int64_t revision_of(const json *object)
{
    const char *text = json_path_str(object, "metadata.resourceVersion");
    long long n = -1;
    return text && str_to_int(text, 0, INT64_MAX, &n) ? n : -1;
}

/* With the lock. */
static void note(struct watcher *x, const json *object, bool gone)
{
    const char *uid = json_path_str(object, "metadata.uid");
    const char *version = json_path_str(object, "metadata.resourceVersion");
    struct copy *o = map_get(x->copies, uid);
    if (!o)
        map_set(x->copies, uid, o = xnew(struct copy));
    free(o->name);
    o->name = xstrdup(json_path_str(object, "metadata.name"));
    o->revision = revision_of(object);
    o->generation = json_path_int(object, "metadata.generation", 0);
    o->gone = gone;
    o->listed = x->last < 0;
    cleanup_free char *key = xasprintf("%s/%s", uid, version);
    map_set(x->seen, key, x);
}

/* With the lock. Each change of what is wanted raises the generation by one: a step of two is a change that was not told. */
static void judge_event(struct watcher *x, const struct syncsets_event *e, int64_t revision)
{
    const char *name = json_path_str(e->object, "metadata.name");
    const struct copy *o = map_get(x->copies, json_path_str(e->object, "metadata.uid"));
    int64_t generation = json_path_int(e->object, "metadata.generation", 0);
    bool is_known = o && !o->gone;
    if (revision <= x->last)
        world_fault(x->w, "%s: %s %s with revision %" PRId64 " comes behind %" PRId64, x->plural,
                    e->type, name, revision, x->last);
    if (str_eq(e->type, "ADDED") ? o != NULL : !is_known)
        world_fault(x->w, "%s: %s %s comes, and the copy says otherwise", x->plural, e->type, name);
    if (is_known && generation != o->generation && generation != o->generation + 1)
        world_fault(x->w,
                    "%s: %s goes from generation %" PRId64 " to %" PRId64 ": a change is lost",
                    x->plural, name, o->generation, generation);
}

/* With the lock. */
static bool was_listed(const struct watcher *x, const json *object, int64_t revision)
{
    const struct copy *o = map_get(x->copies, json_path_str(object, "metadata.uid"));
    return o && o->listed && revision <= o->revision;
}

static void take_event(struct watcher *x, const struct syncsets_event *e)
{
    int64_t revision = revision_of(e->object);
    (void)pthread_mutex_lock(&x->mu);
    if (!str_eq(e->type, "BOOKMARK") && !was_listed(x, e->object, revision)) {
        judge_event(x, e, revision);
        note(x, e->object, str_eq(e->type, "DELETED"));
        atomic_fetch_add(&x->w->events, 1);
    }
    if (revision > x->last) {
        x->last = revision;
        (void)int_to_str(x->last, x->last_text);
    }
    (void)pthread_mutex_unlock(&x->mu);
}

/* ---- following ---- */

static int open_watch(struct watcher *x, struct syncsets *c, struct syncsets_watch **ret,
                      struct error **err)
{
    const struct syncsets_options opt = { .resource_version = x->last_text, .bookmarks = true };
    const struct opctx *ctx = x->w->ctx;
    if (str_eq(x->plural, "clusters"))
        return syncsets_watch_cluster(c, ctx, NULL, &opt, ret, err);
    if (str_eq(x->plural, "syncsets"))
        return syncsets_watch_sync_set(c, ctx, NULL, &opt, ret, err);
    if (str_eq(x->plural, "clustersyncs"))
        return syncsets_watch_cluster_sync(c, ctx, NULL, &opt, ret, err);
    return syncsets_watch_selector_sync_set(c, ctx, &opt, ret, err);
}

/* Until the watch ends, or is left. */
static void follow(struct watcher *x, struct syncsets_watch *watch)
{
    for (bool ended = false; !ended && atomic_load(&x->w->follow);) {
        const struct opctx soon = opctx_with_timeout_ms(x->w->ctx, TURN_MS);
        cleanup_syncsets_event struct syncsets_event e = { 0 };
        cleanup_error struct error *err = NULL;
        if (syncsets_watch_next(watch, &soon, &e, &err) == 0 && e.type)
            take_event(x, &e);
        else
            ended = !error_is(err, ERR_TIMEOUT);
        if (error_is(err, ERR_GONE))
            world_fault(x->w, "%s: the watch cannot go on: %s", x->plural, error_text(err));
        ended = ended || (e.type && chance_one_in(&x->chance, CUT_ONE_IN));
    }
}

static void watch_once(struct watcher *x)
{
    unsigned port = herd_port(x->w->herd, &x->chance.rng);
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u", port);
    const struct syncsets_config cfg = { .url = url, .transport = x->w->transport };
    cleanup_syncsets struct syncsets *c = NULL;
    cleanup_syncsets_watch struct syncsets_watch *watch = NULL;
    atomic_fetch_add(&x->w->resumed, 1);
    if (port && syncsets_new(&cfg, &c, NULL) == 0 && open_watch(x, c, &watch, NULL) == 0)
        follow(x, watch);
}

static json *give_list(struct watcher *x, struct chance *chance)
{
    const struct ask ask = { "GET", x->plural, NULL, NULL, NULL, false, NULL };
    json *list = world_ask(x->w, chance, &ask);
    if (json_path_str(list, "metadata.continue"))
        world_fault(x->w, "%s: the list has more than one page", x->plural);
    return list;
}

static void run(void *arg)
{
    struct watcher *x = arg;
    cleanup_json json *list = give_list(x, &x->chance);
    (void)pthread_mutex_lock(&x->mu);
    for (size_t i = 0; i < json_len(json_get(list, "items")); i++)
        note(x, json_at(json_get(list, "items"), i), false);
    x->last = revision_of(list);
    (void)int_to_str(x->last, x->last_text);
    (void)pthread_mutex_unlock(&x->mu);
    for (; atomic_load(&x->w->follow); world_pause(x->w))
        watch_once(x);
}

struct watcher *watcher_start(struct world *w, size_t number)
{
    static const char *const plurals[WATCHERS] = { "clusters", "syncsets", "selectorsyncsets",
                                                   "clustersyncs" };
    struct watcher *x = xnew(struct watcher);
    *x = (struct watcher){ .w = w, .plural = plurals[number], .last = -1 };
    x->copies = map_new(copy_free);
    x->seen = map_new(NULL);
    mutex_init(&x->mu);
    chance_init(&x->chance, w->seed, 4000 + number);
    if (thread_start(&x->thread, "watcher", run, x, NULL) < 0)
        abort();
    return x;
}

void watcher_await_list(struct watcher *x)
{
    for (bool is_listed = false; !is_listed; world_pause(x->w)) {
        (void)pthread_mutex_lock(&x->mu);
        is_listed = x->last >= 0;
        (void)pthread_mutex_unlock(&x->mu);
    }
}

/* ---- the judgement ---- */

/* With the lock. NULL: the copy is what the list says; else what differs, owned. */
static char *give_difference(const struct watcher *x, const json *list)
{
    cleanup_map struct map *there = map_new(NULL);
    const json *items = json_get(list, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        const json *object = json_at(items, i);
        const char *uid = json_path_str(object, "metadata.uid");
        const struct copy *o = map_get(x->copies, uid);
        map_set(there, uid, (void *)(uintptr_t)x);
        if (!o || o->gone || o->revision != revision_of(object))
            return xasprintf("%s is at revision %" PRId64 ", and was seen last at %" PRId64,
                             json_path_str(object, "metadata.name"), revision_of(object),
                             o && !o->gone ? o->revision : -1);
    }
    for (struct map_iter it = { 0 }; map_next(x->copies, &it);) {
        const struct copy *o = it.value;
        if (!o->gone && !map_has(there, it.key))
            return xasprintf("%s is gone, and was seen last at %" PRId64, o->name, o->revision);
    }
    return NULL;
}

static void await_list(struct watcher *x, struct chance *chance)
{
    int64_t end_ns = clock_mono_ns(x->w->ctx->clock) + STALL_S * NS_PER_S;
    for (;; world_pause(x->w)) {
        cleanup_json json *list = give_list(x, chance);
        (void)pthread_mutex_lock(&x->mu);
        cleanup_free char *difference =
            x->last < 0 ? xstrdup("nothing is listed") : give_difference(x, list);
        (void)pthread_mutex_unlock(&x->mu);
        if (!difference)
            return;
        if (clock_mono_ns(x->w->ctx->clock) > end_ns) {
            world_fault(x->w, "%s: what was seen is not what is there: %s", x->plural, difference);
            return;
        }
    }
}

/* Of one object: what clients were told of it. */
static void judge_told(struct watcher *x, const char *uid, const json *told)
{
    const struct copy *o = map_get(x->copies, uid);
    for (struct json_iter it = json_each(json_get(told, "revisions")); json_next(&it);) {
        cleanup_free char *key = xasprintf("%s/%s", uid, it.key);
        if (!map_has(x->seen, key))
            world_fault(x->w, "%s: revision %s of %s was told to its client, and never seen",
                        x->plural, it.key, o ? o->name : uid);
    }
    if (json_path_bool(told, "gone", false) && o && !o->gone)
        world_fault(x->w, "%s: the end of %s was never seen", x->plural, o->name);
}

void watcher_judge(struct watcher *x, const json *told)
{
    struct chance chance;
    chance_init(&chance, x->w->seed, 5000);
    await_list(x, &chance);
    (void)pthread_mutex_lock(&x->mu);
    for (struct json_iter it = json_each(told); json_next(&it);)
        if (str_eq(json_path_str(it.value, "plural"), x->plural))
            judge_told(x, it.key, it.value);
    (void)pthread_mutex_unlock(&x->mu);
}

void watcher_end(struct watcher *x)
{
    (void)pthread_join(x->thread, NULL);
    map_free(x->copies);
    map_free(x->seen);
    (void)pthread_mutex_destroy(&x->mu);
    free(x);
}
