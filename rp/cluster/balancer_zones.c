#include "rp/cluster/balancer_zones.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/names.h"
#include "rp/cluster/transient.h"
#include "rp/cluster/zones.h"

#define TEMPORARY "migration-lb-ip-v4"
#define FRONTENDS "properties.frontendIPConfigurations"
#define SERVICE_FRONTEND "properties.loadBalancerFrontendIpConfigurations[0].id"
#define RULE_FRONTEND "properties.frontendIPConfiguration.id"
#define ROUNDS_MAX \
    8 /* more than there are states: whoever undoes what was done here is not fought */
#define CONFLICTS_MAX 5

struct migration {
    struct cluster *c;
    const struct opctx *ctx;
    struct arm *arm;
    struct strv zones;
    char *balancer_id, *service_id;
    json *balancer, *service;
};

static void migration_release(struct migration *m)
{
    strv_release(&m->zones);
    free(m->balancer_id);
    free(m->service_id);
    json_free(m->balancer);
    json_free(m->service);
}
#define cleanup_migration CLEANUP_WITH(migration_release)

/* ---- Azure ---- */

static int get(const struct migration *m, const char *id, json **object, struct error **err)
{
    const struct arm_call call = { .method = "GET",
                                   .path = id,
                                   .api_version = API_VERSION_NETWORK };
    json_free(take(*object));
    if (transient_send(m->arm, m->ctx, &call, object, err) < 0)
        return error_wrap(err, "moving the internal load balancer into zones");
    return 0;
}

static int put(const struct migration *m, const char *id, const json *object, struct error **err)
{
    const struct arm_call call = { .method = "PUT",
                                   .path = id,
                                   .api_version = API_VERSION_NETWORK,
                                   .body = object,
                                   .if_match = json_path_str(object, "etag"),
                                   .wait = true };
    if (transient_send(m->arm, m->ctx, &call, NULL, err) < 0)
        return error_wrap(err, "moving the internal load balancer into zones");
    return 0;
}

/* ---- frontends ---- */

static json *find_frontend(const struct migration *m, const char *name)
{
    return arm_find_named(json_path(m->balancer, FRONTENDS), name);
}

static void drop_frontend(const struct migration *m, const char *name)
{
    json *all = json_path(m->balancer, FRONTENDS);
    for (size_t i = json_len(all); i-- > 0;)
        if (str_eq_nocase(json_path_str(json_at(all, i), "name"), name))
            json_remove_at(all, i);
}

/* address NULL: Azure chooses one. */
static void add_frontend(const struct migration *m, const char *name, const char *address)
{
    json *zones = json_new_array();
    for (size_t i = 0; i < m->zones.len; i++)
        json_append(zones, json_new_str(m->zones.v[i]));
    json *frontend = json_make("{'name':%s,'zones':%j,'properties':{'privateIPAllocationMethod':%s,"
                               "'subnet':{'id':%s}}}",
                               name, zones, address ? "Static" : "Dynamic",
                               cluster_text_or_empty(m->c, "masterProfile.subnetId"));
    if (address)
        (void)json_set_str(frontend, "properties.privateIPAddress", address, NULL);
    json_append(json_path(m->balancer, FRONTENDS), frontend);
}

static char *give_frontend_id(const struct migration *m, const char *name)
{
    return xasprintf("%s/frontendIPConfigurations/%s", m->balancer_id, name);
}

/* The cluster's own internal Services have frontends and rules here, too: those stay as they are. */
static int lead_rules(const struct migration *m, const char *from, const char *to,
                      struct error **err)
{
    json *rules = json_path(m->balancer, "properties.loadBalancingRules");
    cleanup_free char *old = give_frontend_id(m, from);
    cleanup_free char *new = give_frontend_id(m, to);
    for (size_t i = 0; i < json_len(rules); i++) {
        json *rule = json_at(rules, i);
        if (str_eq_nocase(json_path_str(rule, RULE_FRONTEND), old) &&
            json_set_str(rule, RULE_FRONTEND, new, err) < 0)
            return -1;
    }
    return 0;
}

static bool serves(const struct migration *m, const char *name)
{
    cleanup_free char *id = give_frontend_id(m, name);
    return str_eq_nocase(json_path_str(m->service, SERVICE_FRONTEND), id);
}

/* ---- moves, each to the next state ---- */

static int lead_service(const struct migration *m, const char *name, struct error **err)
{
    cleanup_free char *id = give_frontend_id(m, name);
    if (json_set_str(m->service, SERVICE_FRONTEND, id, err) < 0)
        return -1;
    return put(m, m->service_id, m->service, err);
}

