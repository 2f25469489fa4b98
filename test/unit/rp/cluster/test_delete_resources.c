#include <string.h>

#include "rp/cluster/delete_resources.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define DELETING "{'provisioningState':'Deleting'}"
#define GROUP_URL RIG_ARM RIG_SUBSCRIPTION "/resourcegroups/aro-a?api-version=2019-07-01"
#define LIST_URL RIG_ARM RIG_GROUP "/resources?api-version=2019-07-01"
#define OUR_GROUP \
    { \
        .request = REQUEST("GET", GROUP_URL), \
        .reply = "{\"location\":\"eastus\",\"managedBy\":\"" RIG_KEY("a") "\"}" \
    }
#define ID(type, name) RIG_GROUP "/providers/" type "/" name
#define ITEM(type, name) "{\"id\":\"" ID(type, name) "\",\"type\":\"" type "\"}"
#define URL(type, name, version) RIG_ARM ID(type, name) "?api-version=" version
#define VM "Microsoft.Compute/virtualMachines"
#define NIC "Microsoft.Network/networkInterfaces"
#define LB "Microsoft.Network/loadBalancers"
#define PLS "Microsoft.Network/privateLinkServices"
#define NSG "Microsoft.Network/networkSecurityGroups"
#define ZONE "Microsoft.Network/privateDnsZones"
#define NETWORK "2020-08-01"
#define SUBNET \
    "/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/m"

/* Machines before load balancers before security groups, which are taken out of subnets first. Those of one level are begun
 * together. */
static void check_levels(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        OUR_GROUP,
        { .request = REQUEST("GET", LIST_URL),
          .reply = "{\"value\":[" ITEM(NSG, "nsg") "," ITEM(LB, "lb") "," ITEM(VM, "vm-2") "," ITEM(
              VM, "vm-1") "," ITEM(PLS, "pls") "," ITEM("Microsoft.Sql/servers", "s") "]}" },
        { .request = REQUEST("DELETE", URL(VM, "vm-1", "2024-03-01")),
          .status = 202,
          .headers = "Azure-AsyncOperation: " RIG_ARM "/op1" },
        { .request = REQUEST("DELETE", URL(VM, "vm-2", "2024-03-01")), .status = 204 },
        { .request = REQUEST("GET", RIG_ARM "/op1"), .reply = "{\"status\":\"Succeeded\"}" },
        { .request = REQUEST("DELETE", URL(PLS, "pls", NETWORK)), .status = 204 },
        { .request = REQUEST("DELETE", URL(LB, "lb", NETWORK)), .status = 404, .reply = "{}" },
        { .request = REQUEST("GET", URL(NSG, "nsg", NETWORK)),
          .reply = "{\"properties\":{\"subnets\":[{\"id\":\"" SUBNET "\"}]}}" },
        { .request = REQUEST("GET", RIG_ARM SUBNET "?api-version=" NETWORK),
          .reply = "{\"etag\":\"e1\",\"properties\":{\"networkSecurityGroup\":{\"id\":\"" ID(
              NSG, "NSG") "\"}}}" },
        { .request = REQUEST_BODY("PUT", RIG_ARM SUBNET "?api-version=" NETWORK, "If-Match: e1\n",
                                  "{\"etag\":\"e1\",\"properties\":{}}"),
          .reply = "{}" },
        { .request = REQUEST("DELETE", URL(NSG, "nsg", NETWORK)), .status = 204 },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, DELETING, script, ARRAY_LEN(script));

    run_step(&r, cluster_delete_resources);

    cluster_rig_close(&r);
}

/* Whatever was begun is waited for, before the failure is told; later levels are not touched. */
static void check_failure(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        OUR_GROUP,
        { .reply = "{\"value\":[" ITEM(LB, "a") "," ITEM(LB, "b") "," ITEM(NSG, "n") "]}" },
        { .request = REQUEST("DELETE", URL(LB, "a", NETWORK)),
          .status = 202,
          .headers = "Azure-AsyncOperation: " RIG_ARM "/op1" },
        { .request = REQUEST("DELETE", URL(LB, "b", NETWORK)),
          .status = 202,
          .headers = "Azure-AsyncOperation: " RIG_ARM "/op2" },
        { .request = REQUEST("GET", RIG_ARM "/op1"),
          .reply =
              "{\"status\":\"Failed\",\"error\":{\"code\":"
              "\"CannotDeleteLoadBalancerWithPrivateLinkService\",\"message\":\"first pls\"}}" },
        { .request = REQUEST("GET", RIG_ARM "/op2"), .reply = "{\"status\":\"Succeeded\"}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, DELETING, script, ARRAY_LEN(script));

    cleanup_error struct error *err = fail_step(&r, cluster_delete_resources);

    assert_string_equal(error_get_code(err), "CannotDeleteLoadBalancerWithPrivateLinkService");
    assert_int_equal(error_get_status(err), 400);
    assert_non_null(strstr(error_text(err), "first pls"));
    cluster_rig_close(&r);
}

/* A network interface that failed is written once more, links of zones go before them, and what fails in passing is
 * repeated. */
static void check_special(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        OUR_GROUP,
        { .reply = "{\"value\":[" ITEM(NIC, "n") "," ITEM(ZONE, "z") "]}" },
        { .request = REQUEST("GET", URL(NIC, "n", NETWORK)),
          .reply = "{\"name\":\"n\",\"properties\":{\"provisioningState\":\"Failed\"}}" },
        { .request = REQUEST_BODY("PUT", URL(NIC, "n", NETWORK), "",
                                  "{\"name\":\"n\",\"properties\":{\"provisioningState\":"
                                  "\"Failed\"}}"),
          .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" },
        { .request = REQUEST("DELETE", URL(NIC, "n", NETWORK)),
          .status = 202,
          .headers = "Azure-AsyncOperation: " RIG_ARM "/op1" },
        { .reply =
              "{\"status\":\"Failed\",\"error\":{\"code\":\"RetryableError\",\"message\":\"m\"}}" },
        { .request = REQUEST("DELETE", URL(NIC, "n", NETWORK)), .status = 204 },
        { .request = REQUEST("GET", URL(ZONE, "z/virtualNetworkLinks", "2018-09-01")),
          .reply = "{\"value\":[{\"id\":\"" ID(ZONE, "z/virtualNetworkLinks/l") "\"}]}" },
        { .request = REQUEST("DELETE", URL(ZONE, "z/virtualNetworkLinks/l", "2018-09-01")),
          .status = 204 },
        { .request = REQUEST("DELETE", URL(ZONE, "z", "2018-09-01")), .status = 204 },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, DELETING, script, ARRAY_LEN(script));

    run_step(&r, cluster_delete_resources);

    cluster_rig_close(&r);
}

static void check_group(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        OUR_GROUP,
        { .request = REQUEST("DELETE", GROUP_URL),
          .status = 202,
          .headers = "Location: " RIG_ARM "/op" },
        { .status = 202 },
        { .status = 200 },
        /* again */
        { .status = 404, .reply = "{}" },
        /* locked */
        OUR_GROUP,
        ARM_ERROR(409, "ScopeLocked", "locked"),
    };
    struct cluster_rig r;
    cluster_rig_open(&r, DELETING, script, ARRAY_LEN(script));

    run_step(&r, cluster_delete_resource_group);
    run_step(&r, cluster_delete_resource_group);
    cleanup_error struct error *err = fail_step(&r, cluster_delete_resource_group);

    assert_string_equal(error_get_code(err), "ScopeLocked");
    assert_int_equal(error_get_status(err), 409);
    cluster_rig_close(&r);
}

