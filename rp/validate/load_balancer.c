/* Whether the outbound addresses that a cluster asks for can be had, and suffice for its machines. */
#include "pkg/api/refuse.h"
#include "pkg/azure/api_versions.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/validate/dynamic_impl.h"

#define PROFILE "properties.networkProfile.loadBalancerProfile"
#define PORTS_PER_ADDRESS 63992
#define PORTS_PER_MACHINE 1024

static int64_t wanted_addresses(const struct validation *v)
{
    return json_path_int(v->cluster, PROFILE ".managedOutboundIps.count", 1);
}

/* Those that are there already count as used. What of a creation that goes on is there, and of a cluster whose addresses were
 * never recorded, is not known: it is not asked for twice. */
static int64_t more_addresses(const struct validation *v)
{
    int64_t wanted = wanted_addresses(v);
    if (v->cfg->goes_on ||
        (!v->is_creating && !json_path(v->cluster, PROFILE ".effectiveOutboundIps")))
        return 0;
    if (v->is_creating)
        return wanted +
               (str_eq(json_path_str(v->cluster, "properties.ingressProfiles[0].visibility"),
                       "Public")
                    ? 1
                    : 0);
    return wanted - (int64_t)json_len(json_path(v->cluster, PROFILE ".effectiveOutboundIps"));
}

static int check_usage(const json *usage, int64_t more, struct error **err)
{
    double limit = json_number(json_get(usage, "limit"), 0);
    double used = json_number(json_get(usage, "currentValue"), 0);
    if ((double)more <= limit - used)
        return 0;
    return api_refuse(
        err, "ResourceQuotaExceeded", PROFILE ".ManagedOutboundIPs.Count",
        "Resource quota of PublicIPAddresses exceeded. Maximum allowed: %.0f, Current "
        "in use: %.0f, Additional requested: %lld.",
        limit, used, (long long)more);
}

static int check_address_quota(struct validation *v, struct error **err)
{
    int64_t more = more_addresses(v);
    if (more <= 0)
        return 0;
    cleanup_free char *path =
        xasprintf("/subscriptions/%s/providers/Microsoft.Network/locations/%s/usages",
                  v->cfg->subscription_id, json_path_str(v->cluster, "location"));
    cleanup_json json *usages = NULL;
    if (arm_list(v->cfg->provider.arm, v->ctx, path, API_VERSION_NETWORK, &usages, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(usages); i++)
        if (str_eq(json_path_str(json_at(usages, i), "name.value"), "PublicIPAddresses"))
            return check_usage(json_at(usages, i), more, err);
    return 0;
}

/* The machines behind the load balancer of outbound traffic. */
static int count_machines(struct validation *v, int64_t *ret, struct error **err)
{
    const char *group = json_path_str(v->cluster, "properties.clusterProfile.resourceGroupId");
    const char *infra = json_path_str(v->cluster, "properties.infraId");
    const char *name = infra && *infra ? infra : "aro";
    cleanup_free char *path = xasprintf("%s/providers/Microsoft.Network/loadBalancers/%s/"
                                        "backendAddressPools/%s",
                                        group ? group : "", name, name);
    const struct arm_call call = { .method = "GET",
                                   .path = path,
                                   .api_version = API_VERSION_NETWORK };
    cleanup_json json *pool = NULL;
    if (arm_send(v->cfg->provider.arm, v->ctx, &call, &pool, err) < 0)
        return -1;
    *ret = (int64_t)json_len(json_path(pool, "properties.backendIPConfigurations"));
    return 0;
}

static int check_ports(struct validation *v, struct error **err)
{
    int64_t machines;
    int64_t ports = wanted_addresses(v) * PORTS_PER_ADDRESS;
    if (count_machines(v, &machines, err) < 0)
        return -1;
    if (machines <= ports / PORTS_PER_MACHINE)
        return 0;
    return api_refuse_value(err, PROFILE,
                            "Insufficient frontend ports to support the backend instance count. "
                            "Total frontend ports: %lld, Required frontend ports: %lld, Total "
                            "backend instances: %lld",
                            (long long)ports, (long long)(machines * PORTS_PER_MACHINE),
                            (long long)machines);
}

int check_load_balancer_profile(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    if (str_eq(json_path_str(v->cluster, "properties.networkProfile.outboundType"),
               "UserDefinedRouting"))
        return 0;
    if (json_path(v->cluster, PROFILE ".managedOutboundIps") && check_address_quota(v, err) < 0)
        return -1;
    return v->is_creating ? 0 : check_ports(v, err);
}
