#include "rp/cluster/ssh_way.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/balancer_edit.h"
#include "rp/cluster/names.h"

#define PROBE "ssh"
#define INTERFACE_POOLS "properties.loadBalancerBackendAddressPools"

static char *give_pool_id(const struct ssh_way *way)
{
    return xasprintf("%s/backendAddressPools/%s", way->balancer_id, way->name);
}

/* ---- the load balancer ---- */

/* The member is consumed. */
static int add(json *balancer, const char *collection, json *member, struct error **err)
{
    cleanup_json json *owned = member;
    json *properties = json_get(balancer, "properties");
    if (!json_is_object(properties))
        return error_set(err, ERR_INVALID, "the load balancer has no properties");
    if (!json_get(properties, collection))
        json_put(properties, collection, json_new_array());
    json *list = json_get(properties, collection);
    if (!arm_find_named(list, json_path_str(owned, "name")))
        json_append(list, take(owned));
    return 0;
}

static json *give_probe(void)
{
    return json_make("{'name':%s,'properties':{'protocol':'Tcp','port':22,"
                     "'intervalInSeconds':5,'numberOfProbes':2}}",
                     PROBE);
}

static json *give_rule(const struct ssh_way *way)
{
    cleanup_free char *frontend =
        xasprintf("%s/frontendIPConfigurations/" NAME_INTERNAL_FRONTEND, way->balancer_id);
    cleanup_free char *pool = give_pool_id(way);
    cleanup_free char *probe = xasprintf("%s/probes/" PROBE, way->balancer_id);
    return json_make("{'name':%s,'properties':{'frontendIPConfiguration':{'id':%s},"
                     "'backendAddressPool':{'id':%s},'probe':{'id':%s},'protocol':'Tcp',"
                     "'loadDistribution':'Default','frontendPort':%d,'backendPort':22,"
                     "'idleTimeoutInMinutes':30,'disableOutboundSnat':true}}",
                     way->name, frontend, pool, probe, way->port);
}

int ssh_way_add(json *balancer, const struct ssh_way *way, struct error **err)
{
    if (add(balancer, "probes", give_probe(), err) < 0 ||
        add(balancer, "backendAddressPools", json_make("{'name':%s}", way->name), err) < 0)
        return -1;
    return add(balancer, "loadBalancingRules", give_rule(way), err);
}

/* ---- the machine ---- */

static bool has_pool(const json *pools, const char *id)
{
    for (size_t i = 0; i < json_len(pools); i++)
        if (str_eq_nocase(json_path_str(json_at(pools, i), "id"), id))
            return true;
    return false;
}

/* arg: the pool's ID. */
static int edit_interface(json *interface, void *arg, struct error **err)
{
    json *config = json_path(interface, "properties.ipConfigurations[0]");
    json *pools = json_path(config, INTERFACE_POOLS);
    if (!config)
        return error_set(err, ERR_INVALID, "the network interface has no address");
    if (has_pool(pools, arg))
        return 0;
    json *pool = json_make("{'id':%s}", (const char *)arg);
    if (!pools)
        return json_path_put(config, INTERFACE_POOLS, json_make("[%j]", pool), err);
    json_append(pools, pool);
    return 0;
}

int ssh_way_join(struct arm *arm, const struct opctx *ctx, const struct ssh_way *way,
                 const char *interface_id, struct error **err)
{
    cleanup_free char *pool = give_pool_id(way);
    return balancer_edit(arm, ctx, interface_id, edit_interface, pool, err);
}
