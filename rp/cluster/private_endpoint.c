#include "rp/cluster/private_endpoint.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/names.h"
#include "rp/cluster/transient.h"

#define CONNECTION "properties.manualPrivateLinkServiceConnections[0].properties."

int private_endpoint_give_ip(struct arm *arm, const struct opctx *ctx, const char *id, char **ret,
                             struct error **err)
{
    const struct arm_call call = { .method = "GET",
                                   .path = id,
                                   .api_version = API_VERSION_NETWORK,
                                   .query = "$expand=networkInterfaces" };
    cleanup_json json *endpoint = NULL;
    const char *ip;
    if (transient_send(arm, ctx, &call, &endpoint, err) < 0)
        return -1;
    if (json_need_str(endpoint,
                      "properties.networkInterfaces[0].properties.ipConfigurations[0].properties."
                      "privateIPAddress",
                      &ip, err) < 0)
        return error_wrap(err, "%s", id);
    *ret = xstrdup(ip);
    return 0;
}

static json *give_endpoint(const struct cluster *c)
{
    cleanup_free char *subnet = name_give_service_subnet_id(c, SUBNET_ENDPOINTS);
    cleanup_free char *service = name_give(c, "-pls");
    cleanup_free char *service_id =
        name_give_resource_id(c, "Microsoft.Network/privateLinkServices", service);
    return json_make("{'location':%s,'properties':{'subnet':{'id':%s},"
                     "'manualPrivateLinkServiceConnections':[{'name':'rp-plsconnection',"
                     "'properties':{'privateLinkServiceId':%s}}]}}",
                     rp_env_text(c->cfg->env, ENV_LOCATION), subnet, service_id);
}

/* The service's subscription is approved beforehand; anything else never carries traffic. */
static int check_approved(const json *endpoint, const char *id, struct error **err)
{
    const char *status =
        json_path_str(endpoint, CONNECTION "privateLinkServiceConnectionState.status");
    if (!status || str_eq_nocase(status, "Approved"))
        return 0;
    return error_set(err, ERR_UNAVAILABLE, "%s: its connection is %s", id, status);
}

static int check_network(const struct cluster *c, struct error **err)
{
    cleanup_free char *subnet = name_give_service_subnet_id(c, SUBNET_ENDPOINTS);
    return subnet ? 0
                  : error_set(err, ERR_INTERNAL,
                              "the service has no network for private endpoints: set "
                              "RP_RESOURCEGROUP");
}

int cluster_create_private_endpoint(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    cleanup_free char *id = name_give_private_endpoint_id(c);
    cleanup_free char *ip = NULL;
    cleanup_json json *body = give_endpoint(c), *endpoint = NULL;
    const struct arm_call call = {
        .method = "PUT", .path = id, .api_version = API_VERSION_NETWORK, .body = body, .wait = true
    };
    if (check_network(c, err) < 0 || cluster_arm(c, ctx, AS_SERVICE, &arm, err) < 0 ||
        transient_send(arm, ctx, &call, &endpoint, err) < 0 ||
        check_approved(endpoint, id, err) < 0 ||
        private_endpoint_give_ip(arm, ctx, id, &ip, err) < 0)
        return -1;
    return cluster_set_text(c, ctx, "networkProfile.privateEndpointIp", ip, err);
}

int cluster_delete_private_endpoint(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    cleanup_free char *id = name_give_private_endpoint_id(c);
    if (cluster_arm(c, ctx, AS_SERVICE, &arm, err) < 0)
        return -1;
    return transient_delete(arm, ctx, id, API_VERSION_NETWORK, err);
}
