#include "test/unit/pkg/api/validate_rig.h"
#include "test/unit/support/test.h"

static struct rule_case cases[] = {
    { .name = "podCidr: the smallest range",
      .edits = { { "properties.networkProfile.podCidr", "'10.0.0.0/18'" } } },
    { .name = "podCidr: empty",
      .edits = { { "properties.networkProfile.podCidr", "''" } },
      .target = "properties.networkProfile.podCidr",
      .message = "The provided pod CIDR '' is invalid: 'invalid CIDR address: '." },
    { .name = "podCidr: no prefix",
      .edits = { { "properties.networkProfile.podCidr", "'10.0.0.0'" } },
      .target = "properties.networkProfile.podCidr",
      .message = "The provided pod CIDR '10.0.0.0' is invalid: 'invalid CIDR address: 10.0.0.0'." },
    { .name = "podCidr: a word",
      .edits = { { "properties.networkProfile.podCidr", "'x/8'" } },
      .target = "properties.networkProfile.podCidr",
      .message = "The provided pod CIDR 'x/8' is invalid: 'invalid CIDR address: x/8'." },
    { .name = "podCidr: too many bits",
      .edits = { { "properties.networkProfile.podCidr", "'10.0.0.0/33'" } },
      .target = "properties.networkProfile.podCidr",
      .message =
          "The provided pod CIDR '10.0.0.0/33' is invalid: 'invalid CIDR address: 10.0.0.0/33'." },
    { .name = "podCidr: a signed prefix",
      .edits = { { "properties.networkProfile.podCidr", "'10.0.0.0/+8'" } },
      .target = "properties.networkProfile.podCidr",
      .message =
          "The provided pod CIDR '10.0.0.0/+8' is invalid: 'invalid CIDR address: 10.0.0.0/+8'." },
    { .name = "podCidr: three numbers",
      .edits = { { "properties.networkProfile.podCidr", "'10.0.0/8'" } },
      .target = "properties.networkProfile.podCidr",
      .message = "The provided pod CIDR '10.0.0/8' is invalid: 'invalid CIDR address: 10.0.0/8'." },
    { .name = "podCidr: a number too large",
      .edits = { { "properties.networkProfile.podCidr", "'10.0.0.256/8'" } },
      .target = "properties.networkProfile.podCidr",
      .message = "The provided pod CIDR '10.0.0.256/8' is invalid: 'invalid CIDR address: "
                 "10.0.0.256/8'." },
    { .name = "podCidr: IPv6",
      .edits = { { "properties.networkProfile.podCidr", "'2001:db8::/32'" } },
      .target = "properties.networkProfile.podCidr",
      .message = "The provided pod CIDR '2001:db8::/32' is invalid: must be IPv4." },
    { .name = "podCidr: too small",
      .edits = { { "properties.networkProfile.podCidr", "'10.0.0.0/19'" } },
      .target = "properties.networkProfile.podCidr",
      .message = "The provided vnet CIDR '10.0.0.0/19' is invalid: must be /18 or larger." },
    { .name = "podCidr: host bits",
      .edits = { { "properties.networkProfile.podCidr", "'10.128.0.1/14'" } },
      .target = "properties.networkProfile.podCidr",
      .message = "The provided pod CIDR '10.128.0.1/14' is invalid, expecting: '10.128.0.0/14'.",
      .code = "InvalidNetworkAddress" },
    { .name = "podCidr: 100.64.0.0/16 is kept by the network",
      .edits = { { "properties.networkProfile.podCidr", "'100.64.0.0/16'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '100.64.0.0/16' IP address "
                 "range in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "podCidr: 100.64.128.0/18 is kept by the network",
      .edits = { { "properties.networkProfile.podCidr", "'100.64.128.0/18'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '100.64.128.0/18' IP address "
                 "range in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "podCidr: 100.0.0.0/8 is kept by the network",
      .edits = { { "properties.networkProfile.podCidr", "'100.0.0.0/8'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '100.0.0.0/8' IP address range "
                 "in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "podCidr: 169.254.0.0/16 is kept by the network",
      .edits = { { "properties.networkProfile.podCidr", "'169.254.0.0/16'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '169.254.0.0/16' IP address "
                 "range in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "podCidr: 100.88.0.0/18 is kept by the network",
      .edits = { { "properties.networkProfile.podCidr", "'100.88.0.0/18'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '100.88.0.0/18' IP address "
                 "range in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "podCidr: 0.0.0.0/0 is kept by the network",
      .edits = { { "properties.networkProfile.podCidr", "'0.0.0.0/0'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '0.0.0.0/0' IP address range "
                 "in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "podCidr: beside what is kept",
      .edits = { { "properties.networkProfile.podCidr", "'100.65.0.0/16'" } } },
    { .name = "podCidr: the other network plugin keeps nothing",
      .letters = "C",
      .edits = { { "properties.networkProfile.podCidr", "'100.64.0.0/16'" },
                 { "properties.networkProfile.softwareDefinedNetwork", "'OpenShiftSDN'" } } },
    { .name = "serviceCidr: the smallest range",
      .edits = { { "properties.networkProfile.serviceCidr", "'10.0.0.0/22'" } } },
    { .name = "serviceCidr: empty",
      .edits = { { "properties.networkProfile.serviceCidr", "''" } },
      .target = "properties.networkProfile.serviceCidr",
      .message = "The provided service CIDR '' is invalid: 'invalid CIDR address: '." },
    { .name = "serviceCidr: no prefix",
      .edits = { { "properties.networkProfile.serviceCidr", "'10.0.0.0'" } },
      .target = "properties.networkProfile.serviceCidr",
      .message =
          "The provided service CIDR '10.0.0.0' is invalid: 'invalid CIDR address: 10.0.0.0'." },
    { .name = "serviceCidr: a word",
      .edits = { { "properties.networkProfile.serviceCidr", "'x/8'" } },
      .target = "properties.networkProfile.serviceCidr",
      .message = "The provided service CIDR 'x/8' is invalid: 'invalid CIDR address: x/8'." },
    { .name = "serviceCidr: too many bits",
      .edits = { { "properties.networkProfile.serviceCidr", "'10.0.0.0/33'" } },
      .target = "properties.networkProfile.serviceCidr",
      .message = "The provided service CIDR '10.0.0.0/33' is invalid: 'invalid CIDR address: "
                 "10.0.0.0/33'." },
    { .name = "serviceCidr: a signed prefix",
      .edits = { { "properties.networkProfile.serviceCidr", "'10.0.0.0/+8'" } },
      .target = "properties.networkProfile.serviceCidr",
      .message = "The provided service CIDR '10.0.0.0/+8' is invalid: 'invalid CIDR address: "
                 "10.0.0.0/+8'." },
    { .name = "serviceCidr: three numbers",
      .edits = { { "properties.networkProfile.serviceCidr", "'10.0.0/8'" } },
      .target = "properties.networkProfile.serviceCidr",
      .message =
          "The provided service CIDR '10.0.0/8' is invalid: 'invalid CIDR address: 10.0.0/8'." },
    { .name = "serviceCidr: a number too large",
      .edits = { { "properties.networkProfile.serviceCidr", "'10.0.0.256/8'" } },
      .target = "properties.networkProfile.serviceCidr",
      .message = "The provided service CIDR '10.0.0.256/8' is invalid: 'invalid CIDR address: "
                 "10.0.0.256/8'." },
    { .name = "serviceCidr: IPv6",
      .edits = { { "properties.networkProfile.serviceCidr", "'2001:db8::/32'" } },
      .target = "properties.networkProfile.serviceCidr",
      .message = "The provided service CIDR '2001:db8::/32' is invalid: must be IPv4." },
    { .name = "serviceCidr: too small",
      .edits = { { "properties.networkProfile.serviceCidr", "'10.0.0.0/23'" } },
      .target = "properties.networkProfile.serviceCidr",
      .message = "The provided vnet CIDR '10.0.0.0/23' is invalid: must be /22 or larger." },
    { .name = "serviceCidr: host bits",
      .edits = { { "properties.networkProfile.serviceCidr", "'10.128.0.1/14'" } },
      .target = "properties.networkProfile.serviceCidr",
      .message =
          "The provided service CIDR '10.128.0.1/14' is invalid, expecting: '10.128.0.0/14'.",
      .code = "InvalidNetworkAddress" },
    { .name = "serviceCidr: 100.64.0.0/16 is kept by the network",
      .edits = { { "properties.networkProfile.serviceCidr", "'100.64.0.0/16'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '100.64.0.0/16' IP address "
                 "range in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "serviceCidr: 100.64.128.0/18 is kept by the network",
      .edits = { { "properties.networkProfile.serviceCidr", "'100.64.128.0/18'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '100.64.128.0/18' IP address "
                 "range in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "serviceCidr: 100.0.0.0/8 is kept by the network",
      .edits = { { "properties.networkProfile.serviceCidr", "'100.0.0.0/8'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '100.0.0.0/8' IP address range "
                 "in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "serviceCidr: 169.254.0.0/16 is kept by the network",
      .edits = { { "properties.networkProfile.serviceCidr", "'169.254.0.0/16'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '169.254.0.0/16' IP address "
                 "range in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "serviceCidr: 100.88.0.0/18 is kept by the network",
      .edits = { { "properties.networkProfile.serviceCidr", "'100.88.0.0/18'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '100.88.0.0/18' IP address "
                 "range in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "serviceCidr: 0.0.0.0/0 is kept by the network",
      .edits = { { "properties.networkProfile.serviceCidr", "'0.0.0.0/0'" } },
      .target = "properties.networkProfile",
      .message = "Azure Red Hat OpenShift uses 100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16 "
                 "IP address ranges internally. Do not include this '0.0.0.0/0' IP address range "
                 "in any other CIDR definitions in your cluster.",
      .code = "InvalidCIDRRange" },
    { .name = "serviceCidr: beside what is kept",
      .edits = { { "properties.networkProfile.serviceCidr", "'100.65.0.0/16'" } } },
    { .name = "serviceCidr: the other network plugin keeps nothing",
      .letters = "C",
      .edits = { { "properties.networkProfile.serviceCidr", "'100.64.0.0/16'" },
                 { "properties.networkProfile.softwareDefinedNetwork", "'OpenShiftSDN'" } } },
    { .name = "pods are looked at before services",
      .edits = { { "properties.networkProfile.podCidr", "'x'" },
                 { "properties.networkProfile.serviceCidr", "'y'" } },
      .target = "properties.networkProfile.podCidr",
      .message = "The provided pod CIDR 'x' is invalid: 'invalid CIDR address: x'." },
    { .name = "the network is looked at without ingress, too",
      .edits = { { "properties.ingressProfiles", NULL },
                 { "properties.networkProfile.podCidr", "'x'" } },
      .target = "properties.networkProfile.podCidr",
      .message = "The provided pod CIDR 'x' is invalid: 'invalid CIDR address: x'." },
    { .name = "no network plugin where there must be one",
      .letters = "C",
      .edits = { { "properties.networkProfile.softwareDefinedNetwork", NULL } },
      .target = "properties.networkProfile.SoftwareDefinedNetwork",
      .message = "The provided SoftwareDefinedNetwork '' is invalid." },
    { .name = "an unknown network plugin",
      .letters = "C",
      .edits = { { "properties.networkProfile.softwareDefinedNetwork", "'x'" } },
      .target = "properties.networkProfile.SoftwareDefinedNetwork",
      .message = "The provided SoftwareDefinedNetwork 'x' is invalid." },
    { .name = "an unknown outbound type",
      .letters = "FGHIJK",
      .edits = { { "properties.networkProfile.outboundType", "'x'" } },
      .target = "properties.networkProfile.outboundType",
      .message =
          "The provided outboundType 'x' is invalid: must be UserDefinedRouting or Loadbalancer." },
    { .name = "a load balancer outbound",
      .letters = "FGHIJK",
      .edits = { { "properties.networkProfile.outboundType", "'Loadbalancer'" } } },
    { .name = "own routing with private endpoints",
      .letters = "FGHIJK",
      .edits = { { "properties.networkProfile.outboundType", "'UserDefinedRouting'" },
                 { "properties.apiserverProfile.visibility", "'Private'" },
                 { "properties.ingressProfiles[0].visibility", "'Private'" } } },
    { .name = "own routing with a public API server",
      .letters = "FGHIJK",
      .edits = { { "properties.networkProfile.outboundType", "'UserDefinedRouting'" },
                 { "properties.ingressProfiles[0].visibility", "'Private'" } },
      .target = "properties.networkProfile.outboundType",
      .message =
          "The provided outboundType 'UserDefinedRouting' is invalid: cannot use "
          "UserDefinedRouting if either API Server Visibility or Ingress Visibility is public." },
    { .name = "own routing with a public ingress",
      .letters = "FGHIJK",
      .edits = { { "properties.networkProfile.outboundType", "'UserDefinedRouting'" },
                 { "properties.apiserverProfile.visibility", "'Private'" } },
      .target = "properties.networkProfile.outboundType",
      .message =
          "The provided outboundType 'UserDefinedRouting' is invalid: cannot use "
          "UserDefinedRouting if either API Server Visibility or Ingress Visibility is public." },
    { .name = "an unknown preconfigured NSG",
      .letters = "HIJK",
      .edits = { { "properties.networkProfile.preconfiguredNSG", "'x'" } },
      .target = "properties.networkProfile.preconfiguredNSG",
      .message = "The provided value 'x' is invalid." },
    { .name = "a preconfigured NSG",
      .letters = "HIJK",
      .edits = { { "properties.networkProfile.preconfiguredNSG", "'Enabled'" } } },
    { .name = "one outbound address",
      .letters = "GIJK",
      .edits = { { "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
                   "1" } } },
    { .name = "twenty outbound addresses",
      .letters = "GIJK",
      .edits = { { "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
                   "20" } } },
    { .name = "0 outbound addresses",
      .letters = "GIJK",
      .edits = { { "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
                   "0" } },
      .target = "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
      .message = "The provided managedOutboundIps.count 0 is invalid: managedOutboundIps.count "
                 "must be in the range of 1 to 20 (inclusive)." },
    { .name = "21 outbound addresses",
      .letters = "GIJK",
      .edits = { { "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
                   "21" } },
      .target = "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
      .message = "The provided managedOutboundIps.count 21 is invalid: managedOutboundIps.count "
                 "must be in the range of 1 to 20 (inclusive)." },
    { .name = "-1 outbound addresses",
      .letters = "GIJK",
      .edits = { { "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
                   "-1" } },
      .target = "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
      .message = "The provided managedOutboundIps.count -1 is invalid: managedOutboundIps.count "
                 "must be in the range of 1 to 20 (inclusive)." },
    { .name = "two outbound addresses on the old architecture",
      .letters = "GIJK",
      .edits = { { "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
                   "2" } },
      .target = "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
      .message =
          "The provided managedOutboundIps.count 2 is invalid: managedOutboundIps.count must be 1, "
          "multiple IPs are not supported for this cluster's network architecture.",
      .architecture_version = -1 },
    { .name = "one outbound address on the old architecture",
      .letters = "GIJK",
      .edits = { { "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count",
                   "1" } },
      .architecture_version = -1 },
    { .name = "effective addresses at a create",
      .letters = "GIJK",
      .edits = { { "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count", "1" },
                 { "properties.networkProfile.loadBalancerProfile.effectiveOutboundIps",
                   "[{'id':'/x'}]" } },
      .target = "properties.networkProfile.loadBalancerProfile.effectiveOutboundIps",
      .message = "The field effectiveOutboundIps is read only." },
    { .name = "a load balancer without kind of addresses",
      .letters = "G",
      .edits = { { "properties.networkProfile.loadBalancerProfile", "{}" } },
      .target = "properties.networkProfile.loadBalancerProfile",
      .message = "The provided loadBalancerProfile is invalid: must specify one of "
                 "managedOutboundIps, outboundIps, or outboundIpPrefixes." },
    { .name = "a load balancer without kind of addresses, later",
      .letters = "IJK",
      .edits = { { "properties.networkProfile.loadBalancerProfile", "{}" } } },
    { .name = "two kinds of addresses",
      .letters = "G",
      .edits = { { "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count", "1" },
                 { "properties.networkProfile.loadBalancerProfile.outboundIps", "[{'id':'/x'}]" } },
      .target = "properties.networkProfile.loadBalancerProfile",
      .message = "The provided loadBalancerProfile is invalid: can only use one of "
                 "managedOutboundIps, outboundIps, or outboundIpPrefixes at a time." },
    { .name = "addresses of the customer",
      .letters = "G",
      .edits = { { "properties.networkProfile.loadBalancerProfile.outboundIps", "[{'id':'/x'}]" } },
      .target = "properties.networkProfile.loadBalancerProfile.outboundIps",
      .message =
          "The field outboundIps is not implemented at this time, please check back later." },
    { .name = "address ranges of the customer",
      .letters = "G",
      .edits = { { "properties.networkProfile.loadBalancerProfile.outboundIpPrefixes",
                   "[{'id':'/x'}]" } },
      .target = "properties.networkProfile.loadBalancerProfile.outboundIpPrefixes",
      .message = "The field outboundIpPrefixes is not implemented at this time, please check back "
                 "later." },
    { .name = "outbound ports",
      .letters = "G",
      .edits = { { "properties.networkProfile.loadBalancerProfile.managedOutboundIps.count", "1" },
                 { "properties.networkProfile.loadBalancerProfile.allocatedOutboundPorts", "9" } },
      .target = "properties.networkProfile.loadBalancerProfile.allocatedOutboundPorts",
      .message = "The field allocatedOutboundPorts is not implemented at this time, please check "
                 "back later." },
};

static void own_routing_has_no_load_balancer(void **state)
{
    (void)state;
    const struct api_rules rules = { .location = "eastus",
                                     .domain = "eastus.aroapp.io",
                                     .resource_id = RIG_ID,
                                     .architecture_version = 1 };
    cleanup_json json *ext = rig_give_request(rig_version('I'), false);
    cleanup_error struct error *err = NULL;
    (void)json_set_str(ext, "properties.apiserverProfile.visibility", "Private", NULL);
    (void)json_set_str(ext, "properties.ingressProfiles[0].visibility", "Private", NULL);
    (void)json_set_str(ext, "properties.networkProfile.outboundType", "UserDefinedRouting", NULL);
    (void)json_path_put(ext, "properties.networkProfile.loadBalancerProfile", json_new_object(),
                        NULL);

    assert_int_equal(api_cluster_validate(rig_version('I'), ext, NULL, &rules, &err), -1);

    assert_string_equal(error_text(err),
                        "The provided loadBalancerProfile is invalid: cannot use a "
                        "loadBalancerProfile if outboundType is UserDefinedRouting.");
    rig_assert_refused(&err, "InvalidParameter", "properties.networkProfile.loadBalancerProfile");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = { CASE("own routing has no load balancer",
                                                           own_routing_has_no_load_balancer) };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[1 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, rig_check_rule, &cases[i]);
    return RUN_CASES("validate_network", tests);
}
