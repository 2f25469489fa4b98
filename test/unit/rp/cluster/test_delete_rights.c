#include "rp/cluster/delete_rights.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define OUR_GROUP \
    { \
        .reply = "{\"location\":\"eastus\",\"managedBy\":\"" RIG_KEY("a") "\"}" \
    }
#define AUTHORIZATION RIG_GROUP "/providers/Microsoft.Authorization/"
#define ASSIGNMENT(id, scope, role) \
    "{\"id\":\"/" id "\",\"properties\":{\"scope\":\"" scope "\",\"roleDefinitionId\":\"/x/" role \
    "\"}}"
#define DEFINITION(id, name, type, scope) \
    "{\"id\":\"/" id "\",\"properties\":{\"roleName\":\"" name "\",\"type\":\"" type \
    "\",\"assignableScopes\":[\"" scope "\"]}}"

static void check_assignments(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        OUR_GROUP,
        { .request = REQUEST("GET", RIG_ARM AUTHORIZATION
                             "roleAssignments?api-version=2018-09-01-preview"),
          .reply = "{\"value\":[" ASSIGNMENT("inherited", RIG_SUBSCRIPTION, "r1") "," ASSIGNMENT(
              "ours", RIG_SUBSCRIPTION "/resourceGroups/aro-a",
              "r1") "," ASSIGNMENT("owner", RIG_GROUP,
                                   "8e3af657-a8ff-443c-a75c-2fe8c4bcb635") "," ASSIGNMENT("inside",
                                                                                          RIG_GROUP
                                                                                          "/provide"
                                                                                          "rs/x/y/"
                                                                                          "z",
                                                                                          "r1") "]"
                                                                                                "}" },
        { .request = REQUEST("DELETE", RIG_ARM "/ours?api-version=2018-09-01-preview") },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    run_step(&r, cluster_delete_role_assignments);

    cluster_rig_close(&r);
}

static void check_definitions(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        OUR_GROUP,
        { .request = REQUEST("GET", RIG_ARM AUTHORIZATION
                             "roleDefinitions?api-version=2018-01-01-preview"),
          .reply = "{\"value\":[" DEFINITION("builtin", "Owner", "BuiltInRole", "/") "," DEFINITION(
              "theirs", "Mine", "CustomRole",
              RIG_GROUP) "," DEFINITION("other", "Azure Red Hat OpenShift cluster (b)",
                                        "CustomRole",
                                        RIG_SUBSCRIPTION
                                        "/resourceGroups/b") "," DEFINITION("ours",
                                                                            "Azure Red Hat "
                                                                            "OpenShift cluster (a)",
                                                                            "CustomRole",
                                                                            RIG_GROUP) "]}" },
        { .request = REQUEST("DELETE", RIG_ARM "/ours?api-version=2018-01-01-preview"),
          .status = 204 },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    run_step(&r, cluster_delete_role_definitions);

    cluster_rig_close(&r);
}

static const char *const groups[] = { NULL, "{\"location\":\"eastus\"}" };

static void check_others(void **state)
{
    (void)state;
    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        const struct script_step look = { .status = groups[g] ? 200 : 404,
                                          .reply = groups[g] ? groups[g] : "{}" };
        const struct script_step script[] = { RIG_TOKEN_STEP, look, look };
        struct cluster_rig r;
        cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

        run_step(&r, cluster_delete_role_assignments);
        run_step(&r, cluster_delete_role_definitions);

        cluster_rig_close(&r);
    }
}

#define REGISTRY \
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/arosvc"
static const char *const env[] = { "ACR_RESOURCE_ID=" REGISTRY, NULL };

static void check_token(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request =
              REQUEST("DELETE", RIG_ARM REGISTRY "/tokens/token-1?api-version=2020-11-01-preview"),
          .status = 404,
          .reply = "{}" },
    };
    struct cluster_rig r;
    cluster_rig_open_env(&r,
                         "{'registryProfiles':[{'name':'arosvcx.azurecr.io','username':'no'},"
                         "{'name':'arosvc.azurecr.io','username':'token-1'}]}",
                         env, script, ARRAY_LEN(script));

    run_step(&r, cluster_delete_acr_token);

    cluster_rig_close(&r);
}

static void check_no_token(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open_env(&r, "{}", env, NULL, 0);

    run_step(&r, cluster_delete_acr_token);

    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("assignments on the group itself go, but owners'", check_assignments),
        CASE("definitions of the cluster's own roles go", check_definitions),
        CASE("a group that is gone or somebody else's is not touched", check_others),
        CASE("the registry's token goes, if it is there", check_token),
        CASE("a cluster without one needs nothing", check_no_token),
    };
    return RUN_CASES("delete_rights", tests);
}
