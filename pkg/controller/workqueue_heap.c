#include "pkg/controller/workqueue_heap.h"

#include <stdlib.h>

#include "pkg/base/mem.h"

#define HEAP_CAP_MIN 16

void heap_release(struct heap *h)
{
    free(h->v);
    *h = (struct heap){ 0 };
}

static bool before(const struct heap_node *a, const struct heap_node *b)
{
    return a->rank != b->rank ? a->rank < b->rank : a->turn < b->turn;
}

static void put(struct heap *h, size_t i, struct heap_node *n)
{
    h->v[i] = n;
    n->place = i + 1;
}

static void sift_up(struct heap *h, size_t i, struct heap_node *n)
{
    for (; i > 0 && before(n, h->v[(i - 1) / 2]); i = (i - 1) / 2)
        put(h, i, h->v[(i - 1) / 2]);
    put(h, i, n);
}

static void sift_down(struct heap *h, size_t i, struct heap_node *n)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= h->len)
            break;
        if (child + 1 < h->len && before(h->v[child + 1], h->v[child]))
            child++;
        if (!before(h->v[child], n))
            break;
        put(h, i, h->v[child]);
        i = child;
    }
    put(h, i, n);
}

static void resize(struct heap *h, size_t cap)
{
    h->v = xreallocarray(h->v, cap, sizeof(struct heap_node *));
    h->cap = cap;
}

void heap_push(struct heap *h, struct heap_node *n)
{
    if (h->len == h->cap)
        resize(h, h->cap ? h->cap * 2 : HEAP_CAP_MIN);
    sift_up(h, h->len++, n);
}

struct heap_node *heap_top(const struct heap *h)
{
    return h->len ? h->v[0] : NULL;
}

void heap_remove(struct heap *h, struct heap_node *n)
{
    size_t i = n->place - 1;
    struct heap_node *last = h->v[--h->len];
    n->place = 0;
    if (last != n) {
        if (i > 0 && before(last, h->v[(i - 1) / 2]))
            sift_up(h, i, last);
        else
            sift_down(h, i, last);
    }
    /* A queue that was long once gives its memory back. */
    if (h->cap > HEAP_CAP_MIN && h->len < h->cap / 4)
        resize(h, h->cap / 2);
}
