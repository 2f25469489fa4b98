#include <string.h>

#include "pkg/api/cidr.h"
#include "pkg/api/validate.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define NETWORK "properties.networkProfile"
#define BALANCER NETWORK ".loadBalancerProfile"

#define RESERVED_TEXT "100.64.0.0/16, 169.254.169.0/29, and 100.88.0.0/16"
static const struct cidr reserved[] = {
    { (100u << 24) | (64u << 16), 16 },
    { (169u << 24) | (254u << 16) | (169u << 8), 29 },
    { (100u << 24) | (88u << 16), 16 },
};

struct cidr_rule {
    const char *path, *word;
    unsigned max_bits;
};
static const struct cidr_rule cidr_rules[] = {
    { NETWORK ".podCidr", "pod", 18 },
    { NETWORK ".serviceCidr", "service", 22 },
};

/* The network plugin keeps these ranges for itself; while one could still choose, only one did. */
static bool has_reserved_ranges(const struct checks *c)
{
    return c->is_create &&
           (!checks_in(c, V_C) ||
            str_eq(checked_text(c, NETWORK ".softwareDefinedNetwork"), "OVNKubernetes"));
}

static int check_reserved(const struct checks *c, const struct cidr *range, const char *text)
{
    for (size_t i = 0; has_reserved_ranges(c) && i < ARRAY_LEN(reserved); i++)
        if (cidr_overlaps(range, &reserved[i]))
            return api_refuse(c->err, "InvalidCIDRRange", NETWORK,
                              "Azure Red Hat OpenShift uses " RESERVED_TEXT
                              " IP address ranges internally. Do not include this '%s' IP address "
                              "range in any other CIDR definitions in your cluster.",
                              text);
    return 0;
}

static int check_cidr(const struct checks *c, const struct cidr_rule *rule)
{
    const char *text = checked_text(c, rule->path);
    struct cidr range = { 0 };
    char network[CIDR_TEXT_MAX];
    enum cidr_form form = cidr_parse(text, &range);
    if (form == CIDR_BAD)
        return api_refuse_value(c->err, rule->path,
                                "The provided %s CIDR '%s' is invalid: 'invalid CIDR address: %s'.",
                                rule->word, text, text);
    if (form == CIDR_IPV6)
        return api_refuse_value(c->err, rule->path,
                                "The provided %s CIDR '%s' is invalid: must be IPv4.", rule->word,
                                text);
    if (check_reserved(c, &range, text) < 0)
        return -1;
    if (range.bits > rule->max_bits)
        return api_refuse_value(c->err, rule->path,
                                "The provided vnet CIDR '%s' is invalid: must be /%u or larger.",
                                text, rule->max_bits);
    cidr_text(&range, network);
    if (range.address != cidr_network(&range))
        return api_refuse(c->err, "InvalidNetworkAddress", rule->path,
                          "The provided %s CIDR '%s' is invalid, expecting: '%s'.", rule->word,
                          text, network);
    return 0;
}

static bool is_public(const struct checks *c, const char *path)
{
    return str_eq(checked_text(c, path), "Public");
}

static int check_outbound_type(const struct checks *c)
{
    static const char path[] = NETWORK ".outboundType";
    const char *type = checked_text(c, path);
    if (*type && !api_enum_has(&enum_outbound_type, type, c->bit))
        return api_refuse_value(c->err, path,
                                "The provided outboundType '%s' is invalid: must be "
                                "UserDefinedRouting or Loadbalancer.",
                                type);
    if (str_eq(type, "UserDefinedRouting") &&
        (is_public(c, "properties.apiserverProfile.visibility") ||
         is_public(c, "properties.ingressProfiles[0].visibility")))
        return api_refuse_value(c->err, path,
                                "The provided outboundType '%s' is invalid: cannot use "
                                "UserDefinedRouting if either API Server Visibility or Ingress "
                                "Visibility is public.",
                                type);
    return 0;
}

