#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define AUTH "/providers/Microsoft.Authorization"
#define GROUP RIG_SUBSCRIPTION "/resourceGroups/net-rg"
#define READER RIG_SUBSCRIPTION AUTH "/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
#define OWNER RIG_SUBSCRIPTION AUTH "/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
#define AT(scope, name) scope AUTH "/roleAssignments/" name
#define OLD "?api-version=2018-09-01-preview"
#define NEW "?api-version=2022-04-01"
#define BODY(role, who) "{'properties':{'roleDefinitionId':'" role "','principalId':'" who "'}}"

static void check_life(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PUT", AT(RIG_VNET, "one") OLD, BODY(READER, RIG_OBJECT), &reply),
                     201);

    assert_string_equal(json_path_str(reply.body, "properties.scope"), RIG_VNET);
    assert_string_equal(json_path_str(reply.body, "properties.principalType"), "ServicePrincipal");
    rig_refused(&r, "PUT", AT(RIG_VNET, "one") OLD, BODY(READER, RIG_OBJECT), 409,
                "RoleAssignmentExists");
    assert_int_equal(rig_call(&r, "PUT", AT(RIG_VNET, "one") NEW, BODY(READER, RIG_OBJECT), NULL),
                     200);
    assert_int_equal(rig_call(&r, "GET", AT(RIG_VNET, "ONE") OLD, NULL, NULL), 200);
    assert_int_equal(rig_call(&r, "DELETE", AT(RIG_VNET, "one") OLD, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "name"), "one");
    assert_int_equal(rig_call(&r, "DELETE", AT(RIG_VNET, "one") OLD, NULL, NULL), 204);
    rig_refused(&r, "GET", AT(RIG_VNET, "one") OLD, NULL, 404, "RoleAssignmentNotFound");
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", AT(GROUP, "one") OLD, BODY(READER, RIG_OBJECT), NULL);
    static const struct {
        const char *path, *body;
        int status;
        const char *code;
    } rows[] = {
        { AT(GROUP, "two") OLD, BODY(READER, RIG_OBJECT), 409, "RoleAssignmentExists" },
        { AT(GROUP, "one") OLD, BODY(OWNER, RIG_OBJECT), 400, "RoleAssignmentUpdateNotPermitted" },
        { AT(GROUP, "two") OLD, BODY("/x/none", RIG_OBJECT), 404, "RoleDefinitionDoesNotExist" },
        { AT(GROUP, "two") OLD, BODY(READER, "nobody"), 400, "PrincipalNotFound" },
        { AT(GROUP, "two") OLD, "{'properties':{}}", 400, "InvalidRequestContent" },
        { GROUP AUTH "/roleAssignments" OLD, "{}", 405, "MethodNotAllowed" },
        { GROUP AUTH "/denyAssignments/d" OLD, "{}", 403, "AuthorizationFailed" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rig_refused(&r, "PUT", rows[i].path, rows[i].body, rows[i].status, rows[i].code);
    /* who names the type is believed */
    assert_int_equal(rig_call(&r, "PUT", AT(GROUP, "two") OLD,
                              "{'properties':{'roleDefinitionId':'" READER
                              "','principalId':'new','principalType':'ServicePrincipal'}}",
                              NULL),
                     201);
}

static void check_lists(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", AT(RIG_SUBSCRIPTION, "top") OLD, BODY(READER, RIG_OBJECT), NULL);
    rig_call(&r, "PUT", AT(GROUP, "middle") OLD, BODY(READER, RIG_OBJECT), NULL);
    rig_call(&r, "PUT", AT(RIG_VNET, "bottom") OLD,
             BODY(OWNER, "44444444-4444-4444-4444-444444444444"), NULL);
    static const struct {
        const char *path;
        size_t want;
    } rows[] = {
        { GROUP AUTH "/roleAssignments" OLD, 3 },
        { GROUP AUTH "/roleAssignments" OLD "&$filter=atScope()", 2 },
        { RIG_VNET AUTH "/roleAssignments" OLD "&$filter=atScope()", 3 },
        { RIG_VNET AUTH "/roleAssignments" OLD "&$filter=principalId+eq+'" RIG_OBJECT "'", 2 },
        { RIG_VNET AUTH "/roleAssignments" OLD "&$filter=assignedTo('" RIG_OBJECT "')", 2 },
        { RIG_SUBSCRIPTION AUTH "/roleAssignments" OLD "&$filter=atScope()", 1 },
        { GROUP AUTH "/roleDefinitions" OLD "&$filter=roleName+eq+'Contributor'", 1 },
        { GROUP AUTH "/roleDefinitions" OLD "&$filter=roleName+eq+'None'", 0 },
        { GROUP AUTH "/denyAssignments" OLD "&$filter=atScope()", 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(rig_call(&r, "GET", rows[i].path, NULL, &reply), 200);
        assert_int_equal(json_len(json_get(reply.body, "value")), rows[i].want);
    }
}

static void check_custom_role(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_refused(&r, "PUT", RIG_SUBSCRIPTION AUTH "/roleDefinitions/mine" OLD, "{'properties':{}}",
                400, "InvalidRequestContent");

    assert_int_equal(rig_call(&r, "PUT", RIG_SUBSCRIPTION AUTH "/roleDefinitions/mine" OLD,
                              "{'properties':{'roleName':'Mine','permissions':[]}}", NULL),
                     201);

    rig_call(&r, "GET", GROUP AUTH "/roleDefinitions/mine" OLD, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "properties.type"), "CustomRole");
    assert_int_equal(
        rig_call(&r, "PUT", AT(GROUP, "a") OLD, BODY("/x/roleDefinitions/mine", RIG_OBJECT), NULL),
        201);
}

/* Templates may deny; others may read it. */
static void check_denials(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_json json *body = json_make("{'properties':{'denyAssignmentName':'d'}}");
    cleanup_answer struct sim_answer answer = { 0 };
    pthread_mutex_lock(&r.sim->mu);
    arm_ask(r.sim, RIG_APPLICATION, "PUT", GROUP AUTH "/denyAssignments/x", "2018-07-01-preview",
            body, &answer);
    pthread_mutex_unlock(&r.sim->mu);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(answer.status, 201);
    rig_call(&r, "GET", GROUP AUTH "/denyAssignments" OLD, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "value[0].properties.scope"), GROUP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an assignment is made once, read and deleted", check_life),
        CASE("assignments that make no sense are refused", check_refusals),
        CASE("lists hold what applies to the scope", check_lists),
        CASE("customers make roles of their own", check_custom_role),
        CASE("deny assignments come from templates", check_denials),
    };
    return RUN_CASES("roles", tests);
}
