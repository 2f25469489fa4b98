#include "hack/devcloud/boot/router.h"

#include <string.h>

#include "hack/devcloud/boot/machines.h"
#include "hack/devcloud/boot/settings.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define NSPACE "openshift-ingress"
#define NAME "router-default"
#define FRONTEND "router"
#define NETWORK_VERSION "2020-08-01"
#define INTERNAL "metadata.annotations[\"service.beta.kubernetes.io/azure-load-balancer-internal\"]"
#define SCOPE "spec.endpointPublishingStrategy.loadBalancer.scope"

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
    return xasprintf("%s/providers/Microsoft.Network/%s%s%s", v->group_id, type, *name ? "/" : "",
                     name);
}

/* ---- a frontend of a load balancer ---- */

/* The rules of a service, at a frontend. */
static json *give_rule(const char *lb, const char *pool, int port)
{
    cleanup_free char *name = xasprintf("router-TCP-%d", port);
    cleanup_free char *frontend_id = xasprintf("%s/frontendIPConfigurations/" FRONTEND, lb);
    cleanup_free char *pool_id = xasprintf("%s/backendAddressPools/%s", lb, pool);
    return json_make("{'name':%s,'properties':{'frontendIPConfiguration':{'id':%s},"
                     "'backendAddressPool':{'id':%s},'protocol':'Tcp','frontendPort':%d,"
                     "'backendPort':%d,'idleTimeoutInMinutes':4,'disableOutboundSnat':true}}",
                     name, frontend_id, pool_id, port, port);
}

static json *find_named(const json *list, const char *name)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "name"), name))
            return json_at(list, i);
    return NULL;
}

static json *need_list(json *object, const char *path)
{
    if (!json_is_array(json_path(object, path)))
        (void)json_path_put(object, path, json_new_array(), NULL);
    return json_path(object, path);
}

/* What there is has the address that is wanted. */
static bool is_as_wanted(const json *there, const json *wanted)
{
    static const char *const paths[] = { "publicIPAddress.id", "privateIPAddress" };
    const json *has = json_get(there, "properties");
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        const char *want = json_path_str(wanted, paths[i]);
        if (want && !str_eq_nocase(json_path_str(has, paths[i]), want))
            return false;
    }
    return has != NULL;
}

static void put_frontend(const struct view *v, json *lb, const char *path, json *there,
                         const json *wanted)
{
    static const int ports[] = { 80, 443 };
    json *pools = need_list(lb, "properties.backendAddressPools");
    json *rules = need_list(lb, "properties.loadBalancingRules");
    if (there) { /* its rules are there, too */
        json_put(there, "properties", json_give_copy(wanted));
        return;
    }
    json_append(need_list(lb, "properties.frontendIPConfigurations"),
                json_make("{'name':'" FRONTEND "','properties':%j}", json_give_copy(wanted)));
    if (!find_named(pools, v->boot->infra))
        json_append(pools, json_make("{'name':%s}", v->boot->infra));
    for (size_t i = 0; i < ARRAY_LEN(ports); i++)
        json_append(rules, give_rule(path, v->boot->infra, ports[i]));
}

/* Sees to a frontend for the router with these properties (consumed). *ret: the frontend as it is there already; NULL: it was
 * put now. Owned. */
static int join_balancer(const struct view *v, const char *name, json *properties, json **ret,
                         struct error **err)
{
    cleanup_json json *wanted = properties;
    cleanup_free char *path = give_path(v, "loadBalancers", name);
    cleanup_json json *lb = NULL;
    if (get(v, path, &lb) != 200) {
        json_free(lb);
        lb =
            json_make("{'location':%s,'sku':{'name':'Standard'},'properties':{}}", v->boot->region);
    }
    json *there = find_named(need_list(lb, "properties.frontendIPConfigurations"), FRONTEND);
    if (is_as_wanted(there, wanted)) {
        *ret = json_give_copy(there);
        return 0;
    }
    put_frontend(v, lb, path, there, wanted);
    return put(v, path, lb, err);
}

/* ---- a public address ---- */

/* The public IP of the cluster's group that has the address. NULL: none has. Owned. */
static json *give_asked(const struct view *v, const char *address)
{
    cleanup_free char *path = give_path(v, "publicIPAddresses", "");
    cleanup_json json *all = NULL;
    const json *list = get(v, path, &all) == 200 ? json_get(all, "value") : NULL;
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "properties.ipAddress"), address))
            return json_give_copy(json_at(list, i));
    return NULL;
}

