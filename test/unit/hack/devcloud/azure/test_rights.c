#include <string.h>

#include "hack/devcloud/azure/rights.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define CLIENT "66666666-6666-6666-6666-666666666666"
#define GROUP RIG_SUBSCRIPTION "/resourceGroups/net-rg"
#define MANAGED RIG_SUBSCRIPTION "/resourceGroups/aro-one"
#define NSG RIG_NSGS "/n"
#define MANAGED_NSG MANAGED "/providers/Microsoft.Network/networkSecurityGroups/n"
#define SUBNET RIG_VNET "/subnets/worker"
#define OTHER_NSG RIG_CLUSTER_NSGS "/aro-x7k2p-nsg"
#define READER "acdd72a7-3385-48ef-bd42-f606fba81ae7"
#define NOTHING "{'location':'eastus','properties':{}}"
#define CLUSTER \
    RIG_SUBSCRIPTION \
    "/resourceGroups/c/providers/Microsoft.RedHatOpenShift/openShiftClusters/one"

/* An application that has nothing but its roles. */
static void open_rig(struct rig *r)
{
    rig_open(r);
    rig_patch(r, "{'applications':{'" CLIENT "':{'objectId':'o1','by_roles':true},"
                 "'" AZURE_SIM_PROVIDER "':{'by_roles':true}}}");
}

static void give(struct rig *r, const char *scope, const char *role)
{
    pthread_mutex_lock(&r->sim->mu);
    azure_sim_put_role(r->sim->state, scope, role, "o1");
    pthread_mutex_unlock(&r->sim->mu);
}

static void ask(struct rig *r, const char *application, const char *method, const char *path,
                const char *body, struct sim_answer *ret)
{
    cleanup_json json *tree = json_make(body);
    pthread_mutex_lock(&r->sim->mu);
    arm_ask(r->sim, application, method, path, "2020-08-01", tree, ret);
    pthread_mutex_unlock(&r->sim->mu);
}

static void assert_answer(struct rig *r, const char *application, const char *method,
                          const char *path, const char *body, int status)
{
    cleanup_answer struct sim_answer answer = { 0 };
    ask(r, application, method, path, body, &answer);
    assert_int_equal(answer.status, status);
}

static void assert_refused(struct rig *r, const char *application, const char *method,
                           const char *path, const char *body, const char *code,
                           const char *message)
{
    cleanup_answer struct sim_answer answer = { 0 };
    ask(r, application, method, path, body, &answer);
    assert_int_equal(answer.status, 403);
    assert_string_equal(json_path_str(answer.body, "error.code"), code);
    assert_string_equal(json_path_str(answer.body, "error.message"), message);
}
#define REFUSED(action, scope) \
    "The client '" CLIENT \
    "' with object id 'o1' does not have authorization to perform action '" action \
    "' over scope '" scope "' or the scope is invalid. If access was recently granted, " \
    "please refresh your credentials."

static void nobody_writes_without_a_role(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_rig(&r);

    assert_refused(&r, CLIENT, "PUT", NSG, NOTHING, "AuthorizationFailed",
                   REFUSED("Microsoft.Network/networkSecurityGroups/write", NSG));
    assert_refused(&r, CLIENT, "DELETE", GROUP, "{}", "AuthorizationFailed",
                   REFUSED("Microsoft.Resources/subscriptions/resourceGroups/delete", GROUP));
    assert_answer(&r, RIG_APPLICATION, "PUT", NSG, NOTHING, 201); /* who is not marked */
    assert_answer(&r, NULL, "PUT", NSG, NOTHING, 200);            /* the simulator itself */
}

