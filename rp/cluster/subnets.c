#include "rp/cluster/subnets.h"

#include "pkg/azure/errors.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "rp/cluster/names.h"

#define CHANGE_TRIES 5
#define NSG_TYPE "Microsoft.Network/networkSecurityGroups"
#define NSG_PAUSE_MS 30000
#define NSG_TIME_MS (3 * 60 * 1000)

/* ---- one subnet ---- */

/* *ret_changed: whether it is to be written. */
typedef int (*subnet_edit)(json *subnet, void *arg, bool *ret_changed, struct error **err);

static int try_edit(struct arm *arm, const struct opctx *ctx, const char *id, subnet_edit edit,
                    void *arg, struct error **err)
{
    cleanup_json json *subnet = NULL;
    bool changed = false;
    if (arm_subnet_get(arm, ctx, id, &subnet, err) < 0 || edit(subnet, arg, &changed, err) < 0)
        return -1;
    return changed ? arm_subnet_put(arm, ctx, id, subnet, err) : 0;
}

static int edit_subnet(struct cluster *c, const struct opctx *ctx, const char *id, subnet_edit edit,
                       void *arg, struct error **err)
{
    struct arm *arm;
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    for (int i = 1;; i++) {
        struct error *e = NULL;
        if (try_edit(arm, ctx, id, edit, arg, &e) == 0)
            return 0;
        if (!error_is(e, ERR_PRECONDITION) || i == CHANGE_TRIES)
            return error_move(err, &e);
        error_free(e);
    }
}

/* ---- which ---- */

static void add_subnet(struct strv *list, const char *id)
{
    if (id && *id && !strv_has_nocase(list, id))
        strv_add(list, id);
}

void subnets_list(const struct cluster *c, struct strv *ret)
{
    const json *workers = json_path(c->doc, PROPERTIES "workerProfilesStatus");
    if (json_len(workers) == 0)
        workers = json_path(c->doc, PROPERTIES "workerProfiles");
    add_subnet(ret, cluster_text(c, "masterProfile.subnetId"));
    for (size_t i = 0; i < json_len(workers); i++)
        add_subnet(ret, json_path_str(json_at(workers, i), "subnetId"));
}

/* The customer may have deleted a subnet of workers that are gone, too: that ends nothing but a creation. Moves e on otherwise. */
static int forgive_absence(const struct cluster *c, const struct opctx *ctx, const char *id,
                           struct error *e, struct error **err)
{
    bool is_masters = str_eq_nocase(id, cluster_text(c, "masterProfile.subnetId"));
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    if (!is_masters && c->job.operation != CLUSTER_INSTALL) {
        log_warning(ctx->log, "a subnet of workers is gone, and is passed over: %s", id);
        error_free(e);
        return 0;
    }
    (void)error_wrap(&e, "the subnet of the %s is gone", is_masters ? "masters" : "workers");
    return error_move(err, &e);
}

