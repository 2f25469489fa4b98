#include "pkg/kube/informer.h"

#include <string.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/informer_impl.h"
#include "pkg/kube/informer_set.h"
#include "pkg/kube/reflector.h"

#define SLOW_CALL_NS (100 * NS_PER_MS)

static void init_recursive(pthread_mutex_t *mu)
{
    pthread_mutexattr_t attr;
    if (pthread_mutexattr_init(&attr) != 0 ||
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE) != 0 ||
        pthread_mutex_init(mu, &attr) != 0)
        abort(); /* these fail for lack of memory only */
    pthread_mutexattr_destroy(&attr);
}

struct informer *informer_new(struct kube_cache *c, const struct informer_config *cfg)
{
    struct informer *i = xnew(struct informer);
    i->cache = c;
    i->gvr = *cfg->gvr;
    i->nspace = xstrdup(cfg->nspace);
    i->label_selector = xstrdup(cfg->label_selector);
    i->field_selector = xstrdup(cfg->field_selector);
    i->projection = cfg->projection;
    i->page_size = cfg->page_size;
    i->internal_error_window_ms = cfg->internal_error_window_ms;
    atomic_init(&i->optional, cfg->optional);
    i->api_version = gvr_give_api_version(&i->gvr);
    i->label = i->gvr.group[0] ? xasprintf("%s.%s", i->gvr.resource, i->gvr.group)
                               : xstrdup(i->gvr.resource);
    i->type = (struct object_type){ .api_version = i->api_version, .kind = i->gvr.kind };
    i->store = store_new(
        &(struct store_options){ .rng = c->opt.rng, .pack_above = c->opt.pack_above_bytes });
    store_stage_begin(i->store, &i->stage);
    init_recursive(&i->delivery);
    atomic_init(&i->last_event_ns, clock_mono_ns(c->opt.clock));
    i->reflector = reflector_new(i);
    return i;
}

void informer_free(struct informer *i)
{
    if (!i)
        return;
    informer_set_free(i->set);
    reflector_free(i->reflector);
    store_stage_release(&i->stage);
    store_free(i->store);
    pthread_mutex_destroy(&i->delivery);
    free(i->handlers);
    free(i->nspace);
    free(i->label_selector);
    free(i->field_selector);
    free(i->api_version);
    free(i->label);
    free(i);
}

/* ---- delivery; with the delivery lock held ---- */

static void call(struct informer *i, struct informer_handler *h, const struct informer_event *e)
{
    const struct kube_cache *c = i->cache;
    int64_t begin = clock_mono_ns(c->opt.clock);
    h->on_event(h, e);
    int64_t took = clock_mono_ns(c->opt.clock) - begin;
    if (took > SLOW_CALL_NS)
        log_warning(c->opt.log, "a handler of %s took %lld ms", i->label,
                    (long long)(took / NS_PER_MS));
}

static void deliver(struct informer *i, const struct informer_event *e)
{
    i->delivering++;
    for (size_t n = 0; n < i->handlers_len; n++) {
        struct informer_handler *h = i->handlers[n];
        if (h && (!e->resync || h->wants_resync))
            call(i, h, e);
    }
    i->delivering--;
}

static void drop_empty_places(struct informer *i)
{
    size_t kept = 0;
    if (i->delivering)
        return;
    for (size_t n = 0; n < i->handlers_len; n++) {
        if (i->handlers[n])
            i->handlers[kept++] = i->handlers[n];
    }
    i->handlers_len = kept;
}

static bool is_other(const struct kube_object *a, const struct kube_object *b)
{
    return strcmp(kube_object_uid(a), kube_object_uid(b)) != 0;
}

