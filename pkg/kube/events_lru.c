#include "pkg/kube/events_lru.h"

#include <stdlib.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"

struct node {
    struct node *newer, *older;
    char *key;
    void *value;
};

struct lru {
    struct map *nodes; /* key to struct node; not owned by the map */
    struct node *newest, *oldest;
    size_t max;
    void (*free_value)(void *);
};

struct lru *lru_new(size_t max, void (*free_value)(void *))
{
    struct lru *l = xnew(struct lru);
    l->nodes = map_new(NULL);
    l->max = max;
    l->free_value = free_value;
    return l;
}

static void unlink_node(struct lru *l, struct node *n)
{
    if (n->newer)
        n->newer->older = n->older;
    else
        l->newest = n->older;
    if (n->older)
        n->older->newer = n->newer;
    else
        l->oldest = n->newer;
}

static void link_newest(struct lru *l, struct node *n)
{
    n->newer = NULL;
    n->older = l->newest;
    if (n->older)
        n->older->newer = n;
    else
        l->oldest = n;
    l->newest = n;
}

static void free_node(struct lru *l, struct node *n)
{
    l->free_value(n->value);
    free(n->key);
    free(n);
}

static void drop(struct lru *l, struct node *n)
{
    unlink_node(l, n);
    map_del(l->nodes, n->key);
    free_node(l, n);
}

void lru_free(struct lru *l)
{
    if (!l)
        return;
    for (struct node *n = l->newest, *older; n; n = older) {
        older = n->older;
        free_node(l, n);
    }
    map_free(l->nodes);
    free(l);
}

void *lru_get(struct lru *l, const char *key)
{
    struct node *n = map_get(l->nodes, key);
    if (!n)
        return NULL;
    unlink_node(l, n);
    link_newest(l, n);
    return n->value;
}

void lru_put(struct lru *l, const char *key, void *value)
{
    struct node *n = map_get(l->nodes, key);
    if (n)
        drop(l, n);
    n = xnew(struct node);
    n->key = xstrdup(key);
    n->value = value;
    map_set(l->nodes, key, n);
    link_newest(l, n);
    if (map_len(l->nodes) > l->max)
        drop(l, l->oldest);
}

bool lru_next(const struct lru *l, struct lru_iter *it)
{
    const struct node *at = it->at_;
    struct node *n = it->began_ ? at->older : l->newest;
    it->began_ = n != NULL;
    it->at_ = n;
    it->value = n ? n->value : NULL;
    return n != NULL;
}
