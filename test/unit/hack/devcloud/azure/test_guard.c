#include <stdio.h>
#include <string.h>

#include "hack/devcloud/azure/guard.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define AUTH "/providers/Microsoft.Authorization"
#define GROUP RIG_SUBSCRIPTION "/resourceGroups/net-rg"
#define LOCKS "?api-version=2016-09-01"
#define LOCK(scope) scope AUTH "/locks/l" LOCKS
#define NSG RIG_NSGS "/n"
#define NSG_BODY "{'location':'eastus','properties':{}}"
#define CUSTOMER "66666666-6666-6666-6666-666666666666"
#define EXCLUDED "77777777-7777-7777-7777-777777777777"

static void lock(struct rig *r, const char *path, const char *level)
{
    cleanup_free char *body =
        xasprintf("{'properties':{'level':'%s','notes':'by the customer'}}", level);
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(r, "PUT", path, body, &reply), 201);
    assert_string_equal(json_path_str(reply.body, "properties.notes"), "by the customer");
}

static void check_no_deletion(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    assert_int_equal(rig_call(&r, "PUT", NSG RIG_VERSION, NSG_BODY, NULL), 201);

    lock(&r, LOCK(NSG), "CanNotDelete");

    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(&r, "DELETE", NSG RIG_VERSION, NULL, &reply), 409);
    assert_string_equal(json_path_str(reply.body, "error.code"), "ScopeLocked");
    assert_non_null(strstr(json_path_str(reply.body, "error.message"), "are locked: '" NSG "'"));
    /* nor what it is in; but it may be written, and what lies beside it may go */
    rig_refused(&r, "DELETE", GROUP "?api-version=2020-06-01", NULL, 409, "ScopeLocked");
    assert_int_equal(rig_call(&r, "PUT", NSG RIG_VERSION, NSG_BODY, NULL), 200);
    assert_int_equal(rig_call(&r, "DELETE", RIG_NSGS "/none" RIG_VERSION, NULL, NULL), 204);
    assert_int_equal(rig_call(&r, "DELETE", LOCK(NSG), NULL, NULL), 200);
    assert_int_equal(rig_call(&r, "DELETE", NSG RIG_VERSION, NULL, NULL), 202);
}

static void check_read_only(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    lock(&r, LOCK(GROUP), "ReadOnly");

    rig_refused(&r, "PUT", NSG RIG_VERSION, NSG_BODY, 409, "ScopeLocked");
    rig_refused(&r, "POST", RIG_VNET "/x" RIG_VERSION, NULL, 409, "ScopeLocked");
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
    assert_int_equal(
        rig_call(&r, "PUT", LOCK(GROUP), "{'properties':{'level':'CanNotDelete'}}", NULL), 200);
    assert_int_equal(rig_call(&r, "PUT", NSG RIG_VERSION, NSG_BODY, NULL), 201);
}

static void check_lists(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_refused(&r, "PUT", LOCK(GROUP), "{'properties':{'level':'Never'}}", 400,
                "LockLevelInvalid");
    rig_refused(&r, "GET", LOCK(GROUP), NULL, 404, "LockNotFound");
    lock(&r, LOCK(GROUP), "CanNotDelete");

    assert_int_equal(rig_call(&r, "GET", GROUP AUTH "/locks" LOCKS, NULL, &reply), 200);

    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
    assert_string_equal(json_path_str(reply.body, "value[0].properties.level"), "CanNotDelete");
    rig_refused(&r, "DELETE", GROUP "?api-version=2020-06-01", NULL, 409, "ScopeLocked");
}

/* ---- deny assignments ---- */

/* As a cluster's template makes it, in the name of the rig's application. */
static void deny(struct rig *r)
{
    cleanup_json json *body = json_make(
        "{'properties':{'denyAssignmentName':'d','permissions':[{'actions':['*/action','*/delete',"
        "'*/write'],'notActions':['Microsoft.Network/networkSecurityGroups/join/action']}],"
        "'principals':[{'id':'00000000-0000-0000-0000-000000000000','type':'SystemDefined'}],"
        "'excludePrincipals':[{'id':'e','type':'ServicePrincipal'}]}}");
    cleanup_answer struct sim_answer answer = { 0 };
    rig_patch(r,
              "{'applications':{'" CUSTOMER "':{'objectId':'c'},'" EXCLUDED "':{'objectId':'e'}}}");
    pthread_mutex_lock(&r->sim->mu);
    arm_ask(r->sim, RIG_APPLICATION, "PUT", GROUP AUTH "/denyAssignments/x", "2018-07-01-preview",
            body, &answer);
    pthread_mutex_unlock(&r->sim->mu);
    assert_int_equal(answer.status, 201);
    assert_null(json_get(answer.body, "inside"));
}

/* The status, and the code of an error ("": none). */
static int ask(struct rig *r, const char *application, const char *method, const char *path,
               char code[64])
{
    cleanup_json json *body = json_make("{'location':'eastus','properties':{}}");
    cleanup_answer struct sim_answer answer = { 0 };
    pthread_mutex_lock(&r->sim->mu);
    arm_ask(r->sim, application, method, path, "2020-08-01", body, &answer);
    pthread_mutex_unlock(&r->sim->mu);
    const char *told = json_path_str(answer.body, "error.code");
    (void)snprintf(code, 64, "%s", told ? told : "");
    return answer.status;
}

static void check_denials(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    deny(&r);
    static const struct {
        const char *application, *method, *path;
        int status;
        const char *code;
    } rows[] = {
        { CUSTOMER, "PUT", NSG, 403, "DenyAssignmentAuthorizationFailed" },
        { CUSTOMER, "DELETE", RIG_VNET, 403, "DenyAssignmentAuthorizationFailed" },
        { CUSTOMER, "DELETE", GROUP, 403, "DenyAssignmentAuthorizationFailed" },
        { CUSTOMER, "GET", RIG_VNET, 200, "" },
        { CUSTOMER, "GET", RIG_CLUSTER_NSGS, 200, "" },
        { EXCLUDED, "PUT", RIG_NSGS "/e", 201, "" },
        { RIG_APPLICATION, "PUT", RIG_NSGS "/r", 201, "" }, /* who made it */
        { NULL, "PUT", RIG_NSGS "/s", 201, "" },            /* the simulator itself */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char code[64];
        int status = ask(&r, rows[i].application, rows[i].method, rows[i].path, code);
        assert_string_equal(code, rows[i].code);
        assert_int_equal(status, rows[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is locked cannot be deleted, nor what it is in", check_no_deletion),
        CASE("what is locked as read-only cannot be written", check_read_only),
        CASE("locks are checked, read and listed", check_lists),
        CASE("deny assignments bind all but whom they exclude and who made them", check_denials),
    };
    return RUN_CASES("guard", tests);
}
