#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/database/published.h"
#include "rp/cluster/tables.h"
#include "rp/cluster/validate.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

/* A token whose claims are {"oid":"c"}. */
#define SIGNS_IN \
    { \
        .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599," \
                 "\"access_token\":\"e30.eyJvaWQiOiJjIn0.c2ln\"}" \
    }
#define NET RIG_SUBSCRIPTION "/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v"
#define MACHINES \
    "'masterProfile':{'subnetId':'" NET "/subnets/m'},'workerProfiles':[{'subnetId':'" NET \
    "/subnets/w'}]"
#define PERMISSIONS(id, actions) \
    { \
        .request = "GET https://management.azure.com" id \
                   "/providers/Microsoft.Authorization/permissions?api-version=2015-07-01\n" \
                   "Accept: application/json\n@gzip: true\n", \
        .reply = "{\"value\":[{\"actions\":[" actions "]}]}" \
    }
#define ROLE \
    RIG_SUBSCRIPTION "/providers/Microsoft.Authorization/roleDefinitions/" \
                     "ef318e2a-8334-4a05-9e4a-295a196c6a6e"

/* Waits as the environment says: 3 looks. */
static const char *const env[] = { "ARO_RP_VALIDATE_ACCESS_POLL_MS=5",
                                   "ARO_RP_VALIDATE_ACCESS_TIMEOUT_MS=10", NULL };

static void asks_as_the_cluster_and_as_the_provider(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        SIGNS_IN, /* the cluster */
        SIGNS_IN, /* in the directory */
        SIGNS_IN, /* the provider */
        PERMISSIONS(NET, "\"*\""),
        PERMISSIONS(NET, ""),
        PERMISSIONS(NET, ""),
        PERMISSIONS(NET, ""),
    };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open_env(&r, "{" MACHINES "}", env, script, ARRAY_LEN(script));

    assert_int_equal(cluster_validate_resources(r.c, &r.ctx, &err), -1);

    assert_string_equal(error_text(err),
                        "The resource provider service principal (Application ID: first-party) "
                        "does not have Network Contributor role on vnet '" NET "'.");
    assert_string_equal(error_get_code(err), "InvalidResourceProviderPermissions");
    assert_non_null(strstr(r.transport.requests.v[0], "client_id=cluster-app"));
    assert_non_null(strstr(r.transport.requests.v[2], "client_id=first-party"));
}

