#include <pthread.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/informer.h"
#include "test/unit/support/pkg/kube/informer_rig.h"
#include "test/unit/support/pkg/kube/objects.h"
#include "test/unit/support/test.h"

/* Without a script: the test itself is the reflector. */
static void setup(struct rig *r)
{
    rig_init(r, NULL, 0, NULL);
}

static void apply(struct rig *r, enum watch_type type, const char *name, const char *version)
{
    struct draft d;
    objects_init_draft(&d, "n", name, version, NULL, "x");
    informer_apply(r->informer, type, &d);
    draft_release(&d);
}

static void stage(struct rig *r, const char *name, const char *version)
{
    struct draft d;
    objects_init_draft(&d, "n", name, version, NULL, "x");
    informer_stage_add(r->informer, &d);
    draft_release(&d);
}

static void list_one(struct rig *r)
{
    informer_stage_begin(r->informer, false);
    stage(r, "a", "1");
    informer_stage_commit(r->informer);
    rig_heard(r, "+a:1i synced");
}

static void synced(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);

    assert_false(informer_has_synced(rig.informer));
    assert_false(kube_cache_has_synced(rig.cache));
    informer_stage_begin(rig.informer, false);
    stage(&rig, "a", "1");
    assert_int_equal(0, informer_len(rig.informer)); /* a list in progress is not shown */
    assert_false(informer_has_synced(rig.informer));
    informer_stage_commit(rig.informer);

    assert_true(informer_has_synced(rig.informer));
    assert_true(kube_cache_has_synced(rig.cache));
    rig_heard(&rig, "+a:1i synced");
    informer_stage_begin(rig.informer, false);
    stage(&rig, "a", "1");
    stage(&rig, "b", "2");
    informer_stage_commit(rig.informer);
    rig_heard(&rig, "+b:2"); /* neither initial nor synced again */
    rig_release(&rig);
}

/* A handler that checks what it hears against the store. */
struct checking {
    struct informer_handler handler;
    struct informer *informer;
    size_t calls;
    bool synced, synced_early;
};

static void check_store(struct informer_handler *h, const struct informer_event *e)
{
    struct checking *c = container_of(h, struct checking, handler);
    const struct kube_object *o = e->new_obj ? e->new_obj : e->old_obj;
    cleanup_kube_object struct kube_object *now =
        informer_get(c->informer, kube_object_namespace(o), kube_object_name(o));
    if (e->type == INFORMER_DELETE)
        assert_null(now);
    else
        assert_string_equal(kube_object_resource_version(now), kube_object_resource_version(o));
    if (e->initial && informer_has_synced(c->informer) && c->calls == 0)
        c->synced_early = true;
    c->calls++;
}

static void note_synced(struct informer_handler *h)
{
    container_of(h, struct checking, handler)->synced = true;
}

static void store_is_ahead(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    struct checking c = { .handler = { .on_event = check_store, .on_synced = note_synced },
                          .informer = rig.informer };
    informer_add_handler(rig.informer, &c.handler);

    list_one(&rig);
    assert_false(c.synced_early);
    apply(&rig, WATCH_ADDED, "b", "2");
    apply(&rig, WATCH_MODIFIED, "b", "3");
    apply(&rig, WATCH_DELETED, "b", "4");

    assert_int_equal(4, c.calls);
    informer_remove_handler(rig.informer, &c.handler);
    rig_release(&rig);
}

static void final_state(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    list_one(&rig);

    apply(&rig, WATCH_DELETED, "a", "9"); /* the event's object, not the stored one */

    rig_heard(&rig, "-a:9");
    rig_release(&rig);
}

static void late_handler(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    list_one(&rig);
    apply(&rig, WATCH_ADDED, "b", "2");
    struct recorder late;
    recorder_init(&late);

    informer_add_handler(rig.informer, &late.handler);
    const char *text = buf_str(&late.text);
    assert_true(strcmp(text, "+a:1i +b:2i synced") == 0 || strcmp(text, "+b:2i +a:1i synced") == 0);
    buf_clear(&late.text);
    apply(&rig, WATCH_MODIFIED, "b", "3");

    assert_string_equal("~b:2>3", buf_str(&late.text));
    informer_remove_handler(rig.informer, &late.handler);
    recorder_release(&late);
    rig_release(&rig);
}

static void twice(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);

    informer_add_handler(rig.informer, &rig.recorder.handler); /* it is there already */
    list_one(&rig);                                            /* heard once */

    informer_remove_handler(rig.informer, &rig.recorder.handler);
    informer_remove_handler(rig.informer, &rig.recorder.handler);
    apply(&rig, WATCH_ADDED, "b", "2");
    rig_heard(&rig, "");
    struct recorder foreign;
    recorder_init(&foreign);
    informer_remove_handler(rig.informer, &foreign.handler);
    recorder_release(&foreign);
    rig_release(&rig);
}

