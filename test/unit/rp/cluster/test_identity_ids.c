#include "rp/cluster/identity_ids.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

#define UAI(name) \
    RIG_SUBSCRIPTION "/resourceGroups/ids/providers/Microsoft.ManagedIdentity/" \
                     "userAssignedIdentities/" name
#define READS(name) \
    .request = "GET https://management.azure.com" UAI( \
        name) "?api-version=2018-11-30\nAccept: application/json\n@gzip: true\n"
#define IS(client, object) \
    .reply = "{\"properties\":{\"clientId\":\"" client "\",\"principalId\":\"" object "\"}}"
#define WORKLOAD \
    "{'platformWorkloadIdentityProfile':{'upgradeableTo':'4.15.1','platformWorkloadIdentities':{" \
    "'disk':{'resourceId':'" UAI("d") "','more':'x'},'file':{'resourceId':'" UAI( \
        "f") "','clientId':'old','objectId':'old'}}}}"
#define IDENTITY(operator, member) \
    "platformWorkloadIdentityProfile.platformWorkloadIdentities." operator"." member

static void workload_identities_are_looked_up(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { READS("d"), IS("client-d", "object-d") },
        { READS("f"), IS("client-f", "object-f") },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, WORKLOAD, script, ARRAY_LEN(script));

    assert_int_equal(cluster_ensure_workload_identity_ids(r.c, &r.ctx, NULL), 0);

    cluster_rig_assert(&r, IDENTITY("disk", "clientId"), "client-d");
    cluster_rig_assert(&r, IDENTITY("disk", "objectId"), "object-d");
    cluster_rig_assert(&r, IDENTITY("disk", "resourceId"), UAI("d"));
    cluster_rig_assert(&r, IDENTITY("disk", "more"), "x");
    cluster_rig_assert(&r, IDENTITY("file", "clientId"), "client-f");
    cluster_rig_assert(&r, IDENTITY("file", "objectId"), "object-f");
    cluster_rig_assert(&r, "platformWorkloadIdentityProfile.upgradeableTo", "4.15.1");
}

static void one_that_is_gone_is_told(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { READS("d"), IS("client-d", "object-d") },
        { .status = 404, .reply = "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"m\"}}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open(&r, WORKLOAD, script, ARRAY_LEN(script));

    assert_int_equal(cluster_ensure_workload_identity_ids(r.c, &r.ctx, &err), -1);

    assert_string_equal(error_text(err), "The identity '" UAI("f") "' could not be found.");
    assert_string_equal(error_get_code(err), "InvalidParameter");
    assert_string_equal(error_get_target(err),
                        "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities");
    cluster_rig_assert(&r, IDENTITY("disk", "clientId"), NULL);
}

static int add_own(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_path_put(
        tree, "openShiftCluster.managedServiceIdentity",
        json_make("{'type':'UserAssigned','userAssignedIdentities':{'" UAI("own") "':{}}}"), err);
}

static void the_clusters_own_is_looked_up_by_its_key(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { READS("own"), IS("client-o", "object-o") },
        { READS("own"), IS("client-o", "object-o") },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));
    assert_int_equal(cluster_patch(r.c, &r.ctx, add_own, NULL, NULL), 0);

    assert_int_equal(cluster_ensure_identity_ids(r.c, &r.ctx, NULL), 0);
    int replaces = atomic_load(&r.db.spy->replaces);
    assert_int_equal(cluster_ensure_identity_ids(r.c, &r.ctx, NULL), 0);

    assert_int_equal(atomic_load(&r.db.spy->replaces), replaces); /* nothing was new */
    const json *own = json_get(
        json_path(r.c->doc, "openShiftCluster.managedServiceIdentity.userAssignedIdentities"),
        UAI("own"));
    assert_string_equal(json_path_str(own, "clientId"), "client-o");
    assert_string_equal(json_path_str(own, "principalId"), "object-o");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("IDs of workload identities are looked up", workload_identities_are_looked_up),
        CASE("one that is gone is told, and nothing is kept", one_that_is_gone_is_told),
        CASE("the cluster's own is looked up by its key", the_clusters_own_is_looked_up_by_its_key),
    };
    return RUN_CASES("IDs of identities", tests);
}
