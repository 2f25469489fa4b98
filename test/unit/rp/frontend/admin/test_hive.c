#include <string.h>

#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/test.h"

#define NO_HIVE "500 InternalServerError: hive is not enabled"

struct hive_case {
    const char *name, *target, *want;
};
static struct hive_case cases[] = {
    { "has no SyncSets", "/admin/hivesyncset?cdnamespace=n&issyncset=true", NO_HIVE },
    { "has no SelectorSyncSets", "/admin/hivesyncset?label=l&issyncset=false", NO_HIVE },
    { "has no SyncSet", "/admin/hivesyncset/syncsetname/x?cdnamespace=n&issyncset=1", NO_HIVE },
    { "has no objects", "/admin/hive/k8sobjects/pods?namespace=n", NO_HIVE },
    { "wants to know what is meant", "/admin/hivesyncset",
      "400 InvalidParameter: The provided issyncset '' is invalid. @issyncset" },
    { "wants to know what one is", "/admin/hivesyncset/syncsetname/x?issyncset=maybe",
      "400 InvalidParameter: The provided issyncset 'maybe' is invalid. @issyncset" },
    { "wants the namespace of SyncSets", "/admin/hivesyncset?issyncset=true",
      "400 InvalidParameter: cdnamespace must be provided for SyncSets. @cdnamespace" },
    { "wants no namespace of SelectorSyncSets", "/admin/hivesyncset?issyncset=f&cdnamespace=n",
      "400 InvalidParameter: cdnamespace must not be provided for SelectorSyncSets. "
      "@cdnamespace" },
    { "knows no deployment of a stranger", ADMIN_CLUSTER "/clusterdeployment",
      "404 ResourceNotFound: The Resource 'openshiftclusters/cluster1' under resource group "
      "'group' was not found." },
};

static void check(void **state)
{
    const struct hive_case *h = *state;
    struct clusters c;
    admin_rig_init(&c);
    admin_rig_refused(&c, "GET", h->target, NULL, h->want);
    clusters_release(&c);
}

static int adopt(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(tree, "openShiftCluster.properties.hiveProfile.namespace", "aro-1", err);
}

static void manages_what_it_adopted(void **state)
{
    static const char *const targets[] = { ADMIN_CLUSTER "/clusterdeployment",
                                           ADMIN_CLUSTER "/clustersync" };
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    clusters_create(&c);
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        assert_null(admin_rig_ask(&c, "GET", targets[i], NULL, 204));

    clusters_patch(&c, adopt, NULL);

    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        admin_rig_refused(&c, "GET", targets[i], NULL, NO_HIVE);
    clusters_release(&c);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("manages what it adopted", manages_what_it_adopted);
    return RUN_CASES("Hive", tests);
}
