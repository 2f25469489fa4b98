#include "pkg/base/mem.h"
#include "test/unit/support/rp/validate/validate_rig.h"
#include "test/unit/support/test.h"

#define ASKS_USAGE \
    ASKS("provider", "/subscriptions/s/providers/Microsoft.Network/locations/EastUS/usages" \
                     "?api-version=2020-08-01")
#define USAGE(limit, used) \
    "{\"value\":[{\"name\":{\"value\":\"LoadBalancers\"},\"limit\":0,\"currentValue\":0},{" \
    "\"name\":" \
    "{\"value\":\"PublicIPAddresses\"},\"limit\":" limit ",\"currentValue\":" used "}]}"
#define ASKS_POOL \
    NETWORK("provider", GROUP "/providers/Microsoft.Network/loadBalancers/x-abcde/" \
                              "backendAddressPools/x-abcde")
#define PROFILE(count, more) \
    "'networkProfile':{'loadBalancerProfile':{'managedOutboundIps':{'count':" count "}" more "}}"
#define CREATING(count, ingress) \
    "{" PROFILE(count, "") ",'ingressProfiles':[{'visibility':'" ingress "'}]}"
#define UPDATING(count, more) "{'provisioningState':'Updating'," PROFILE(count, more) "}"
#define TWO_NOW ",'effectiveOutboundIps':[{'id':'/1'},{'id':'/2'}]"
#define POOL "{\"properties\":{\"backendIPConfigurations\":[1,2,3]}}"
#define EXCEEDED(limit, used, more) \
    { \
        "ResourceQuotaExceeded", \
            "properties.networkProfile.loadBalancerProfile.ManagedOutboundIPs.Count", \
            "Resource quota of PublicIPAddresses exceeded. Maximum allowed: " limit \
            ", Current in use: " used ", Additional requested: " more "." \
    }

struct balancer_case {
    const char *name, *properties;
    struct script_step script[2];
    size_t len;
    struct refusal want;
};
static struct balancer_case cases[] = {
    { "addresses of a new cluster have to be had, and one of its ingress",
      CREATING("4", "Public"),
      { { .request = ASKS_USAGE, .reply = USAGE("10.0", "5.0") } },
      1,
      { 0 } },
    { "and are refused when they cannot",
      CREATING("4", "Public"),
      { { .reply = USAGE("10", "6") } },
      1,
      EXCEEDED("10", "6", "5") },
    { "a private ingress needs none",
      CREATING("4", "Private"),
      { { .reply = USAGE("10", "6") } },
      1,
      { 0 } },
    { "an existing cluster needs those that it has not",
      UPDATING("4", TWO_NOW),
      { { .request = ASKS_USAGE, .reply = USAGE("10", "9") } },
      1,
      EXCEEDED("10", "9", "2") },
    { "and none when it is to have fewer",
      UPDATING("1", TWO_NOW),
      { { .request = ASKS_POOL, .reply = POOL } },
      1,
      { 0 } },
    { "a quota that is not listed has no limit",
      CREATING("4", "Public"),
      { { .reply = "{\"value\":[]}" } },
      1,
      { 0 } },
    { "who routes for himself needs none",
      "{'provisioningState':'Updating','networkProfile':{'outboundType':'UserDefinedRouting'}}",
      { { 0 } },
      0,
      { 0 } },
    { "a cluster that says nothing has one address",
      "{'provisioningState':'Updating'}",
      { { .request = ASKS_POOL, .reply = POOL } },
      1,
      { 0 } },
};

static void check(void **state)
{
    const struct balancer_case *c = *state;
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r, c->properties, c->script, c->len);

    int result = check_load_balancer_profile(&r.v, WHO_PROVIDER, &err);

    validate_rig_assert(result, err, &c->want);
}

/* Its own addresses may be there: they are not counted twice. */
static void a_creation_that_goes_on_asks_for_no_more(void **state)
{
    (void)state;
    cleanup_validate_rig struct validate_rig r;
    validate_rig_open(&r, CREATING("4", "Public"), NULL, 0);
    r.cfg.goes_on = true;

    assert_int_equal(check_load_balancer_profile(&r.v, WHO_PROVIDER, NULL), 0);
}

/* An address has 63992 ports, a machine gets 1024 of them. */
static char *give_pool(int machines)
{
    cleanup_json json *list = json_new_array();
    for (int i = 0; i < machines; i++)
        json_append(list, json_new_int(i));
    cleanup_json json *pool =
        json_make("{'properties':{'backendIPConfigurations':%j}}", json_ref(list));
    return json_give_text(pool);
}

static void check_machines(int machines, const struct refusal *want)
{
    cleanup_free char *pool = give_pool(machines);
    const struct script_step script[] = { { .request = ASKS_POOL, .reply = pool } };
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r, "{'provisioningState':'Updating'}", script, ARRAY_LEN(script));

    int result = check_load_balancer_profile(&r.v, WHO_PROVIDER, &err);

    validate_rig_assert(result, err, want);
}

static void sixty_two_machines_share_an_address(void **state)
{
    (void)state;
    static const struct refusal none = { 0 };
    check_machines(62, &none);
}

static void sixty_three_do_not(void **state)
{
    (void)state;
    static const struct refusal want = {
        "InvalidParameter", "properties.networkProfile.loadBalancerProfile",
        "Insufficient frontend ports to support the backend instance count. Total frontend ports: "
        "63992, Required frontend ports: 64512, Total backend instances: 63"
    };
    check_machines(63, &want);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("62 machines share an address",
                                                      sixty_two_machines_share_an_address);
    tests[ARRAY_LEN(cases) + 1] = (struct CMUnitTest)CASE("63 do not", sixty_three_do_not);
    tests[ARRAY_LEN(cases) + 2] = (struct CMUnitTest)CASE(
        "a creation that goes on asks for no more", a_creation_that_goes_on_asks_for_no_more);
    return RUN_CASES("load balancer profile", tests);
}
