#include "hack/devcloud/boot/router.h"

#include <arpa/inet.h>
#include <string.h>

#include "hack/devcloud/boot/machines.h"
#include "hack/devcloud/boot/settings.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define NSPACE "openshift-ingress"
#define NAME "router-default"
#define NETWORK_VERSION "2020-08-01"

/* ---- Azure ---- */

static int get(const struct view *v, const char *path, json **ret)
{
    return v->cloud->ask(v->cloud, "GET", path, NETWORK_VERSION, NULL, ret);
}

static int put(const struct view *v, const char *path, const json *body, struct error **err)
{
    cleanup_json json *reply = NULL;
    int status = v->cloud->ask(v->cloud, "PUT", path, NETWORK_VERSION, body, &reply);
    const char *message = json_path_str(reply, "error.message");
    if (status == 200 || status == 201)
        return 0;
    return error_set(err, ERR_UNAVAILABLE, "PUT %s: status %d: %s", path, status,
                     message ? message : "");
}

static char *give_path(const struct view *v, const char *type, const char *name)
{
    return xasprintf("%s/providers/Microsoft.Network/%s/%s", v->group_id, type, name);
}

/* ---- a public address ---- */

static const char *address_of(const json *public_ip)
{
    return json_path_str(public_ip, "properties.ipAddress");
}

/* The rules of a service, at a frontend. */
static json *give_rule(const char *lb, const char *frontend, const char *pool, int port)
{
    cleanup_free char *name = xasprintf("router-TCP-%d", port);
    cleanup_free char *frontend_id = xasprintf("%s/frontendIPConfigurations/%s", lb, frontend);
    return json_make("{'name':%s,'properties':{'frontendIPConfiguration':{'id':%s},"
                     "'backendAddressPool':{'id':%s},'protocol':'Tcp','frontendPort':%d,"
                     "'backendPort':%d,'idleTimeoutInMinutes':4,'disableOutboundSnat':true}}",
                     name, frontend_id, pool, port, port);
}

static bool has_named(const json *list, const char *name)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "name"), name))
            return true;
    return false;
}

static json *need_list(json *object, const char *path)
{
    if (!json_is_array(json_path(object, path)))
        (void)json_path_put(object, path, json_new_array(), NULL);
    return json_path(object, path);
}

/* Without that load balancer (a cluster with routes of its own) there is nothing to do. */
static int join_balancer(const struct view *v, const char *public_ip_id, struct error **err)
{
    static const char frontend[] = "router";
    static const int ports[] = { 80, 443 };
    cleanup_free char *path = give_path(v, "loadBalancers", v->boot->infra);
    cleanup_free char *pool = xasprintf("%s/backendAddressPools/%s", path, v->boot->infra);
    cleanup_json json *lb = NULL;
    if (get(v, path, &lb) != 200)
        return 0;
    json *frontends = need_list(lb, "properties.frontendIPConfigurations");
    json *rules = need_list(lb, "properties.loadBalancingRules");
    if (has_named(frontends, frontend))
        return 0;
    json_append(frontends, json_make("{'name':%s,'properties':{'publicIPAddress':{'id':%s}}}",
                                     frontend, public_ip_id));
    for (size_t i = 0; i < ARRAY_LEN(ports); i++)
        json_append(rules, give_rule(path, frontend, pool, ports[i]));
    return put(v, path, lb, err);
}

/* NULL with no error: not yet. */
static int find_public(const struct view *v, char **ret, struct error **err)
{
    cleanup_free char *prepared = xasprintf("%s-default-v4", v->boot->infra);
    cleanup_free char *own = xasprintf("%s-router", v->boot->infra);
    cleanup_free char *path = give_path(v, "publicIPAddresses", prepared);
    cleanup_json json *ip = NULL;
    if (get(v, path, &ip) != 200) {
        free(path);
        json_free(ip);
        ip = NULL;
        path = give_path(v, "publicIPAddresses", own);
        if (get(v, path, &ip) != 200) {
            cleanup_json json *body =
                json_make("{'location':%s,'sku':{'name':'Standard'},'properties':{"
                          "'publicIPAllocationMethod':'Static'}}",
                          v->boot->region);
            return put(v, path, body, err);
        }
    }
    if (!address_of(ip) || join_balancer(v, path, err) < 0)
        return address_of(ip) ? -1 : 0;
    *ret = xstrdup(address_of(ip));
    return 0;
}

