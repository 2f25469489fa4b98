#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/kube/informer_set.h"
#include "test/unit/support/pkg/kube/informer_rig.h"
#include "test/unit/support/pkg/kube/objects.h"
#include "test/unit/support/test.h"

static const char *const spaces[] = { "east", "west" };

/* Three informers: of "east", of "west", and the face of both. */
struct fixture {
    struct rig rig;
    struct informer *parts[2], *both;
};

static void set_up(struct fixture *f)
{
    rig_init(&f->rig, NULL, 0, NULL);
    for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
        const struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS, .nspace = spaces[i] };
        f->parts[i] = kube_cache_informer(f->rig.cache, &cfg);
    }
    const struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS,
                                         .nspaces = spaces,
                                         .nspaces_len = ARRAY_LEN(spaces) };
    f->both = kube_cache_informer(f->rig.cache, &cfg);
}

static void tear_down(struct fixture *f)
{
    rig_release(&f->rig);
}

static void list(struct fixture *f, size_t part, const char *name)
{
    struct draft d;
    objects_init_draft(&d, spaces[part], name, "1", NULL, "v");
    informer_stage_begin(f->parts[part], false);
    informer_stage_add(f->parts[part], &d);
    informer_stage_commit(f->parts[part]);
    draft_release(&d);
}

static void apply(struct fixture *f, size_t part, enum watch_type type, const char *name,
                  const char *version)
{
    struct draft d;
    objects_init_draft(&d, spaces[part], name, version, NULL, "v");
    informer_apply(f->parts[part], type, &d);
    draft_release(&d);
}

static void heard(struct recorder *r, const char *want)
{
    assert_string_equal(want, buf_str(&r->text));
    buf_clear(&r->text);
}

static void one_face(void **state)
{
    (void)state;
    struct fixture f;
    struct recorder r;
    set_up(&f);
    recorder_init(&r);
    informer_add_handler(f.both, &r.handler);

    list(&f, 0, "a");
    assert_false(informer_has_synced(f.both));
    list(&f, 1, "a");
    assert_true(informer_has_synced(f.both));
    heard(&r, "+a:1i +a:1i synced");
    apply(&f, 1, WATCH_MODIFIED, "a", "2");
    apply(&f, 0, WATCH_DELETED, "a", "3");

    heard(&r, "~a:1>2 -a:3");
    assert_int_equal(1, informer_len(f.both));
    assert_int_equal(informer_bytes(f.parts[0]) + informer_bytes(f.parts[1]),
                     informer_bytes(f.both));
    informer_remove_handler(f.both, &r.handler);
    recorder_release(&r);
    tear_down(&f);
}

static void append(void *arg, struct kube_object *o)
{
    buf_addf(arg, "%s/%s ", kube_object_namespace(o), kube_object_name(o));
}

static void by_name(const struct kube_object *o, index_emit_fn emit, void *arg)
{
    emit(arg, kube_object_name(o));
}

static void reads(void **state)
{
    (void)state;
    struct fixture f;
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    set_up(&f);
    list(&f, 0, "a");
    list(&f, 1, "b");
    informer_add_index(f.both, "name", by_name);

    cleanup_kube_object struct kube_object *b = informer_get(f.both, "west", "b");
    assert_string_equal("west", kube_object_namespace(b));
    assert_null(informer_get(f.both, "east", "b"));
    assert_null(informer_get(f.both, "north", "b"));
    informer_each(f.both, NULL, append, &text);
    informer_each(f.both, "west", append, &text);
    informer_each_indexed(f.both, "name", "a", append, &text);

    assert_string_equal("east/a west/b west/b east/a ", buf_str(&text));
    tear_down(&f);
}

