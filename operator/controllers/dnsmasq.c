#include "operator/controllers/dnsmasq.h"

struct dnsmasq_names dnsmasq_names_of(const json *cluster)
{
    return (struct dnsmasq_names){
        .domain = json_path_str(cluster, "spec.domain"),
        .api_int_ip = json_path_str(cluster, "spec.apiIntIP"),
        .ingress_ip = json_path_str(cluster, "spec.ingressIP"),
        .gateway_domains = json_path(cluster, "spec.gatewayDomains"),
        .gateway_private_endpoint_ip = json_path_str(cluster, "spec.gatewayPrivateEndpointIP"),
        .restarts = flag_is_on(cluster, FLAG_RESTARTDNSMASQ_ENABLED),
    };
}

static int give(const json *cluster, const char *pool, json **ret, struct error **err)
{
    const struct dnsmasq_names names = dnsmasq_names_of(cluster);
    return dnsmasq_give_machineconfig(&names, pool, ret, err);
}

const struct poolconfig dnsmasq_poolconfig = { .suffix = DNSMASQ_SUFFIX, .give = give };
