#include "pkg/api/model_types.h"
#include "test/unit/pkg/api/model_rig.h"

#define NETWORK "properties.networkProfile."
#define BALANCER NETWORK "loadBalancerProfile."
#define APISERVER "properties.apiserverProfile."
#define INGRESS "properties.ingressProfiles[0]."
#define INGRESS_TARGET "properties.ingressProfiles['default']."

static struct field_case cases[] = {
    F(NETWORK "podCidr", "IIIIIIIIIIII", "'10.0.0.0/14'"),
    F(NETWORK "serviceCidr", "IIIIIIIIIIII", "'10.0.0.0/16'"),
    F(NETWORK "softwareDefinedNetwork", "--I--------I", "'OpenShiftSDN'"),
    F(NETWORK "mtuSize", "-----------I", "3900"),
    F(NETWORK "outboundType", "-----IIIIIIM", "'UserDefinedRouting'"),
    F(NETWORK "privateEndpointIp", "-----------I", "'10.9.9.9'"),
    F(NETWORK "gatewayPrivateEndpointIp", "-----------I", "'10.9.9.9'"),
    F(NETWORK "gatewayPrivateLinkId", "-----------I", "'x'"),
    F(NETWORK "preconfiguredNSG", "-------IIIIM", "'Enabled'"),
    F(BALANCER "managedOutboundIps.count", "------M-MMMM", "9"),
    F(BALANCER "effectiveOutboundIps", "------R-RRRR", "[{'id':'/ips/9'}]"),
    F(BALANCER "outboundIps", "------M----R", "[{'id':'/ips/9'}]"),
    F(BALANCER "outboundIpPrefixes", "------M----R", "[{'id':'/ips/9'}]"),
    F(BALANCER "allocatedOutboundPorts", "------M----R", "9"),
    F(APISERVER "visibility", "IIIIIIIIIIII", "'Private'"),
    F(APISERVER "url", "IIIIIIIIRRRI", "'https://x'"),
    F(APISERVER "ip", "IIIIIIIIRRRI", "'9.9.9.9'"),
    F(APISERVER "intIp", "-----------I", "'9.9.9.9'"),
    F(INGRESS "name", "IIIIIIIIIIII", "'x'", .target = "properties.ingressProfiles['x'].name"),
    F(INGRESS "visibility", "IIIIIIIIIIII", "'Private'", .target = INGRESS_TARGET "visibility"),
    F(INGRESS "ip", "IIIIIIIIRRRI", "'9.9.9.9'", .target = INGRESS_TARGET "ip"),
};

static void the_list_is_complete(void **state)
{
    (void)state;
    static const struct api_type *const elsewhere[] = { NULL };
    static const struct rig_list list = { cases, ARRAY_LEN(cases), elsewhere };
    rig_check_listed(&list, &network_profile_type, NETWORK);
    rig_check_listed(&list, &apiserver_profile_type, APISERVER);
    rig_check_listed(&list, &ingress_profile_type, INGRESS);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = {
        CASE("every field of the table is in the list", the_list_is_complete),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 1] = (struct CMUnitTest)CASE_OF(cases[i].path, rig_check_field, &cases[i]);
    return RUN_CASES("model_network", tests);
}