/* Tells the handlers of one change; unknown: a deletion that was not seen as such. */
static void notify(struct informer *i, const struct store_change *c, bool initial, bool unknown)
{
    if (!atomic_load(&i->handlers_live) || (!c->old_obj && !c->new_obj))
        return;
    cleanup_kube_object struct kube_object *old_obj =
        c->old_obj ? store_give_view(i->store, c->old_obj) : NULL;
    cleanup_kube_object struct kube_object *new_obj =
        c->new_obj ? store_give_view(i->store, c->new_obj) : NULL;

    bool other = old_obj && new_obj && is_other(old_obj, new_obj);
    if (old_obj && (!new_obj || other))
        deliver(i, &(struct informer_event){ .type = INFORMER_DELETE,
                                             .old_obj = old_obj,
                                             .unknown_final_state = other || unknown });
    if (new_obj && (!old_obj || other))
        deliver(i, &(struct informer_event){
                       .type = INFORMER_ADD, .new_obj = new_obj, .initial = initial });
    if (old_obj && new_obj && !other)
        deliver(i, &(struct informer_event){
                       .type = INFORMER_UPDATE, .old_obj = old_obj, .new_obj = new_obj });
    drop_empty_places(i);
}

/* ---- the writer ---- */

void informer_touch(struct informer *i)
{
    atomic_store_explicit(&i->last_event_ns, clock_mono_ns(i->cache->opt.clock),
                          memory_order_relaxed);
}

void informer_stage_begin(struct informer *i, bool strict)
{
    store_stage_release(&i->stage);
    store_stage_begin(i->store, &i->stage);
    i->stage.strict = strict;
}

void informer_stage_add(struct informer *i, const struct draft *d)
{
    store_stage_add(&i->stage, d);
}

void informer_stage_remove(struct informer *i, const struct draft *d)
{
    store_stage_remove(&i->stage, d);
}

size_t informer_stage_len(const struct informer *i)
{
    return i->stage.len;
}

void informer_stage_cut(struct informer *i, size_t len)
{
    store_stage_cut(&i->stage, len);
}

static void tell_synced(struct informer *i)
{
    if (atomic_load(&i->synced))
        return;
    i->delivering++;
    for (size_t n = 0; n < i->handlers_len; n++) {
        struct informer_handler *h = i->handlers[n];
        if (h && h->on_synced)
            h->on_synced(h);
    }
    i->delivering--;
    drop_empty_places(i);
    atomic_store(&i->synced, true);
}

void informer_stage_commit(struct informer *i)
{
    struct store_stage gone;
    informer_touch(i);
    pthread_mutex_lock(&i->delivery);
    bool initial = !atomic_load(&i->synced);
    store_stage_commit(&i->stage, &gone);
    for (size_t n = 0; n < gone.len; n++) {
        notify(i, &gone.v[n], false, true);
        store_change_release(&gone.v[n]);
    }
    for (size_t n = 0; n < i->stage.len; n++) {
        notify(i, &i->stage.v[n], initial, false);
        store_change_release(&i->stage.v[n]);
    }
    tell_synced(i);
    pthread_mutex_unlock(&i->delivery);
    store_stage_release(&gone);
    store_stage_release(&i->stage);
}

/* The event's own object is the final state; the store had the one before. */
static void apply_deleted(struct informer *i, const struct draft *d)
{
    struct store_change c;
    if (!store_remove(i->store, d, &c))
        return;
    if (atomic_load(&i->handlers_live) &&
        strcmp(kube_object_uid(c.old_obj), buf_str(&d->uid)) == 0) {
        kube_object_unref(c.old_obj);
        c.old_obj = draft_give_object(d);
    }
    notify(i, &c, false, false);
    store_change_release(&c);
}

void informer_apply(struct informer *i, enum watch_type type, const struct draft *d)
{
    informer_touch(i);
    pthread_mutex_lock(&i->delivery);
    if (type == WATCH_DELETED) {
        apply_deleted(i, d);
    } else {
        struct store_change c;
        store_put(i->store, d, &c);
        notify(i, &c, false, false);
        store_change_release(&c);
    }
    pthread_mutex_unlock(&i->delivery);
}

