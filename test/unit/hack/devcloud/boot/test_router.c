#include <string.h>

#include "hack/devcloud/boot/router.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/hack/devcloud/view_rig.h"

#define NETWORK BOOT_GROUP "/providers/Microsoft.Network/"
#define PUBLIC NETWORK "publicIPAddresses/" BOOT_INFRA
#define BALANCER NETWORK "loadBalancers/" BOOT_INFRA
#define SUBNET \
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net-rg/providers/" \
    "Microsoft.Network/virtualNetworks/dev-vnet/subnets/worker"

static void open_rig(struct view_rig *r, const char *scope, const char *service_spec)
{
    view_rig_open(r);
    cleanup_free char *controller =
        xasprintf("{'metadata':{'name':'default','namespace':'openshift-ingress-operator'},'spec':{"
                  "'endpointPublishingStrategy':{'type':'LoadBalancerService','loadBalancer':{"
                  "'scope':'%s'}}}}",
                  scope);
    cleanup_free char *service =
        xasprintf("{'metadata':{'name':'router-default','namespace':'openshift-ingress'},'spec':{"
                  "%s'type':'LoadBalancer','ports':[{'port':443}]}}",
                  service_spec);
    view_rig_make(r, &GVR_NAMESPACES, "{'metadata':{'name':'openshift-ingress-operator'}}");
    view_rig_make(r, &GVR_INGRESSCONTROLLERS, controller);
    view_rig_make(r, &GVR_SERVICES, service);
    r->view.has_workers = true;
}

static void put(struct view_rig *r, const char *id, const char *object)
{
    json_put(r->cloud.resources, id, loose_tree(object));
}

static void tick(struct view_rig *r)
{
    struct error *err = NULL;
    if (router_sync(&r->view, &err) < 0)
        fail_msg("%s", error_text(err));
}

/* NULL: it must have none. */
static void expect_address(struct view_rig *r, const char *want)
{
    cleanup_json json *service =
        view_rig_give(r, &GVR_SERVICES, "openshift-ingress", "router-default");
    const char *got = json_path_str(service, "status.loadBalancer.ingress[0].ip");
    if (!str_eq(got, want))
        fail_msg("%s instead of %s", got ? got : "none", want ? want : "none");
}

static void a_prepared_address(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r, "External", "");
    put(&r, PUBLIC "-default-v4", "{'properties':{'ipAddress':'127.130.0.7'}}");
    put(&r, BALANCER, "{'properties':{'frontendIPConfigurations':[{'name':'public-lb-ip-v4'}]}}");

    r.view.has_workers = false;
    tick(&r);
    expect_address(&r, NULL);
    r.view.has_workers = true;
    tick(&r);
    tick(&r);

    expect_address(&r, "127.130.0.7");
    const json *lb = json_get(r.cloud.resources, BALANCER);
    assert_int_equal(json_len(json_path(lb, "properties.frontendIPConfigurations")), 2);
    assert_int_equal(
        json_path_int(lb, "properties.loadBalancingRules[1].properties.frontendPort", 0), 443);
    assert_string_equal(
        json_path_str(lb, "properties.frontendIPConfigurations[1].properties.publicIPAddress.id"),
        PUBLIC "-default-v4");
}

static void an_address_of_its_own(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r, "External", "");

    tick(&r);
    expect_address(&r, NULL);
    assert_string_equal(json_path_str(json_get(r.cloud.resources, PUBLIC "-router"), "location"),
                        "eastus");
    put(&r, PUBLIC "-router", "{'properties':{'ipAddress':'127.130.0.8'}}");
    tick(&r);

    expect_address(&r, "127.130.0.8");
}

static void an_internal_address(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r, "Internal", "");
    put(&r, SUBNET, "{'properties':{'addressPrefix':'10.0.2.0/24'}}");

    tick(&r);

    expect_address(&r, "10.0.2.254");
}

static void the_address_that_is_asked_for(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r, "Internal", "'loadBalancerIP':'10.0.2.99',");

    tick(&r);

    expect_address(&r, "10.0.2.99");
}

static void highest(void **state)
{
    (void)state;
    static const char *const rows[][2] = { { "10.0.2.0/24", "10.0.2.254" },
                                           { "10.0.2.0/27", "10.0.2.30" },
                                           { "10.1.0.0/16", "10.1.255.254" },
                                           { "10.0.2.0/31", NULL },
                                           { "10.0.2.0", NULL },
                                           { "x/24", NULL },
                                           { NULL, NULL } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *got = router_give_highest(rows[i][0]);
        assert_true(str_eq(got, rows[i][1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a public ingress gets the prepared address, and joins the load balancer",
             a_prepared_address),
        CASE("a public ingress without one makes its own", an_address_of_its_own),
        CASE("an internal ingress gets the highest address of the subnet", an_internal_address),
        CASE("the address that the Service asks for is given", the_address_that_is_asked_for),
        CASE("the last address but one is the highest", highest),
    };
    return RUN_CASES("router", tests);
}
