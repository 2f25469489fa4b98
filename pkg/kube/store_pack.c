/*
 * When a store holds enough objects to learn from, it makes a codec and packs them all. Later ones are
 * packed as a list brings them; those of events in batches, for which dictionary and code come into
 * the processor's caches only once, and without those that were replaced meanwhile. Small stores stay
 * plain: there is nothing to win.
 */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store_impl.h"

#define SAMPLES_MAX 1024
#define FRESH_BYTES ((size_t)256 << 10)

struct kube_object *store_give_object(struct store *s, const struct draft *d, uint32_t hash)
{
    const char *packed;
    size_t len = 0; /* 0: packing does not pay */
    if (s->codec)
        len = packer_pack(s->packer, s->codec, d->text.data, d->text.len, &packed);
    struct kube_object *o = len ? draft_give_packed(d, packed, len) : draft_give_object(d);
    o->hash = hash;
    return o;
}

struct kube_object *store_give_view(struct store *s, struct kube_object *o)
{
    if (o->flags & OBJECT_PACKED)
        return object_give_lazy(o, s->codec);
    return kube_object_ref(o);
}

/* ---- the moment when packing begins ---- */

static void add_sample(struct codec_sample *samples, size_t *n, const struct kube_object *o)
{
    size_t len;
    const char *text = kube_object_bytes(o, &len);
    samples[(*n)++] = (struct codec_sample){ .text = text, .len = len };
}

/* Evenly from what there is: from the stage if there is one, else from the table. */
static struct codec *give_codec(const struct store *s, const struct store_stage *st)
{
    struct codec_sample *samples = xreallocarray(NULL, SAMPLES_MAX + 1, sizeof(*samples));
    size_t n = 0, len = st ? st->len : s->table.cap;
    size_t step = (st ? st->len : s->table.len) / SAMPLES_MAX + 1, seen = 0;
    for (size_t i = 0; i < len; i++) {
        const struct kube_object *o = st ? st->v[i].new_obj : s->table.slots[i];
        if (o && seen++ % step == 0 && n < SAMPLES_MAX)
            add_sample(samples, &n, o);
    }
    struct codec *codec = codec_new(samples, n);
    free(samples);
    return codec;
}

/* A packed copy of a plain object that somebody holds, or NULL. */
static struct kube_object *give_repacked(struct store *s, const struct kube_object *o)
{
    const char *packed;
    size_t len = packer_pack(s->packer, s->codec, kube_object_bytes(o, NULL), o->text_len, &packed);
    if (!len)
        return NULL;
    struct kube_object *copy = object_give_packed(o, packed, len);
    copy->hash = o->hash;
    copy->mark = o->mark;
    return copy;
}

/* With mu held. */
static void pack_table(struct store *s)
{
    struct object_list all = { 0 };
    object_list_add_table(&all, &s->table);
    for (size_t i = 0; i < all.len; i++) {
        struct kube_object *packed = give_repacked(s, all.v[i]);
        if (packed)
            kube_object_unref(store_relink(s, packed));
    }
    object_list_release(&all);
}

/* What the stage shares with the table has another form there by now. */
static void pack_stage(struct store *s, struct store_stage *st)
{
    for (size_t i = 0; i < st->len; i++) {
        struct kube_object *o = st->v[i].new_obj, *now;
        if (!o)
            continue;
        struct object_key key = object_key_of(o);
        if (st->v[i].is_shared)
            now = kube_object_ref(table_find(&s->table, &key));
        else
            now = give_repacked(s, o);
        if (!now)
            continue;
        kube_object_unref(o);
        st->v[i].new_obj = now;
    }
    st->plain_bytes = 0;
}

void store_pack_if_large(struct store *s, struct store_stage *st)
{
    size_t plain = s->objects_bytes; /* only the writer, who is here, changes it */
    if (st && st->plain_bytes > plain)
        plain = st->plain_bytes; /* not the sum: they may be the same objects */
    if (s->codec || plain <= s->pack_above)
        return;
    struct codec *codec = give_codec(s, st);
    pthread_mutex_lock(&s->mu);
    s->codec = codec;
    s->packer = packer_new();
    pack_table(s);
    pthread_mutex_unlock(&s->mu);
    if (st)
        pack_stage(s, st);
}

/* ---- objects of events ---- */

void store_drop_fresh(struct store *s)
{
    while (s->fresh_len)
        kube_object_unref(s->fresh[--s->fresh_len]);
    s->fresh_bytes = 0;
}

static void pack_fresh(struct store *s)
{
    for (size_t i = 0; i < s->fresh_len; i++) {
        struct kube_object *o = s->fresh[i];
        struct object_key key = object_key_of(o);
        struct kube_object *packed = table_find(&s->table, &key) == o ? give_repacked(s, o) : NULL;
        if (!packed)
            continue;
        pthread_mutex_lock(&s->mu);
        struct kube_object *old = store_relink(s, packed);
        pthread_mutex_unlock(&s->mu);
        kube_object_unref(old);
    }
    store_drop_fresh(s);
}

void store_add_fresh(struct store *s, struct kube_object *o)
{
    s->fresh[s->fresh_len++] = kube_object_ref(o);
    s->fresh_bytes += o->text_len;
    if (s->fresh_len == STORE_FRESH_MAX || s->fresh_bytes > FRESH_BYTES)
        pack_fresh(s);
}
