#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store_table.h"
#include "test/unit/support/test.h"

static struct kube_object *make(const char *nspace, const char *name)
{
    struct kube_object *o = NULL;
    cleanup_free char *text =
        xasprintf("{\"metadata\":{\"namespace\":\"%s\",\"name\":\"%s\",\"resourceVersion\":\"1\"}}",
                  nspace, name);
    assert_int_equal(0, kube_object_new(text, strlen(text), PROJECT_FULL, &o, NULL));
    return o;
}

static struct object_key key(uint64_t seed, const char *nspace, const char *name)
{
    return object_key(seed, nspace, strlen(nspace), name, strlen(name));
}

static void keys(void **state)
{
    (void)state;

    assert_int_equal(key(1, "a", "b").hash, key(1, "a", "b").hash);
    assert_int_not_equal(key(1, "a", "b").hash, key(2, "a", "b").hash);
    assert_int_not_equal(key(1, "a", "b").hash, key(1, "b", "a").hash);
    assert_int_not_equal(key(1, "ab", "c").hash, key(1, "a", "bc").hash);
    assert_int_not_equal(key(1, "", "abc").hash, key(1, "abc", "").hash);
    assert_int_equal(object_key(1, NULL, 0, "x", 1).hash, key(1, "", "x").hash);
}

/* mask keeps few hashes, so that objects collide. */
static void against_model(uint32_t mask)
{
    enum { N = 300 };
    struct kube_object *objects[N];
    bool present[N] = { false };
    struct table t = { 0 };
    uint32_t random = 12345;
    for (size_t i = 0; i < N; i++) {
        cleanup_free char *name = xasprintf("o%zu", i);
        objects[i] = make(i % 3 ? "ns" : "", name);
        struct object_key k = key(7, kube_object_namespace(objects[i]), name);
        objects[i]->hash = k.hash & mask;
    }

    for (int step = 0; step < 20000; step++) {
        random = random * 1664525 + 1013904223;
        size_t i = (random >> 8) % N;
        struct object_key k = object_key_of(objects[i]);
        bool add = step < 10000 ? (random >> 24) % 3 != 0 : (random >> 24) % 3 == 0;
        struct kube_object *before = present[i] ? objects[i] : NULL;
        if (add)
            assert_ptr_equal(before, table_put(&t, objects[i]));
        else
            assert_ptr_equal(before, table_remove(&t, &k));
        present[i] = add;
    }

    size_t len = 0;
    for (size_t i = 0; i < N; i++) {
        struct object_key k = object_key_of(objects[i]);
        assert_ptr_equal(present[i] ? objects[i] : NULL, table_find(&t, &k));
        len += present[i];
    }
    assert_int_equal(len, t.len);
    for (size_t i = 0; i < N; i++) {
        struct object_key k = object_key_of(objects[i]);
        (void)table_remove(&t, &k);
        kube_object_unref(objects[i]);
    }
    assert_int_equal(0, t.len);
    assert_true(t.cap <= 16); /* memory went back */
    table_release(&t);
}

static void model(void **state)
{
    (void)state;
    against_model(UINT32_MAX);
}

static void collisions(void **state)
{
    (void)state;
    against_model(0x1f);
}

static void replacing(void **state)
{
    (void)state;
    struct table t = { 0 };
    cleanup_kube_object struct kube_object *a = make("n", "x");
    cleanup_kube_object struct kube_object *b = make("n", "x");
    struct object_key k = key(3, "n", "x");
    a->hash = b->hash = k.hash;

    assert_null(table_find(&t, &k));
    assert_null(table_put(&t, a));
    assert_ptr_equal(a, table_put(&t, b));
    assert_ptr_equal(b, table_find(&t, &k));
    assert_int_equal(1, t.len);
    table_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("hashes depend on seed, namespace and name", keys),
        CASE("behaves like a map under random puts and removals", model),
        CASE("behaves like a map when hashes collide", collisions),
        CASE("an object of the same key is replaced", replacing),
    };
    return RUN_CASES("store_table", tests);
}
