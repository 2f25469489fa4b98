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

#define PUBLIC_IPS NETWORK "publicIPAddresses"
#define PREPARED "{'id':'" PUBLIC "-default-v4','properties':{'ipAddress':'127.130.0.7'}}"
#define ASKS_INTERNAL "'service.beta.kubernetes.io/azure-load-balancer-internal':'true'"

/* scope: what the ingress operator was told; annotations and spec: members of the Service. */
static void open_rig(struct view_rig *r, const char *scope, const char *annotations,
                     const char *spec)
{
    view_rig_open(r);
    cleanup_free char *controller =
        xasprintf("{'metadata':{'name':'default','namespace':'openshift-ingress-operator'},'spec':{"
                  "'endpointPublishingStrategy':{'type':'LoadBalancerService','loadBalancer':{"
                  "'scope':'%s'}}}}",
                  scope);
    cleanup_free char *service =
        xasprintf("{'metadata':{'name':'router-default','namespace':'openshift-ingress',"
                  "'annotations':{%s}},'spec':{%s'type':'LoadBalancer','ports':[{'port':443}]}}",
                  annotations, spec);
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

/* The last frontend of a load balancer, "router". */
static json *frontend_of(struct view_rig *r, const char *id)
{
    json *list = json_path(json_get(r->cloud.resources, id), "properties.frontendIPConfigurations");
    json *last = json_at(list, json_len(list) - 1);
    assert_string_equal(json_path_str(last, "name"), "router");
    return last;
}

static void a_public_address_that_is_asked_for(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r, "External", "", "'loadBalancerIP':'127.130.0.7',");
    put(&r, PUBLIC_IPS, "{'value':[{'id':'x','properties':{}}," PREPARED "]}");
    put(&r, BALANCER, "{'properties':{'frontendIPConfigurations':[{'name':'public-lb-ip-v4'}]}}");

    r.view.has_workers = false;
    tick(&r);
    assert_int_equal(json_len(json_path(json_get(r.cloud.resources, BALANCER),
                                        "properties.frontendIPConfigurations")),
                     1);
    r.view.has_workers = true;
    tick(&r);
    tick(&r);

    expect_address(&r, "127.130.0.7");
    const json *lb = json_get(r.cloud.resources, BALANCER);
    assert_int_equal(json_len(json_path(lb, "properties.frontendIPConfigurations")), 2);
    assert_int_equal(
        json_path_int(lb, "properties.loadBalancingRules[1].properties.frontendPort", 0), 443);
    assert_string_equal(json_path_str(frontend_of(&r, BALANCER), "properties.publicIPAddress.id"),
                        PUBLIC "-default-v4");
}

/* Also one that asks for a private address and does not say that it is internal. */
static void a_public_address_that_nobody_has(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    cleanup_error struct error *err = NULL;
    open_rig(&r, "Internal", "", "'loadBalancerIP':'10.0.2.99',");
    put(&r, PUBLIC_IPS, "{'value':[" PREPARED "]}");

    assert_int_equal(router_sync(&r.view, &err), -1);

    assert_non_null(strstr(error_text(err), "user supplied IP Address 10.0.2.99 was not found"));
    expect_address(&r, NULL);
}

/* What somebody prepared is for those who ask. */
static void a_public_address_of_its_own(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r, "External", "", "");
    put(&r, PUBLIC_IPS, "{'value':[" PREPARED "]}");

    tick(&r);
    expect_address(&r, NULL);
    assert_string_equal(json_path_str(json_get(r.cloud.resources, PUBLIC "-router"), "location"),
                        "eastus");
    put(&r, PUBLIC "-router",
        "{'id':'" PUBLIC "-router','properties':{'ipAddress':'127.130.0.8'}}");
    tick(&r);
    tick(&r);

    expect_address(&r, "127.130.0.8");
}

static void any_internal_address(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r, "Internal", "", "");

    tick(&r);
    expect_address(&r, NULL);
    json *frontend = frontend_of(&r, BALANCER "-internal");
    assert_string_equal(json_path_str(frontend, "properties.subnet.id"), SUBNET);
    assert_string_equal(json_path_str(frontend, "properties.privateIPAllocationMethod"), "Dynamic");
    assert_int_equal(json_set_str(frontend, "properties.privateIPAddress", "10.0.2.4", NULL), 0);
    tick(&r);

    expect_address(&r, "10.0.2.4");
}

static void an_internal_address_that_is_asked_for(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r, "Internal", ASKS_INTERNAL, "'loadBalancerIP':'10.0.2.254',");
    put(&r, BALANCER "-internal",
        "{'properties':{'frontendIPConfigurations':[{'name':'internal-lb-ip-v4'}],"
        "'backendAddressPools':[{'name':'" BOOT_INFRA "'}]}}");

    tick(&r);
    tick(&r);

    expect_address(&r, "10.0.2.254");
    const json *lb = json_get(r.cloud.resources, BALANCER "-internal");
    assert_string_equal(json_path_str(frontend_of(&r, BALANCER "-internal"),
                                      "properties.privateIPAllocationMethod"),
                        "Static");
    assert_int_equal(json_len(json_path(lb, "properties.backendAddressPools")), 1);
}

static void another_address(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    open_rig(&r, "Internal", ASKS_INTERNAL, "'loadBalancerIP':'10.0.2.254',");
    tick(&r);
    tick(&r);

    view_rig_patch(&r, &GVR_SERVICES, "openshift-ingress", "router-default",
                   "{'spec':{'loadBalancerIP':'10.0.2.253'}}");
    tick(&r);
    tick(&r);

    expect_address(&r, "10.0.2.253");
    const json *lb = json_get(r.cloud.resources, BALANCER "-internal");
    assert_int_equal(json_len(json_path(lb, "properties.frontendIPConfigurations")), 1);
    assert_int_equal(json_len(json_path(lb, "properties.loadBalancingRules")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a public address that the Service asks for joins the load balancer",
             a_public_address_that_is_asked_for),
        CASE("an address that no public IP of the cluster has is told, not given",
             a_public_address_that_nobody_has),
        CASE("a public Service that asks for nothing gets an address of its own",
             a_public_address_of_its_own),
        CASE("an internal one that asks for nothing gets any of the subnet", any_internal_address),
        CASE("an internal address that it asks for is taken in the subnet",
             an_internal_address_that_is_asked_for),
        CASE("when it asks for another, the frontend moves", another_address),
    };
    return RUN_CASES("router", tests);
}
