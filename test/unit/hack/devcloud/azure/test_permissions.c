#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define OF "/providers/Microsoft.Authorization/permissions?api-version=2015-07-01"
#define VNET_KEY \
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/net-rg/providers/" \
    "microsoft.network/virtualnetworks/dev-vnet"

static void assert_action(struct rig *r, const char *path, const char *want)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(r, "GET", path, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "value[0].actions[0]"), want);
    static const char *const lists[] = { "notActions", "dataActions", "notDataActions" };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        assert_true(json_is_array(json_get(json_path(reply.body, "value[0]"), lists[i])));
    assert_false(json_path_has(reply.body, "nextLink"));
}

static void check_default(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    assert_action(&r, RIG_VNET OF, "*");
    assert_action(&r, RIG_VNET "/subnets/master" OF, "*");
    assert_action(&r, RIG_SUBSCRIPTION "/resourceGroups/net-rg" OF, "*");
}

static void check_scoped(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_patch(&r, "{'permissions':{'" VNET_KEY "':[{'actions':['here'],'notActions':[]}]}}");

    assert_action(&r, RIG_VNET OF, "here");
    assert_action(&r, RIG_VNET "/subnets/master" OF, "*");
}

static void check_caller(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_patch(&r, "{'applications':{'" RIG_APPLICATION "':{'permissions':{"
                  "'default':[{'actions':['mine']}],'" VNET_KEY "':[{'actions':['there']}]}}}}");

    assert_action(&r, RIG_VNET OF, "there");
    assert_action(&r, RIG_VNET "/subnets/master" OF, "mine");
}

static void check_roles(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'applications':{'" RIG_APPLICATION "':{'by_roles':true}}}");
    cleanup_reply struct rig_reply none = { 0 };
    assert_int_equal(rig_call(&r, "GET", RIG_VNET OF, NULL, &none), 200);
    assert_int_equal(json_len(json_get(none.body, "value")), 0);

    pthread_mutex_lock(&r.sim->mu);
    azure_sim_put_role(r.sim->state, RIG_VNET, AZURE_SIM_NETWORK_CONTRIBUTOR, RIG_OBJECT);
    pthread_mutex_unlock(&r.sim->mu);

    assert_action(&r, RIG_VNET OF, "Microsoft.Network/*");
    assert_action(&r, RIG_VNET "/subnets/master" OF, "Microsoft.Network/*");
}

static void check_pages(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'page_size':1,'permissions':{'" VNET_KEY
                  "':[{'actions':['a']},{'actions':['b']}]}}");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "GET", RIG_VNET OF, NULL, &reply), 200);

    const char *link = json_path_str(reply.body, "nextLink");
    assert_non_null(strstr(link, "api-version=2015-07-01&$skiptoken="));
    cleanup_free char *next = xstrdup(strstr(link, r.host) + strlen(r.host));
    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
    assert_action(&r, next, "b");
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_refused(&r, "GET", RIG_VNETS "/Absent" OF, NULL, 404, "ResourceNotFound");
    rig_refused(&r, "PUT", RIG_VNET OF, "{}", 405, "MethodNotAllowed");
    rig_faults(&r, "[{'path':'*/permissions','status':403,'body':{'error':{'code':"
                   "'AuthorizationFailed','message':'m'}}}]");
    rig_refused(&r, "GET", RIG_VNET OF, NULL, 403, "AuthorizationFailed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("everyone has the default permissions", check_default),
        CASE("a resource may have permissions of its own", check_scoped),
        CASE("an application may have permissions of its own", check_caller),
        CASE("an application may have those of its roles", check_roles),
        CASE("permissions come in pages on request", check_pages),
        CASE("the permissions of an absent resource are absent", check_refusals),
    };
    return RUN_CASES("permissions", tests);
}
