#include "pkg/base/mem.h"
#include "rp/cluster/names.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

#define DOMAIN(d) "{'clusterProfile':{'domain':'" d "'}}"

static struct domain_case {
    const char *name, *properties, *domain, *short_name, *base, *managed;
} domains[] = {
    { "a name without a dot is one of the service's zone", DOMAIN("a"), "a." RIG_ZONE, "a",
      RIG_ZONE, "a." RIG_ZONE },
    { "a whole name in the zone is managed, too", DOMAIN("b." RIG_ZONE), "b." RIG_ZONE, "b",
      RIG_ZONE, "b." RIG_ZONE },
    { "a name further below is the customer's", DOMAIN("x.b." RIG_ZONE), "x.b." RIG_ZONE, "x",
      "b." RIG_ZONE, NULL },
    { "another zone is the customer's", DOMAIN("c.contoso.com"), "c.contoso.com", "c",
      "contoso.com", NULL },
};

static void check_domain(void **state)
{
    const struct domain_case *d = *state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, d->properties, NULL, 0);
    cleanup_free char *domain = name_give_domain(r.c), *short_name = name_give_short(r.c);
    cleanup_free char *base = name_give_base_domain(r.c), *managed = NULL;

    assert_int_equal(name_give_managed_domain(r.c, &managed, NULL), 0);

    assert_string_equal(domain, d->domain);
    assert_string_equal(short_name, d->short_name);
    assert_string_equal(base, d->base);
    if (d->managed)
        assert_string_equal(managed, d->managed);
    else
        assert_null(managed);
}

static void a_dot_at_an_end_is_no_domain(void **state)
{
    (void)state;
    static const char *const wrong[] = { DOMAIN(""), DOMAIN(".a"), DOMAIN("a.") };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        cleanup_cluster_rig struct cluster_rig r;
        cleanup_free char *managed = NULL;
        cluster_rig_open(&r, wrong[i], NULL, 0);
        assert_int_equal(name_give_managed_domain(r.c, &managed, NULL), -1);
    }
}

static void parts_are_named_after_the_cluster(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{'infraId':'a-12345','storageSuffix':'bcdfg'}", NULL, 0);
    cleanup_free char *nsg = name_give(r.c, "-nsg"), *group = name_give_group(r.c);
    cleanup_free char *account = name_give_storage_account(r.c);
    cleanup_free char *lb =
        name_give_resource_id(r.c, "Microsoft.Network/loadBalancers", "a-12345");

    assert_string_equal(nsg, "a-12345-nsg");
    assert_string_equal(group, "aro-a");
    assert_string_equal(account, "clusterbcdfg");
    assert_string_equal(lb, RIG_GROUP "/providers/Microsoft.Network/loadBalancers/a-12345");
}

static void what_is_the_services_is_in_its_group(void **state)
{
    (void)state;
    static const char *const env[] = { "DOMAIN_RESOURCEGROUP=dns", NULL };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open_env(&r, "{}", env, NULL, 0);
    cleanup_free char *endpoint = name_give_private_endpoint_id(r.c);
    cleanup_free char *subnet = name_give_service_subnet_id(r.c, SUBNET_ENDPOINTS),
                      *zone = name_give_zone_id(r.c);

    assert_string_equal(endpoint,
                        RIG_SERVICE "/providers/Microsoft.Network/privateEndpoints/rp-pe-id-a");
    assert_string_equal(subnet, RIG_SERVICE "/providers/Microsoft.Network/virtualNetworks/"
                                            "rp-pe-vnet-001/subnets/rp-pe-subnet");
    assert_string_equal(zone, "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/"
                              "dns/providers/Microsoft.Network/dnsZones/" RIG_ZONE);
}

static void the_gateway_is_in_a_group_of_its_own(void **state)
{
    (void)state;
    static const char *const env[] = { "GATEWAY_RESOURCEGROUP=gateway", NULL };
    cleanup_cluster_rig struct cluster_rig with, without;
    cluster_rig_open_env(&with, "{}", env, NULL, 0);
    cluster_rig_open(&without, "{}", NULL, 0);
    cleanup_free char *subnet = name_give_service_subnet_id(with.c, SUBNET_GATEWAY);
    cleanup_free char *gateway = name_give_gateway_id(with.c);

    assert_string_equal(subnet, "/subscriptions/11111111-1111-1111-1111-111111111111/"
                                "resourceGroups/gateway/providers/Microsoft.Network/"
                                "virtualNetworks/gateway-vnet/subnets/gateway-subnet");
    assert_string_equal(gateway, "/subscriptions/11111111-1111-1111-1111-111111111111/"
                                 "resourceGroups/gateway/providers/Microsoft.Network/"
                                 "privateLinkServices/gateway-pls-001");
    assert_null(name_give_service_subnet_id(without.c, SUBNET_GATEWAY));
}

static void the_registry_is_found_by_its_id(void **state)
{
    (void)state;
    static const char *const with[] = {
        "ACR_RESOURCE_ID=/subscriptions/s/resourceGroups/g/providers/"
        "Microsoft.ContainerRegistry/registries/AroSvc",
        NULL
    };
    cleanup_cluster_rig struct cluster_rig own, none;
    cluster_rig_open_env(&own, "{}", with, NULL, 0);
    cluster_rig_open(&none, "{}", NULL, 0);
    cleanup_free char *host = name_give_registry(own.c);

    assert_string_equal(host, "arosvc.azurecr.io");
    assert_null(name_give_registry(none.c));
}

static void clusters_without_an_infra_id_are_the_oldest(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);
    assert_string_equal(name_infra(r.c), "aro");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF(domains[0].name, check_domain, &domains[0]),
        CASE_OF(domains[1].name, check_domain, &domains[1]),
        CASE_OF(domains[2].name, check_domain, &domains[2]),
        CASE_OF(domains[3].name, check_domain, &domains[3]),
        CASE("a dot at an end is no domain", a_dot_at_an_end_is_no_domain),
        CASE("parts are named after the cluster", parts_are_named_after_the_cluster),
        CASE("what is the service's is in its group", what_is_the_services_is_in_its_group),
        CASE("the gateway is in a group of its own", the_gateway_is_in_a_group_of_its_own),
        CASE("the registry is found by its ID", the_registry_is_found_by_its_id),
        CASE("clusters without an infra ID are called aro",
             clusters_without_an_infra_id_are_the_oldest),
    };
    return RUN_CASES("names", tests);
}