static int add_temporary(const struct migration *m, struct error **err)
{
    const char *address =
        json_path_str(find_frontend(m, NAME_INTERNAL_FRONTEND), "properties.privateIPAddress");
    if (!address)
        return error_set(err, ERR_INTERNAL,
                         "%s: its frontend " NAME_INTERNAL_FRONTEND " has no address",
                         m->balancer_id);
    if (cluster_set_text(m->c, m->ctx, "apiserverProfile.intIp", address, err) < 0)
        return -1;
    add_frontend(m, TEMPORARY, NULL);
    return put(m, m->balancer_id, m->balancer, err);
}

static int take_away(const struct migration *m, struct error **err)
{
    if (lead_rules(m, NAME_INTERNAL_FRONTEND, TEMPORARY, err) < 0)
        return -1;
    drop_frontend(m, NAME_INTERNAL_FRONTEND);
    return put(m, m->balancer_id, m->balancer, err);
}

static int bring_back(const struct migration *m, struct error **err)
{
    const char *address = cluster_text_or_empty(m->c, "apiserverProfile.intIp");
    if (!*address)
        return error_set(err, ERR_INTERNAL,
                         "properties.apiserverProfile.intIp: missing, it is the address that the "
                         "internal load balancer had");
    add_frontend(m, NAME_INTERNAL_FRONTEND, address);
    if (lead_rules(m, TEMPORARY, NAME_INTERNAL_FRONTEND, err) < 0)
        return -1;
    return put(m, m->balancer_id, m->balancer, err);
}

static int drop_temporary(const struct migration *m, struct error **err)
{
    drop_frontend(m, TEMPORARY);
    return put(m, m->balancer_id, m->balancer, err);
}

/* *ret_done: there is no move any more. */
static int move(const struct migration *m, bool *ret_done, struct error **err)
{
    const json *frontend = find_frontend(m, NAME_INTERNAL_FRONTEND),
               *temporary = find_frontend(m, TEMPORARY);
    bool zonal = json_len(json_get(frontend, "zones")) > 0;
    *ret_done = false;
    if (!frontend && !temporary)
        return error_set(err, ERR_INTERNAL, "%s: it has no frontend " NAME_INTERNAL_FRONTEND,
                         m->balancer_id);
    if (!frontend)
        return bring_back(m, err);
    if (!zonal && !temporary)
        return add_temporary(m, err);
    if (!zonal)
        return serves(m, TEMPORARY) ? take_away(m, err) : lead_service(m, TEMPORARY, err);
    if (temporary)
        return serves(m, NAME_INTERNAL_FRONTEND) ? drop_temporary(m, err)
                                                 : lead_service(m, NAME_INTERNAL_FRONTEND, err);
    *ret_done = true;
    return 0;
}

/* ---- the step ---- */

static int move_on(struct migration *m, bool *ret_done, struct error **err)
{
    if (get(m, m->balancer_id, &m->balancer, err) < 0 ||
        get(m, m->service_id, &m->service, err) < 0)
        return -1;
    return move(m, ret_done, err);
}

/* The cluster itself changes this load balancer whenever an internal Service gets an address: what it wrote in between is read
 * and the move made again, as stopping midway would leave the API unreachable. */
static int migrate(struct migration *m, struct error **err)
{
    bool done = false;
    int conflicts = 0;
    for (int moves = 0; moves < ROUNDS_MAX && !done;) {
        struct error *e = NULL;
        if (move_on(m, &done, &e) == 0) {
            moves++;
            continue;
        }
        if (!error_is(e, ERR_PRECONDITION) || ++conflicts == CONFLICTS_MAX)
            return error_move(err, &e);
        log_info(m->ctx->log, "read again: %s", error_text(e));
        error_free(e);
    }
    return done ? 0
                : error_set(err, ERR_UNAVAILABLE, "%s: somebody else changes its frontends",
                            m->balancer_id);
}

int cluster_migrate_balancer_zones(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_migration struct migration m = { .c = c, .ctx = ctx };
    if (cluster_find_frontend_zones(c, ctx, &m.zones, err) < 0)
        return -1;
    if (m.zones.len == 0) {
        log_info(ctx->log, "the internal load balancer stays: there are no zones for it");
        return 0;
    }
    cleanup_free char *service = name_give(c, "-pls");
    m.balancer_id = name_give_internal_balancer_id(c);
    m.service_id = name_give_resource_id(c, "Microsoft.Network/privateLinkServices", service);
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &m.arm, err) < 0)
        return -1;
    return migrate(&m, err);
}
