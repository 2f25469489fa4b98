/*
 * Open addressing with linear probing. A removed entry leaves a tombstone, so that iteration may
 * delete the current key; growing drops the tombstones. Keys are hashed with SipHash-1-3 (Aumasson,
 * Bernstein) under the 16 random bytes that the kernel gives every process (AT_RANDOM): no state of
 * our own.
 */
#include "pkg/base/map.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#include "pkg/base/mem.h"

struct entry {
    char *key; /* NULL: never used; &tombstone: removed */
    size_t key_len;
    uint64_t hash;
    void *value;
};

struct map {
    struct entry *entries;
    size_t cap;  /* a power of two, or 0 */
    size_t used; /* live entries and tombstones */
    size_t len;  /* live entries */
    void (*free_value)(void *);
    uint64_t seed[2];
};

#define MAP_CAP_MIN 16

/* Only its address is used; not const, because entry.key is not. */
static char tombstone[1];

static bool is_live(const struct entry *e)
{
    return e->key && e->key != tombstone;
}

static uint64_t rotl(uint64_t x, unsigned n)
{
    return (x << n) | (x >> (64 - n));
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

static uint64_t hash_key(const uint64_t seed[2], const char *key, size_t len)
{
    uint64_t v[4] = {
        seed[0] ^ UINT64_C(0x736f6d6570736575),
        seed[1] ^ UINT64_C(0x646f72616e646f6d),
        seed[0] ^ UINT64_C(0x6c7967656e657261),
        seed[1] ^ UINT64_C(0x7465646279746573),
    };
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t word;
        memcpy(&word, key + i, 8);
        sip_word(v, word);
    }
    uint64_t last = 0;
    if (i < len)
        memcpy(&last, key + i, len - i);
    sip_word(v, last | ((uint64_t)(len & 0xff) << 56));
    v[2] ^= 0xff;
    for (int round = 0; round < 3; round++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct map *map_new(void (*free_value)(void *))
{
    struct map *m = xnew(struct map);
    m->free_value = free_value;
    const void *random = (const void *)getauxval(AT_RANDOM); /* NOLINT(performance-no-int-to-ptr) */
    if (random)
        memcpy(m->seed, random, sizeof(m->seed));
    return m;
}

void map_clear(struct map *m)
{
    for (size_t i = 0; i < m->cap; i++) {
        struct entry *e = &m->entries[i];
        if (!is_live(e))
            continue;
        free(e->key);
        if (m->free_value)
            m->free_value(e->value);
    }
    free(m->entries);
    m->entries = NULL;
    m->cap = m->used = m->len = 0;
}

void map_free(struct map *m)
{
    if (!m)
        return;
    map_clear(m);
    free(m);
}

size_t map_len(const struct map *m)
{
    return m->len;
}

static struct entry *find(const struct map *m, uint64_t hash, const char *key, size_t len)
{
    if (m->cap == 0)
        return NULL;
    for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        struct entry *e = &m->entries[i];
        if (!e->key)
            return NULL;
        if (e->key != tombstone && e->hash == hash && e->key_len == len &&
            memcmp(e->key, key, len) == 0)
            return e;
    }
}

void *map_get_n(const struct map *m, const char *key, size_t key_len)
{
    const struct entry *e = find(m, hash_key(m->seed, key, key_len), key, key_len);
    return e ? e->value : NULL;
}

void *map_get(const struct map *m, const char *key)
{
    return map_get_n(m, key, strlen(key));
}

bool map_has(const struct map *m, const char *key)
{
    return map_get(m, key) != NULL;
}

/* For entries known to be absent, in a table with room. */
static void place(struct map *m, const struct entry *new_entry)
{
    size_t i = new_entry->hash & (m->cap - 1);
    while (m->entries[i].key)
        i = (i + 1) & (m->cap - 1);
    m->entries[i] = *new_entry;
    m->used++;
    m->len++;
}

/* Room for one more at a load of at most 3/4; also the moment that drops tombstones. */
static void make_room(struct map *m)
{
    if (m->used + 1 <= m->cap / 4 * 3)
        return;
    struct entry *old = m->entries;
    size_t old_cap = m->cap;
    size_t cap = MAP_CAP_MIN;
    while (m->len + 1 > cap / 2)
        cap *= 2;
    m->entries = xcalloc(cap, sizeof(*m->entries));
    m->cap = cap;
    m->used = m->len = 0;
    for (size_t i = 0; i < old_cap; i++) {
        if (is_live(&old[i]))
            place(m, &old[i]);
    }
    free(old);
}

void map_set_n(struct map *m, const char *key, size_t key_len, void *value)
{
    assert(value);
    uint64_t hash = hash_key(m->seed, key, key_len);
    struct entry *e = find(m, hash, key, key_len);
    if (e) {
        void *former = e->value;
        e->value = value;
        if (m->free_value && former != value)
            m->free_value(former);
        return;
    }
    make_room(m);
    struct entry added = { xmemdup(key, key_len), key_len, hash, value };
    place(m, &added);
}

void map_set(struct map *m, const char *key, void *value)
{
    map_set_n(m, key, strlen(key), value);
}

void *map_take(struct map *m, const char *key)
{
    size_t len = strlen(key);
    struct entry *e = find(m, hash_key(m->seed, key, len), key, len);
    if (!e)
        return NULL;
    free(e->key);
    e->key = tombstone;
    m->len--;
    return e->value;
}

bool map_del(struct map *m, const char *key)
{
    void *value = map_take(m, key);
    if (value && m->free_value)
        m->free_value(value);
    return value != NULL;
}

bool map_next(const struct map *m, struct map_iter *it)
{
    while (it->pos_ < m->cap) {
        const struct entry *e = &m->entries[it->pos_++];
        if (!is_live(e))
            continue;
        it->key = e->key;
        it->value = e->value;
        return true;
    }
    it->key = NULL;
    it->value = NULL;
    return false;
}
