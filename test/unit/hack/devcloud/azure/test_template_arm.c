#include "test/unit/hack/devcloud/azure/template_rig.h"

#define NSG RIG_NSGS "/foreign-nsg"

static struct template_scope give_scope(struct rig *r, json *template, json *parameters, json *plan)
{
    return (struct template_scope){ .sim = r->sim,
                                    .application = RIG_APPLICATION,
                                    .template = template,
                                    .parameters = parameters,
                                    .subscription = RIG_SUBSCRIPTION,
                                    .group = "net-rg",
                                    .deployment = "d",
                                    .plan = plan,
                                    .runtime = true };
}

static void check_inputs(void **state)
{
    (void)state;
    struct rig none = { 0 };
    cleanup_json json *template = json_make(
        "{'parameters':{'given':{'type':'string'},'dflt':{'defaultValue':\"[concat(parameters('"
        "GIVEN'),'!')]\"},'missing':{'type':'int'},'self':{'defaultValue':\"[parameters('self')]\""
        "}},'variables':{'v':[\"[parameters('dflt')]\"],'loop':\"[variables('loop')]\"}}");
    cleanup_json json *parameters = json_make("{'Given':'x'}");
    struct template_scope s = give_scope(&none, template, parameters, NULL);
    static const struct expression_case rows[] = {
        { "parameters('given')", "'x'" }, { "parameters('dflt')", "'x!'" },
        { "variables('V')[0]", "'x!'" },  { "parameters('missing')", NULL },
        { "parameters('other')", NULL },  { "variables('other')", NULL },
        { "parameters('self')", NULL },   { "variables('loop')", NULL },
        { "deployment().name", "'d'" },   { "copyIndex()", NULL },
    };
    assert_expressions(&s, rows, ARRAY_LEN(rows));
}

static void check_loops(void **state)
{
    (void)state;
    cleanup_json json *copies =
        json_make("[{'name':'outer','index':3},{'name':'inner','index':1}]");
    const struct template_scope s = { .copies = copies };
    static const struct expression_case rows[] = {
        { "copyIndex()", "1" },        { "copyIndex(10)", "11" },
        { "copyIndex('OUTER')", "3" }, { "copyIndex('outer', 1)", "4" },
        { "copyIndex('none')", NULL },
    };
    assert_expressions(&s, rows, ARRAY_LEN(rows));
}

static void check_ids(void **state)
{
    (void)state;
    struct rig none = { 0 };
    struct template_scope s = give_scope(&none, NULL, NULL, NULL);
    static const struct expression_case rows[] = {
        { "resourceId('A.B/c', 'n')",
          "'" RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/A.B/c/n'" },
        { "resourceId('A.B/c/d', 'n', 'm')",
          "'" RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/A.B/c/n/d/m'" },
        { "resourceId('other', 'A.B/c', 'n')",
          "'" RIG_SUBSCRIPTION "/resourceGroups/other/providers/A.B/c/n'" },
        { "resourceId('S', 'other', 'A.B/c', 'n')",
          "'/subscriptions/S/resourceGroups/other/providers/A.B/c/n'" },
        { "subscriptionResourceId('A.B/c', 'n')", "'" RIG_SUBSCRIPTION "/providers/A.B/c/n'" },
        { "subscriptionResourceId('S', 'A.B/c', 'n')", "'/subscriptions/S/providers/A.B/c/n'" },
        { "extensionResourceId('/x/y', 'A.B/c', 'n')", "'/x/y/providers/A.B/c/n'" },
        { "pickZones('N', 't', 'l')", "['1']" },
        { "pickZones('N', 't', 'l', 2, 1)", "['2','3']" },
        { "resourceId('A.B/c', 'n', 'm')", NULL },
        { "resourceId('A.B/c/d', 'n')", NULL },
        { "resourceId('a', 'b')", NULL },
        { "pickZones('N', 't', 'l', 4)", NULL },
    };
    assert_expressions(&s, rows, ARRAY_LEN(rows));
}

static void check_contents(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_json json *plan =
        json_make("[{'name':'foreign-nsg','type':'Microsoft.Network/networkSecurityGroups','id':%s,"
                  "'version':'2020-08-01'}]",
                  NSG);
    struct template_scope s = give_scope(&r, NULL, NULL, plan);
    static const struct expression_case rows[] = {
        { "resourceGroup().id", "'" RIG_SUBSCRIPTION "/resourceGroups/net-rg'" },
        { "resourceGroup().location", "'eastus'" },
        { "subscription().tenantId", "'" RIG_TENANT "'" },
        { "reference('foreign-nsg').provisioningState", "'Succeeded'" },
        { "reference('Microsoft.Network/networkSecurityGroups/foreign-nsg').provisioningState",
          "'Succeeded'" },
        { "reference('" NSG "', '2020-08-01', 'Full').name", "'foreign-nsg'" },
        { "reference('" RIG_VNET "', '2020-08-01').ADDRESSspace.addressPrefixes[0]",
          "'10.0.0.0/22'" },
        { "reference('" RIG_VNET "')", NULL },
        { "reference('none')", NULL },
        { "reference('" RIG_VNETS "/none', '2020-08-01')", NULL },
        { "listKeys('" RIG_VNET "', '2020-08-01')", NULL },
    };
    pthread_mutex_lock(&r.sim->mu);
    assert_expressions(&s, rows, ARRAY_LEN(rows));
    s.group = NULL;
    assert_expression(&s, "resourceGroup()", NULL);
    pthread_mutex_unlock(&r.sim->mu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("parameters and variables are found, and end", check_inputs),
        CASE("loops know where they are", check_loops),
        CASE("IDs are made of types and names", check_ids),
        CASE("contents of resources are read", check_contents),
    };
    return RUN_CASES("template_arm", tests);
}
