#include <string.h>

#include "pkg/database/billing.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define NEW "{'id':'b','key':'/k','infraId':'i','billing':{'location':'eastus','tenantID':'t'}}"

static void create(struct database_rig *r)
{
    assert_int_equal(billing_create(&r->ctx, r->db, rig_tree(NEW), NULL, NULL), 0);
}

static void check_create(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *again = NULL, *upper = NULL;

    assert_int_equal(billing_create(&r.ctx, r.db, rig_tree(NEW), &d, NULL), 0);
    assert_int_equal(billing_create(&r.ctx, r.db, rig_tree(NEW), NULL, &again), -1);
    assert_int_equal(billing_create(&r.ctx, r.db, rig_tree("{'id':'c','key':'/K'}"), NULL, &upper),
                     -1);

    assert_int_equal(json_path_int(d.tree, "billing.creationTime", 0), RIG_NOW_S);
    assert_string_equal(json_path_str(d.tree, "billing.tenantID"), "t");
    assert_int_equal(error_kind(again), ERR_EXISTS);
    assert_int_equal(error_kind(upper), ERR_INVALID);
}

static void check_first_deletion(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create(&r);
    cleanup_document struct document first = { 0 }, second = { 0 };
    cleanup_error struct error *err = NULL;

    fake_clock_advance_ms(&r.clock, 5000);
    assert_int_equal(billing_mark_deleted(&r.ctx, r.db, "b", &first, NULL), 0);
    fake_clock_advance_ms(&r.clock, 5000);
    assert_int_equal(billing_mark_deleted(&r.ctx, r.db, "b", &second, NULL), 0);
    assert_int_equal(billing_mark_deleted(&r.ctx, r.db, "none", NULL, &err), -1);

    assert_int_equal(json_path_int(first.tree, "billing.deletionTime", 0), RIG_NOW_S + 5);
    assert_int_equal(json_path_int(second.tree, "billing.deletionTime", 0), RIG_NOW_S + 5);
    assert_int_equal(json_path_int(second.tree, "billing.creationTime", 0), RIG_NOW_S);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
}

static int bill(json *tree, void *arg, struct error **err)
{
    return json_path_put(tree, "billing.lastBillingTime", json_new_int(*(const int *)arg), err);
}

static void check_rest(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create(&r);
    cleanup_document_page struct document_page p = { 0 };
    cleanup_document struct document gone = { 0 };
    int time = 7;

    assert_int_equal(billing_patch(&r.ctx, r.db, "b", bill, &time, NULL, NULL), 0);
    assert_int_equal(billing_list(&r.ctx, r.db, 0, NULL, &p, NULL), 0);
    assert_int_equal(billing_delete(&r.ctx, r.db, "b", NULL), 0);

    assert_int_equal(p.len, 1);
    assert_int_equal(json_path_int(p.docs[0].tree, "billing.lastBillingTime", 0), 7);
    assert_int_equal(billing_get(&r.ctx, r.db, "b", &gone, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a cluster that comes is noted with the server's time", check_create),
        CASE("the first deletion decides", check_first_deletion),
        CASE("the billing service reads, writes and deletes", check_rest),
    };
    return RUN_CASES("billing", tests);
}
