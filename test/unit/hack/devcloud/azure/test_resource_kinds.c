#include <string.h>

#include "hack/devcloud/azure/resource.h"
#include "test/unit/support/test.h"

static void check_find(void **state)
{
    (void)state;
    const struct resource_kind *kind = resource_find_kind("MICROSOFT.COMPUTE/virtualmachines");
    assert_non_null(kind);
    assert_string_equal(kind->type, "Microsoft.Compute/virtualMachines");
    assert_null(resource_find_kind("Microsoft.Compute"));
    assert_null(resource_find_kind("Microsoft.Network/virtualNetworks"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("kinds are found in any letter case", check_find),
    };
    return RUN_CASES("resource_kinds", tests);
}
