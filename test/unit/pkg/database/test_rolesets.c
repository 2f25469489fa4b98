#include <string.h>

#include "pkg/database/rolesets.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

static int mark(json *tree, void *arg, struct error **err)
{
    return json_set_str(tree, "platformWorkloadIdentityRoleSet.properties.version", arg, err);
}

static void check_create(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_error struct error *err = NULL;
    cleanup_document struct document d = { 0 };

    assert_int_equal(rolesets_create(&r.ctx, r.db,
                                     rig_tree("{'id':'v','platformWorkloadIdentityRoleSet':{}}"),
                                     NULL, NULL),
                     0);
    assert_int_equal(rolesets_create(&r.ctx, r.db,
                                     rig_tree("{'id':'v','platformWorkloadIdentityRoleSet':{}}"),
                                     NULL, &err),
                     -1);

    assert_int_equal(error_kind(err), ERR_EXISTS);
    assert_int_equal(rolesets_get(&r.ctx, r.db, "v", &d, NULL), 0);
    rig_assert_tree(d.tree, "{'id':'v','platformWorkloadIdentityRoleSet':{}}");
}

static void check_patch(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_ROLE_SETS, "{'id':'v','platformWorkloadIdentityRoleSet':{'new':0}}");
    cleanup_document struct document d = { 0 };
    char version[] = "4.14.1";

    assert_int_equal(rolesets_patch(&r.ctx, r.db, "v", mark, version, &d, NULL), 0);

    rig_assert_tree(
        d.tree,
        "{'id':'v','platformWorkloadIdentityRoleSet':{'new':0,'properties':{'version':'4.14.1'}}}");
}

static void check_withdraw(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_ROLE_SETS, "{'id':'v','platformWorkloadIdentityRoleSet':{}}");
    cleanup_document_page struct document_page before = { 0 }, after = { 0 }, list = { 0 };
    assert_int_equal(rolesets_changes(&r.ctx, r.db, NULL, 0, &before, NULL), 0);

    assert_int_equal(rolesets_withdraw(&r.ctx, r.db, "v", NULL, NULL), 0);

    assert_int_equal(rolesets_changes(&r.ctx, r.db, before.next, 0, &after, NULL), 0);
    assert_int_equal(after.len, 1);
    rig_assert_tree(after.docs[0].tree,
                    "{'id':'v','platformWorkloadIdentityRoleSet':{'deleting':true},'ttl':60}");
    fake_clock_advance_ms(&r.clock, 61 * 1000);
    assert_int_equal(rolesets_list(&r.ctx, r.db, 0, NULL, &list, NULL), 0);
    assert_int_equal(list.len, 0);
}

static void check_delete(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_ROLE_SETS, "{'id':'v'}");
    rig_create(&r, COLL_ROLE_SETS, "{'id':'w'}");
    cleanup_document_page struct document_page p = { 0 };

    assert_int_equal(rolesets_delete(&r.ctx, r.db, "v", NULL), 0);

    assert_int_equal(rolesets_list(&r.ctx, r.db, 0, NULL, &p, NULL), 0);
    assert_int_equal(p.len, 1);
    rig_assert_tree(p.docs[0].tree, "{'id':'w'}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a role set is made once", check_create),
        CASE("a role set is patched and keeps what is unknown", check_patch),
        CASE("a role set that is withdrawn is seen to go", check_withdraw),
        CASE("a role set is deleted at once", check_delete),
    };
    return RUN_CASES("rolesets", tests);
}
