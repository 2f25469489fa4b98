/*
 * workqueue_heap.h - the order in which a queue's entries come: by rank, and by turn within a rank.
 * Private to pkg/controller. Nodes are embedded in what they order and are not owned. Threads: one
 * at a time.
 */
#ifndef PKG_CONTROLLER_WORKQUEUE_HEAP_H
#define PKG_CONTROLLER_WORKQUEUE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    int64_t rank;  /* lowest first */
    uint64_t turn; /* then the lowest of these */
    size_t place;  /* 1-based place in the heap; 0: in none */
};

struct heap {
    struct heap_node **v;
    size_t len, cap;
};

void heap_release(struct heap *h);
void heap_push(struct heap *h, struct heap_node *n); /* n must be in no heap */
struct heap_node *heap_top(const struct heap *h);    /* NULL when empty */
void heap_remove(struct heap *h, struct heap_node *n);

static inline bool heap_has(const struct heap_node *n)
{
    return n->place != 0;
}

#endif
