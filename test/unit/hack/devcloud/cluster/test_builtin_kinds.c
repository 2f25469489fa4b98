#include "hack/devcloud/cluster/builtin.h"
#include "hack/devcloud/cluster/catalog.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static void types_are_known(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    for (size_t i = 0; i < builtin_kinds_len; i++) {
        const struct builtin_kind *k = &builtin_kinds[i];
        const struct schema *type = catalog_type(c, k->type);
        if (!type || !schema_field(type, "metadata"))
            fail_msg("%s: no type %s with metadata", k->resource, k->type);
    }
}

static void resources_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < builtin_kinds_len; i++)
        for (size_t j = i + 1; j < builtin_kinds_len; j++)
            if (str_eq(builtin_kinds[i].group, builtin_kinds[j].group) &&
                str_eq(builtin_kinds[i].version, builtin_kinds[j].version) &&
                str_eq(builtin_kinds[i].resource, builtin_kinds[j].resource))
                fail_msg("%s stands there twice", builtin_kinds[i].resource);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every kind has a type with metadata", types_are_known),
        CASE("no resource stands there twice", resources_are_unique),
    };
    return RUN_CASES("builtin_kinds", tests);
}
