#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static void check_whole(void **state)
{
    (void)state;
    cleanup_json json *s = azure_sim_give_default_state();
    cleanup_error struct error *err = NULL;

    assert_int_equal(azure_state_check(s, &err), 0);
}

static void check_same(void **state)
{
    (void)state;
    cleanup_json json *a = azure_sim_give_default_state(), *b = azure_sim_give_default_state();

    assert_true(json_equal(a, b));
}

static void check_links(void **state)
{
    (void)state;
    cleanup_json json *s = azure_sim_give_default_state();
    size_t subnets = 0;
    for (struct json_iter it = json_each(json_get(s, "resources")); json_next(&it);) {
        cleanup_free char *key = str_give_lower(json_path_str(it.value, "id"));
        assert_string_equal(it.key, key);
        assert_true(!strstr(key, "/providers/") || /* groups have none */
                    str_starts(json_path_str(it.value, "etag"), "W/\""));
        const char *nsg = json_path_str(it.value, "properties.networkSecurityGroup.id");
        cleanup_free char *nsg_key = nsg ? str_give_lower(nsg) : NULL;
        if (!nsg)
            continue;
        subnets++;
        assert_non_null(json_get(json_get(s, "resources"), nsg_key));
    }
    assert_int_equal(subnets, 2);
}

static void check_broken(void **state)
{
    (void)state;
    static const char *const missing[] = { "tenant",       "subscription", "location",
                                           "applications", "permissions",  "resources" };
    for (size_t i = 0; i < ARRAY_LEN(missing); i++) {
        cleanup_json json *s = azure_sim_give_default_state();
        cleanup_error struct error *err = NULL;
        json_del(s, missing[i]);
        assert_int_equal(azure_state_check(s, &err), -1);
        assert_non_null(strstr(error_text(err), missing[i]));
    }
    assert_int_equal(azure_state_check(NULL, NULL), -1);
}

static void check_service(void **state)
{
    (void)state;
    cleanup_json json *s = json_make("{'resources':{}}");
    const struct azure_sim_service service = { .group = "g",
                                               .domain_group = "d",
                                               .domain = "x.example",
                                               .endpoints = "127.70.9.0/24",
                                               .public_addresses = "127.200.9.0/24" };

    azure_sim_put_service(s, &service);

    const json *subnet = json_get(json_get(s, "resources"),
                                  "/subscriptions/" AZURE_SIM_SUBSCRIPTION
                                  "/resourcegroups/g/providers/microsoft.network/virtualnetworks/"
                                  "rp-pe-vnet-001/subnets/rp-pe-subnet");
    assert_string_equal(json_path_str(subnet, "properties.addressPrefix"), "127.70.9.0/24");
    assert_non_null(json_get(json_get(s, "resources"),
                             "/subscriptions/" AZURE_SIM_SUBSCRIPTION
                             "/resourcegroups/d/providers/microsoft.network/dnszones/x.example"));
    assert_string_equal(json_path_str(s, "public_addresses"), "127.200.9.0/24");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the default state is one", check_whole),
        CASE("the default state is the same each time", check_same),
        CASE("resources lie under their lower-case IDs and refer to each other", check_links),
        CASE("a resource provider has a network for endpoints, and a zone", check_service),
        CASE("a state without one of its parts is refused by that name", check_broken),
    };
    return RUN_CASES("default_state", tests);
}
