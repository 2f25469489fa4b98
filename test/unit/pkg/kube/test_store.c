#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/pkg/kube/objects.h"
#include "test/unit/support/test.h"

static struct store *make_store(void)
{
    struct fake_rng rng;
    fake_rng_init(&rng, 4);
    return store_new(&(struct store_options){ .rng = &rng.base });
}

static struct store_change put(struct store *s, const char *nspace, const char *name,
                               const char *version, const char *value)
{
    struct draft d;
    struct store_change c;
    objects_init_draft(&d, nspace, name, version, NULL, value);
    store_put(s, &d, &c);
    draft_release(&d);
    return c;
}

static void put_only(struct store *s, const char *nspace, const char *name, const char *version)
{
    struct store_change c = put(s, nspace, name, version, "x");
    store_change_release(&c);
}

static bool remove_only(struct store *s, const char *nspace, const char *name)
{
    struct draft d;
    struct store_change c;
    objects_init_draft(&d, nspace, name, "9", NULL, "x");
    bool removed = store_remove(s, &d, &c);
    store_change_release(&c);
    draft_release(&d);
    return removed;
}

static void changes(void **state)
{
    (void)state;
    struct store *s = make_store();

    struct store_change first = put(s, "n", "a", "1", "x"), second = put(s, "n", "a", "2", "y");

    assert_null(first.old_obj);
    assert_string_equal("1", kube_object_resource_version(first.new_obj));
    assert_ptr_equal(first.new_obj, second.old_obj);
    assert_string_equal("2", kube_object_resource_version(second.new_obj));
    assert_int_equal(1, store_len(s));
    store_change_release(&first);
    store_change_release(&second);
    store_free(s);
}

static void reading(void **state)
{
    (void)state;
    struct store *s = make_store();
    put_only(s, "n", "a", "1");
    put_only(s, "", "a", "2");

    cleanup_kube_object struct kube_object *in_n = store_find(s, "n", "a");
    cleanup_kube_object struct kube_object *of_cluster = store_find(s, NULL, "a");
    assert_string_equal("1", kube_object_resource_version(in_n));
    assert_string_equal("2", kube_object_resource_version(of_cluster));
    assert_null(store_find(s, "m", "a"));
    assert_null(store_find(s, "n", "b"));

    store_free(s); /* references outlive it */
    assert_string_equal("a", kube_object_name(in_n));
}

static size_t count(struct store *s, const char *nspace)
{
    struct object_list l;
    store_list(s, nspace, &l);
    for (size_t i = 0; i < l.len; i++) {
        if (nspace)
            assert_string_equal(nspace, kube_object_namespace(l.v[i]));
    }
    size_t len = l.len;
    object_list_release(&l);
    return len;
}

static void namespaces(void **state)
{
    (void)state;
    struct store *s = make_store();
    put_only(s, "n", "a", "1");
    put_only(s, "n", "b", "1");
    put_only(s, "m", "a", "1");
    put_only(s, "n", "a", "2"); /* replaced, not added */

    assert_int_equal(2, count(s, "n"));
    assert_int_equal(1, count(s, "m"));
    assert_int_equal(0, count(s, "other"));
    assert_int_equal(3, count(s, NULL));
    assert_true(remove_only(s, "n", "a"));
    assert_int_equal(1, count(s, "n"));
    assert_true(remove_only(s, "n", "b"));
    assert_int_equal(0, count(s, "n"));
    put_only(s, "n", "c", "1");
    assert_int_equal(1, count(s, "n"));
    store_free(s);
}

static void absent(void **state)
{
    (void)state;
    struct store *s = make_store();
    put_only(s, "n", "a", "1");

    assert_false(remove_only(s, "n", "b"));
    assert_true(remove_only(s, "n", "a"));
    assert_false(remove_only(s, "n", "a"));
    assert_int_equal(0, store_len(s));
    store_free(s);
}

static void footprint(void **state)
{
    (void)state;
    struct store *s = make_store();
    size_t empty = store_bytes(s), text = 0, objects = 0;
    enum { N = 1000 };
    for (int i = 0; i < N; i++) {
        cleanup_free char *name = xasprintf("config-map-number-%d", i);
        struct draft d;
        struct store_change c;
        objects_init_draft(&d, "openshift-config", name, "1234567",
                           "0df1e8a3-6a5e-4b8e-9a51-1f5a0b3c9d11", "x");
        store_put(s, &d, &c);
        text += d.text.len;
        objects += kube_object_footprint(c.new_obj);
        store_change_release(&c);
        draft_release(&d);
    }

    assert_true(objects > text);
    assert_true(objects - text <= N * 160);
    assert_true(store_bytes(s) - empty - objects <= N * 20); /* the table */
    for (int i = 0; i < N; i++) {
        cleanup_free char *name = xasprintf("config-map-number-%d", i);
        assert_true(remove_only(s, "openshift-config", name));
    }
    assert_true(store_bytes(s) <= empty + 1024);
    store_free(s);
}

/* Readers beside the writer: every object that they find is whole. */
struct racing {
    struct store *store;
    atomic_bool end;
};

static void *read_on(void *arg)
{
    struct racing *r = arg;
    while (!atomic_load(&r->end)) {
        cleanup_kube_object struct kube_object *o = store_find(r->store, "n", "a");
        cleanup_json json *tree = o ? kube_object_give_json(o) : NULL;
        if (o && strcmp(json_path_str(tree, "metadata.resourceVersion"),
                        kube_object_resource_version(o)) != 0)
            abort();
        struct object_list l;
        store_list(r->store, "n", &l);
        object_list_release(&l);
        (void)store_bytes(r->store);
    }
    return NULL;
}

static void threads(void **state)
{
    (void)state;
    struct racing r = { .store = make_store() };
    pthread_t readers[2];
    for (size_t i = 0; i < ARRAY_LEN(readers); i++)
        assert_int_equal(0, pthread_create(&readers[i], NULL, read_on, &r));

    for (int i = 0; i < 2000; i++) {
        cleanup_free char *version = xasprintf("%d", i);
        put_only(r.store, "n", i % 3 ? "a" : "b", version);
        if (i % 7 == 0)
            (void)remove_only(r.store, "n", "a");
    }

    atomic_store(&r.end, true);
    for (size_t i = 0; i < ARRAY_LEN(readers); i++)
        assert_int_equal(0, pthread_join(readers[i], NULL));
    store_free(r.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a put tells what it replaced", changes),
        CASE("objects are found by namespace and name", reading),
        CASE("objects are listed by namespace", namespaces),
        CASE("removing what is absent changes nothing", absent),
        CASE("an object costs its text and at most 160 bytes", footprint),
        CASE("readers beside the writer see whole objects", threads),
    };
    return RUN_CASES("store", tests);
}
