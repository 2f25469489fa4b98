#include "rp/cluster/load_balancer.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/names.h"
#include "rp/cluster/outbound.h"
#include "rp/cluster/transient.h"

#define ADDRESS_TYPE "Microsoft.Network/publicIPAddresses"
#define RULE_NAME "outbound-rule-v4"
#define CHANGE_TRIES 5

/* One reconciliation. */
struct outbound {
    struct cluster *c;
    const struct opctx *ctx;
    struct arm *arm;
    char *balancer_id, *api_address_id; /* the latter: NULL for a private API */
    json *balancer;
    struct strv current, wanted; /* IDs of addresses: in the rule, and as they are to be there */
};

static void outbound_release(struct outbound *o)
{
    free(o->balancer_id);
    free(o->api_address_id);
    json_free(o->balancer);
    strv_release(&o->current);
    strv_release(&o->wanted);
}
#define cleanup_outbound CLEANUP_WITH(outbound_release)

static json *list_of(const json *balancer, const char *collection)
{
    return json_get(json_get(balancer, "properties"), collection);
}

/* ---- what is there ---- */

static json *rule_frontends(const struct outbound *o)
{
    return json_path(arm_find_named(list_of(o->balancer, "outboundRules"), RULE_NAME),
                     "properties.frontendIPConfigurations");
}

static void find_current(struct outbound *o)
{
    const json *used = rule_frontends(o);
    const json *frontends = list_of(o->balancer, "frontendIPConfigurations");
    strv_release(&o->current);
    for (size_t i = 0; i < json_len(used); i++) {
        const char *id = json_path_str(json_at(used, i), "id");
        const json *frontend = id ? arm_find_named(frontends, arm_id_last(id)) : NULL;
        const char *address = json_path_str(frontend, "properties.publicIPAddress.id");
        if (address)
            strv_add(&o->current, address);
    }
}

static int load(struct outbound *o, struct error **err)
{
    const struct arm_call call = { .method = "GET",
                                   .path = o->balancer_id,
                                   .api_version = API_VERSION_NETWORK };
    json_free(take(o->balancer));
    if (transient_send(o->arm, o->ctx, &call, &o->balancer, err) < 0)
        return error_wrap(err, "the load balancer of outbound traffic");
    if (!rule_frontends(o))
        return error_set(err, ERR_INTERNAL, "%s: it has no outbound rule " RULE_NAME,
                         o->balancer_id);
    find_current(o);
    return 0;
}

/* ---- what is wanted ---- */

static void add_new(struct outbound *o, size_t count)
{
    for (size_t i = outbound_first(o->c); o->wanted.len < count; i++) {
        cleanup_free char *name = name_give_outbound_ip(o->c, (int64_t)i);
        cleanup_free char *id = name_give_resource_id(o->c, ADDRESS_TYPE, name);
        if (!strv_has_nocase(&o->wanted, id))
            strv_add(&o->wanted, id);
    }
}

static void choose(struct outbound *o)
{
    size_t count = outbound_count(o->c);
    strv_release(&o->wanted);
    if (o->api_address_id)
        strv_add(&o->wanted, o->api_address_id);
    for (size_t i = 0; i < o->current.len && o->wanted.len < count; i++)
        if (!strv_has_nocase(&o->wanted, o->current.v[i]))
            strv_add(&o->wanted, o->current.v[i]);
    add_new(o, count);
}

static int make_address(const struct outbound *o, const char *id, struct error **err)
{
    const json *zones = json_path(o->c->doc, PROPERTIES "zones");
    cleanup_json json *body = json_make("{'location':%s,'sku':{'name':'Standard'},'properties':"
                                        "{'publicIPAllocationMethod':'Static'}}",
                                        cluster_location(o->c));
    if (json_len(zones))
        json_put(body, "zones", json_give_copy(zones));
    const struct arm_call call = {
        .method = "PUT", .path = id, .api_version = API_VERSION_NETWORK, .body = body, .wait = true
    };
    if (transient_send(o->arm, o->ctx, &call, NULL, err) < 0)
        return error_wrap(err, "making the outbound address %s", arm_id_last(id));
    return 0;
}

static int make_addresses(const struct outbound *o, struct error **err)
{
    for (size_t i = 0; i < o->wanted.len; i++)
        if (!strv_has_nocase(&o->current, o->wanted.v[i]) &&
            make_address(o, o->wanted.v[i], err) < 0)
            return -1;
    return 0;
}

/* ---- the load balancer ---- */

/* The name of the frontend with this address; made when there is none. Borrowed. */
static const char *need_frontend(const struct outbound *o, const char *address)
{
    json *frontends = list_of(o->balancer, "frontendIPConfigurations");
    for (size_t i = 0; i < json_len(frontends); i++)
        if (str_eq_nocase(json_path_str(json_at(frontends, i), "properties.publicIPAddress.id"),
                          address))
            return json_path_str(json_at(frontends, i), "name");
    bool is_api = str_eq_nocase(address, o->api_address_id);
    json_append(frontends, json_make("{'name':%s,'properties':{'publicIPAddress':{'id':%s}}}",
                                     is_api ? NAME_API_FRONTEND : arm_id_last(address), address));
    return json_path_str(json_at(frontends, json_len(frontends) - 1), "name");
}

