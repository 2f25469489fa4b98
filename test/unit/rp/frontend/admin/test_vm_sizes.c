#include "pkg/api/vm_sizes.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/test.h"

#define TARGET "/admin/supportedvmsizes"

static void each_role_has_its_sizes(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);

    cleanup_json json *masters = admin_rig_ask(&c, "GET", TARGET "?vmRole=master", NULL, 200);
    cleanup_json json *workers = admin_rig_ask(&c, "GET", TARGET "?vmRole=worker", NULL, 200);

    size_t n = 0;
    for (size_t i = 0; i < vm_sizes_len; i++)
        n += (vm_sizes[i].roles & VM_MASTER) != 0;
    assert_int_equal(json_len(masters), n);
    assert_true(json_len(workers) > n);
    admin_rig_is(json_get(masters, "Standard_D8s_v3"),
                 "{'coreCount':8,'family':'standardDSv3Family'}");
    assert_false(json_has(masters, "Standard_D4s_v3"));
    assert_true(json_has(workers, "Standard_D4s_v3"));
    assert_false(json_has(workers, "Standard_D2s_v3"));
    clusters_release(&c);
}

static void other_roles_are_refused(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);

    admin_rig_refused(&c, "GET", TARGET "?vmRole=Master", NULL,
                      "400 InvalidParameter: The provided vmRole 'Master' is invalid. vmRole can "
                      "only be master or worker. @vmRole");
    admin_rig_refused(&c, "GET", TARGET, NULL,
                      "400 InvalidParameter: The provided vmRole '' is invalid. vmRole can only be "
                      "master or worker. @vmRole");
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("each role has its sizes", each_role_has_its_sizes),
        CASE("other roles are refused", other_roles_are_refused),
    };
    return RUN_CASES("sizes of machines", tests);
}