void informer_resync(struct informer *i)
{
    struct object_list all;
    pthread_mutex_lock(&i->delivery);
    if (atomic_load(&i->synced) && atomic_load(&i->handlers_live)) {
        store_list(i->store, NULL, &all);
        for (size_t n = 0; n < all.len; n++) {
            cleanup_kube_object struct kube_object *o = store_give_view(i->store, all.v[n]);
            deliver(i, &(struct informer_event){
                           .type = INFORMER_UPDATE, .old_obj = o, .new_obj = o, .resync = true });
        }
        drop_empty_places(i);
        object_list_release(&all);
    }
    pthread_mutex_unlock(&i->delivery);
}

/* ---- handlers ---- */

static void replay(struct informer *i, struct informer_handler *h)
{
    struct object_list all;
    store_list(i->store, NULL, &all);
    for (size_t n = 0; n < all.len; n++) {
        cleanup_kube_object struct kube_object *o = store_give_view(i->store, all.v[n]);
        call(i, h, &(struct informer_event){ .type = INFORMER_ADD, .new_obj = o, .initial = true });
    }
    object_list_release(&all);
    if (h->on_synced)
        h->on_synced(h);
}

static size_t place_of(const struct informer *i, const struct informer_handler *h)
{
    size_t n = 0;
    while (n < i->handlers_len && i->handlers[n] != h)
        n++;
    return n;
}

void informer_add_handler(struct informer *i, struct informer_handler *h)
{
    if (i->set) {
        informer_set_add_handler(i->set, h);
        return;
    }
    pthread_mutex_lock(&i->delivery);
    if (place_of(i, h) == i->handlers_len) {
        if (atomic_load(&i->synced))
            replay(i, h);
        i->handlers = xreallocarray(i->handlers, i->handlers_len + 1, sizeof(h));
        i->handlers[i->handlers_len++] = h;
        atomic_fetch_add(&i->handlers_live, 1);
    }
    pthread_mutex_unlock(&i->delivery);
}

void informer_remove_handler(struct informer *i, struct informer_handler *h)
{
    if (i->set) {
        informer_set_remove_handler(i->set, h);
        return;
    }
    pthread_mutex_lock(&i->delivery);
    size_t n = place_of(i, h);
    if (n < i->handlers_len) {
        i->handlers[n] = NULL;
        atomic_fetch_sub(&i->handlers_live, 1);
        drop_empty_places(i);
    }
    pthread_mutex_unlock(&i->delivery);
}

/* ---- reading ---- */

bool informer_has_synced(const struct informer *i)
{
    return i->set ? informer_set_has_synced(i->set) : atomic_load(&i->synced);
}

struct kube_object *informer_get(struct informer *i, const char *nspace, const char *name)
{
    return i->set ? informer_set_get(i->set, nspace, name) : store_find(i->store, nspace, name);
}

size_t informer_len(struct informer *i)
{
    return i->set ? informer_set_sum(i->set, informer_len) : store_len(i->store);
}

size_t informer_bytes(struct informer *i)
{
    return i->set ? informer_set_sum(i->set, informer_bytes) : store_bytes(i->store);
}

static void each(struct informer *i, struct object_list *l, informer_each_fn fn, void *arg)
{
    for (size_t n = 0; n < l->len; n++) {
        cleanup_kube_object struct kube_object *o = store_give_view(i->store, l->v[n]);
        fn(arg, o);
    }
    object_list_release(l);
}

void informer_each(struct informer *i, const char *nspace, informer_each_fn fn, void *arg)
{
    struct object_list l;
    if (i->set) {
        informer_set_each(i->set, nspace, fn, arg);
        return;
    }
    store_list(i->store, nspace, &l);
    each(i, &l, fn, arg);
}

void informer_add_index(struct informer *i, const char *name, index_fn fn)
{
    if (i->set)
        informer_set_add_index(i->set, name, fn);
    else
        store_add_index(i->store, name, fn);
}

void informer_each_indexed(struct informer *i, const char *index, const char *value,
                           informer_each_fn fn, void *arg)
{
    struct object_list l;
    if (i->set) {
        informer_set_each_indexed(i->set, index, value, fn, arg);
        return;
    }
    store_list_indexed(i->store, index, value, &l);
    each(i, &l, fn, arg);
}
