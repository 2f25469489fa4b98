#include "rp/cluster/addresses.h"

#include <arpa/inet.h>
#include <string.h>

#include "pkg/azure/api_versions.h"
#include "pkg/base/mem.h"
#include "rp/cluster/dns_records.h"
#include "rp/cluster/names.h"
#include "rp/cluster/transient.h"

#define RESERVED_LOW 4 /* of each subnet, Azure keeps the first four and the last */

static int get(struct cluster *c, const struct opctx *ctx, const char *id, const char *query,
               json **ret, struct error **err)
{
    struct arm *arm;
    const struct arm_call call = {
        .method = "GET", .path = id, .api_version = API_VERSION_NETWORK, .query = query
    };
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    return transient_send(arm, ctx, &call, ret, err);
}

static int give_public(struct cluster *c, const struct opctx *ctx, const char *name, char **ret,
                       struct error **err)
{
    cleanup_free char *id = name_give_resource_id(c, "Microsoft.Network/publicIPAddresses", name);
    cleanup_json json *object = NULL;
    const char *address;
    if (get(c, ctx, id, NULL, &object, err) < 0)
        return -1;
    if (json_need_str(object, "properties.ipAddress", &address, err) < 0)
        return error_wrap(err, "%s", id);
    *ret = xstrdup(address);
    return 0;
}

static int give_internal(struct cluster *c, const struct opctx *ctx, char **ret, struct error **err)
{
    cleanup_free char *id = name_give_internal_balancer_id(c);
    cleanup_json json *balancer = NULL;
    const char *address;
    if (get(c, ctx, id, NULL, &balancer, err) < 0)
        return -1;
    const json *frontend = arm_find_named(
        json_path(balancer, "properties.frontendIPConfigurations"), NAME_INTERNAL_FRONTEND);
    if (!frontend)
        return error_set(err, ERR_INTERNAL, "%s: it has no frontend " NAME_INTERNAL_FRONTEND, id);
    if (json_need_str(frontend, "properties.privateIPAddress", &address, err) < 0)
        return error_wrap(err, "%s: frontend " NAME_INTERNAL_FRONTEND, id);
    *ret = xstrdup(address);
    return 0;
}

/* ---- the API ---- */

int cluster_update_api_ip(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_free char *internal = NULL;
    cleanup_free char *public = NULL;
    cleanup_free char *name = name_give_api_address(c);
    if (give_internal(c, ctx, &internal, err) < 0)
        return -1;
    if (cluster_is_public(c, "apiserverProfile.visibility") &&
        give_public(c, ctx, name, &public, err) < 0)
        return -1;
    const char *ip = public ? public : internal;
    if (dns_point_api(c, ctx, ip, err) < 0 ||
        cluster_set_text(c, ctx, "apiserverProfile.ip", ip, err) < 0)
        return -1;
    return cluster_set_text(c, ctx, "apiserverProfile.intIp", internal, err);
}

int cluster_ensure_internal_ip(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_free char *internal = NULL;
    if (*cluster_text_or_empty(c, "apiserverProfile.intIp"))
        return 0;
    if (give_internal(c, ctx, &internal, err) < 0)
        return -1;
    return cluster_set_text(c, ctx, "apiserverProfile.intIp", internal, err);
}

/* ---- the router ---- */

static bool parse_range(const char *prefix, uint32_t *ret_first, uint32_t *ret_last)
{
    const char *slash = prefix ? strchr(prefix, '/') : NULL;
    struct in_addr address;
    long long bits;
    if (!slash || !str_to_int(slash + 1, 1, 32, &bits))
        return false;
    cleanup_free char *text = xstrndup(prefix, (size_t)(slash - prefix));
    if (inet_pton(AF_INET, text, &address) != 1)
        return false;
    uint32_t mask = UINT32_MAX << (32 - bits);
    *ret_first = ntohl(address.s_addr) & mask;
    *ret_last = *ret_first | ~mask;
    return true;
}

char *address_give_highest_free(const char *prefix, const struct strv *used)
{
    uint32_t first, last;
    if (!parse_range(prefix, &first, &last))
        return NULL;
    for (uint32_t at = last - 1; at >= first + RESERVED_LOW && at < last; at--) {
        char text[INET_ADDRSTRLEN];
        struct in_addr address = { htonl(at) };
        (void)inet_ntop(AF_INET, &address, text, sizeof(text));
        if (!strv_has(used, text))
            return xstrdup(text);
    }
    return NULL;
}

static void add_used(const json *subnet, struct strv *used)
{
    const json *configs = json_path(subnet, "properties.ipConfigurations");
    for (size_t i = 0; i < json_len(configs); i++) {
        const char *address = json_path_str(json_at(configs, i), "properties.privateIPAddress");
        if (address)
            strv_add(used, address);
    }
}

static int get_workers_subnet(struct cluster *c, const struct opctx *ctx, json **ret,
                              struct error **err)
{
    return get(c, ctx, cluster_text_or_empty(c, "workerProfiles[0].subnetId"),
               "$expand=ipConfigurations", ret, err);
}

/* Nobody keeps it for us: whoever takes it before the router comes makes the router ask for another (router_ip.h). */
int address_choose_router(struct cluster *c, const struct opctx *ctx, char **ret,
                          struct error **err)
{
    cleanup_json json *subnet = NULL;
    cleanup_strv struct strv used = STRV_INIT;
    if (get_workers_subnet(c, ctx, &subnet, err) < 0)
        return -1;
    const char *prefix = json_path_str(subnet, "properties.addressPrefix");
    if (!prefix)
        prefix = json_path_str(subnet, "properties.addressPrefixes[0]");
    add_used(subnet, &used);
    *ret = address_give_highest_free(prefix, &used);
    if (*ret)
        return 0;
    (void)error_set(err, ERR_INVALID,
                    "The provided subnet '%s' is invalid: it has no free address for the router.",
                    cluster_text_or_empty(c, "workerProfiles[0].subnetId"));
    error_code(err, "InvalidLinkedVNet");
    return -1;
}

int address_is_taken(struct cluster *c, const struct opctx *ctx, const char *ip, bool *ret,
                     struct error **err)
{
    cleanup_free char *balancer = name_give_internal_balancer_id(c);
    cleanup_free char *ours = xasprintf("%s/*", balancer);
    cleanup_json json *subnet = NULL;
    if (get_workers_subnet(c, ctx, &subnet, err) < 0)
        return -1;
    const json *configs = json_path(subnet, "properties.ipConfigurations");
    *ret = false;
    for (size_t i = 0; i < json_len(configs); i++) {
        const char *id = json_path_str(json_at(configs, i), "id");
        if (str_eq(json_path_str(json_at(configs, i), "properties.privateIPAddress"), ip) &&
            !(id && str_matches_nocase(ours, id)))
            *ret = true;
    }
    return 0;
}

int cluster_create_router_ip_early(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    const char *known = cluster_text(c, "ingressProfiles[0].ip");
    cleanup_free char *ip = known && *known ? xstrdup(known) : NULL;
    if (cluster_is_public(c, "ingressProfiles[0].visibility")) {
        cleanup_free char *name = name_give(c, "-default-v4");
        free(take(ip));
        if (give_public(c, ctx, name, &ip, err) < 0)
            return -1;
    } else if (!ip && address_choose_router(c, ctx, &ip, err) < 0) {
        return -1;
    }
    if (cluster_set_text(c, ctx, "ingressProfiles[0].ip", ip, err) < 0)
        return -1;
    return dns_point_router(c, ctx, ip, err);
}
