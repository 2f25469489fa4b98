#include <string.h>

#include "pkg/database/openshiftclusters.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/test.h"

#define TARGET ADMIN_CLUSTER "/selectors"

static void are_those_of_the_cluster(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    clusters_create(&c);
    clusters_set_subscription(&c, "Warned");
    cleanup_json json *document = clusters_give_document(&c);

    cleanup_json json *got = admin_rig_ask(&c, "GET", TARGET, NULL, 200);

    assert_string_equal(json_path_str(got, "resourceID"), CLUSTER_KEY);
    assert_int_equal(strtol(json_path_str(got, "bucketID"), NULL, 10),
                     json_path_int(document, "bucket", 0));
    assert_string_equal(json_path_str(got, "subscriptionState"), "Warned");
    assert_string_equal(json_path_str(got, "provisioningState"), "Creating");
    assert_string_equal(json_path_str(got, "isManagedDomain"), "true");
    assert_int_equal(json_len(got), 10);
    clusters_release(&c);
}

static void need_a_cluster(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    admin_rig_refused(&c, "GET", TARGET, NULL,
                      "404 ResourceNotFound: The Resource 'openshiftclusters/cluster1' under "
                      "resource group 'group' was not found.");
    clusters_release(&c);
}

#define OTHER "00000000-0000-0000-0000-00000000000b"
#define OTHER_KEY \
    "/subscriptions/" OTHER \
    "/resourcegroups/g/providers/microsoft.redhatopenshift/openshiftclusters/n"

static void need_a_subscription(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    json *tree = json_make("{'key':%s,'clusterResourceGroupIdKey':'g','clientIdKey':'c',"
                           "'openShiftCluster':{'id':%s}}",
                           OTHER_KEY, OTHER_KEY);
    assert_int_equal(openshiftclusters_create(&c.ctx, c.db, tree, NULL, NULL), 0);

    admin_rig_refused(&c, "GET", "/admin" OTHER_KEY "/selectors", NULL,
                      "404 ResourceNotFound: The subscription ID '" OTHER "' was not found.");
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("are those of the cluster", are_those_of_the_cluster),
        CASE("need a cluster", need_a_cluster),
        CASE("need a subscription", need_a_subscription),
    };
    return RUN_CASES("selectors of a cluster", tests);
}
