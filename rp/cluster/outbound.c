#include "rp/cluster/outbound.h"

#include "pkg/base/strv.h"

bool outbound_is_balanced(const struct cluster *c)
{
    return !str_eq(cluster_text(c, "networkProfile.outboundType"), "UserDefinedRouting");
}

size_t outbound_count(const struct cluster *c)
{
    int64_t count = json_path_int(
        c->doc, PROPERTIES "networkProfile.loadBalancerProfile.managedOutboundIps.count", 1);
    return count < 1 ? 1 : (size_t)count;
}

size_t outbound_first(const struct cluster *c)
{
    return cluster_is_public(c, "apiserverProfile.visibility") ? 1 : 0;
}
