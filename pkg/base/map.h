/*
 * map.h - hash map from byte-string keys to pointers. The hash is seeded per process, so that a peer who
 * chooses keys cannot force collisions. Iteration order is unspecified. Threads: one at a time.
 */
#ifndef PKG_BASE_MAP_H
#define PKG_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/cleanup.h"

struct map; /* opaque */

/* free_value may be NULL (values are not owned). */
struct map *map_new(void (*free_value)(void *));
void map_free(struct map *m);
size_t map_len(const struct map *m);
void *map_get(const struct map *m, const char *key); /* borrowed; NULL when absent */
void *map_get_n(const struct map *m, const char *key, size_t key_len);
bool map_has(const struct map *m, const char *key);
/* Inserts or replaces (freeing the former value). Copies the key. value must not be NULL. */
void map_set(struct map *m, const char *key, void *value);
void map_set_n(struct map *m, const char *key, size_t key_len, void *value);
bool map_del(struct map *m, const char *key);   /* frees the value; false when absent */
void *map_take(struct map *m, const char *key); /* removes and hands the value over */
void map_clear(struct map *m);

/* for (struct map_iter it = { 0 }; map_next(m, &it);) use it.key, it.value. Deleting it.key is allowed. */
struct map_iter {
    const char *key;
    void *value;
    size_t pos_;
};
bool map_next(const struct map *m, struct map_iter *it);

DEFINE_RELEASE(struct map *, map_free)
#define cleanup_map CLEANUP_WITH(map_free_slot)

#endif
