#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/store_impl.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/pkg/kube/objects.h"
#include "test/unit/support/test.h"

struct fixture {
    struct store *store;
    struct store_stage stage;
};

static void setup(struct fixture *f)
{
    struct fake_rng rng;
    fake_rng_init(&rng, 4);
    f->store = store_new(&(struct store_options){ .rng = &rng.base });
    store_stage_begin(f->store, &f->stage);
}

static void teardown(struct fixture *f)
{
    store_stage_release(&f->stage);
    store_free(f->store);
}

static void begin(struct fixture *f)
{
    store_stage_release(&f->stage);
    store_stage_begin(f->store, &f->stage);
}

static void add(struct fixture *f, const char *name, const char *version)
{
    struct draft d;
    objects_init_draft(&d, "n", name, version, NULL, "x");
    store_stage_add(&f->stage, &d);
    draft_release(&d);
}

static void add_uid(struct fixture *f, const char *name, const char *version, const char *uid)
{
    struct draft d;
    objects_init_draft(&d, "n", name, version, uid, "x");
    store_stage_add(&f->stage, &d);
    draft_release(&d);
}

static void stage_remove(struct fixture *f, const char *name, const char *version)
{
    struct draft d;
    objects_init_draft(&d, "n", name, version, NULL, "x");
    store_stage_remove(&f->stage, &d);
    draft_release(&d);
}

static void watch_put(struct fixture *f, const char *name, const char *version)
{
    struct draft d;
    struct store_change c;
    objects_init_draft(&d, "n", name, version, NULL, "x");
    store_put(f->store, &d, &c);
    store_change_release(&c);
    draft_release(&d);
}

static void describe(struct buf *out, const struct store_change *c)
{
    const struct kube_object *o = c->new_obj ? c->new_obj : c->old_obj;
    if (!o)
        return;
    buf_addf(out, "%s%s:%s>%s", out->len ? " " : "", kube_object_name(o),
             c->old_obj ? kube_object_resource_version(c->old_obj) : "",
             c->new_obj ? kube_object_resource_version(c->new_obj) : "");
}

/* Commits and compares "gone; changes", each as name:old>new. gone is sorted by the caller's case. */
static void commit(struct fixture *f, const char *want)
{
    struct store_stage gone;
    cleanup_buf struct buf out = BUF_INIT(10000);
    cleanup_buf struct buf changed = BUF_INIT(10000);

    store_stage_commit(&f->stage, &gone);

    for (size_t i = 0; i < gone.len; i++)
        describe(&out, &gone.v[i]);
    for (size_t i = 0; i < f->stage.len; i++)
        describe(&changed, &f->stage.v[i]);
    buf_addf(&out, "; %s", buf_str(&changed));
    assert_string_equal(want, buf_str(&out));
    store_stage_release(&gone);
    begin(f);
}

static void first(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);

    add(&f, "a", "1");
    add(&f, "b", "2");
    assert_int_equal(0, store_len(f.store)); /* nothing is visible before the commit */
    commit(&f, "; a:>1 b:>2");

    assert_int_equal(2, store_len(f.store));
    teardown(&f);
}

static void relist(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    add(&f, "a", "1");
    add(&f, "b", "2");
    add(&f, "c", "3");
    commit(&f, "; a:>1 b:>2 c:>3");

    add(&f, "d", "5");
    add(&f, "c", "4");
    add(&f, "a", "1");
    commit(&f, "b:2>; d:>5 c:3>4");

    assert_int_equal(3, store_len(f.store));
    teardown(&f);
}

static void sharing(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    add(&f, "a", "1");
    commit(&f, "; a:>1");
    cleanup_kube_object struct kube_object *before = store_find(f.store, "n", "a");
    size_t bytes = store_bytes(f.store);

    add(&f, "a", "1");
    assert_ptr_equal(before, f.stage.v[0].new_obj); /* nothing is held twice */
    commit(&f, "; ");

    cleanup_kube_object struct kube_object *after = store_find(f.store, "n", "a");
    assert_ptr_equal(before, after);
    assert_int_equal(bytes, store_bytes(f.store));
    teardown(&f);
}

static void other_uid(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    add_uid(&f, "a", "1", "u1");
    commit(&f, "; a:>1");

    add_uid(&f, "a", "1", "u2"); /* of a restored server: the same version, another object */
    commit(&f, "; a:1>1");

    cleanup_kube_object struct kube_object *o = store_find(f.store, "n", "a");
    assert_string_equal("u2", kube_object_uid(o));
    teardown(&f);
}