/* ---- an internal address ---- */

char *router_give_highest(const char *prefix)
{
    cleanup_free char *text = xstrdup(prefix ? prefix : "");
    char *slash = strchr(text, '/');
    struct in_addr address;
    long long bits;
    if (!slash || !str_to_int(slash + 1, 1, 29, &bits))
        return NULL;
    *slash = '\0';
    if (inet_pton(AF_INET, text, &address) != 1)
        return NULL;
    address.s_addr = htonl((ntohl(address.s_addr) | (0xffffffffU >> bits)) - 1);
    char out[INET_ADDRSTRLEN];
    return xstrdup(inet_ntop(AF_INET, &address, out, sizeof(out)));
}

static int find_internal(const struct view *v, char **ret)
{
    const json *set = bootstrap_find(v->boot, "MachineSet", NULL);
    const char *at = "spec.template.spec.providerSpec.value.";
    cleanup_free char *group_path = xasprintf("%snetworkResourceGroup", at);
    cleanup_free char *vnet_path = xasprintf("%svnet", at),
                      *subnet_path = xasprintf("%ssubnet", at);
    const char *group = json_path_str(set, group_path), *vnet = json_path_str(set, vnet_path);
    const char *subnet = json_path_str(set, subnet_path),
               *end = strstr(v->group_id, "/resourceGroups/");
    cleanup_json json *found = NULL;
    if (!group || !vnet || !subnet || !end)
        return 0;
    cleanup_free char *id = xasprintf(
        "%.*s/resourceGroups/%s/providers/Microsoft.Network/virtualNetworks/%s/subnets/%s",
        (int)(end - v->group_id), v->group_id, group, vnet, subnet);
    if (get(v, id, &found) == 200)
        *ret = router_give_highest(json_path_str(found, "properties.addressPrefix"));
    return 0;
}

/* ---- the Service ---- */

static int find_address(const struct view *v, const json *service, char **ret, struct error **err)
{
    cleanup_json json *ingress = NULL;
    const char *asked = json_path_str(service, "spec.loadBalancerIP");
    struct error *e = NULL;
    if (kube_get(v->api.kube, v->api.ctx,
                 KUBE_REF(&GVR_INGRESSCONTROLLERS, "openshift-ingress-operator", "default"),
                 &ingress, &e) < 0)
        return error_move(err, &e);
    bool is_internal = str_eq(
        json_path_str(ingress, "spec.endpointPublishingStrategy.loadBalancer.scope"), "Internal");
    if (is_internal && !asked)
        return find_internal(v, ret);
    if (!is_internal && find_public(v, ret, err) < 0)
        return -1;
    if (asked) {
        free(*ret);
        *ret = xstrdup(asked);
    }
    return 0;
}

int router_sync(struct view *v, struct error **err)
{
    cleanup_json json *service = NULL;
    cleanup_free char *address = NULL;
    struct error *e = NULL;
    if (!v->has_workers || !settings_is_due(v->settings, "ingress", v->age_ms))
        return 0;
    if (kube_get(v->api.kube, v->api.ctx, KUBE_REF(&GVR_SERVICES, NSPACE, NAME), &service, &e) <
        0) {
        if (!error_is(e, ERR_NOT_FOUND))
            return error_move(err, &e);
        error_free(e);
        return 0;
    }
    if (json_len(json_path(service, "status.loadBalancer.ingress")))
        return 0;
    if (find_address(v, service, &address, err) < 0)
        return error_wrap(err, "the router's address");
    if (!address)
        return 0; /* it is on its way */
    cleanup_json json *patch =
        json_make("{'status':{'loadBalancer':{'ingress':[{'ip':%s}]}}}", address);
    return machine_patch(v, &GVR_SERVICES, service, "status", patch, err);
}
