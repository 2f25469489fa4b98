#include <string.h>

#include "pkg/database/maintenanceschedules.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

static int disable(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(tree, "maintenanceSchedule.state", "Disabled", err);
}

static void check_life(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_document struct document made = { 0 }, d = { 0 };
    cleanup_document_page struct document_page all = { 0 }, before = { 0 }, after = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        maintenanceschedules_create(&r.ctx, r.db,
                                    rig_tree("{'maintenanceSchedule':{'state':'Enabled',"
                                             "'selectors':[{'key':'k','new':0}]}}"),
                                    &made, NULL),
        0);
    const char *id = json_path_str(made.tree, "id");
    assert_int_equal(maintenanceschedules_list_valid(&r.ctx, r.db, 0, NULL, &before, NULL), 0);
    assert_int_equal(maintenanceschedules_patch(&r.ctx, r.db, id, disable, NULL, NULL, NULL), 0);
    assert_int_equal(maintenanceschedules_list_valid(&r.ctx, r.db, 0, NULL, &after, NULL), 0);
    assert_int_equal(maintenanceschedules_list(&r.ctx, r.db, 0, NULL, &all, NULL), 0);
    assert_int_equal(maintenanceschedules_get(&r.ctx, r.db, id, &d, NULL), 0);
    assert_int_equal(maintenanceschedules_create(&r.ctx, r.db, json_give_copy(d.tree), NULL, &err),
                     -1);

    assert_int_equal(before.len, 1);
    assert_int_equal(after.len, 0);
    assert_int_equal(all.len, 1);
    assert_int_equal(json_path_int(d.tree, "maintenanceSchedule.selectors[0].new", 1), 0);
    assert_int_equal(error_kind(err), ERR_PRECONDITION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a schedule is valid until it is disabled", check_life),
    };
    return RUN_CASES("maintenanceschedules", tests);
}
