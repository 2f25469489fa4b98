#include <string.h>

#include "pkg/base/strv.h"
#include "rp/cluster/sp_rights.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/inside_rig.h"

#define PRINCIPAL "99999999-9999-9999-9999-999999999999"
#define KNOWN "{'servicePrincipalProfile':{'spObjectId':'" PRINCIPAL "'}}"
#define ROLES "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/"
#define CONTRIBUTOR ROLES "b24988ac-6180-42a0-ab88-20f7382dd24c"
#define OWNER ROLES "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
#define ID(name) RIG_GROUP "/providers/Microsoft.Authorization/roleAssignments/" name
#define ASSIGNMENT(name, scope, role, principal) \
    "{\"id\":\"" ID(name) "\",\"properties\":{\"scope\":\"" scope \
                          "\",\"roleDefinitionId\":\"" role "\",\"principalId\":\"" principal \
                          "\"}}"
#define LIST(items) "{\"value\":[" items "]}"

static bool sent(const struct cluster_rig *r, const char *part)
{
    for (size_t i = 0; i < r->transport.requests.len; i++)
        if (strstr(r->transport.requests.v[i], part))
            return true;
    return false;
}

static void the_principal_gets_its_rights(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request =
              REQUEST("GET", RIG_ARM RIG_GROUP "/providers/Microsoft.Authorization/roleAssignments"
                                               "?api-version=2018-09-01-preview"),
          .reply = LIST("") },
        { .status = 201, .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, KNOWN, script, ARRAY_LEN(script));

    run_step(&r, cluster_ensure_sp_rights);

    const char *put = r.transport.requests.v[2];
    assert_true(str_starts(put, "PUT "));
    assert_non_null(strstr(put, "/deployments/clustersp?"));
    assert_non_null(strstr(put, "\"principalId\":\"" PRINCIPAL "\""));
    assert_non_null(strstr(put, "Incremental"));
}

/* Otherwise a new principal would be refused what the former one was not. */
static void the_deny_assignment_spares_the_principal(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = LIST("") },
        { .status = 201, .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open_env(&r, KNOWN, inside_rig_production, script, ARRAY_LEN(script));

    run_step(&r, cluster_ensure_sp_rights);

    const char *put = r.transport.requests.v[2];
    assert_non_null(strstr(put, "\"excludePrincipals\":[{\"id\":\"" PRINCIPAL "\""));
    assert_non_null(strstr(put, "Microsoft.Compute/snapshots/delete"));
}

static void former_principals_lose_theirs(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = LIST(ASSIGNMENT("former", RIG_GROUP, CONTRIBUTOR, "somebody") "," ASSIGNMENT(
              "ours", RIG_GROUP, CONTRIBUTOR,
              PRINCIPAL) "," ASSIGNMENT("other-role", RIG_GROUP, ROLES "custom",
                                        PRINCIPAL) "," ASSIGNMENT("owner", RIG_GROUP, OWNER,
                                                                  "somebody") "," ASSIGNMENT("abov"
                                                                                             "e",
                                                                                             RIG_SUBSCRIPTION,
                                                                                             CONTRIBUTOR,
                                                                                             "someb"
                                                                                             "od"
                                                                                             "y")) },
        { .status = 200, .reply = "{}" },
        { .status = 204 },
        { .status = 200, .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, KNOWN, script, ARRAY_LEN(script));

    run_step(&r, cluster_ensure_sp_rights);

    assert_true(sent(&r, "DELETE " RIG_ARM ID("former")));
    assert_true(sent(&r, "DELETE " RIG_ARM ID("other-role")));
    assert_false(sent(&r, ID("ours")));
    assert_false(sent(&r, ID("owner")));
    assert_false(sent(&r, ID("above")));
}

static void without_an_object_id_there_is_nobody_to_give_them_to(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);
    cleanup_error struct error *err = fail_step(&r, cluster_ensure_sp_rights);
    assert_non_null(strstr(error_text(err), "spObjectId"));
}

/* Roles that others have there are not an admin update's to take. */
static void a_deny_assignment_is_brought_back_alone(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .status = 201, .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" },
    };
    static const char *const env[] = { "RP_FEATURES=-DisableDenyAssignments", NULL };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open_env(&r, KNOWN, env, script, ARRAY_LEN(script));

    run_step(&r, cluster_ensure_deny_assignment);

    const char *put = r.transport.requests.v[1];
    assert_non_null(strstr(put, "/deployments/clustersp?"));
    assert_non_null(strstr(put, "Microsoft.Authorization/denyAssignments"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a deny assignment is brought back alone", a_deny_assignment_is_brought_back_alone),
        CASE("the principal gets its rights", the_principal_gets_its_rights),
        CASE("the deny assignment spares the principal", the_deny_assignment_spares_the_principal),
        CASE("former principals lose theirs", former_principals_lose_theirs),
        CASE("without an object ID there is nobody to give them to",
             without_an_object_id_there_is_nobody_to_give_them_to),
    };
    return RUN_CASES("sp_rights", tests);
}