/* Rights come of the group, and go with it. */
static void check_rights_that_went_with_it(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        OUR_GROUP,
        ARM_ERROR(403, "AuthorizationFailed", "no authorization"),
        { .status = 404, .reply = "{}" },
        OUR_GROUP,
        ARM_ERROR(403, "AuthorizationFailed", "no authorization"),
        ARM_ERROR(403, "AuthorizationFailed", "no authorization"),
        /* it is there */
        OUR_GROUP,
        ARM_ERROR(403, "AuthorizationFailed", "no authorization"),
        OUR_GROUP,
    };
    struct cluster_rig r;
    cluster_rig_open(&r, DELETING, script, ARRAY_LEN(script));

    run_step(&r, cluster_delete_resource_group);
    run_step(&r, cluster_delete_resource_group);
    cleanup_error struct error *err = fail_step(&r, cluster_delete_resource_group);

    assert_string_equal(error_get_code(err), "AuthorizationFailed");
    cluster_rig_close(&r);
}

static int (*const steps[])(void *, const struct opctx *, struct error **) = {
    cluster_delete_resources,
    cluster_delete_resource_group,
    cluster_restore_resource_group,
};
static const char *const groups[] = {
    "{\"location\":\"eastus\",\"managedBy\":\"/subscriptions/other\"}",
    "{\"location\":\"eastus\"}",
};

/* Nothing but the look is sent. */
static void check_others(void **state)
{
    (void)state;
    for (size_t s = 0; s < ARRAY_LEN(steps); s++)
        for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
            const struct script_step script[] = { RIG_TOKEN_STEP, { .reply = groups[g] } };
            struct cluster_rig r;
            cluster_rig_open(&r, DELETING, script, ARRAY_LEN(script));

            run_step(&r, steps[s]);

            cluster_rig_close(&r);
        }
}

static void check_restore(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        OUR_GROUP,
        OUR_GROUP,
        { .reply = "{}" },
        /* refused, which is not the end */
        OUR_GROUP,
        OUR_GROUP,
        ARM_ERROR(403, "AuthorizationFailed", "no"),
    };
    struct cluster_rig r;
    cluster_rig_open(&r, DELETING, script, ARRAY_LEN(script));

    run_step(&r, cluster_restore_resource_group);
    run_step(&r, cluster_restore_resource_group);

    cluster_rig_close(&r);
}

struct level_case {
    const char *name, *type;
    int want;
};
static struct level_case levels[] = {
    { "machines go first", "microsoft.compute/VIRTUALMACHINES", -4 },
    { "private link services go before load balancers", PLS, -3 },
    { "load balancers go in the middle", LB, 0 },
    { "addresses go after load balancers", "Microsoft.Network/publicIPAddresses", 1 },
    { "galleries go last", "Microsoft.Compute/galleries", 1 },
    { "their images go before them", "Microsoft.Compute/galleries/images", -1 },
};

static void check_level(void **state)
{
    const struct level_case *c = *state;

    assert_int_equal(delete_level_of(c->type), c->want);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        CASE("resources go by level", check_levels),
        CASE("a failure ends it behind its level", check_failure),
        CASE("what stands in the way goes first", check_special),
        CASE("the group goes, also again", check_group),
        CASE("a group whose rights are gone is gone", check_rights_that_went_with_it),
        CASE("a group of somebody else's is not touched", check_others),
        CASE("a group is restored, or the failure logged", check_restore),
    };
    struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(levels)];
    memcpy(tests, plain, sizeof(plain));
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        tests[ARRAY_LEN(plain) + i] =
            (struct CMUnitTest)CASE_OF(levels[i].name, check_level, &levels[i]);
    return RUN_CASES("delete_resources", tests);
}
