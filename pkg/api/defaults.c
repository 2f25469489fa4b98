#include "pkg/api/api.h"
#include "pkg/api/operatorflags.h"
#include "pkg/base/strv.h"

static bool is_unset(const json *object, const char *name)
{
    return json_str_len(json_get(object, name)) == 0;
}

static void set_default(json *object, const char *name, const char *value)
{
    if (is_unset(object, name))
        json_put(object, name, json_new_str(value));
}

/* The member object, made when absent. */
static json *need(json *object, const char *name)
{
    if (!json_is_object(json_get(object, name)))
        json_put(object, name, json_new_object());
    return json_get(object, name);
}

static void set_machines(const json *list)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (json_is_object(json_at(list, i)))
            set_default(json_at(list, i), "encryptionAtHost", "Disabled");
}

/* Some address must let traffic out, unless the customer's routes do. */
static void set_load_balancer(json *network)
{
    const json *balancer = json_get(network, "loadBalancerProfile");
    if (!str_eq(json_path_str(network, "outboundType"), "Loadbalancer") ||
        json_get(balancer, "managedOutboundIps") || json_get(balancer, "outboundIps") ||
        json_get(balancer, "outboundIpPrefixes"))
        return;
    json_put(need(network, "loadBalancerProfile"), "managedOutboundIps",
             json_make("{'count':%d}", 1));
}

void api_cluster_set_defaults(json *internal)
{
    json *properties = need(internal, "properties");
    json *network = need(properties, "networkProfile");
    set_default(need(properties, "masterProfile"), "encryptionAtHost", "Disabled");
    set_machines(json_get(properties, "workerProfiles"));
    set_machines(json_get(properties, "workerProfilesStatus"));
    set_default(need(properties, "clusterProfile"), "fipsValidatedModules", "Disabled");
    if (str_eq(json_path_str(properties, "provisioningState"), "AdminUpdating"))
        set_default(properties, "maintenanceTask", "Everything");
    if (!json_is_object(json_get(properties, "operatorFlags")))
        json_put(properties, "operatorFlags", operatorflags_give_defaults());
    set_default(network, "outboundType", "Loadbalancer");
    set_default(network, "preconfiguredNSG", "Disabled");
    set_load_balancer(network);
}