/* A handler that leaves during its first call. */
struct leaving {
    struct informer_handler handler;
    struct informer *informer;
    size_t calls;
};

static void leave(struct informer_handler *h, const struct informer_event *e)
{
    (void)e;
    struct leaving *l = container_of(h, struct leaving, handler);
    l->calls++;
    informer_remove_handler(l->informer, h);
}

static void self_removal(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    struct leaving l = { .handler = { .on_event = leave }, .informer = rig.informer };
    struct recorder behind;
    recorder_init(&behind);
    informer_add_handler(rig.informer, &l.handler);
    informer_add_handler(rig.informer, &behind.handler);

    list_one(&rig);
    apply(&rig, WATCH_ADDED, "b", "2");

    assert_int_equal(1, l.calls);
    assert_string_equal("+a:1i synced +b:2", buf_str(&behind.text)); /* nobody is left out */
    informer_remove_handler(rig.informer, &behind.handler);
    recorder_release(&behind);
    rig_release(&rig);
}

/* A handler that holds its call until told. */
struct holding {
    struct informer_handler handler;
    pthread_mutex_t mu;
    pthread_cond_t cv;
    bool inside, go_on, done;
};

static void hold(struct informer_handler *h, const struct informer_event *e)
{
    (void)e;
    struct holding *l = container_of(h, struct holding, handler);
    pthread_mutex_lock(&l->mu);
    l->inside = true;
    pthread_cond_broadcast(&l->cv);
    while (!l->go_on)
        pthread_cond_wait(&l->cv, &l->mu);
    l->done = true;
    pthread_mutex_unlock(&l->mu);
}

struct removal {
    struct rig *rig;
    struct holding *holding;
    bool was_done;
};

static void *apply_one(void *rig)
{
    apply(rig, WATCH_ADDED, "b", "2");
    return NULL;
}

static void *remove_it(void *arg)
{
    struct removal *r = arg;
    informer_remove_handler(r->rig->informer, &r->holding->handler);
    r->was_done = r->holding->done;
    return NULL;
}

static void waits_for_call(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    list_one(&rig);
    struct holding h = { .handler = { .on_event = hold }, .go_on = true };
    pthread_mutex_init(&h.mu, NULL);
    pthread_cond_init(&h.cv, NULL);
    informer_add_handler(rig.informer, &h.handler);
    h.inside = h.done = h.go_on = false;
    struct removal r = { .rig = &rig, .holding = &h };
    pthread_t writer, remover;

    assert_int_equal(0, pthread_create(&writer, NULL, apply_one, &rig));
    pthread_mutex_lock(&h.mu);
    while (!h.inside)
        pthread_cond_wait(&h.cv, &h.mu);
    assert_int_equal(0, pthread_create(&remover, NULL, remove_it, &r));
    h.go_on = true;
    pthread_cond_broadcast(&h.cv);
    pthread_mutex_unlock(&h.mu);
    assert_int_equal(0, pthread_join(writer, NULL));
    assert_int_equal(0, pthread_join(remover, NULL));

    assert_true(r.was_done);
    pthread_mutex_destroy(&h.mu);
    pthread_cond_destroy(&h.cv);
    rig_release(&rig);
}

static void slow(struct informer_handler *h, const struct informer_event *e)
{
    (void)e;
    struct checking *c = container_of(h, struct checking, handler);
    struct fake_clock *clock = container_of(
        (struct clock *)(uintptr_t)c->informer->cache->opt.clock, struct fake_clock, base);
    fake_clock_advance_ms(clock, c->calls++ ? 101 : 99);
}

static void slow_handler(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    list_one(&rig);
    struct checking c = { .handler = { .on_event = slow }, .informer = rig.informer };
    informer_add_handler(rig.informer, &c.handler); /* 99 ms */
    assert_false(log_capture_has(&rig.sink, "took"));

    apply(&rig, WATCH_ADDED, "b", "2");

    assert_true(log_capture_has(&rig.sink, "a handler of configmaps took 101 ms"));
    informer_remove_handler(rig.informer, &c.handler);
    rig_release(&rig);
}