static void asks_the_decision_point_where_that_is_set(void **state)
{
    (void)state;
    static const char *const decide[] = { "ARO_RP_CHECK_ACCESS=true",
                                          "ARO_RP_VALIDATE_ACCESS_TIMEOUT_MS=0", NULL };
    static const struct script_step script[] = {
        SIGNS_IN, /* the cluster */
        SIGNS_IN, /* in the directory */
        SIGNS_IN, /* the provider */
        SIGNS_IN, /* at the decision point */
        { .reply = "{\"value\":[]}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open_env(&r, "{" MACHINES "}", decide, script, ARRAY_LEN(script));

    assert_int_equal(cluster_validate_resources(r.c, &r.ctx, &err), -1);

    assert_string_equal(error_get_code(err), "InvalidServicePrincipalPermissions");
    assert_non_null(strstr(r.transport.requests.v[3],
                           "client_id=first-party&scope=https%3A%2F%2Fauthorization.azure.net%2F."
                           "default"));
    assert_non_null(strstr(r.transport.requests.v[4],
                           "POST https://eastus.authorization.azure.net/providers/"
                           "Microsoft.Authorization/checkAccess?"));
}

static void an_install_of_the_first_layout_is_not_validated_again(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{'architectureVersion':0,'machineZones':{'masters':[]}," MACHINES "}",
                     NULL, 0);

    assert_int_equal(cluster_validate_resources(r.c, &r.ctx, NULL), 0);
}

/* The first answer of all is a refusal. */
static void check_is_validated(const char *properties)
{
    static const struct script_step script[] = {
        { .status = 401,
          .reply = "{\"error\":\"x\",\"error_description\":\"AADSTS7000222: expired\"}" }
    };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open(&r, properties, script, ARRAY_LEN(script));

    assert_int_equal(cluster_validate_resources(r.c, &r.ctx, &err), -1);

    assert_string_equal(error_get_code(err), "InvalidServicePrincipalCredentials");
}

static void its_update_is(void **state)
{
    (void)state;
    check_is_validated("{'architectureVersion':0,'provisioningState':'Updating','machineZones':"
                       "{'masters':[]}," MACHINES "}");
}

static void an_install_of_the_second_layout_is(void **state)
{
    (void)state;
    check_is_validated("{'machineZones':{'masters':[]}," MACHINES "}");
}

static void one_that_has_not_passed_is(void **state)
{
    (void)state;
    check_is_validated("{'architectureVersion':0,'install':{'phase':0}," MACHINES "}");
}

static void add_role_set(struct cluster_rig *r, const char *version, const char *operator)
{
    json *set = json_make("{'platformWorkloadIdentityRoleSet':{'properties':{'openShiftVersion':%s,"
                          "'platformWorkloadIdentityRoles':[{'operatorName':%s}]}}}",
                          version, operator);
    assert_int_equal(published_create(&r->ctx, r->db.db, PUBLISHED_ROLE_SETS, set, NULL, NULL), 0);
}

static void identities_are_those_of_the_role_sets(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        SIGNS_IN,
        { .request = "GET https://management.azure.com" ROLE
                     "?api-version=2018-01-01-preview\nAccept: application/json\n@gzip: true\n",
          .reply = "{\"properties\":{\"permissions\":[{\"actions\":[\"a\"]}]}}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open(&r,
                     "{'clusterProfile':{'version':'4.14.2'},'platformWorkloadIdentityProfile':{"
                     "'platformWorkloadIdentities':{}}," MACHINES "}",
                     script, ARRAY_LEN(script));
    json_put(json_get(r.c->doc, "openShiftCluster"), "managedServiceIdentity",
             json_make("{'userAssignedIdentities':{'/i':{'principalId':'o'}}}"));
    add_role_set(&r, "4.13", "thirteen");
    add_role_set(&r, "4.14", "fourteen");

    assert_int_equal(cluster_validate_resources(r.c, &r.ctx, &err), -1);

    assert_string_equal(error_text(err),
                        "The provided platform workload identities are not those that the "
                        "OpenShift minor version '4.14' requires: fourteen.");
}

static void workload_identities_are_refused_before_anything_is_made(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;

    assert_int_equal(cluster_refuse_workload_identities(NULL, NULL, &err), -1);

    assert_string_equal(error_get_code(err), "InvalidParameter");
    assert_string_equal(error_get_target(err), "properties.platformWorkloadIdentityProfile");
    for (int layout = LAYOUT_V1; layout <= LAYOUT_V2; layout++)
        assert_ptr_equal(install_tables[layout][PHASE_BOOTSTRAP].v[1].step.act,
                         cluster_refuse_workload_identities);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("Azure is asked as the cluster and as the provider",
             asks_as_the_cluster_and_as_the_provider),
        CASE("the decision point is asked where that is set",
             asks_the_decision_point_where_that_is_set),
        CASE("an install of the first layout that has passed is not validated again",
             an_install_of_the_first_layout_is_not_validated_again),
        CASE("an update of it is", its_update_is),
        CASE("an install of the second layout is", an_install_of_the_second_layout_is),
        CASE("one of the first layout that has begun but not passed is",
             one_that_has_not_passed_is),
        CASE("identities are those of the version's role set",
             identities_are_those_of_the_role_sets),
        CASE("workload identities are refused before anything is made",
             workload_identities_are_refused_before_anything_is_made),
    };
    return RUN_CASES("validation step", tests);
}
