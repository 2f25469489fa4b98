#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static int64_t number(struct sets_rig *r, const char *text)
{
    cleanup_sql struct sql *c = NULL;
    int64_t n = -1;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r->ctx, c, text, NULL, 0, &n, NULL), 0);
    return n;
}

static void a_marked_cluster_is_due(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS,
                              "{'metadata':{'name':'a','namespace':'n','labels':{'env':'prod'}},'"
                              "spec':{'kubeconfig':'foobar'}}"));
    assert_int_equal(sets_mark(&r.ctx, r.store, "n", "a", false, "ann", NULL), 0);
    sets_rig_script(
        &r, "UPDATE cluster_work SET quarantined = 1, dirty_revision = 1, due_at = 99999999999");
    assert_int_equal(sets_mark(&r.ctx, r.store, "n", "a", true, "bob", NULL), 0);
    assert_int_equal(
        number(
            &r,
            "SELECT count(*) FROM cluster_work WHERE quarantined IS NULL AND due_at < 99999999999"),
        1);
    assert_int_equal(sets_mark(&r.ctx, r.store, "n", "b", false, "ann", NULL), -1);
    assert_int_equal(number(&r, "SELECT dirty_revision FROM cluster_work"), 3);
    assert_int_equal(number(&r, "SELECT count(*) FROM audit WHERE name = 'a' AND type = 'clusters' "
                                "AND (verb = 'resync' AND actor = 'ann' OR verb = 'requeue' AND "
                                "actor = 'bob')"),
                     2);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a marked cluster is due", a_marked_cluster_is_due),
    };
    return RUN_CASES("work", tests);
}
