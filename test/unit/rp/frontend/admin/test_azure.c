#include "test/unit/support/rp/frontend/admin/azure_rig.h"
#include "test/unit/support/test.h"

#define TARGET ADMIN_CLUSTER "/skus"

static void needs_a_cluster(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    admin_rig_refused(&c, "GET", TARGET, NULL,
                      "404 ResourceNotFound: The Resource 'openshiftclusters/cluster1' under "
                      "resource group 'group' was not found.");
    clusters_release(&c);
}

static void needs_a_way_there(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    clusters_create(&c);
    admin_rig_refused(&c, "GET", TARGET, NULL,
                      "500 InternalServerError: Azure is not asked from here");
    clusters_release(&c);
}

static int forget_group(json *tree, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    (void)json_path_del(tree, "openShiftCluster.properties.clusterProfile.resourceGroupId");
    return 0;
}

static void needs_a_group_of_machines(void **state)
{
    (void)state;
    struct azure_rig r;
    azure_rig_init(&r, NULL, 0);
    clusters_patch(&r.c, forget_group, NULL);
    admin_rig_refused(&r.c, "GET", TARGET, NULL,
                      "500 InternalServerError: the documents name no tenant or no resource group "
                      "of the machines");
    azure_rig_asked(&r, "");
    azure_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("needs a cluster", needs_a_cluster),
        CASE("needs a way there", needs_a_way_there),
        CASE("needs a group of machines", needs_a_group_of_machines),
    };
    return RUN_CASES("Azure for administrators", tests);
}