/* Another rule than the outbound one leads traffic in by it. */
static bool is_used_otherwise(const json *frontend)
{
    return json_len(json_path(frontend, "properties.loadBalancingRules")) ||
           json_len(json_path(frontend, "properties.inboundNatRules")) ||
           json_len(json_path(frontend, "properties.inboundNatPools"));
}

static void drop_frontends(const struct outbound *o)
{
    json *frontends = list_of(o->balancer, "frontendIPConfigurations");
    for (size_t i = json_len(frontends); i-- > 0;) {
        const json *frontend = json_at(frontends, i);
        const char *address = json_path_str(frontend, "properties.publicIPAddress.id");
        if (address && strv_has_nocase(&o->current, address) &&
            !strv_has_nocase(&o->wanted, address) && !is_used_otherwise(frontend))
            json_remove_at(frontends, i);
    }
}

static int put_rule(const struct outbound *o, struct error **err)
{
    json *rule = arm_find_named(list_of(o->balancer, "outboundRules"), RULE_NAME);
    json *used = json_new_array();
    for (size_t i = 0; i < o->wanted.len; i++) {
        cleanup_free char *id = xasprintf("%s/frontendIPConfigurations/%s", o->balancer_id,
                                          need_frontend(o, o->wanted.v[i]));
        json_append(used, json_make("{'id':%s}", id));
    }
    return json_path_put(rule, "properties.frontendIPConfigurations", used, err);
}

static bool is_as_wanted(const struct outbound *o)
{
    bool same = o->current.len == o->wanted.len;
    for (size_t i = 0; same && i < o->wanted.len; i++)
        same = strv_has_nocase(&o->current, o->wanted.v[i]);
    return same;
}

static int put_balancer(const struct outbound *o, struct error **err)
{
    if (put_rule(o, err) < 0)
        return -1;
    drop_frontends(o);
    const struct arm_call call = { .method = "PUT",
                                   .path = o->balancer_id,
                                   .api_version = API_VERSION_NETWORK,
                                   .body = o->balancer,
                                   .if_match = json_path_str(o->balancer, "etag"),
                                   .wait = true };
    return transient_send(o->arm, o->ctx, &call, NULL, err);
}

/* The cluster itself changes this load balancer whenever a service gets an address: whoever was first is not overwritten. */
static int settle_balancer(struct outbound *o, struct error **err)
{
    for (int i = 1;; i++) {
        struct error *e = NULL;
        if (load(o, err) < 0)
            return -1;
        choose(o);
        if (is_as_wanted(o))
            return 0;
        if (make_addresses(o, err) < 0)
            return -1;
        if (put_balancer(o, &e) == 0)
            return 0;
        if (!error_is(e, ERR_PRECONDITION) || i == CHANGE_TRIES)
            return error_move(err, &e);
        error_free(e);
    }
}

/* ---- the document ---- */

#define EFFECTIVE PROPERTIES "networkProfile.loadBalancerProfile.effectiveOutboundIps"

static json *give_effective(const struct outbound *o)
{
    json *list = json_new_array();
    for (size_t i = 0; i < o->wanted.len; i++)
        json_append(list, json_make("{'id':%s}", o->wanted.v[i]));
    return list;
}

static int set_effective(json *doc, void *arg, struct error **err)
{
    return json_path_put(doc, EFFECTIVE, give_effective(arg), err);
}

static int record(struct outbound *o, struct error **err)
{
    cleanup_json json *list = give_effective(o);
    if (json_equal(json_path(o->c->doc, EFFECTIVE), list))
        return 0;
    return cluster_patch(o->c, o->ctx, set_effective, o, err);
}

/* ---- what is left over ---- */

static bool is_unused(const struct outbound *o, const json *address)
{
    const char *id = json_path_str(address, "id");
    return id && str_ends_nocase(id, NAME_OUTBOUND_SUFFIX) && !strv_has_nocase(&o->wanted, id) &&
           !json_path(address, "properties.ipConfiguration");
}

static int delete_unused(const struct outbound *o, struct error **err)
{
    cleanup_free char *path = xasprintf("%s/providers/" ADDRESS_TYPE, name_group_id(o->c));
    cleanup_json json *addresses = NULL;
    if (arm_list(o->arm, o->ctx, path, API_VERSION_NETWORK, &addresses, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(addresses); i++) {
        const char *id = json_path_str(json_at(addresses, i), "id");
        if (!is_unused(o, json_at(addresses, i)))
            continue;
        log_info(o->ctx->log, "deleting the outbound address %s", arm_id_last(id));
        if (transient_delete(o->arm, o->ctx, id, API_VERSION_NETWORK, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- the step ---- */

static bool has_outbound_rule(const struct cluster *c)
{
    return cluster_layout(c) == LAYOUT_V2 && outbound_is_balanced(c);
}

int cluster_reconcile_outbound_ips(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_outbound struct outbound o = { .c = c, .ctx = ctx };
    if (!has_outbound_rule(c))
        return 0;
    o.balancer_id = name_give_resource_id(c, "Microsoft.Network/loadBalancers", name_infra(c));
    if (cluster_is_public(c, "apiserverProfile.visibility")) {
        cleanup_free char *name = name_give_api_address(c);
        o.api_address_id = name_give_resource_id(c, ADDRESS_TYPE, name);
    }
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &o.arm, err) < 0 || settle_balancer(&o, err) < 0 ||
        record(&o, err) < 0)
        return -1;
    return delete_unused(&o, err);
}