static int edit_all(struct cluster *c, const struct opctx *ctx, subnet_edit edit, void *arg,
                    struct error **err)
{
    cleanup_strv struct strv ids = STRV_INIT;
    subnets_list(c, &ids);
    for (size_t i = 0; i < ids.len; i++) {
        struct error *e = NULL;
        if (edit_subnet(c, ctx, ids.v[i], edit, arg, &e) < 0 &&
            forgive_absence(c, ctx, ids.v[i], e, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- endpoints ---- */

static const json *find_endpoint(const json *subnet, const char *service)
{
    const json *endpoints = json_path(subnet, "properties.serviceEndpoints");
    for (size_t i = 0; i < json_len(endpoints); i++)
        if (str_eq_nocase(json_path_str(json_at(endpoints, i), "service"), service))
            return json_at(endpoints, i);
    return NULL;
}

static int add_endpoint(json *subnet, const char *service, struct error **err)
{
    json *endpoints = json_path(subnet, "properties.serviceEndpoints");
    json *whole = json_make("{'service':%s,'locations':['*']}", service);
    for (size_t i = 0; i < json_len(endpoints); i++)
        if (str_eq_nocase(json_path_str(json_at(endpoints, i), "service"), service)) {
            json_replace_at(endpoints, i, whole);
            return 0;
        }
    if (endpoints) {
        json_append(endpoints, whole);
        return 0;
    }
    return json_path_put(subnet, "properties.serviceEndpoints", json_make("[%j]", whole), err);
}

static int edit_endpoints(json *subnet, void *arg, bool *ret_changed, struct error **err)
{
    static const char *const services[] = { "Microsoft.ContainerRegistry", "Microsoft.Storage" };
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        const json *endpoint = find_endpoint(subnet, services[i]);
        if (str_eq_nocase(json_path_str(endpoint, "provisioningState"), "Succeeded"))
            continue;
        if (add_endpoint(subnet, services[i], err) < 0)
            return -1;
        *ret_changed = true;
    }
    return 0;
}

int cluster_ensure_service_endpoints(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    if (json_path_bool(c->doc, PROPERTIES "featureProfile.gatewayEnabled", false))
        return 0;
    return edit_all(c, ctx, edit_endpoints, NULL, err);
}

/* For this region, or for all. */
static bool has_storage(const struct cluster *c, const json *subnet)
{
    const json *locations = json_path(find_endpoint(subnet, "Microsoft.Storage"), "locations");
    for (size_t i = 0; i < json_len(locations); i++) {
        const char *location = json_str(json_at(locations, i));
        if (str_eq(location, "*") || str_eq_nocase(location, cluster_location(c)))
            return true;
    }
    return false;
}

int subnets_list_storage(struct cluster *c, const struct opctx *ctx, struct strv *ret,
                         struct error **err)
{
    struct arm *arm;
    cleanup_strv struct strv ids = STRV_INIT;
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    subnets_list(c, &ids);
    for (size_t i = 0; i < ids.len; i++) {
        cleanup_json json *subnet = NULL;
        struct error *e = NULL;
        if (arm_subnet_get(arm, ctx, ids.v[i], &subnet, &e) < 0 &&
            forgive_absence(c, ctx, ids.v[i], e, err) < 0)
            return -1;
        if (has_storage(c, subnet))
            strv_add(ret, ids.v[i]);
    }
    return 0;
}

/* ---- policies ---- */

static int edit_policies(json *subnet, void *arg, bool *ret_changed, struct error **err)
{
    static const char *const paths[] = { "properties.privateEndpointNetworkPolicies",
                                         "properties.privateLinkServiceNetworkPolicies" };
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        if (str_eq(json_path_str(subnet, paths[i]), "Disabled"))
            continue;
        if (json_set_str(subnet, paths[i], "Disabled", err) < 0)
            return -1;
        *ret_changed = true;
    }
    return 0;
}

int cluster_set_master_subnet_policies(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    return edit_subnet(c, ctx, cluster_text_or_empty(c, "masterProfile.subnetId"), edit_policies,
                       NULL, err);
}

/* ---- network security groups ---- */

struct attach {
    const char *subnet_id, *nsg_id;
};

static int edit_attach(json *subnet, void *arg, bool *ret_changed, struct error **err)
{
    const struct attach *a = arg;
    const char *there = json_path_str(subnet, "properties.networkSecurityGroup.id");
    if (there && *there) {
        if (str_eq_nocase(there, a->nsg_id))
            return 0;
        (void)error_set(err, ERR_INVALID,
                        "The provided subnet '%s' is invalid: must not have a network security "
                        "group attached.",
                        a->subnet_id);
        error_code(err, "InvalidLinkedVNet");
        return -1;
    }
    *ret_changed = true;
    return json_path_put(subnet, "properties.networkSecurityGroup",
                         json_make("{'id':%s}", a->nsg_id), err);
}

/* A group that was just made is not known everywhere. */
static bool is_early(const struct error *e)
{
    return azure_error_is_transient(e) || (azure_error_mentions(e, "networkSecurityGroups") &&
                                           azure_error_mentions(e, "referenced by resource") &&
                                           azure_error_mentions(e, "not found"));
}

static int attach_nsg(struct cluster *c, const struct opctx *ctx, const char *subnet_id,
                      const char *nsg, struct error **err)
{
    cleanup_free char *name = name_give(c, nsg);
    cleanup_free char *nsg_id = name_give_resource_id(c, NSG_TYPE, name);
    struct attach a = { subnet_id, nsg_id };
    const struct opctx limited = opctx_with_timeout_ms(ctx, NSG_TIME_MS);
    for (;;) {
        struct error *e = NULL;
        if (edit_subnet(c, ctx, subnet_id, edit_attach, &a, &e) == 0)
            return 0;
        if (!is_early(e) || opctx_sleep_ms(&limited, NSG_PAUSE_MS, NULL) < 0)
            return error_move(err, &e);
        error_free(e);
    }
}

int cluster_attach_nsgs(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_strv struct strv ids = STRV_INIT;
    if (str_eq(cluster_text(c, "networkProfile.preconfiguredNSG"), "Enabled"))
        return 0;
    subnets_list(c, &ids);
    for (size_t i = 0; i < ids.len; i++) {
        bool v1 = cluster_layout(c) == LAYOUT_V1;
        const char *nsg = !v1 ? "-nsg" : i == 0 ? "-controlplane-nsg" : "-node-nsg";
        if (attach_nsg(c, ctx, ids.v[i], nsg, err) < 0)
            return -1;
    }
    return 0;
}

static int edit_detach(json *subnet, void *arg, bool *ret_changed, struct error **err)
{
    const char *there = json_path_str(subnet, "properties.networkSecurityGroup.id");
    (void)err;
    *ret_changed = str_eq_nocase(there, arg);
    if (*ret_changed)
        (void)json_path_del(subnet, "properties.networkSecurityGroup");
    return 0;
}

int subnet_detach_nsg(struct cluster *c, const struct opctx *ctx, const char *subnet_id,
                      const char *nsg_id, struct error **err)
{
    cleanup_free char *id = xstrdup(nsg_id);
    struct error *e = NULL;
    if (edit_subnet(c, ctx, subnet_id, edit_detach, id, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}
