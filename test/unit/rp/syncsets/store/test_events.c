#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static int refuse(void *arg, const struct sets_event *e, struct error **err)
{
    (void)arg;
    return e->revision == 2 ? error_set(err, ERR_CANCELLED, "enough") : 0;
}

static void a_visit_ends_when_told(void **state)
{
    (void)state;
    struct sets_rig r;
    int64_t last;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS,
                              "{'metadata':{'name':'a','namespace':'n','labels':{'env':'prod'}},'"
                              "spec':{'kubeconfig':'foobar'}}"));
    assert_int_equal(sets_events(&r.ctx, r.store, 0, 10, refuse, NULL, &last, NULL), -1);
    assert_int_equal(last, 1);
    sets_rig_release(&r);
}

static void compaction_passes_no_cursor(void **state)
{
    (void)state;
    struct sets_rig r;
    int64_t floor;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS,
                              "{'metadata':{'name':'a','namespace':'n','labels':{'env':'prod'}},'"
                              "spec':{'kubeconfig':'foobar'}}"));
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "relay", 2, NULL), 0);
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "matcher", 2, NULL), 0);
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "relay", 1, NULL), 0); /* never back */
    assert_int_equal(sets_compact(&r.ctx, r.store, -10, NULL), 0);
    assert_int_equal(sets_floor(&r.ctx, r.store, &floor, NULL), 0);
    assert_int_equal(floor, 2);
    assert_int_equal(sets_compact(&r.ctx, r.store, 3600, NULL), 0);
    assert_int_equal(sets_floor(&r.ctx, r.store, &floor, NULL), 0);
    assert_int_equal(floor, 2);
    sets_rig_release(&r);
}

static void an_old_time_behind_a_young_one_stays(void **state)
{
    (void)state;
    struct sets_rig r;
    int64_t floor;
    sets_rig_init(&r);
    for (int i = 0; i < 2; i++) {
        cleanup_free char *body = xasprintf("{'name':'c%d','namespace':'n'}", i);
        json_free(sets_rig_create(&r, TYPE_CLUSTERS, body));
    }
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "relay", 5, NULL), 0);
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "matcher", 5, NULL), 0);
    sets_rig_script(&r, "UPDATE events SET created_at = 1 WHERE revision IN (1, 3)");
    assert_int_equal(sets_compact(&r.ctx, r.store, 3600, NULL), 0);
    assert_int_equal(sets_floor(&r.ctx, r.store, &floor, NULL), 0);
    assert_int_equal(floor, 1);
    sets_rig_release(&r);
}

static int pass(void *arg, const struct sets_event *e, struct error **err)
{
    (void)arg;
    (void)err;
    return e->revision == 3;
}

static void what_was_compacted_is_told(void **state)
{
    (void)state;
    struct sets_rig r;
    int64_t last;
    struct error *err = NULL;
    sets_rig_init(&r);
    for (int i = 0; i < 2; i++) {
        cleanup_free char *body = xasprintf("{'name':'c%d','namespace':'n'}", i);
        json_free(sets_rig_create(&r, TYPE_CLUSTERS, body));
    }
    assert_int_equal(sets_events(&r.ctx, r.store, 0, 10, pass, NULL, &last, NULL), 0);
    assert_int_equal(last, 3); /* the visit had enough */
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "relay", 2, NULL), 0);
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "matcher", 2, NULL), 0);
    assert_int_equal(sets_compact(&r.ctx, r.store, -10, NULL), 0);
    assert_int_equal(sets_events(&r.ctx, r.store, 1, 10, pass, NULL, &last, &err), -1);
    assert_true(error_is(err, ERR_GONE));
    error_clear(&err);
    assert_int_equal(sets_events(&r.ctx, r.store, 2, 10, pass, NULL, &last, NULL), 0);
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "relay", 9, NULL), 0);
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "matcher", 9, NULL), 0);
    assert_int_equal(sets_compact(&r.ctx, r.store, -10, NULL), 0);
    assert_int_equal(sets_events(&r.ctx, r.store, 2, 10, pass, NULL, &last, &err), -1);
    assert_true(error_is(err, ERR_GONE));
    error_free(err);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a visit ends when told", a_visit_ends_when_told),
        CASE("compaction passes no cursor", compaction_passes_no_cursor),
        CASE("an old time behind a young one stays", an_old_time_behind_a_young_one_stays),
        CASE("what was compacted is told", what_was_compacted_is_told),
    };
    return RUN_CASES("events", tests);
}
