/*
 * Records of a collection stand in one sorted array: lists are copies of a span of pointers, and a
 * kind has seldom more than some ten thousand objects. The history is a ring over all collections,
 * since its order is that of the revisions.
 */
#include "hack/devcloud/cluster/state.h"

#include <pthread.h>
#include <string.h>

#include "hack/devcloud/cluster/record.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

struct collection {
    struct record **v;
    size_t len, cap;
};

struct state {
    pthread_mutex_t mu;
    int64_t revision, forgotten; /* changes up to `forgotten` are not kept */
    struct map *collections;
    struct change *history; /* ring */
    size_t history_max, history_begin, history_len;
    struct listener *listeners;
};

static void collection_free(void *p)
{
    struct collection *c = p;
    for (size_t i = 0; i < c->len; i++)
        record_unref(c->v[i]);
    free(c->v);
    free(c);
}

struct state *state_new(int64_t revision, size_t history_max)
{
    struct state *s = xnew(struct state);
    mutex_init(&s->mu);
    s->revision = s->forgotten = revision;
    s->collections = map_new(collection_free);
    s->history = xcalloc(history_max, sizeof(*s->history));
    s->history_max = history_max;
    return s;
}

static void drop_oldest(struct state *s)
{
    struct change *c = &s->history[s->history_begin];
    s->forgotten = c->revision;
    record_unref(c->now);
    record_unref(c->before);
    s->history_begin = (s->history_begin + 1) % s->history_max;
    s->history_len--;
}

void state_free(struct state *s)
{
    if (!s)
        return;
    while (s->history_len)
        drop_oldest(s);
    free(s->history);
    map_free(s->collections);
    (void)pthread_mutex_destroy(&s->mu);
    free(s);
}

int64_t state_revision(struct state *s)
{
    (void)pthread_mutex_lock(&s->mu);
    int64_t revision = s->revision;
    (void)pthread_mutex_unlock(&s->mu);
    return revision;
}

/* ---- collections ---- */

static int order(const struct record *r, const char *nspace, const char *name)
{
    int diff = strcmp(r->nspace, nspace);
    return diff ? diff : strcmp(r->name, name);
}