/* For a Service that asks for no address. NULL with no error: it is being made. */
static int find_own(const struct view *v, json **ret, struct error **err)
{
    cleanup_free char *name = xasprintf("%s-router", v->boot->infra);
    cleanup_free char *path = give_path(v, "publicIPAddresses", name);
    cleanup_json json *ip = NULL;
    if (get(v, path, &ip) != 200) {
        cleanup_json json *body =
            json_make("{'location':%s,'sku':{'name':'Standard'},'properties':{"
                      "'publicIPAllocationMethod':'Static'}}",
                      v->boot->region);
        return put(v, path, body, err);
    }
    if (json_path_str(ip, "properties.ipAddress"))
        *ret = take(ip);
    return 0;
}

static int find_public(const struct view *v, const char *asked, char **ret, struct error **err)
{
    cleanup_json json *ip = asked ? give_asked(v, asked) : NULL;
    cleanup_json json *frontend = NULL;
    if (asked && !ip)
        return error_set(err, ERR_NOT_FOUND,
                         "user supplied IP Address %s was not found in resource group %s", asked,
                         v->boot->resource_group);
    if (!ip && find_own(v, &ip, err) < 0)
        return -1;
    if (!ip)
        return 0;
    const char *address = json_path_str(ip, "properties.ipAddress");
    json *properties = json_make("{'publicIPAddress':{'id':%s}}", json_path_str(ip, "id"));
    if (join_balancer(v, v->boot->infra, properties, &frontend, err) < 0)
        return -1;
    if (frontend)
        *ret = xstrdup(address);
    return 0;
}

/* ---- an internal address ---- */

/* The workers' subnet; NULL: the manifests do not tell. */
static char *give_subnet(const struct view *v)
{
    const json *set = bootstrap_find(v->boot, "MachineSet", NULL);
    const json *spec = json_path(set, "spec.template.spec.providerSpec.value");
    const char *group = json_path_str(spec, "networkResourceGroup");
    const char *vnet = json_path_str(spec, "vnet"), *subnet = json_path_str(spec, "subnet");
    const char *end = strstr(v->group_id, "/resourceGroups/");
    if (!group || !vnet || !subnet || !end)
        return NULL;
    return xasprintf(
        "%.*s/resourceGroups/%s/providers/Microsoft.Network/virtualNetworks/%s/subnets/%s",
        (int)(end - v->group_id), v->group_id, group, vnet, subnet);
}

static int find_internal(const struct view *v, const char *asked, char **ret, struct error **err)
{
    cleanup_free char *subnet = give_subnet(v);
    cleanup_free char *name = xasprintf("%s-internal", v->boot->infra);
    cleanup_json json *frontend = NULL;
    if (!subnet)
        return error_set(err, ERR_INVALID, "no MachineSet tells of the workers' subnet");
    json *properties = json_make("{'subnet':{'id':%s},'privateIPAllocationMethod':%s}", subnet,
                                 asked ? "Static" : "Dynamic");
    if (asked)
        json_put(properties, "privateIPAddress", json_new_str(asked));
    if (join_balancer(v, name, properties, &frontend, err) < 0)
        return -1;
    const char *address = json_path_str(frontend, "properties.privateIPAddress");
    if (address)
        *ret = xstrdup(address);
    return 0;
}

/* ---- the Service ---- */

/* The ingress operator makes its Service internal where its own configuration says so; one that was there says it itself. */
static int is_internal(const struct view *v, const json *service, bool *ret, struct error **err)
{
    cleanup_json json *ingress = NULL;
    *ret = str_eq(json_path_str(service, INTERNAL), "true");
    if (*ret || json_path_str(service, "spec.loadBalancerIP"))
        return 0;
    if (kube_get(v->api.kube, v->api.ctx,
                 KUBE_REF(&GVR_INGRESSCONTROLLERS, "openshift-ingress-operator", "default"),
                 &ingress, err) < 0)
        return -1;
    *ret = str_eq(json_path_str(ingress, SCOPE), "Internal");
    return 0;
}

/* NULL with no error: it is on its way. */
static int find_address(const struct view *v, const json *service, char **ret, struct error **err)
{
    const char *asked = json_path_str(service, "spec.loadBalancerIP");
    bool internal;
    if (is_internal(v, service, &internal, err) < 0)
        return -1;
    return internal ? find_internal(v, asked, ret, err) : find_public(v, asked, ret, err);
}

static bool has_address(const json *service)
{
    const char *has = json_path_str(service, "status.loadBalancer.ingress[0].ip");
    const char *asked = json_path_str(service, "spec.loadBalancerIP");
    return has && (!asked || str_eq(has, asked));
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
    if (has_address(service))
        return 0;
    if (find_address(v, service, &address, err) < 0)
        return error_wrap(err, "the router's address");
    if (!address)
        return 0; /* it is on its way */
    cleanup_json json *patch =
        json_make("{'status':{'loadBalancer':{'ingress':[{'ip':%s}]}}}", address);
    return machine_patch(v, &GVR_SERVICES, service, "status", patch, err);
}