static void nobody_reads_without_a_role(void **state)
{
    (void)state;
    static const char *const free[] = {
        RIG_SUBSCRIPTION "/providers/Microsoft.Compute/skus",
        RIG_VNET "/providers/Microsoft.Authorization/permissions",
    };
    cleanup_rig struct rig r;
    open_rig(&r);

    assert_refused(&r, CLIENT, "GET", RIG_VNET, "{}", "AuthorizationFailed",
                   REFUSED("Microsoft.Network/virtualNetworks/read", RIG_VNET));
    assert_refused(&r, CLIENT, "GET", NSG, "{}", "AuthorizationFailed",
                   REFUSED("Microsoft.Network/networkSecurityGroups/read", NSG)); /* none there */
    assert_refused(&r, CLIENT, "HEAD", GROUP, "{}", "AuthorizationFailed",
                   REFUSED("Microsoft.Resources/subscriptions/resourceGroups/read", GROUP));
    assert_answer(&r, CLIENT, "GET", MANAGED, "{}", 404);
    rig_patch(&r, "{'applications':{'" CLIENT "':{'permissions':{'" RIG_SUBSCRIPTION
                  "':[{'actions':['*/read']}]}}}}");
    assert_answer(&r, CLIENT, "GET", GROUP, "{}", 200);
    assert_answer(&r, CLIENT, "GET", RIG_VNET, "{}", 403);
    for (size_t i = 0; i < ARRAY_LEN(free); i++)
        assert_answer(&r, CLIENT, "GET", free[i], "{}", 200);
    assert_answer(&r, RIG_APPLICATION, "GET", RIG_VNET, "{}", 200); /* who is not marked */
    assert_answer(&r, NULL, "GET", RIG_VNET, "{}", 200);            /* the simulator itself */
}

struct role_case {
    const char *name, *scope, *role, *method, *path;
    int status;
};
static struct role_case role_cases[] = {
    { "a role counts at its scope", NSG, AZURE_SIM_NETWORK_CONTRIBUTOR, "PUT", NSG, 201 },
    { "and below", GROUP, AZURE_SIM_NETWORK_CONTRIBUTOR, "PUT", NSG, 201 },
    { "also in all of a subscription", RIG_SUBSCRIPTION, AZURE_SIM_CONTRIBUTOR, "PUT", NSG, 201 },
    { "and nowhere else", RIG_NSGS "/nn", AZURE_SIM_NETWORK_CONTRIBUTOR, "PUT", NSG, 403 },
    { "one to read reads", GROUP, READER, "GET", RIG_VNET, 200 },
    { "one for networks reads them", RIG_VNET, AZURE_SIM_NETWORK_CONTRIBUTOR, "GET", SUBNET, 200 },
    { "one for networks reads nothing else", GROUP, AZURE_SIM_NETWORK_CONTRIBUTOR, "GET", GROUP,
      403 },
    { "one to read does not write", GROUP, READER, "PUT", NSG, 403 },
    { "one for networks deletes no groups", GROUP, AZURE_SIM_NETWORK_CONTRIBUTOR, "DELETE", GROUP,
      403 },
    { "what a role leaves out it does not give", GROUP, AZURE_SIM_CONTRIBUTOR, "DELETE",
      GROUP "/providers/Microsoft.Authorization/roleAssignments/x", 403 },
};

static void check_role(void **state)
{
    const struct role_case *c = *state;
    cleanup_rig struct rig r;
    open_rig(&r);

    give(&r, c->scope, c->role);

    assert_answer(&r, CLIENT, c->method, c->path, NOTHING, c->status);
}

static void a_right_comes_late(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_rig(&r);
    rig_patch(&r, "{'role_delay_ms':300000}");
    assert_answer(&r, RIG_APPLICATION, "PUT",
                  GROUP "/providers/Microsoft.Authorization/roleAssignments/x",
                  "{'properties':{'principalId':'o1','principalType':'ServicePrincipal',"
                  "'roleDefinitionId':'/" AZURE_SIM_CONTRIBUTOR "'}}",
                  201);

    assert_answer(&r, CLIENT, "PUT", NSG, NOTHING, 403);
    rig_advance_s(&r, 300);
    assert_answer(&r, CLIENT, "PUT", NSG, NOTHING, 201);
}

static void what_is_joined_needs_a_right_too(void **state)
{
    (void)state;
    static const char with_nsg[] =
        "{'properties':{'addressPrefix':'10.0.2.0/24','networkSecurityGroup':{'id':'" OTHER_NSG
        "'}}}";
    cleanup_rig struct rig r;
    open_rig(&r);
    give(&r, RIG_VNET, AZURE_SIM_NETWORK_CONTRIBUTOR);

    assert_refused(
        &r, CLIENT, "PUT", SUBNET, with_nsg, "LinkedAuthorizationFailed",
        "The client '" CLIENT "' with object id 'o1' has permission to perform action "
        "'Microsoft.Network/virtualNetworks/subnets/write' on scope '" SUBNET
        "'; however, it does not have permission to perform action(s) "
        "'Microsoft.Network/networkSecurityGroups/join/action' on the linked scope(s) '" OTHER_NSG
        "' (respectively) or the linked scope(s) are invalid.");
    give(&r, OTHER_NSG, AZURE_SIM_NETWORK_CONTRIBUTOR);
    assert_answer(&r, CLIENT, "PUT", SUBNET, with_nsg, 200);
}