/* The first record that does not stand before namespace and name. */
static size_t locate(const struct collection *c, const char *nspace, const char *name)
{
    size_t low = 0, high = c ? c->len : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order(c->v[middle], nspace, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct record *find(const struct collection *c, const char *nspace, const char *name)
{
    size_t at = locate(c, nspace, name);
    return c && at < c->len && order(c->v[at], nspace, name) == 0 ? c->v[at] : NULL;
}

/* Puts r at its place, in place of its namesake. Consumes the reference. */
static void collection_set(struct collection *c, struct record *r)
{
    size_t at = locate(c, r->nspace, r->name);
    if (at < c->len && order(c->v[at], r->nspace, r->name) == 0) {
        record_unref(c->v[at]);
        c->v[at] = r;
        return;
    }
    if (c->len == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 16;
        c->v = xreallocarray(c->v, c->cap, sizeof(struct record *));
    }
    memmove(c->v + at + 1, c->v + at, (c->len - at) * sizeof(struct record *));
    c->v[at] = r;
    c->len++;
}

static void collection_remove(struct collection *c, const char *nspace, const char *name)
{
    size_t at = locate(c, nspace, name);
    if (at >= c->len || order(c->v[at], nspace, name) != 0)
        return;
    record_unref(c->v[at]);
    c->len--;
    memmove(c->v + at, c->v + at + 1, (c->len - at) * sizeof(struct record *));
}

static struct collection *make_collection(struct state *s, const char *name)
{
    struct collection *c = map_get(s->collections, name);
    if (!c) {
        c = xnew(struct collection);
        map_set(s->collections, name, c);
    }
    return c;
}

struct record *state_get(struct state *s, const char *collection, const char *nspace,
                         const char *name)
{
    (void)pthread_mutex_lock(&s->mu);
    struct record *r = record_ref(find(map_get(s->collections, collection), nspace, name));
    (void)pthread_mutex_unlock(&s->mu);
    return r;
}

size_t state_count(struct state *s, const char *collection)
{
    (void)pthread_mutex_lock(&s->mu);
    const struct collection *c = map_get(s->collections, collection);
    size_t len = c ? c->len : 0;
    (void)pthread_mutex_unlock(&s->mu);
    return len;
}

/* ---- lists ---- */

void record_list_release(struct record_list *l)
{
    for (size_t i = 0; i < l->len; i++)
        record_unref(l->v[i]);
    free(l->v);
    *l = (struct record_list){ 0 };
}

static const struct change *change_at(const struct state *s, size_t i)
{
    return &s->history[(s->history_begin + i) % s->history_max];
}

/* A collection as it was, by undoing changes from the newest on; its records are counted. */
static void rewind_to(const struct state *s, const char *name, int64_t at, struct collection *ret)
{
    const struct collection *now = map_get(s->collections, name);
    for (size_t i = 0; now && i < now->len; i++)
        collection_set(ret, record_ref(now->v[i]));
    for (size_t i = s->history_len; i-- > 0;) {
        const struct change *c = change_at(s, i);
        if (c->revision <= at)
            break;
        if (strcmp(c->now->collection, name) != 0)
            continue;
        if (c->before)
            collection_set(ret, record_ref(c->before));
        else
            collection_remove(ret, c->now->nspace, c->now->name);
    }
}

static void copy_span(const struct collection *c, const char *nspace, struct record_list *ret)
{
    size_t begin = nspace ? locate(c, nspace, "") : 0, end = begin;
    while (c && end < c->len && (!nspace || strcmp(c->v[end]->nspace, nspace) == 0))
        end++;
    ret->len = end - begin;
    ret->v = xcalloc(ret->len + 1, sizeof(struct record *));
    for (size_t i = 0; i < ret->len; i++)
        ret->v[i] = record_ref(c->v[begin + i]);
}

int state_list(struct state *s, const char *collection, const char *nspace, int64_t at,
               struct record_list *ret, struct error **err)
{
    int rc = 0;
    (void)pthread_mutex_lock(&s->mu);
    if (at && at < s->forgotten) {
        rc = error_set(err, ERR_GONE, "revision %lld is forgotten", (long long)at);
    } else if (at && at < s->revision) {
        struct collection past = { 0 };
        rewind_to(s, collection, at, &past);
        copy_span(&past, nspace, ret);
        ret->revision = at;
        for (size_t i = 0; i < past.len; i++)
            record_unref(past.v[i]);
        free(past.v);
    } else {
        copy_span(map_get(s->collections, collection), nspace, ret);
        ret->revision = s->revision;
    }
    (void)pthread_mutex_unlock(&s->mu);
    return rc;
}

/* ---- changes ---- */

static void notify(struct state *s, const struct change *c)
{
    for (struct listener *l = s->listeners, *next; l; l = next) {
        next = l->next_;
        if (strcmp(l->collection, c->now->collection) == 0)
            l->on_change(l, c);
    }
}

static void remember(struct state *s, enum change_type type, struct record *now,
                     struct record *before)
{
    if (s->history_len == s->history_max)
        drop_oldest(s);
    size_t at = (s->history_begin + s->history_len) % s->history_max;
    s->history[at] = (struct change){ s->revision, type, record_ref(now), record_ref(before) };
    s->history_len++;
    notify(s, &s->history[at]);
}

/* The current record if it is `before` (both may be absent). */
static int check_current(struct record *current, const struct record *before, struct error **err)
{
    if (current && !before)
        return error_set(err, ERR_EXISTS, "%s exists", current->name);
    if (current != before)
        return error_set(err, ERR_CONFLICT, "%s has changed", before->name);
    return 0;
}

int state_put(struct state *s, const char *collection, json *obj, const struct record *before,
              struct record **ret, struct error **err)
{
    const char *nspace = json_path_str(obj, "metadata.namespace");
    const char *name = json_path_str(obj, "metadata.name");
    (void)pthread_mutex_lock(&s->mu);
    struct collection *c = make_collection(s, collection);
    struct record *current = find(c, nspace ? nspace : "", name);
    int rc = check_current(current, before, err);
    if (rc == 0) {
        s->revision++;
        struct record *r =
            record_new(collection, obj, s->revision, current ? current->created : s->revision);
        cleanup_record struct record *old = record_ref(current);
        collection_set(c, record_ref(r));
        remember(s, old ? CHANGE_MODIFIED : CHANGE_ADDED, r, old);
        *ret = r;
    }
    (void)pthread_mutex_unlock(&s->mu);
    return rc;
}

int state_delete(struct state *s, const struct record *before, struct record **ret,
                 struct error **err)
{
    cleanup_json json *obj = record_give_tree(before);
    (void)pthread_mutex_lock(&s->mu);
    struct collection *c = make_collection(s, before->collection);
    struct record *current = find(c, before->nspace, before->name);
    int rc = check_current(current, before, err);
    if (rc == 0) {
        s->revision++;
        struct record *r = record_new(before->collection, obj, s->revision, before->created);
        cleanup_record struct record *old = record_ref(current);
        collection_remove(c, old->nspace, old->name);
        remember(s, CHANGE_DELETED, r, old);
        *ret = r;
    }
    (void)pthread_mutex_unlock(&s->mu);
    return rc;
}

/* ---- listeners ---- */

static void replay_present(const struct state *s, struct listener *l)
{
    const struct collection *c = map_get(s->collections, l->collection);
    for (size_t i = 0; c && i < c->len; i++) {
        struct change added = { c->v[i]->revision, CHANGE_ADDED, c->v[i], NULL };
        l->on_change(l, &added);
    }
}

static void replay_history(const struct state *s, struct listener *l, int64_t since)
{
    for (size_t i = 0; i < s->history_len; i++) {
        const struct change *c = change_at(s, i);
        if (c->revision > since && strcmp(l->collection, c->now->collection) == 0)
            l->on_change(l, c);
    }
}

int state_listen(struct state *s, struct listener *l, int64_t since, int64_t *ret_revision,
                 struct error **err)
{
    int rc = 0;
    (void)pthread_mutex_lock(&s->mu);
    if (since && since < s->forgotten) {
        rc = error_set(err, ERR_GONE, "too old resource version: %lld (%lld)", (long long)since,
                       (long long)s->forgotten + 1);
    } else {
        if (since)
            replay_history(s, l, since);
        else
            replay_present(s, l);
        l->prev_ = NULL;
        l->next_ = s->listeners;
        if (l->next_)
            l->next_->prev_ = l;
        s->listeners = l;
        l->linked_ = true;
        if (ret_revision)
            *ret_revision = s->revision;
    }
    (void)pthread_mutex_unlock(&s->mu);
    return rc;
}

void state_unlisten(struct state *s, struct listener *l)
{
    (void)pthread_mutex_lock(&s->mu);
    if (l->linked_) {
        if (l->prev_)
            l->prev_->next_ = l->next_;
        else
            s->listeners = l->next_;
        if (l->next_)
            l->next_->prev_ = l->prev_;
        l->linked_ = false;
    }
    (void)pthread_mutex_unlock(&s->mu);
}

void state_locked(struct state *s, void (*fn)(void *arg, int64_t revision), void *arg)
{
    (void)pthread_mutex_lock(&s->mu);
    fn(arg, s->revision);
    (void)pthread_mutex_unlock(&s->mu);
}

void state_compact(struct state *s)
{
    (void)pthread_mutex_lock(&s->mu);
    while (s->history_len)
        drop_oldest(s);
    s->forgotten = s->revision;
    (void)pthread_mutex_unlock(&s->mu);
}
