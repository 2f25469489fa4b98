#include <string.h>

#include "pkg/database/store.h"
#include "test/unit/support/test.h"

static void check_all_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COLLECTIONS; i++) {
        assert_non_null(collections[i].name);
        assert_non_null(collections[i].partition_key);
        assert_non_null(collections[i].doc);
        assert_true(collections[i].ttl_s >= TTL_OWN);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(collections[i].name, collections[k].name);
    }
}

static void check_unique_keys(void **state)
{
    (void)state;
    const struct collection_desc *c = &collections[COLL_OPENSHIFT_CLUSTERS];
    assert_string_equal(c->unique_keys[0], "key");
    assert_string_equal(c->unique_keys[1], "clusterResourceGroupIdKey");
    assert_string_equal(c->unique_keys[2], "clientIdKey");
    assert_null(c->unique_keys[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("describes every collection, each by a name of its own", check_all_named),
        CASE("keeps clusters apart by name, resource group and identity", check_unique_keys),
    };
    return RUN_CASES("collection", tests);
}
