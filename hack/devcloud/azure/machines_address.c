/* Where a cluster is reached: frontends of its load balancers, and endpoints of its private link services. */
#include <string.h>

#include "hack/devcloud/azure/machines.h"
#include "hack/devcloud/azure/network_use.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static char *give_below(const char *group_id)
{
    cleanup_free char *prefix = xasprintf("%s/", group_id);
    return str_give_lower(prefix);
}

/* ---- frontends ---- */

static json *give_ports(const json *balancer, const char *frontend_id)
{
    json *ports = json_new_array(), *rules = json_path(balancer, "properties.loadBalancingRules");
    for (size_t i = 0; json_is_array(rules) && i < json_len(rules); i++) {
        const json *rule = json_at(rules, i);
        if (str_eq_nocase(json_path_str(rule, "properties.frontendIPConfiguration.id"),
                          frontend_id))
            json_append(ports, json_new_int(json_path_int(rule, "properties.frontendPort", 0)));
    }
    return ports;
}

static void add_frontends(struct azure_sim *sim, const json *balancer, json *ret)
{
    json *frontends = json_path(balancer, "properties.frontendIPConfigurations");
    for (size_t i = 0; json_is_array(frontends) && i < json_len(frontends); i++) {
        const json *frontend = json_at(frontends, i);
        const char *public_id = json_path_str(frontend, "properties.publicIPAddress.id");
        const char *address =
            public_id ? json_path_str(resource_get(sim, public_id), "properties.ipAddress")
                      : json_path_str(frontend, "properties.privateIPAddress");
        if (address)
            json_append(ret, json_make("{'loadBalancer':%s,'frontend':%s,'address':%s,'public':%b,"
                                       "'ports':%j}",
                                       json_path_str(balancer, "name"),
                                       json_path_str(frontend, "name"), address, public_id != NULL,
                                       give_ports(balancer, json_path_str(frontend, "id"))));
    }
}

json *machines_give_frontends(struct azure_sim *a, const char *group_id)
{
    cleanup_free char *below = give_below(group_id);
    json *found = json_new_array();
    pthread_mutex_lock(&a->mu);
    operations_advance(a);
    for (struct json_iter it = json_each(resource_table(a)); json_next(&it);)
        if (str_starts(it.key, below) &&
            resource_is_type(it.value, "Microsoft.Network/loadBalancers"))
            add_frontends(a, it.value, found);
    pthread_mutex_unlock(&a->mu);
    return found;
}

/* ---- private endpoints ---- */

static const char *find_address(struct azure_sim *sim, const json *endpoint)
{
    const json *nic =
        resource_get(sim, json_path_str(endpoint, "properties.networkInterfaces[0].id"));
    return json_path_str(nic, "properties.ipConfigurations[0].properties.privateIPAddress");
}

static void add_connections(struct azure_sim *sim, const json *endpoint, const char *below,
                            json *ret)
{
    static const char *const lists[] = { "properties.privateLinkServiceConnections",
                                         "properties.manualPrivateLinkServiceConnections" };
    const char *address = find_address(sim, endpoint);
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        json *list = json_path(endpoint, lists[l]);
        for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
            const json *one = json_at(list, i);
            const char *service = json_path_str(one, "properties.privateLinkServiceId");
            cleanup_free char *key = service ? str_give_lower(service) : NULL;
            const char *status =
                json_path_str(one, "properties.privateLinkServiceConnectionState.status");
            if (address && key && str_starts(key, below))
                json_append(ret,
                            json_make("{'id':%s,'address':%s,'service':%s,'status':%s}",
                                      json_path_str(endpoint, "id"), address, service, status));
        }
    }
}

json *machines_give_endpoints(struct azure_sim *a, const char *group_id)
{
    cleanup_free char *below = give_below(group_id);
    json *found = json_new_array();
    pthread_mutex_lock(&a->mu);
    operations_advance(a);
    for (struct json_iter it = json_each(resource_table(a)); json_next(&it);)
        if (resource_is_type(it.value, "Microsoft.Network/privateEndpoints") &&
            str_eq(json_path_str(it.value, "properties.provisioningState"), "Succeeded"))
            add_connections(a, it.value, below, found);
    pthread_mutex_unlock(&a->mu);
    return found;
}
