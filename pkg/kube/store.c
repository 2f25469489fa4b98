#include "pkg/kube/store.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/kube/store_impl.h"

#define PACK_ABOVE_DEFAULT ((size_t)1 << 20)

struct store *store_new(const struct store_options *opt)
{
    struct store *s = xnew(struct store);
    mutex_init(&s->mu);
    s->nspaces = map_new(free);
    s->seed = opt->rng->next(opt->rng);
    s->pack_above = opt->pack_above ? opt->pack_above : PACK_ABOVE_DEFAULT;
    return s;
}

void store_free(struct store *s)
{
    if (!s)
        return;
    while (s->indexes) {
        struct store_index *next = s->indexes->next;
        store_index_free(s->indexes);
        s->indexes = next;
    }
    for (size_t i = 0; i < s->table.cap; i++)
        kube_object_unref(s->table.slots[i]);
    table_release(&s->table);
    map_free(s->nspaces);
    store_drop_fresh(s);
    codec_unref(s->codec);
    packer_free(s->packer);
    pthread_mutex_destroy(&s->mu);
    free(s);
}

struct kube_object *store_find(struct store *s, const char *nspace, const char *name)
{
    struct object_key key =
        object_key(s->seed, nspace, nspace ? strlen(nspace) : 0, name, strlen(name));
    pthread_mutex_lock(&s->mu);
    struct kube_object *o = kube_object_ref(table_find(&s->table, &key));
    pthread_mutex_unlock(&s->mu);
    if (!o)
        return NULL;
    struct kube_object *view = store_give_view(s, o);
    kube_object_unref(o);
    return view;
}

size_t store_len(struct store *s)
{
    pthread_mutex_lock(&s->mu);
    size_t len = s->table.len;
    pthread_mutex_unlock(&s->mu);
    return len;
}

size_t store_bytes(struct store *s)
{
    pthread_mutex_lock(&s->mu);
    size_t bytes = sizeof(*s) + s->objects_bytes + s->table.cap * sizeof(struct kube_object *) +
                   store_indexes_bytes(s) + (s->codec ? codec_bytes(s->codec) : 0);
    pthread_mutex_unlock(&s->mu);
    return bytes;
}

void object_list_add_table(struct object_list *l, const struct table *t)
{
    l->v = xreallocarray(l->v, l->len + t->len + 1, sizeof(struct kube_object *));
    for (size_t i = 0; i < t->cap; i++) {
        if (t->slots[i])
            l->v[l->len++] = kube_object_ref(t->slots[i]);
    }
}

static struct kube_object *of_ring(struct ring *r)
{
    return container_of(r, struct kube_object, ring);
}

void store_list(struct store *s, const char *nspace, struct object_list *ret)
{
    *ret = (struct object_list){ 0 };
    pthread_mutex_lock(&s->mu);
    if (!nspace) {
        object_list_add_table(ret, &s->table);
    } else {
        struct store_nspace *n = map_get(s->nspaces, nspace);
        if (n) {
            ret->v = xreallocarray(NULL, n->len, sizeof(struct kube_object *));
            for (struct ring *r = n->objects.next; r != &n->objects; r = r->next)
                ret->v[ret->len++] = kube_object_ref(of_ring(r));
        }
    }
    pthread_mutex_unlock(&s->mu);
}

void object_list_release(struct object_list *l)
{
    for (size_t i = 0; i < l->len; i++)
        kube_object_unref(l->v[i]);
    free(l->v);
    *l = (struct object_list){ 0 };
}

void store_change_release(struct store_change *c)
{
    kube_object_unref(c->old_obj);
    kube_object_unref(c->new_obj);
    *c = (struct store_change){ 0 };
}

struct object_key store_key_of_draft(const struct store *s, const struct draft *d)
{
    return object_key(s->seed, d->nspace.data, d->nspace.len, d->name.data, d->name.len);
}

static void nspace_join(struct store *s, struct kube_object *o)
{
    struct store_nspace *n = map_get_n(s->nspaces, kube_object_namespace(o), o->nspace_len);
    if (!n) {
        n = xnew(struct store_nspace);
        n->objects = (struct ring){ &n->objects, &n->objects };
        map_set_n(s->nspaces, kube_object_namespace(o), o->nspace_len, n);
    }
    n->len++;
    o->ring = (struct ring){ n->objects.prev, &n->objects };
    o->ring.prev->next = o->ring.next->prev = &o->ring;
}

static void nspace_leave(struct store *s, struct kube_object *o)
{
    struct store_nspace *n = map_get_n(s->nspaces, kube_object_namespace(o), o->nspace_len);
    o->ring.prev->next = o->ring.next;
    o->ring.next->prev = o->ring.prev;
    if (--n->len == 0)
        map_del(s->nspaces, kube_object_namespace(o));
}

/* Everything but the indexes. */
static struct kube_object *link_object(struct store *s, struct kube_object *o)
{
    struct kube_object *old = table_put(&s->table, o);
    if (old) { /* takes its place in the namespace, too */
        o->ring = old->ring;
        o->ring.prev->next = o->ring.next->prev = &o->ring;
        s->objects_bytes -= kube_object_footprint(old);
    } else {
        nspace_join(s, o);
    }
    s->objects_bytes += kube_object_footprint(o);
    return old;
}

struct kube_object *store_link(struct store *s, struct kube_object *o)
{
    struct kube_object *old = link_object(s, o);
    store_indexes_update(s, old, o);
    return old;
}

struct kube_object *store_relink(struct store *s, struct kube_object *o)
{
    struct kube_object *old = link_object(s, o);
    store_indexes_replace(s, old, o);
    return old;
}

struct kube_object *store_unlink(struct store *s, const struct object_key *key)
{
    struct kube_object *old = table_remove(&s->table, key);
    if (!old)
        return NULL;
    nspace_leave(s, old);
    s->objects_bytes -= kube_object_footprint(old);
    store_indexes_update(s, old, NULL);
    return old;
}

void store_put(struct store *s, const struct draft *d, struct store_change *ret)
{
    struct object_key key = store_key_of_draft(s, d);
    struct kube_object *o = draft_give_object(d);
    o->hash = key.hash;
    pthread_mutex_lock(&s->mu);
    struct kube_object *old = store_link(s, o);
    pthread_mutex_unlock(&s->mu);
    *ret = (struct store_change){ .old_obj = old, .new_obj = kube_object_ref(o) };
    if (s->codec)
        store_add_fresh(s, o);
    else
        store_pack_if_large(s, NULL);
}

bool store_remove(struct store *s, const struct draft *d, struct store_change *ret)
{
    struct object_key key = store_key_of_draft(s, d);
    pthread_mutex_lock(&s->mu);
    struct kube_object *old = store_unlink(s, &key);
    pthread_mutex_unlock(&s->mu);
    *ret = (struct store_change){ .old_obj = old };
    return old;
}