static int check_managed_ips(const struct checks *c)
{
    static const char path[] = BALANCER ".managedOutboundIps.count";
    long long count = json_path_int(c->ext, path, 0);
    if (!json_is_object(json_path(c->ext, BALANCER ".managedOutboundIps")))
        return 0;
    if (count < 1 || count > 20)
        return api_refuse_value(c->err, path,
                                "The provided managedOutboundIps.count %lld is invalid: "
                                "managedOutboundIps.count must be in the range of 1 to 20 "
                                "(inclusive).",
                                count);
    if (c->rules->architecture_version == 0 && count != 1)
        return api_refuse_value(c->err, path,
                                "The provided managedOutboundIps.count %lld is invalid: "
                                "managedOutboundIps.count must be 1, multiple IPs are not "
                                "supported for this cluster's network architecture.",
                                count);
    return 0;
}

/* One preview names other kinds of addresses, which the service never had. */
static int check_other_ips(const struct checks *c)
{
    static const char *const kinds[] = { "managedOutboundIps", "outboundIps",
                                         "outboundIpPrefixes" };
    static const char *const missing[] = { "outboundIps", "outboundIpPrefixes",
                                           "allocatedOutboundPorts" };
    const json *balancer = json_path(c->ext, BALANCER);
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        n += json_get(balancer, kinds[i]) != NULL;
    if (n != 1)
        return api_refuse_value(c->err, BALANCER,
                                "The provided loadBalancerProfile is invalid: %s of "
                                "managedOutboundIps, outboundIps, or outboundIpPrefixes%s.",
                                n ? "can only use one" : "must specify one", n ? " at a time" : "");
    for (size_t i = 0; i < ARRAY_LEN(missing); i++) {
        cleanup_free char *path = xasprintf("%s.%s", BALANCER, missing[i]);
        if (json_get(balancer, missing[i]))
            return api_refuse_value(c->err, path,
                                    "The field %s is not implemented at this time, please check "
                                    "back later.",
                                    missing[i]);
    }
    return 0;
}

static int check_load_balancer(const struct checks *c)
{
    if (!json_is_object(json_path(c->ext, BALANCER)))
        return 0;
    if (str_eq(checked_text(c, NETWORK ".outboundType"), "UserDefinedRouting"))
        return api_refuse_value(c->err, BALANCER,
                                "The provided loadBalancerProfile is invalid: cannot use a "
                                "loadBalancerProfile if outboundType is UserDefinedRouting.");
    if (check_managed_ips(c) < 0)
        return -1;
    if (c->is_create && json_len(json_path(c->ext, BALANCER ".effectiveOutboundIps")))
        return api_refuse_value(c->err, BALANCER ".effectiveOutboundIps",
                                "The field effectiveOutboundIps is read only.");
    return checks_in(c, V_G) ? check_other_ips(c) : 0;
}

int validate_network_profile(const struct checks *c)
{
    const char *sdn = checked_text(c, NETWORK ".softwareDefinedNetwork");
    const char *nsg = checked_text(c, NETWORK ".preconfiguredNSG");
    for (size_t i = 0; i < ARRAY_LEN(cidr_rules); i++)
        if (check_cidr(c, &cidr_rules[i]) < 0)
            return -1;
    if (checks_in(c, V_C) && !api_enum_has(&enum_software_defined_network, sdn, c->bit))
        return api_refuse_value(c->err, NETWORK ".SoftwareDefinedNetwork",
                                "The provided SoftwareDefinedNetwork '%s' is invalid.", sdn);
    if (checks_in(c, V_FROM(V_F)) && check_outbound_type(c) < 0)
        return -1;
    if (checks_in(c, V_FROM(V_H)) && *nsg && !api_enum_has(&enum_preconfigured_nsg, nsg, c->bit))
        return api_refuse_value(c->err, NETWORK ".preconfiguredNSG",
                                "The provided value '%s' is invalid.", nsg);
    return check_load_balancer(c);
}