static void strict(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    add(&f, "a", "1");
    add(&f, "b", "1");
    commit(&f, "; a:>1 b:>1");

    /* A server restored from a copy gives the same version to another change. */
    struct draft d;
    objects_init_draft(&d, "n", "a", "1", NULL, "other value");
    f.stage.strict = true;
    store_stage_add(&f.stage, &d);
    add(&f, "b", "1");
    commit(&f, "; a:1>1");
    draft_release(&d);
    teardown(&f);
}

static void abandoned(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    add(&f, "a", "1");
    add(&f, "b", "1");
    commit(&f, "; a:>1 b:>1");

    add(&f, "a", "1");
    add(&f, "b", "2");
    begin(&f); /* that list failed */
    assert_int_equal(2, store_len(f.store));
    add(&f, "b", "1");
    commit(&f, "a:1>; ");
    teardown(&f);
}

static void cut(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    add(&f, "a", "1");
    add(&f, "b", "1");
    add(&f, "c", "1");
    commit(&f, "; a:>1 b:>1 c:>1");

    add(&f, "a", "1");
    size_t page = f.stage.len;
    add(&f, "b", "1"); /* the page is read again, and b is gone by then */
    add(&f, "c", "2");
    store_stage_cut(&f.stage, page);
    add(&f, "c", "3");
    commit(&f, "b:1>; c:1>3");
    teardown(&f);
}

static void written_between(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    /* More lists than there are marks, each after a write by the watch. */
    for (int i = 0; i < 600; i++) {
        watch_put(&f, "new", "7");
        begin(&f);
        add(&f, "a", "1");
        commit(&f, i ? "new:7>; " : "new:7>; a:>1");
    }
    teardown(&f);
}

static void streaming(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    add(&f, "old", "1");
    add(&f, "gone", "1");
    commit(&f, "; old:>1 gone:>1");

    add(&f, "old", "1");
    add(&f, "new", "2");
    add(&f, "new", "3"); /* modified before the bookmark */
    add(&f, "short", "4");
    stage_remove(&f, "short", "5");
    stage_remove(&f, "old", "6");
    stage_remove(&f, "gone", "7"); /* never announced: swept already */
    stage_remove(&f, "unknown", "8");
    commit(&f, "gone:1>; new:>2 new:2>3 short:>4 short:5> old:6>");

    assert_int_equal(1, store_len(f.store));
    teardown(&f);
}

/* A reader that looks at the moment of the commit sees the old or the new list, never less. */
struct racing {
    struct store *store;
    atomic_bool end;
};

static void *count_on(void *arg)
{
    struct racing *r = arg;
    while (!atomic_load(&r->end)) {
        struct object_list l;
        store_list(r->store, NULL, &l);
        for (size_t i = 1; i < l.len; i++) {
            if (strcmp(kube_object_resource_version(l.v[0]),
                       kube_object_resource_version(l.v[i])) != 0)
                abort(); /* mixed */
        }
        if (l.len != 20)
            abort(); /* empty or partial */
        object_list_release(&l);
    }
    return NULL;
}

static void fill(struct fixture *f, int round)
{
    cleanup_free char *version = xasprintf("%d", round);
    struct store_stage gone;
    for (int i = 0; i < 20; i++) {
        cleanup_free char *name = xasprintf("o%d-%d", i, i % 2 ? round : 0);
        add(f, name, version);
    }
    store_stage_commit(&f->stage, &gone);
    store_stage_release(&gone);
    begin(f);
}

static void atomic_for_readers(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    fill(&f, 0);
    struct racing r = { .store = f.store };
    pthread_t reader;
    assert_int_equal(0, pthread_create(&reader, NULL, count_on, &r));

    for (int round = 1; round < 300; round++)
        fill(&f, round);

    atomic_store(&r.end, true);
    assert_int_equal(0, pthread_join(reader, NULL));
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the first list becomes visible as a whole", first),
        CASE("a relist tells deletions, then changes in list order", relist),
        CASE("unchanged objects are shared and tell nothing", sharing),
        CASE("another uid is a change, even of the same version", other_uid),
        CASE("versions alone do not count when the server lost its memory", strict),
        CASE("an abandoned list leaves no trace", abandoned),
        CASE("a page that is read again replaces its first reading", cut),
        CASE("objects of the watch are swept by whatever list lacks them", written_between),
        CASE("events inside a streaming list are applied in order", streaming),
        CASE("readers see no empty or mixed list during a relist", atomic_for_readers),
    };
    return RUN_CASES("store_stage", tests);
}
