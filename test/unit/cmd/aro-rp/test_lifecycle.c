#include <string.h>

#include "cmd/aro-rp/lifecycle.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

struct failing_case {
    const char *name, *state, *want;
};
static struct failing_case cases[] = {
    { "a create fails for want of an installer", "Creating",
      "This build of the resource provider carries no installer and cannot create clusters. "
      "Nothing was changed in Azure. Run a build with an installer, then delete the cluster and "
      "create it again." },
    { "an update fails for want of an installer", "Updating",
      "This build of the resource provider carries no installer and cannot update clusters. "
      "Nothing was changed in Azure. Run a build with an installer, then repeat the update." },
};

static void open_rig(struct backend_rig *r, const char *state)
{
    backend_rig_open(r);
    r->cfg.manager = &lifecycle_ops;
    backend_rig_cluster(r, "c", state, "");
}

static void check_failure(void **state)
{
    const struct failing_case *c = *state;
    cleanup_backend_rig struct backend_rig r;
    open_rig(&r, c->state);

    assert_true(backend_rig_work(&r));

    backend_rig_assert_state(&r, "c", "Failed");
    backend_rig_assert_cluster(&r, "c", "openShiftCluster.properties.failedProvisioningState",
                               c->state);
    backend_rig_assert_async(&r, "c", "asyncOperation.error.code", LIFECYCLE_NO_INSTALLER);
    backend_rig_assert_async(&r, "c", "asyncOperation.error.message", c->want);
}

static void deletes_end_well(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    open_rig(&r, "Deleting");
    r.cfg.settings.delete_delay_ms = 0;

    assert_true(backend_rig_work(&r));

    backend_rig_assert_cluster(&r, "c", "id", NULL);
    backend_rig_assert_async(&r, "c", "asyncOperation.status", "Succeeded");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_failure, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("a delete ends well", deletes_end_well);
    return RUN_CASES("lifecycle", tests);
}
