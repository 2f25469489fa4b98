#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store_impl.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/pkg/kube/objects.h"
#include "test/unit/support/test.h"

#define LIMIT 20000
#define FILLER \
    "a configuration that is long enough to be worth packing; it goes on for a while, and some " \
    "more"

static struct store *make_store(size_t pack_above)
{
    struct fake_rng rng;
    fake_rng_init(&rng, 4);
    return store_new(&(struct store_options){ .rng = &rng.base, .pack_above = pack_above });
}

static void make_draft(struct draft *d, int i, const char *version)
{
    cleanup_free char *name = xasprintf("object-%d", i);
    cleanup_free char *value = xasprintf("%d %s %d", i, FILLER, i * 7919);
    objects_init_draft(d, i % 2 ? "n" : "m", name, version, NULL, value);
}

static void put(struct store *s, int i, const char *version)
{
    struct draft d;
    struct store_change c;
    make_draft(&d, i, version);
    store_put(s, &d, &c);
    store_change_release(&c);
    draft_release(&d);
}

static void stage(struct store_stage *st, int i, const char *version)
{
    struct draft d;
    make_draft(&d, i, version);
    store_stage_add(st, &d);
    draft_release(&d);
}

/* The object is there, and its text is what was put. */
static void expect(struct store *s, int i, const char *version)
{
    struct draft d;
    make_draft(&d, i, version);
    cleanup_kube_object struct kube_object *o = store_find(s, buf_str(&d.nspace), buf_str(&d.name));
    assert_non_null(o);
    assert_string_equal(version, kube_object_resource_version(o));
    assert_string_equal(buf_str(&d.uid), kube_object_uid(o));
    assert_string_equal(buf_str(&d.text), kube_object_bytes(o, NULL));
    size_t len;
    assert_non_null(kube_object_label(o, "value", &len));
    draft_release(&d);
}

static size_t packed(struct store *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->table.cap; i++)
        n += s->table.slots[i] && s->table.slots[i]->flags & OBJECT_PACKED;
    return n;
}

/* The latest objects of events wait for their batch. */
static void expect_packed(struct store *s, size_t n)
{
    assert_in_range(packed(s), n - STORE_FRESH_MAX, n);
}

static void grows_by_watch(void **state)
{
    (void)state;
    struct store *s = make_store(LIMIT);
    put(s, 0, "1");
    assert_int_equal(0, packed(s)); /* a small store stays plain */

    for (int i = 1; i < 500; i++)
        put(s, i, "1");

    expect_packed(s, 500);
    assert_int_equal(500, store_len(s));
    for (int i = 0; i < 500; i++)
        expect(s, i, "1");
    for (int i = 0; i < 500; i += 2)
        put(s, i, "2");
    expect_packed(s, 500);
    for (int i = 0; i < 500; i++)
        expect(s, i, i % 2 ? "1" : "2");
    store_free(s);
}

static void replaced_meanwhile(void **state)
{
    (void)state;
    struct store *s = make_store(LIMIT);
    for (int i = 0; i < 200; i++)
        put(s, i, "1");

    for (int i = 0; i < 300; i++) { /* one object, over and over, and one that comes and goes */
        cleanup_free char *version = xasprintf("%d", i);
        put(s, 7, version);
        put(s, 1000, version);
        struct draft d;
        struct store_change c;
        make_draft(&d, 1000, "9");
        assert_true(store_remove(s, &d, &c));
        store_change_release(&c);
        draft_release(&d);
    }

    expect(s, 7, "299");
    assert_int_equal(200, store_len(s));
    assert_null(store_find(s, "m", "object-1000"));
    expect_packed(s, 200);
    store_free(s);
}

static void large_batch(void **state)
{
    (void)state;
    struct store *s = make_store(LIMIT);
    for (int i = 0; i < 200; i++)
        put(s, i, "1");
    cleanup_free char *value = xmalloc(100001);
    memset(value, 'v', 100000);
    value[100000] = '\0';

    for (int i = 0; i < 9; i++) {
        struct draft d;
        struct store_change c;
        cleanup_free char *name = xasprintf("large-%d", i);
        objects_init_draft(&d, "n", name, "1", NULL, value);
        store_put(s, &d, &c);
        store_change_release(&c);
        draft_release(&d);
    }

    assert_true(s->fresh_bytes < 500000); /* large objects do not wait for many others */
    assert_true(store_bytes(s) < 1000000);
    store_free(s);
}

static void grows_by_list(void **state)
{
    (void)state;
    struct store *s = make_store(LIMIT);
    struct store_stage st, gone;
    store_stage_begin(s, &st);
    for (int i = 0; i < 200; i++)
        stage(&st, i, "1");
    assert_non_null(s->codec); /* already while the list comes in */

    store_stage_commit(&st, &gone);

    assert_int_equal(200, packed(s));
    for (int i = 0; i < 200; i++)
        expect(s, i, "1");
    assert_int_equal(0, gone.len);
    store_stage_release(&gone);
    store_stage_release(&st);
    store_free(s);
}

static void during_relist(void **state)
{
    (void)state;
    struct store *s = make_store(LIMIT);
    for (int i = 0; i < 20; i++)
        put(s, i, "1");
    assert_null(s->codec);
    struct store_stage st, gone;

    /* The list begins with what is known, which the stage shares, and grows beyond the limit. */
    store_stage_begin(s, &st);
    for (int i = 0; i < 200; i++)
        stage(&st, i, i == 3 ? "2" : "1");
    store_stage_commit(&st, &gone);

    size_t changes = 0;
    for (size_t i = 0; i < st.len; i++)
        changes += st.v[i].new_obj != NULL;
    assert_int_equal(181, changes); /* those that are packed now did not change */
    assert_int_equal(0, gone.len);
    assert_int_equal(200, packed(s));
    for (int i = 0; i < 200; i++)
        expect(s, i, i == 3 ? "2" : "1");
    store_stage_release(&gone);
    store_stage_release(&st);
    store_free(s);
}

