#include <stdlib.h>

#include "pkg/base/clock.h"
#include "pkg/controller/workqueue_heap.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

static void check_empty(void **state)
{
    (void)state;
    struct heap h = { 0 };

    assert_null(heap_top(&h));

    heap_release(&h);
}

static void check_turns(void **state)
{
    (void)state;
    struct heap h = { 0 };
    struct heap_node nodes[] = {
        { .rank = 5, .turn = 3 }, { .rank = 5, .turn = 1 }, { .rank = INT64_MIN, .turn = 9 },
        { .rank = 5, .turn = 2 }, { .rank = INT64_MAX },
    };
    static const size_t order[] = { 2, 1, 3, 0, 4 };
    for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
        heap_push(&h, &nodes[i]);

    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        assert_ptr_equal(heap_top(&h), &nodes[order[i]]);
        assert_true(heap_has(&nodes[order[i]]));
        heap_remove(&h, &nodes[order[i]]);
        assert_false(heap_has(&nodes[order[i]]));
    }
    assert_null(heap_top(&h));
    heap_release(&h);
}

static int by_order(const void *a, const void *b)
{
    const struct heap_node *x = *(struct heap_node *const *)a, *y = *(struct heap_node *const *)b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->turn < y->turn ? -1 : 1;
}

#define MANY 500

/* Pushes all, removes some from anywhere, and compares what comes out with a sorted array. */
static void check_random(void **state)
{
    (void)state;
    struct fake_rng rng;
    fake_rng_init(&rng, 7);
    struct heap h = { 0 };
    struct heap_node nodes[MANY] = { { 0 } };
    struct heap_node *left[MANY];
    size_t n = 0;
    for (size_t i = 0; i < MANY; i++) {
        nodes[i].rank = (int64_t)rng_below(&rng.base, 40) - 20;
        nodes[i].turn = i;
        heap_push(&h, &nodes[i]);
    }
    for (size_t i = 0; i < MANY; i++) {
        if (rng_below(&rng.base, 3) == 0)
            heap_remove(&h, &nodes[i]);
        else
            left[n++] = &nodes[i];
    }
    qsort(left, n, sizeof(left[0]), by_order);

    assert_int_equal(h.len, n);
    for (size_t i = 0; i < n; i++) {
        assert_ptr_equal(heap_top(&h), left[i]);
        heap_remove(&h, left[i]);
    }
    heap_release(&h);
}

static void check_shrinks(void **state)
{
    (void)state;
    struct heap h = { 0 };
    static struct heap_node nodes[4096];
    for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
        heap_push(&h, &nodes[i]);
    assert_true(h.cap >= ARRAY_LEN(nodes));

    while (heap_top(&h))
        heap_remove(&h, heap_top(&h));

    assert_true(h.cap <= 32);
    heap_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an empty heap has no top", check_empty),
        CASE("equal ranks come in turn, at the extremes of rank too", check_turns),
        CASE("random pushes and removals come out sorted", check_random),
        CASE("memory shrinks with the heap", check_shrinks),
    };
    return RUN_CASES("workqueue_heap", tests);
}
