/*
 * events_lru.h - a map that keeps the most recently used entries. Private to pkg/kube.
 * Threads: one at a time.
 */
#ifndef PKG_KUBE_EVENTS_LRU_H
#define PKG_KUBE_EVENTS_LRU_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/cleanup.h"

struct lru;

struct lru *lru_new(size_t max, void (*free_value)(void *));
void lru_free(struct lru *l);
/* The value, which becomes the most recently used; borrowed until the next lru_put; NULL when absent. */
void *lru_get(struct lru *l, const char *key);
/* Takes the value over; replaces (and frees) a former one; frees the least recently used beyond max. */
void lru_put(struct lru *l, const char *key, void *value);
/* for (struct lru_iter it = { 0 }; lru_next(l, &it);) use it.value, newest first; no put or get meanwhile. */
struct lru_iter {
    void *value;
    void *at_;
    bool began_;
};
bool lru_next(const struct lru *l, struct lru_iter *it);

DEFINE_RELEASE(struct lru *, lru_free)
#define cleanup_lru CLEANUP_WITH(lru_free_slot)

#endif