static void shared(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    const struct informer_config same = { .gvr = &GVR_CONFIGMAPS,
                                          .nspaces = spaces,
                                          .nspaces_len = ARRAY_LEN(spaces) };
    const struct informer_config less = { .gvr = &GVR_CONFIGMAPS,
                                          .nspaces = spaces,
                                          .nspaces_len = 1 };

    assert_ptr_equal(f.both, kube_cache_informer(f.rig.cache, &same));
    assert_ptr_not_equal(f.both, kube_cache_informer(f.rig.cache, &less));
    list(&f, 0, "a"); /* what the namespace's own informer knows, the set knows */
    assert_int_equal(1, informer_len(f.both));
    tear_down(&f);
}

static void late(void **state)
{
    (void)state;
    struct fixture f;
    struct recorder first, second;
    set_up(&f);
    recorder_init(&first);
    recorder_init(&second);
    list(&f, 0, "a");
    informer_add_handler(f.both, &first.handler);
    informer_add_handler(f.both, &first.handler); /* once */
    heard(&first, "+a:1i");
    list(&f, 1, "b");
    heard(&first, "+b:1i synced");

    informer_remove_handler(f.both, &first.handler);
    informer_remove_handler(f.both, &first.handler);
    informer_add_handler(f.both, &second.handler);

    heard(&second, "+a:1i +b:1i synced");
    apply(&f, 0, WATCH_ADDED, "c", "2");
    heard(&first, "");
    heard(&second, "+c:2");
    informer_resync(f.parts[1]);
    heard(&second, "~b:1>1r");
    informer_remove_handler(f.both, &second.handler);
    tear_down(&f);
    recorder_release(&first);
    recorder_release(&second);
}

struct leaver {
    struct informer_handler handler;
    struct informer *informer;
    int calls;
};

static void leave(struct informer_handler *h, const struct informer_event *e)
{
    struct leaver *l = container_of(h, struct leaver, handler);
    (void)e;
    l->calls++;
    informer_remove_handler(l->informer, h);
}

static void leaves_itself(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    struct leaver l = { .handler = { .on_event = leave }, .informer = f.both };
    informer_add_handler(f.both, &l.handler);

    list(&f, 0, "a");
    list(&f, 1, "b");

    assert_int_equal(1, l.calls);
    tear_down(&f);
}

/* Two reflectors deliver at once; the handler hears one event at a time. */
struct busy {
    struct informer_handler handler;
    atomic_int inside;
    int events;
    bool overlapped;
};

static void work(struct informer_handler *h, const struct informer_event *e)
{
    struct busy *b = container_of(h, struct busy, handler);
    (void)e;
    b->overlapped |= atomic_fetch_add(&b->inside, 1) != 0;
    b->events++;
    atomic_fetch_sub(&b->inside, 1);
}

struct feeder {
    struct fixture *f;
    size_t part;
};

static void feed(void *arg)
{
    const struct feeder *d = arg;
    for (int i = 0; i < 500; i++) {
        cleanup_free char *name = xasprintf("o%d", i);
        apply(d->f, d->part, WATCH_ADDED, name, "2");
    }
}

static void one_at_a_time(void **state)
{
    (void)state;
    struct fixture f;
    pthread_t threads[2];
    set_up(&f);
    struct feeder feeders[] = { { &f, 0 }, { &f, 1 } };
    struct busy b = { .handler = { .on_event = work } };
    informer_add_handler(f.both, &b.handler);

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(thread_start(&threads[i], "feeder", feed, &feeders[i], NULL), 0);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);

    assert_int_equal(1000, b.events);
    assert_false(b.overlapped);
    informer_remove_handler(f.both, &b.handler);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a set of namespaces is one informer to its handlers", one_face),
        CASE("reads go to the namespace that holds the object", reads),
        CASE("equal sets are one, and share the informers of their namespaces", shared),
        CASE("handlers that come late or leave miss and hear nothing more", late),
        CASE("a handler may remove itself", leaves_itself),
        CASE("namespaces that deliver at once are heard one at a time", one_at_a_time),
    };
    return RUN_CASES("informer_set", tests);
}
