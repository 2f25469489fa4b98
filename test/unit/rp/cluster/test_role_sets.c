#include "pkg/database/published.h"
#include "rp/cluster/role_sets.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

static void put_set(struct cluster_rig *r, const char *id, const char *minor, bool deleting)
{
    json *tree = json_make("{'id':%s,'platformWorkloadIdentityRoleSet':{'deleting':%b,'properties':"
                           "{'openShiftVersion':%s,'platformWorkloadIdentityRoles':[]}}}",
                           id, deleting, minor);
    assert_int_equal(published_create(&r->ctx, r->db.db, PUBLISHED_ROLE_SETS, tree, NULL, NULL), 0);
}

static void a_set_is_found_by_its_minor_version(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_json json *sets = NULL;
    cluster_rig_open(&r, "{}", NULL, 0);
    put_set(&r, "s1", "4.16", false);
    put_set(&r, "s2", "4.17", false);

    assert_int_equal(role_sets_list(r.c, &r.ctx, &sets, NULL), 0);

    const json *set = role_sets_find(sets, "4.17");
    assert_string_equal(json_path_str(set, "properties.openShiftVersion"), "4.17");
    assert_null(role_sets_find(sets, "4.1"));
}

static void one_that_is_being_deleted_does_not_count(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_json json *sets = NULL;
    cluster_rig_open(&r, "{}", NULL, 0);
    put_set(&r, "s1", "4.17", true);

    assert_int_equal(role_sets_list(r.c, &r.ctx, &sets, NULL), 0);

    assert_null(role_sets_find(sets, "4.17"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a set is found by its minor version", a_set_is_found_by_its_minor_version),
        CASE("one that is being deleted does not count", one_that_is_being_deleted_does_not_count),
    };
    return RUN_CASES("role_sets", tests);
}