static void resync(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    struct recorder quiet;
    recorder_init(&quiet);
    quiet.handler.wants_resync = false;
    informer_add_handler(rig.informer, &quiet.handler);
    informer_resync(rig.informer); /* nothing to replay before the first list */
    rig_heard(&rig, "");
    list_one(&rig);

    informer_resync(rig.informer);

    rig_heard(&rig, "~a:1>1r");
    assert_string_equal("+a:1i synced", buf_str(&quiet.text));
    informer_remove_handler(rig.informer, &quiet.handler);
    recorder_release(&quiet);
    rig_release(&rig);
}

static void count_one(void *arg, struct kube_object *o)
{
    size_t len;
    assert_non_null(kube_object_bytes(o, &len));
    ++*(size_t *)arg;
}

static void by_value(const struct kube_object *o, index_emit_fn emit, void *arg)
{
    (void)o;
    emit(arg, "all");
}

static void reading(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    list_one(&rig);
    apply(&rig, WATCH_ADDED, "b", "2");
    informer_add_index(rig.informer, "constant", by_value);
    size_t all = 0, in_n = 0, in_m = 0, indexed = 0;

    informer_each(rig.informer, NULL, count_one, &all);
    informer_each(rig.informer, "n", count_one, &in_n);
    informer_each(rig.informer, "m", count_one, &in_m);
    informer_each_indexed(rig.informer, "constant", "all", count_one, &indexed);

    assert_int_equal(2, all);
    assert_int_equal(2, in_n);
    assert_int_equal(0, in_m);
    assert_int_equal(2, indexed);
    assert_int_equal(2, informer_len(rig.informer));
    assert_true(informer_bytes(rig.informer) > 0);
    assert_null(informer_get(rig.informer, "n", "c"));
    rig_release(&rig);
}

/* Late handlers beside a busy stream: no gap, no duplicate. */
static void *write_on(void *arg)
{
    struct rig *rig = arg;
    for (int i = 0; i < 400; i++) {
        cleanup_free char *name = xasprintf("o%d", i % 20);
        cleanup_free char *version = xasprintf("%d", 100 + i);
        apply(rig, i % 5 == 4 ? WATCH_DELETED : WATCH_MODIFIED, name, version);
    }
    return NULL;
}

/* The objects as a handler knows them: versions by number of object; 0: absent. */
struct following {
    struct informer_handler handler;
    int versions[20];
};

static void follow(struct informer_handler *h, const struct informer_event *e)
{
    struct following *f = container_of(h, struct following, handler);
    const struct kube_object *o = e->new_obj ? e->new_obj : e->old_obj;
    if (kube_object_name(o)[0] != 'o')
        return;
    int *known = &f->versions[strtol(kube_object_name(o) + 1, NULL, 10)];
    int version = (int)strtol(kube_object_resource_version(o), NULL, 10);
    if (e->type == INFORMER_ADD && *known)
        abort(); /* a duplicate */
    if (e->type != INFORMER_ADD && !*known)
        abort(); /* a gap */
    if (e->type == INFORMER_UPDATE &&
        *known != (int)strtol(kube_object_resource_version(e->old_obj), NULL, 10))
        abort();
    *known = e->type == INFORMER_DELETE ? 0 : version;
}

static void no_gap(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    list_one(&rig);
    pthread_t writer;
    assert_int_equal(0, pthread_create(&writer, NULL, write_on, &rig));

    for (int i = 0; i < 50; i++) {
        struct following f = { .handler = { .on_event = follow } };
        informer_add_handler(rig.informer, &f.handler);
        informer_remove_handler(rig.informer, &f.handler);
    }
    struct following last = { .handler = { .on_event = follow } };
    informer_add_handler(rig.informer, &last.handler);
    assert_int_equal(0, pthread_join(writer, NULL));

    for (int i = 0; i < 20; i++) {
        cleanup_free char *name = xasprintf("o%d", i);
        cleanup_kube_object struct kube_object *o = informer_get(rig.informer, "n", name);
        assert_int_equal(o ? strtol(kube_object_resource_version(o), NULL, 10) : 0,
                         last.versions[i]);
    }
    informer_remove_handler(rig.informer, &last.handler);
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("synced turns true once, after the initial events", synced),
        CASE("handlers find the new state in the store", store_is_ahead),
        CASE("a deletion carries the final state", final_state),
        CASE("a late handler hears of what is there, then of changes", late_handler),
        CASE("a handler is added and removed once", twice),
        CASE("a handler may remove itself", self_removal),
        CASE("a removal waits for the running call", waits_for_call),
        CASE("a slow handler is named in the log", slow_handler),
        CASE("a resync replays the store to those who asked", resync),
        CASE("objects are read by key, namespace and index", reading),
        CASE("late handlers beside a busy stream miss nothing", no_gap),
    };
    return RUN_CASES("informer", tests);
}
