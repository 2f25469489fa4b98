#include "pkg/kube/store_table.h"

#include <string.h>

#include "pkg/base/mem.h"

#define CAP_MIN 16

/* 64 x 64 -> 128 bit product, folded. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t m = (__uint128_t)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t hash_bytes(uint64_t h, const char *p, size_t len)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        h = mix(h ^ word, odd);
    }
    uint64_t word = 0;
    memcpy(&word, p, len);
    return mix(h ^ word, odd ^ (uint64_t)len << 56);
}

struct object_key object_key(uint64_t seed, const char *nspace, size_t nspace_len, const char *name,
                             size_t name_len)
{
    uint64_t h = seed;
    if (nspace_len)
        h = hash_bytes(h, nspace, nspace_len);
    h = hash_bytes(mix(h, seed | 1), name, name_len);
    return (struct object_key){ .nspace = nspace_len ? nspace : "",
                                .name = name,
                                .nspace_len = nspace_len,
                                .name_len = name_len,
                                .hash = (uint32_t)(h ^ h >> 32) };
}

struct object_key object_key_of(const struct kube_object *o)
{
    return (struct object_key){ .nspace = kube_object_namespace(o),
                                .name = kube_object_name(o),
                                .nspace_len = o->nspace_len,
                                .name_len = o->name_len,
                                .hash = o->hash };
}

void table_release(struct table *t)
{
    free(t->slots);
    *t = (struct table){ 0 };
}

static bool has_key(const struct kube_object *o, const struct object_key *key)
{
    return o->hash == key->hash && o->name_len == key->name_len &&
           o->nspace_len == key->nspace_len &&
           memcmp(kube_object_name(o), key->name, key->name_len) == 0 &&
           memcmp(kube_object_namespace(o), key->nspace, key->nspace_len) == 0;
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t find_slot(const struct table *t, const struct object_key *key)
{
    size_t i = key->hash & (t->cap - 1);
    while (t->slots[i] && !has_key(t->slots[i], key))
        i = (i + 1) & (t->cap - 1);
    return i;
}

struct kube_object *table_find(const struct table *t, const struct object_key *key)
{
    return t->cap ? t->slots[find_slot(t, key)] : NULL;
}

static void resize(struct table *t, size_t cap)
{
    struct kube_object **slots = xcalloc(cap, sizeof(struct kube_object *));
    for (size_t i = 0; i < t->cap; i++) {
        struct kube_object *o = t->slots[i];
        if (!o)
            continue;
        size_t j = o->hash & (cap - 1);
        while (slots[j])
            j = (j + 1) & (cap - 1);
        slots[j] = o;
    }
    free(t->slots);
    t->slots = slots;
    t->cap = cap;
}

struct kube_object *table_put(struct table *t, struct kube_object *o)
{
    if ((t->len + 1) * 5 > t->cap * 4) /* at most 80 % full */
        resize(t, t->cap ? t->cap * 2 : CAP_MIN);
    struct object_key key = object_key_of(o);
    size_t i = find_slot(t, &key);
    struct kube_object *old = t->slots[i];
    t->slots[i] = o;
    t->len += !old;
    return old;
}

struct kube_object *table_remove(struct table *t, const struct object_key *key)
{
    if (!t->cap)
        return NULL;
    size_t hole = find_slot(t, key), mask = t->cap - 1;
    struct kube_object *old = t->slots[hole];
    if (!old)
        return NULL;

    /* What follows moves back, unless it would leave the reach of its own hash. */
    for (size_t i = (hole + 1) & mask; t->slots[i]; i = (i + 1) & mask) {
        size_t home = t->slots[i]->hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            t->slots[hole] = t->slots[i];
            hole = i;
        }
    }
    t->slots[hole] = NULL;
    t->len--;
    if (t->cap > CAP_MIN && t->len * 8 < t->cap)
        resize(t, t->cap / 2);
    return old;
}
