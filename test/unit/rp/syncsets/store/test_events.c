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
    assert_int_equal(sets_events(&r.ctx, r.store, NULL, 0, 10, refuse, NULL, &last, NULL), -1);
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
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "relay", 1, NULL), 0); /* never back */
    assert_int_equal(sets_compact(&r.ctx, r.store, -10, NULL), 0);
    assert_int_equal(sets_floor(&r.ctx, r.store, &floor, NULL), 0);
    assert_int_equal(floor, 2);
    assert_int_equal(sets_compact(&r.ctx, r.store, 3600, NULL), 0);
    assert_int_equal(sets_floor(&r.ctx, r.store, &floor, NULL), 0);
    assert_int_equal(floor, 2);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a visit ends when told", a_visit_ends_when_told),
        CASE("compaction passes no cursor", compaction_passes_no_cursor),
    };
    return RUN_CASES("events", tests);
}
