#include <stdlib.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/kube/events_lru.h"
#include "test/unit/support/test.h"

static void put(struct lru *l, const char *key, const char *value)
{
    lru_put(l, key, xstrdup(value));
}

static void check_oldest_leaves(void **state)
{
    (void)state;
    cleanup_lru struct lru *l = lru_new(3, free);
    put(l, "a", "1");
    put(l, "b", "2");
    put(l, "c", "3");

    assert_string_equal(lru_get(l, "a"), "1"); /* now b is the least recently used */
    put(l, "d", "4");

    assert_null(lru_get(l, "b"));
    assert_string_equal(lru_get(l, "a"), "1");
    assert_string_equal(lru_get(l, "c"), "3");
    assert_string_equal(lru_get(l, "d"), "4");
}

static void check_walk(void **state)
{
    (void)state;
    cleanup_lru struct lru *l = lru_new(3, free);
    cleanup_buf struct buf seen = BUF_INIT(16);
    struct lru_iter none = { 0 };
    assert_false(lru_next(l, &none));
    put(l, "a", "1");
    put(l, "b", "2");
    put(l, "c", "3");
    (void)lru_get(l, "a");

    for (struct lru_iter it = { 0 }; lru_next(l, &it);)
        buf_adds(&seen, it.value);

    assert_string_equal(buf_str(&seen), "132");
}

static void check_replace(void **state)
{
    (void)state;
    cleanup_lru struct lru *l = lru_new(2, free);
    put(l, "a", "1");
    put(l, "b", "2");

    put(l, "a", "3"); /* the most recent now */
    put(l, "c", "4");

    assert_string_equal(lru_get(l, "a"), "3");
    assert_null(lru_get(l, "b"));
}

static void check_empty(void **state)
{
    (void)state;
    cleanup_lru struct lru *l = lru_new(1, free);

    assert_null(lru_get(l, "a"));
    put(l, "a", "1");
    put(l, "b", "2");
    assert_null(lru_get(l, "a"));
    assert_string_equal(lru_get(l, "b"), "2");
    lru_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the least recently used leaves first", check_oldest_leaves),
        CASE("a replaced value counts as used", check_replace),
        CASE("a walk goes from the newest to the oldest", check_walk),
        CASE("a map of one holds the last", check_empty),
    };
    return RUN_CASES("events_lru", tests);
}