static void during_strict_relist(void **state)
{
    (void)state;
    struct store *s = make_store(LIMIT);
    for (int i = 0; i < 20; i++)
        put(s, i, "1");
    struct store_stage st, gone;
    struct draft d;

    /* The same version of the same object, but with another text. */
    store_stage_begin(s, &st);
    st.strict = true;
    objects_init_draft(&d, "m", "object-0", "1", NULL, "another value");
    store_stage_add(&st, &d);
    for (int i = 1; i < 200; i++)
        stage(&st, i, "1");
    assert_non_null(s->codec);
    store_stage_commit(&st, &gone);

    cleanup_kube_object struct kube_object *o = store_find(s, "m", "object-0");
    assert_string_equal(buf_str(&d.text), kube_object_bytes(o, NULL));
    for (int i = 1; i < 200; i++)
        expect(s, i, "1");
    draft_release(&d);
    store_stage_release(&gone);
    store_stage_release(&st);
    store_free(s);
}

static void by_version(const struct kube_object *o, index_emit_fn emit, void *arg)
{
    emit(arg, kube_object_resource_version(o));
}

static void indexed(void **state)
{
    (void)state;
    struct store *s = make_store(LIMIT);
    store_add_index(s, "version", by_version);

    for (int i = 0; i < 200; i++)
        put(s, i, i % 4 ? "1" : "2");
    put(s, 1, "2");

    struct object_list l;
    store_list_indexed(s, "version", "2", &l);
    assert_int_equal(51, l.len);
    for (size_t i = 0; i < l.len; i++) {
        struct object_key key = object_key_of(l.v[i]);
        assert_ptr_equal(table_find(&s->table, &key), l.v[i]);
    }
    object_list_release(&l);
    store_free(s);
}

static void smaller(void **state)
{
    (void)state;
    struct store *plain = make_store(SIZE_MAX), *s = make_store(LIMIT);
    for (int i = 0; i < 2000; i++) {
        put(plain, i, "1");
        put(s, i, "1");
    }

    assert_int_equal(0, packed(plain));
    /* Names, uids and the like stay readable; the rest is packed. */
    assert_true(store_bytes(s) - codec_bytes(s->codec) < store_bytes(plain) * 3 / 4);
    store_free(plain);
    store_free(s);
}

static void outlives(void **state)
{
    (void)state;
    struct store *s = make_store(LIMIT);
    for (int i = 0; i < 200; i++)
        put(s, i, "1");
    cleanup_kube_object struct kube_object *o = store_find(s, "n", "object-7");
    assert_true(kube_object_footprint(o) < 500); /* nothing was unpacked yet */

    store_free(s);

    cleanup_json json *tree = kube_object_give_json(o);
    assert_string_equal("object-7", json_path_str(tree, "metadata.name"));
    size_t len;
    (void)kube_object_bytes(o, &len);
    assert_true(kube_object_footprint(o) > len);
}

static void *unpack(void *o)
{
    size_t len;
    return (void *)(uintptr_t)kube_object_bytes(o, &len);
}

static void unpacked_once(void **state)
{
    (void)state;
    struct store *s = make_store(LIMIT);
    for (int i = 0; i < 200; i++)
        put(s, i, "1");
    for (int round = 0; round < 50; round++) {
        cleanup_kube_object struct kube_object *o = store_find(s, "n", "object-7");
        pthread_t threads[3];
        void *texts[3];
        for (size_t i = 0; i < ARRAY_LEN(threads); i++)
            assert_int_equal(0, pthread_create(&threads[i], NULL, unpack, o));
        for (size_t i = 0; i < ARRAY_LEN(threads); i++)
            assert_int_equal(0, pthread_join(threads[i], &texts[i]));

        assert_ptr_equal(texts[0], texts[1]);
        assert_ptr_equal(texts[0], texts[2]);
    }
    store_free(s);
}

struct racing {
    struct store *store;
    atomic_bool end;
};

static void *measure(void *arg)
{
    struct racing *r = arg;
    while (!atomic_load(&r->end))
        (void)store_bytes(r->store);
    return NULL;
}

/* For the thread sanitizer: metrics are collected whenever somebody asks for them. */
static void measured_meanwhile(void **state)
{
    (void)state;
    struct racing r = { .store = make_store(LIMIT) };
    pthread_t reader;
    assert_int_equal(0, pthread_create(&reader, NULL, measure, &r));

    for (int i = 0; i < 400; i++)
        put(r.store, i, "1");

    atomic_store(&r.end, true);
    assert_int_equal(0, pthread_join(reader, NULL));
    assert_true(packed(r.store) > 0);
    store_free(r.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a store that grows by events is packed from its limit on", grows_by_watch),
        CASE("what was replaced meanwhile is not packed", replaced_meanwhile),
        CASE("large objects make small batches", large_batch),
        CASE("a first list is packed while it comes in", grows_by_list),
        CASE("packing during a relist changes no object", during_relist),
        CASE("packing keeps what only the text tells apart", during_strict_relist),
        CASE("indexes hold the same objects as the table", indexed),
        CASE("a packed store is smaller", smaller),
        CASE("an object outlives the store that packed it", outlives),
        CASE("threads that ask at once see one text", unpacked_once),
        CASE("a store may be measured while it begins to pack", measured_meanwhile),
    };
    return RUN_CASES("store_pack", tests);
}
