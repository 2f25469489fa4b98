#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store_impl.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/pkg/kube/objects.h"
#include "test/unit/support/test.h"

/* Each letter of the label "value" is a value of the index. */
static void by_letters(const struct kube_object *o, index_emit_fn emit, void *arg)
{
    size_t len;
    const char *value = kube_object_label(o, "value", &len);
    for (size_t i = 0; value && i < len; i++)
        emit(arg, (char[]){ value[i], '\0' });
}

static struct store *make_store(void)
{
    struct fake_rng rng;
    fake_rng_init(&rng, 4);
    return store_new(&(struct store_options){ .rng = &rng.base });
}

static void put(struct store *s, const char *name, const char *version, const char *value)
{
    struct draft d;
    struct store_change c;
    objects_init_draft(&d, "n", name, version, NULL, value);
    store_put(s, &d, &c);
    store_change_release(&c);
    draft_release(&d);
}

static void drop(struct store *s, const char *name)
{
    struct draft d;
    struct store_change c;
    objects_init_draft(&d, "n", name, "9", NULL, "x");
    (void)store_remove(s, &d, &c);
    store_change_release(&c);
    draft_release(&d);
}

static void expect(struct store *s, const char *value, size_t want)
{
    struct object_list l;
    store_list_indexed(s, "letters", value, &l);
    assert_int_equal(want, l.len);
    object_list_release(&l);
}

static void values(void **state)
{
    (void)state;
    struct store *s = make_store();
    store_add_index(s, "letters", by_letters);

    put(s, "a", "1", "xy");
    put(s, "b", "1", "yz");
    put(s, "c", "1", "xx");

    expect(s, "x", 2);
    expect(s, "y", 2);
    expect(s, "z", 1);
    expect(s, "w", 0);
    store_free(s);
}

static void moves(void **state)
{
    (void)state;
    struct store *s = make_store();
    store_add_index(s, "letters", by_letters);
    put(s, "a", "1", "xy");

    put(s, "a", "2", "yz");

    expect(s, "x", 0);
    expect(s, "z", 1);
    struct object_list l;
    store_list_indexed(s, "letters", "y", &l);
    assert_int_equal(1, l.len);
    assert_string_equal("2", kube_object_resource_version(l.v[0]));
    object_list_release(&l);
    store_free(s);
}

static void empty_sets(void **state)
{
    (void)state;
    struct store *s = make_store();
    store_add_index(s, "letters", by_letters);
    size_t empty = store_indexes_bytes(s);
    put(s, "a", "1", "xy");
    assert_int_equal(2, map_len(s->indexes->values));

    drop(s, "a");

    assert_int_equal(0, map_len(s->indexes->values));
    assert_int_equal(empty, store_indexes_bytes(s));
    store_free(s);
}

static void late(void **state)
{
    (void)state;
    struct store *s = make_store();
    put(s, "a", "1", "xy");
    put(s, "b", "1", "y");

    store_add_index(s, "letters", by_letters);

    expect(s, "y", 2);
    store_add_index(s, "letters", by_letters); /* again: nothing happens */
    expect(s, "y", 2);
    struct object_list l;
    store_list_indexed(s, "no such index", "y", &l);
    assert_int_equal(0, l.len);
    object_list_release(&l);
    store_free(s);
}

static void many(void **state)
{
    (void)state;
    struct store *s = make_store();
    store_add_index(s, "letters", by_letters);
    for (int i = 0; i < 500; i++) {
        cleanup_free char *name = xasprintf("o%d", i);
        put(s, name, "1", "xy");
    }
    for (int i = 0; i < 500; i += 2) {
        cleanup_free char *name = xasprintf("o%d", i);
        put(s, name, "2", "y");
    }

    expect(s, "x", 250);
    expect(s, "y", 500);
    store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an object is found under each of its values", values),
        CASE("an update moves the object between values", moves),
        CASE("values without objects are forgotten", empty_sets),
        CASE("an index added late is built", late),
        CASE("many objects share a value", many),
    };
    return RUN_CASES("store_index", tests);
}
