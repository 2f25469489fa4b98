#include <string.h>

#include "pkg/database/documents.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define COLL COLL_GATEWAY

static int put_n(json *tree, void *arg, struct error **err)
{
    (void)err;
    json_put(tree, "n", json_new_int(*(const int *)arg));
    return 0;
}

static void check_patch(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    cleanup_document struct document d = { 0 };
    int n = 7;

    assert_int_equal(documents_patch_by_id(&r.ctx, r.db, COLL, "a", put_n, &n, &d, NULL), 0);

    rig_assert_tree(d.tree, "{'id':'a','n':7}");
}

static void check_delete(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    cleanup_error struct error *err = NULL, *upper = NULL;

    assert_int_equal(documents_delete_by_id(&r.ctx, r.db, COLL, "a", NULL), 0);
    assert_int_equal(documents_delete_by_id(&r.ctx, r.db, COLL, "a", &err), -1);
    assert_int_equal(documents_delete_by_id(&r.ctx, r.db, COLL, "A", &upper), -1);

    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_int_equal(error_kind(upper), ERR_INVALID);
}

/* Readers of the feed see it go; then it is gone by itself. */
static void check_withdraw(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a','gateway':{'id':'x'}}");
    cleanup_document struct document d = { 0 }, after = { 0 };
    cleanup_document_page struct document_page p = { 0 };

    assert_int_equal(documents_withdraw(&r.ctx, r.db, COLL, "a", "gateway", &d, NULL), 0);

    rig_assert_tree(d.tree, "{'id':'a','gateway':{'id':'x','deleting':true},'ttl':60}");
    assert_int_equal(documents_changes(&r.ctx, r.db, COLL, NULL, 0, &p, NULL), 0);
    assert_int_equal(p.len, 1);
    fake_clock_advance_ms(&r.clock, 61 * 1000);
    cleanup_error struct error *err = NULL;
    assert_int_equal(documents_get(&r.ctx, r.db, COLL, "a", "a", &after, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
}

static void check_withdraw_odd(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    cleanup_error struct error *err = NULL;

    assert_int_equal(documents_withdraw(&r.ctx, r.db, COLL, "a", "gateway", NULL, &err), -1);

    assert_string_equal(error_text(err), "the document has no object gateway");
}

static void check_list(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    rig_create(&r, COLL_BILLING, "{'id':'b'}");
    cleanup_document_page struct document_page p = { 0 };

    assert_int_equal(documents_list(&r.ctx, r.db, COLL, 0, NULL, &p, NULL), 0);

    assert_int_equal(p.len, 1);
    rig_assert_tree(p.docs[0].tree, "{'id':'a'}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a document is patched by its id", check_patch),
        CASE("a document is deleted by its id, once", check_delete),
        CASE("a withdrawn document is seen to go", check_withdraw),
        CASE("a document without the object cannot be withdrawn", check_withdraw_odd),
        CASE("a list has the documents of one collection", check_list),
    };
    return RUN_CASES("by_id", tests);
}
