#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static int note(void *arg, const struct sets_event *e, struct error **err)
{
    (void)err;
    struct buf *b = arg;
    buf_addf(b, "%lld<%lld %s %s %s/%s;", (long long)e->revision, (long long)e->prev, e->op,
             e->type, e->nspace, e->name);
    return 0;
}

static void a_cluster_comes_with_its_namespace_and_sync(void **state)
{
    (void)state;
    struct sets_rig r;
    int64_t last;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    sets_rig_init(&r);
    cleanup_json json *o = sets_rig_create(&r, TYPE_CLUSTERS,
                                           "{'metadata':{'name':'a','namespace':'n','labels':{'env'"
                                           ":'prod'}},'spec':{'kubeconfig':'foobar'}}");
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'metadata':{'name':'b','namespace':'n'}}"));
    assert_string_equal(json_path_str(o, "metadata.resourceVersion"), "2");
    assert_int_equal(sets_events(&r.ctx, r.store, 0, 100, note, &b, &last, NULL), 0);
    assert_string_equal(buf_str(&b),
                        "1<0 ADDED namespaces /n;2<0 ADDED clusters n/a;3<0 ADDED clustersyncs n/a;"
                        "4<2 ADDED clusters n/b;5<3 ADDED clustersyncs n/b;");
    sets_rig_release(&r);
}

/* A second passes each time somebody looks. */
static int64_t hasty_wall(const struct clock *c)
{
    static atomic_llong ahead_ns;
    (void)c;
    return clock_wall_ns(clock_system()) + atomic_fetch_add(&ahead_ns, NS_PER_S);
}

static void what_is_answered_is_what_is_stored(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    struct clock hasty = *clock_system();
    hasty.wall_ns = hasty_wall;
    r.ctx.clock = &hasty;
    cleanup_json json *made =
        sets_rig_create(&r, TYPE_CLUSTERS, "{'metadata':{'name':'a','namespace':'n'}}");
    cleanup_json json *stored = NULL;
    assert_int_equal(sets_get(&r.ctx, r.store, &api_types[TYPE_CLUSTERS], "n", "a", &stored, NULL),
                     0);
    assert_string_equal(json_path_str(made, "metadata.creationTimestamp"),
                        json_path_str(stored, "metadata.creationTimestamp"));
    r.ctx.clock = clock_system();
    sets_rig_release(&r);
}

static void twice_is_refused_without_a_trace(void **state)
{
    (void)state;
    struct sets_rig r;
    int64_t before, after;
    cleanup_error struct error *err = NULL;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS,
                              "{'metadata':{'name':'a','namespace':'n','labels':{'env':'prod'}},'"
                              "spec':{'kubeconfig':'foobar'}}"));
    assert_int_equal(sets_revision(&r.ctx, r.store, &before, NULL), 0);
    assert_int_equal(sets_rig_try_create(&r, TYPE_CLUSTERS,
                                         "{'metadata':{'name':'a','namespace':'n','labels':{'env':'"
                                         "prod'}},'spec':{'kubeconfig':'foobar'}}",
                                         NULL, &err),
                     -1);
    assert_true(error_is(err, ERR_EXISTS));
    assert_int_equal(sets_revision(&r.ctx, r.store, &after, NULL), 0);
    assert_int_equal(before, after);
    sets_rig_release(&r);
}

static void a_full_namespace_takes_no_more(void **state)
{
    (void)state;
    struct sets_rig r;
    cleanup_error struct error *err = NULL;
    sets_rig_init(&r);
    json_free(
        sets_rig_create(&r, TYPE_NAMESPACES, "{'metadata':{'name':'n'},'spec':{'maxClusters':1}}"));
    json_free(sets_rig_create(&r, TYPE_CLUSTERS,
                              "{'metadata':{'name':'a','namespace':'n','labels':{'env':'prod'}},'"
                              "spec':{'kubeconfig':'foobar'}}"));
    assert_int_equal(sets_rig_try_create(&r, TYPE_CLUSTERS,
                                         "{'metadata':{'name':'b','namespace':'n'}}", NULL, &err),
                     -1);
    assert_true(error_is(err, ERR_FORBIDDEN));
    sets_rig_release(&r);
}

#define RACERS 8

struct racer {
    struct sets_rig *r;
    int i;
};
static void race(void *arg)
{
    const struct racer *me = arg;
    cleanup_free char *body = xasprintf("{'metadata':{'name':'c%d','namespace':'n'}}", me->i);
    cleanup_error struct error *err = NULL;
    if (sets_rig_try_create(me->r, TYPE_CLUSTERS, body, NULL, &err) < 0)
        assert_true(error_is(err, ERR_FORBIDDEN));
}

static void no_race_fills_a_namespace_too_much(void **state)
{
    (void)state;
    struct sets_rig r;
    struct racer racers[RACERS];
    pthread_t threads[RACERS];
    int64_t n = 0;
    sets_rig_init(&r);
    json_free(
        sets_rig_create(&r, TYPE_NAMESPACES, "{'metadata':{'name':'n'},'spec':{'maxClusters':2}}"));
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){ &r, i };
        assert_int_equal(thread_start(&threads[i], "racer", race, &racers[i], NULL), 0);
    }
    for (int i = 0; i < RACERS; i++)
        pthread_join(threads[i], NULL);
    {
        cleanup_sql struct sql *c = NULL;
        assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_READ, &c, NULL), 0);
        assert_int_equal(sets_number(&r.ctx, c, "SELECT count(*) FROM clusters", NULL, 0, &n, NULL),
                         0);
    }
    assert_int_equal(n, 2);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a cluster comes with its namespace and sync",
             a_cluster_comes_with_its_namespace_and_sync),
        CASE("what is answered is what is stored", what_is_answered_is_what_is_stored),
        CASE("twice is refused without a trace", twice_is_refused_without_a_trace),
        CASE("a full namespace takes no more", a_full_namespace_takes_no_more),
        CASE("no race fills a namespace too much", no_race_fills_a_namespace_too_much),
    };
    return RUN_CASES("create", tests);
}