/* Accounts that are reached from a subnet join it in another way. */
static void rules_join_by_service_endpoints(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_rig(&r);
    give(&r, RIG_SUBSCRIPTION "/resourceGroups/aro-cluster", AZURE_SIM_CONTRIBUTOR);
    cleanup_answer struct sim_answer answer = { 0 };

    ask(&r, CLIENT, "PUT",
        RIG_SUBSCRIPTION "/resourceGroups/aro-cluster/providers/Microsoft.Storage/storageAccounts/"
                         "acct",
        "{'location':'eastus','sku':{'name':'Standard_LRS'},'kind':'StorageV2','properties':{"
        "'networkAcls':{'defaultAction':'Deny','virtualNetworkRules':[{'id':'" SUBNET
        "','action':'Allow'}]}}}",
        &answer);

    assert_int_equal(answer.status, 403);
    assert_non_null(strstr(json_path_str(answer.body, "error.message"),
                           "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/"
                           "action"));
}

static void clusters_groups_are_the_provider_s(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_rig(&r);
    rig_patch(&r, "{'role_delay_ms':60000}");
    static const char plain[] = "{'location':'eastus'}";
    static const char managed[] = "{'location':'eastus','managedBy':'" CLUSTER "'}";

    assert_answer(&r, AZURE_SIM_PROVIDER, "PUT", MANAGED, plain, 403);
    assert_answer(&r, CLIENT, "PUT", MANAGED, managed, 403);
    assert_answer(&r, AZURE_SIM_PROVIDER, "PUT", GROUP, managed, 403); /* somebody else's */
    assert_answer(&r, AZURE_SIM_PROVIDER, "PUT", MANAGED, managed, 201);
    assert_answer(&r, AZURE_SIM_PROVIDER, "PUT", MANAGED_NSG, NOTHING, 403); /* not yet */
    rig_advance_s(&r, 60);
    assert_answer(&r, AZURE_SIM_PROVIDER, "PUT", MANAGED_NSG, NOTHING, 201);
    assert_answer(&r, AZURE_SIM_PROVIDER, "PUT", MANAGED, managed, 200);
    assert_answer(&r, CLIENT, "PUT", MANAGED_NSG, NOTHING, 403);
    assert_answer(&r, AZURE_SIM_PROVIDER, "PUT", NSG, NOTHING, 403);
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(&r, "GET", MANAGED "?api-version=2020-06-01", NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "managedBy"), CLUSTER);
    assert_null(json_get(reply.body, "inside"));
}

/* What the state says of a resource comes first. */
static void the_state_s_permissions_come_first(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_rig(&r);
    give(&r, GROUP, AZURE_SIM_CONTRIBUTOR);
    cleanup_free char *key = str_give_lower(NSG);
    cleanup_free char *patch = xasprintf(
        "{'applications':{'" CLIENT "':{'permissions':{'%s':[{'actions':['*/read']}]}}}}", key);

    rig_patch(&r, patch);

    assert_answer(&r, CLIENT, "PUT", NSG, NOTHING, 403);
    assert_answer(&r, CLIENT, "PUT", RIG_NSGS "/m", NOTHING, 201);
}

int main(void)
{
    static const struct CMUnitTest more[] = {
        CASE("nobody writes without a role", nobody_writes_without_a_role),
        CASE("nobody reads without a role, but what is the subscription's",
             nobody_reads_without_a_role),
        CASE("a right comes late", a_right_comes_late),
        CASE("what is joined needs a right, too", what_is_joined_needs_a_right_too),
        CASE("rules of accounts join by service endpoints", rules_join_by_service_endpoints),
        CASE("clusters' groups are the provider's", clusters_groups_are_the_provider_s),
        CASE("the state's permissions come first", the_state_s_permissions_come_first),
    };
    struct CMUnitTest tests[ARRAY_LEN(role_cases) + ARRAY_LEN(more)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(role_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(role_cases[i].name, check_role, &role_cases[i]);
    memcpy(&tests[n], more, sizeof(more));
    return RUN_CASES("rights", tests);
}
