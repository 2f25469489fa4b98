#include "test/unit/support/rp/frontend/admin/azure_rig.h"
#include "test/unit/support/test.h"

static void are_those_that_can_be_had(void **state)
{
    static const struct script_step steps[] = {
        { .reply = "{\"value\":[{\"resourceType\":\"virtualMachines\",\"name\":\"B\"},{"
                   "\"resourceType\":\"virtualMachines\",\"name\":\"C\",\"restrictions\":[{"
                   "\"type\":\"Location\",\"values\":[\"eastus\"]}]},{\"resourceType\":"
                   "\"virtualMachines\",\"name\":\"A\"}]}" }
    };
    (void)state;
    struct azure_rig r;
    azure_rig_init(&r, steps, ARRAY_LEN(steps));

    cleanup_json json *names = admin_rig_ask(&r.c, "GET", ADMIN_CLUSTER "/skus", NULL, 200);

    admin_rig_is(names, "['A','B']");
    azure_rig_asked(&r, "GET /subscriptions/" FRONT_SUB
                        "/providers/Microsoft.Compute/skus?$filter=location%20eq%20%27eastus%27"
                        "&api-version=2021-07-01\n");
    azure_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("are those that can be had", are_those_that_can_be_had),
    };
    return RUN_CASES("sizes in a region", tests);
}
