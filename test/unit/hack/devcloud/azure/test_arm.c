#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define NSG "{'location':'eastus','properties':{}}"

static void check_places(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const struct {
        const char *path, *code;
    } rows[] = {
        { "/subscriptions/other" RIG_VERSION, "SubscriptionNotFound" },
        { RIG_SUBSCRIPTION "/resourceGroups/none/providers/Microsoft.Network/virtualNetworks"
                           "/v" RIG_VERSION,
          "ResourceGroupNotFound" },
        { RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.None/x/y" RIG_VERSION,
          "InvalidResourceType" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rig_refused(&r, "GET", rows[i].path, NULL, 404, rows[i].code);
}

/* Tests put resources where they made no group. */
static void check_made_up_group(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char path[] =
        RIG_SUBSCRIPTION "/resourceGroups/Odd/providers/Microsoft.Network/networkSecurityGroups/n";

    rig_patch(&r, "{'resources':{'/subscriptions/00000000-0000-0000-0000-000000000000/"
                  "resourcegroups/odd/providers/microsoft.network/networksecuritygroups/n':{"
                  "'id':'/x/n','name':'n','properties':{}}}}");

    cleanup_free char *full = xasprintf("%s" RIG_VERSION, path);
    assert_int_equal(rig_call(&r, "GET", full, NULL, NULL), 200);
    rig_refused(&r, "GET", RIG_SUBSCRIPTION "/resourceGroups/odd" RIG_VERSION, NULL, 404,
                "ResourceGroupNotFound");
}

static void check_own_names(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    cleanup_free char *form =
        xasprintf(RIG_SECRET_FORM "&resource=https%%3A%%2F%%2F%s%%2Farm", r.host);
    assert_int_equal(rig_send(&r, "POST", "/adfs/oauth2/token", "application/x-www-form-urlencoded",
                              form, &reply),
                     200);
    free(r.token);
    r.token = xstrdup(json_path_str(reply.body, "access_token"));

    assert_int_equal(rig_call(&r, "GET", "/subscriptions" RIG_VERSION, NULL, NULL), 200);
}

/* The simulator asks itself as it does for the resources of a template. */
static void check_asking(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_json json *body = json_make("{'location':'eastus'}");
    cleanup_answer struct sim_answer made = { 0 }, read = { 0 }, none = { 0 };
    pthread_mutex_lock(&r.sim->mu);

    arm_ask(r.sim, NULL, "PUT", RIG_NSGS "/mine", "2020-08-01", body, &made);
    arm_ask(r.sim, NULL, "GET", RIG_VNET, "2020-08-01", NULL, &read);
    arm_ask(r.sim, NULL, "GET", RIG_NSGS "/none", "2020-08-01", NULL, &none);
    pthread_mutex_unlock(&r.sim->mu);

    assert_int_equal(made.status, 201);
    assert_int_equal(strlen(made.operation), UUID_LEN);
    assert_int_equal(read.status, 200);
    assert_string_equal(json_path_str(read.body, "name"), "dev-vnet");
    assert_string_equal(read.operation, "");
    assert_int_equal(none.status, 404);
    assert_string_equal(json_path_str(none.body, "error.code"), "ResourceNotFound");
}

/* Else what is made last would outlive its group. */
static void check_group_that_goes(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_answer struct sim_answer answer = { 0 };
    assert_int_equal(rig_call(&r, "PUT", RIG_NSGS "/old" RIG_VERSION, NSG, NULL), 201);
    rig_patch(&r, "{'operation_ms':60000}");
    assert_int_equal(
        rig_call(&r, "DELETE", RIG_SUBSCRIPTION "/resourceGroups/net-rg" RIG_VERSION, NULL, NULL),
        202);

    rig_refused(&r, "PUT", RIG_NSGS "/new" RIG_VERSION, NSG, 409, "ResourceGroupBeingDeleted");
    rig_refused(&r, "PATCH", RIG_NSGS "/old" RIG_VERSION, NSG, 409, "ResourceGroupBeingDeleted");
    assert_int_equal(rig_call(&r, "GET", RIG_NSGS "/old" RIG_VERSION, NULL, NULL), 200);
    cleanup_json json *body = json_make("{'location':'eastus'}");
    pthread_mutex_lock(&r.sim->mu);
    arm_ask(r.sim, NULL, "PUT", RIG_NSGS "/mine", "2020-08-01", body, &answer);
    pthread_mutex_unlock(&r.sim->mu);
    assert_int_equal(answer.status, 409);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("subscription and group of a path must exist", check_places),
        CASE("a group that holds something is there for it", check_made_up_group),
        CASE("tokens for the name that az cloud register gives ARM are good", check_own_names),
        CASE("the simulator gets answers from itself", check_asking),
        CASE("nothing is made in a group that is being deleted", check_group_that_goes),
    };
    return RUN_CASES("arm", tests);
}
