#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store_impl.h"

static void free_table(void *t)
{
    table_release(t);
    free(t);
}

struct emitting {
    struct store_index *index;
    struct kube_object *object; /* as stored */
};

static void emit_add(void *arg, const char *value)
{
    struct emitting *e = arg;
    struct table *t = map_get(e->index->values, value);
    if (!t) {
        t = xnew(struct table);
        map_set(e->index->values, value, t);
    }
    (void)table_put(t, e->object); /* the same value twice: the same place */
}

static void emit_remove(void *arg, const char *value)
{
    struct emitting *e = arg;
    struct table *t = map_get(e->index->values, value);
    if (!t)
        return;
    struct object_key key = object_key_of(e->object);
    (void)table_remove(t, &key);
    if (!t->len)
        map_del(e->index->values, value);
}

static void emit_replace(void *arg, const char *value)
{
    struct emitting *e = arg;
    struct table *t = map_get(e->index->values, value);
    if (t)
        (void)table_put(t, e->object);
}

static void index_apply(struct store *s, struct store_index *x, struct kube_object *o,
                        index_emit_fn emit)
{
    struct emitting e = { .index = x, .object = o };
    cleanup_kube_object struct kube_object *view = store_give_view(s, o);
    x->fn(view, emit, &e);
}

void store_index_add(struct store *s, struct store_index *x, struct kube_object *o)
{
    index_apply(s, x, o, emit_add);
}

void store_indexes_update(struct store *s, struct kube_object *old_obj, struct kube_object *new_obj)
{
    for (struct store_index *x = s->indexes; x; x = x->next) {
        if (old_obj)
            index_apply(s, x, old_obj, emit_remove);
        if (new_obj)
            index_apply(s, x, new_obj, emit_add);
    }
}

void store_indexes_replace(struct store *s, struct kube_object *old_obj,
                           struct kube_object *new_obj)
{
    for (struct store_index *x = s->indexes; x; x = x->next) {
        struct emitting e = { .index = x, .object = new_obj };
        cleanup_kube_object struct kube_object *view = store_give_view(s, old_obj);
        x->fn(view, emit_replace, &e);
    }
}

void store_index_free(struct store_index *x)
{
    map_free(x->values);
    free(x->name);
    free(x);
}

static struct store_index *find_index(const struct store *s, const char *name)
{
    struct store_index *x = s->indexes;
    while (x && strcmp(x->name, name) != 0)
        x = x->next;
    return x;
}

size_t store_indexes_bytes(const struct store *s)
{
    size_t bytes = 0;
    for (const struct store_index *x = s->indexes; x; x = x->next) {
        for (struct map_iter it = { 0 }; map_next(x->values, &it);) {
            const struct table *t = it.value;
            bytes += sizeof(*t) + t->cap * sizeof(struct kube_object *);
        }
    }
    return bytes;
}

void store_add_index(struct store *s, const char *name, index_fn fn)
{
    pthread_mutex_lock(&s->mu);
    if (!find_index(s, name)) {
        struct store_index *x = xnew(struct store_index);
        x->name = xstrdup(name);
        x->fn = fn;
        x->values = map_new(free_table);
        x->next = s->indexes;
        s->indexes = x;
        for (size_t i = 0; i < s->table.cap; i++) {
            if (s->table.slots[i])
                store_index_add(s, x, s->table.slots[i]);
        }
    }
    pthread_mutex_unlock(&s->mu);
}

void store_list_indexed(struct store *s, const char *index, const char *value,
                        struct object_list *ret)
{
    *ret = (struct object_list){ 0 };
    pthread_mutex_lock(&s->mu);
    struct store_index *x = find_index(s, index);
    const struct table *t = x ? map_get(x->values, value) : NULL;
    if (t)
        object_list_add_table(ret, t);
    pthread_mutex_unlock(&s->mu);
}
