#include <stdio.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static void check_basics(void **state)
{
    (void)state;
    cleanup_map struct map *m = map_new(free);
    assert_null(map_get(m, "a"));
    assert_false(map_del(m, "a"));

    map_set(m, "a", xstrdup("1"));
    map_set(m, "b", xstrdup("2"));
    map_set(m, "a", xstrdup("3"));

    assert_int_equal(map_len(m), 2);
    assert_string_equal(map_get(m, "a"), "3");
    assert_true(map_has(m, "b"));
    assert_true(map_del(m, "b"));
    assert_false(map_has(m, "b"));
    assert_int_equal(map_len(m), 1);
}

static void check_byte_keys(void **state)
{
    (void)state;
    cleanup_map struct map *m = map_new(NULL);
    int one = 1, two = 2, three = 3;

    map_set_n(m, "a\0x", 3, &one);
    map_set_n(m, "a\0y", 3, &two);
    map_set_n(m, "", 0, &three);

    assert_ptr_equal(map_get_n(m, "a\0x", 3), &one);
    assert_ptr_equal(map_get_n(m, "a\0y", 3), &two);
    assert_ptr_equal(map_get(m, ""), &three);
    assert_null(map_get(m, "a"));
}

static void check_take(void **state)
{
    (void)state;
    cleanup_map struct map *m = map_new(free);
    map_set(m, "a", xstrdup("1"));

    cleanup_free char *value = map_take(m, "a");

    assert_string_equal(value, "1");
    assert_int_equal(map_len(m), 0);
    assert_null(map_take(m, "a"));
}

#define MANY 5000

static void check_many(void **state)
{
    (void)state;
    cleanup_map struct map *m = map_new(free);
    char key[32];
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(key, sizeof(key), "key-number-%d", i);
        map_set(m, key, xstrdup(key));
    }
    for (int i = 0; i < MANY; i += 2) {
        (void)snprintf(key, sizeof(key), "key-number-%d", i);
        assert_true(map_del(m, key));
    }

    assert_int_equal(map_len(m), MANY / 2);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(key, sizeof(key), "key-number-%d", i);
        if (i % 2)
            assert_string_equal(map_get(m, key), key);
        else
            assert_null(map_get(m, key));
    }
}

static void check_churn(void **state)
{
    (void)state;
    cleanup_map struct map *m = map_new(NULL);
    int value = 0;
    char key[32];
    map_set(m, "stays", &value);

    /* Tombstones alone must neither fill the table nor lose what is in it. */
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        map_set(m, key, &value);
        assert_true(map_del(m, key));
    }

    assert_int_equal(map_len(m), 1);
    assert_ptr_equal(map_get(m, "stays"), &value);
    assert_null(map_get(m, "absent"));
}

static void check_iteration(void **state)
{
    (void)state;
    cleanup_map struct map *m = map_new(free);
    bool seen[100] = { false };
    char key[32];
    for (int i = 0; i < 100; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        map_set(m, key, xstrdup(key));
    }

    size_t visits = 0;
    for (struct map_iter it = { 0 }; map_next(m, &it); visits++) {
        long i = strtol(it.key, NULL, 10);
        assert_string_equal(it.key, it.value);
        assert_false(seen[i]);
        seen[i] = true;
        assert_true(map_del(m, it.key));
    }

    assert_int_equal(visits, 100);
    assert_int_equal(map_len(m), 0);
}

static void check_clear(void **state)
{
    (void)state;
    cleanup_map struct map *m = map_new(free);
    map_set(m, "a", xstrdup("1"));

    map_clear(m);

    assert_int_equal(map_len(m), 0);
    struct map_iter it = { 0 };
    assert_false(map_next(m, &it));
    map_set(m, "a", xstrdup("2"));
    assert_string_equal(map_get(m, "a"), "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("sets, replaces and deletes", check_basics),
        CASE("keys are bytes and may be empty", check_byte_keys),
        CASE("taking hands the value over", check_take),
        CASE("thousands of keys are found again", check_many),
        CASE("removed keys leave no lasting trace", check_churn),
        CASE("iteration visits each once while it deletes", check_iteration),
        CASE("a cleared map can be filled again", check_clear),
    };
    return RUN_CASES("map", tests);
}
