#include <malloc.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store_impl.h"

#define TRIM_BYTES ((size_t)8 << 20)

/*
 * An object that the list in progress holds carries the store's mark. One byte is enough: each commit
 * leaves only objects with the present mark, later ones are born with 0, and no mark is 0.
 */
static void new_mark(struct store *s)
{
    if (++s->mark == 0)
        s->mark = 1;
}

void store_stage_begin(struct store *s, struct store_stage *st)
{
    *st = (struct store_stage){ .store = s };
    new_mark(s);
}

static struct store_change *add_place(struct store_stage *st)
{
    if (st->len == st->cap) {
        st->cap = st->cap ? st->cap * 2 : 64;
        st->v = xreallocarray(st->v, st->cap, sizeof(*st->v));
    }
    st->v[st->len] = (struct store_change){ 0 };
    return &st->v[st->len++];
}

static bool has_text(struct store *s, struct kube_object *o, const struct draft *d)
{
    size_t len;
    cleanup_kube_object struct kube_object *view = store_give_view(s, o);
    const char *text = kube_object_bytes(view, &len);
    return len == d->text.len && memcmp(text, d->text.data, len) == 0;
}

static bool is_unchanged(const struct store_stage *st, struct kube_object *o, const struct draft *d)
{
    return strcmp(kube_object_resource_version(o), d->version.data) == 0 &&
           strcmp(kube_object_uid(o), buf_str(&d->uid)) == 0 &&
           (!st->strict || has_text(st->store, o, d));
}

static void mark_seen(struct store *s, struct kube_object *o, struct kube_object *known)
{
    o->mark = s->mark;
    if (known)
        known->mark = s->mark;
}

void store_stage_add(struct store_stage *st, const struct draft *d)
{
    struct store *s = st->store;
    struct object_key key = store_key_of_draft(s, d);
    struct kube_object *known = table_find(&s->table, &key); /* only the writer changes the table */
    struct store_change *c = add_place(st);
    c->is_shared = known && is_unchanged(st, known, d);
    c->new_obj = c->is_shared ? kube_object_ref(known) : store_give_object(s, d, key.hash);
    mark_seen(s, c->new_obj, known);
    if (!s->codec) {
        st->plain_bytes += d->text.len;
        store_pack_if_large(s, st);
    }
}

void store_stage_remove(struct store_stage *st, const struct draft *d)
{
    struct object_key key = store_key_of_draft(st->store, d);
    struct store_change *c = add_place(st);
    c->old_obj = draft_give_object(d);
    c->old_obj->hash = key.hash;
    c->is_tombstone = true;
}

static void drop_from(struct store_stage *st, size_t len)
{
    while (st->len > len)
        store_change_release(&st->v[--st->len]);
}

void store_stage_cut(struct store_stage *st, size_t len)
{
    struct store *s = st->store;
    if (len >= st->len)
        return;
    drop_from(st, len);
    new_mark(s); /* what was dropped counts as not seen */
    for (size_t i = 0; i < st->len; i++) {
        struct kube_object *o = st->v[i].new_obj;
        if (!o)
            continue;
        struct object_key key = object_key_of(o);
        mark_seen(s, o, table_find(&s->table, &key));
    }
}

void store_stage_release(struct store_stage *st)
{
    drop_from(st, 0);
    free(st->v);
    *st = (struct store_stage){ .store = st->store };
}

/* With mu held. */
static void sweep(struct store *s, struct store_stage *gone)
{
    for (size_t i = 0; i < s->table.cap; i++) {
        struct kube_object *o = s->table.slots[i];
        if (o && o->mark != s->mark)
            add_place(gone)->old_obj = o;
    }
    for (size_t i = 0; i < gone->len; i++) {
        struct object_key key = object_key_of(gone->v[i].old_obj);
        (void)store_unlink(s, &key); /* its reference is now the change's */
    }
}

/* With mu held. */
static void settle(struct store *s, struct store_change *c)
{
    if (c->is_tombstone) {
        struct object_key key = object_key_of(c->old_obj);
        struct kube_object *old = store_unlink(s, &key);
        if (!old) /* nobody knew it */
            store_change_release(c);
        kube_object_unref(old);
        return;
    }
    struct object_key key = object_key_of(c->new_obj);
    if (table_find(&s->table, &key) == c->new_obj) {
        store_change_release(c);
        return;
    }
    c->old_obj = store_link(s, kube_object_ref(c->new_obj));
}

void store_stage_commit(struct store_stage *st, struct store_stage *ret_gone)
{
    struct store *s = st->store;
    *ret_gone = (struct store_stage){ .store = s };
    pthread_mutex_lock(&s->mu);
    size_t before = s->objects_bytes;
    sweep(s, ret_gone);
    for (size_t i = 0; i < st->len; i++)
        settle(s, &st->v[i]);
    size_t after = s->objects_bytes;
    pthread_mutex_unlock(&s->mu);
    if (before > after && before - after > TRIM_BYTES)
        (void)malloc_trim(0);
}
