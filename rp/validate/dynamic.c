#include "rp/validate/dynamic.h"

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/validate/azure_create.h"
#include "rp/validate/dynamic_impl.h"

/* ---- what is known before anything is asked ---- */

const json *validation_workers(const json *cluster, const char **ret_member)
{
    const json *live = json_path(cluster, "properties.workerProfilesStatus");
    *ret_member = json_len(live) ? "workerProfilesStatus" : "workerProfiles";
    return json_len(live) ? live : json_path(cluster, "properties.workerProfiles");
}

/* Workers may share a subnet; its first member stands for it. Consumes path. */
static int add_subnet(struct validation *v, const json *profile, bool is_master, char *path,
                      struct error **err)
{
    cleanup_free char *owned = path;
    const char *id;
    if (json_need_str(profile, "subnetId", &id, err) < 0)
        return error_wrap(err, "%s", path);
    for (size_t i = 0; i < v->subnets_len; i++) {
        struct validation_subnet *s = &v->subnets[i];
        if (!str_eq_nocase(s->id, id))
            continue;
        s->is_worker |= !is_master;
        return 0;
    }
    v->subnets[v->subnets_len++] = (struct validation_subnet){
        .id = id,
        .path = take(owned),
        .vnet_id = arm_id_give_parent(id),
        .is_master = is_master,
        .is_worker = !is_master,
    };
    return 0;
}

static int find_subnets(struct validation *v, struct error **err)
{
    const char *member;
    const json *workers = validation_workers(v->cluster, &member);
    v->subnets = xcalloc(json_len(workers) + 1, sizeof(*v->subnets));
    if (add_subnet(v, json_path(v->cluster, "properties.masterProfile"), true,
                   xstrdup("properties.masterProfile.subnetId"), err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(workers); i++)
        if (add_subnet(v, json_at(workers, i), false,
                       xasprintf("properties.%s[%zu].subnetId", member, i), err) < 0)
            return -1;
    return 0;
}

static void free_json(void *p)
{
    json_free(p);
}

void validation_release(struct validation *v)
{
    for (size_t i = 0; i < v->subnets_len; i++) {
        free(v->subnets[i].path);
        free(v->subnets[i].vnet_id);
    }
    free(v->subnets);
    for (size_t i = 0; i < v->identities_len; i++) {
        free(v->identities[i].object_id);
        json_free(v->identities[i].permissions);
    }
    free(v->identities);
    map_free(v->vnets);
    map_free(v->roles);
}

/* ---- what Azure itself has to allow ---- */

static int check_providers(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    return azure_providers_check(v->cfg->service.arm, v->ctx, v->cfg->subscription_id, err);
}

static int check_quota(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    return azure_quota_check(v->cfg->service.arm, v->ctx, v->cluster, v->cfg->subscription_id,
                             json_path_str(v->cluster, "location"), err);
}

/* ---- the checks ---- */

#define IF_V1 1U       /* clusters of the first layout only */
#define IF_CREATING 2U /* not of those that exist */
#define IF_SERVICE 4U  /* clusters with a service principal */
#define IF_IDENTITY 8U /* clusters with workload identities */
#define IF_V2 16U

/*
 * In this order: a token before what is asked with it, a permission before what it is needed for. Clusters of the second
 * layout get their subnets' policies and endpoints from us, and had quota and providers looked at when they were asked for.
 */
static const struct check {
    const char *name;
    int (*run)(struct validation *v, enum who who, struct error **err);
    enum who who;
    unsigned when;
} checks[] = {
    { "claims of the service principal", check_claims, WHO_CLUSTER, IF_SERVICE },
    { "directory roles of the service principal", check_directory_roles, WHO_CLUSTER, IF_SERVICE },
    { "claims of the resource provider", check_claims, WHO_PROVIDER, 0 },
    { "cluster identity", check_cluster_identity, WHO_CLUSTER, IF_IDENTITY },
    { "platform identities", check_platform_identities, WHO_CLUSTER, IF_IDENTITY },
    { "permissions on networks", check_vnet_access, WHO_CLUSTER, 0 },
    { "the provider's on networks", check_vnet_access, WHO_PROVIDER, 0 },
    { "permissions on subnets", check_subnet_access, WHO_CLUSTER, IF_V2 },
    { "the provider's on subnets", check_subnet_access, WHO_PROVIDER, IF_V2 },
    { "permissions on route tables", check_route_table_access, WHO_CLUSTER, 0 },
    { "the provider's on route tables", check_route_table_access, WHO_PROVIDER, 0 },
    { "permissions on NAT gateways", check_nat_gateway_access, WHO_CLUSTER, 0 },
    { "the provider's on NAT gateways", check_nat_gateway_access, WHO_PROVIDER, 0 },
    { "locations of networks", check_locations, WHO_CLUSTER, 0 },
    { "private link policy", check_private_link_policy, WHO_CLUSTER, IF_V1 | IF_CREATING },
    { "service endpoints", check_service_endpoints, WHO_CLUSTER, IF_V1 | IF_CREATING },
    { "network security groups", check_security_groups, WHO_CLUSTER, 0 },
    { "states of subnets", check_subnet_states, WHO_CLUSTER, 0 },
    { "sizes of subnets", check_subnet_sizes, WHO_CLUSTER, 0 },
    { "overlap of ranges", check_overlap, WHO_CLUSTER, 0 },
    { "DNS servers", check_dns_servers, WHO_CLUSTER, IF_V1 | IF_CREATING },
    { "resource providers", check_providers, WHO_CLUSTER, IF_V1 | IF_CREATING | IF_SERVICE },
    { "quota", check_quota, WHO_CLUSTER, IF_V1 | IF_CREATING | IF_SERVICE },
    { "disk encryption sets", check_disk_encryption_sets, WHO_CLUSTER, 0 },
    { "the provider's disk encryption sets", check_disk_encryption_sets, WHO_PROVIDER, 0 },
    { "permissions on security groups", check_nsg_access_if_preconfigured, WHO_CLUSTER, 0 },
    { "the provider's on security groups", check_nsg_access_if_preconfigured, WHO_PROVIDER, 0 },
    { "load balancer profile", check_load_balancer_profile, WHO_PROVIDER, IF_V2 },
};

static bool is_due(const struct validation *v, unsigned when)
{
    unsigned is = (v->is_v1 ? IF_V1 : IF_V2) | (v->is_creating ? IF_CREATING : 0) |
                  (v->has_identities ? IF_IDENTITY : IF_SERVICE);
    return (when & is) == when;
}

int validation_init(struct validation *v, const struct dynamic_validation *cfg,
                    const struct opctx *ctx, struct error **err)
{
    const json *c = cfg->cluster;
    *v = (struct validation){
        .cfg = cfg,
        .ctx = ctx,
        .cluster = c,
        .is_creating = str_eq(json_path_str(c, "properties.provisioningState"), "Creating"),
        .is_v1 = json_path_int(c, "properties.architectureVersion", 0) == 0,
        .has_identities = json_path(c, "properties.platformWorkloadIdentityProfile") != NULL,
        .vnets = map_new(free_json),
        .roles = map_new(free_json),
    };
    return find_subnets(v, err);
}

static int run(struct validation *v, struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        if (!is_due(v, checks[i].when))
            continue;
        log_debug(v->ctx->log, "validating: %s", checks[i].name);
        if (checks[i].run(v, checks[i].who, err) < 0)
            return -1;
    }
    return 0;
}

int dynamic_validate(const struct dynamic_validation *cfg, const struct opctx *ctx,
                     struct error **err)
{
    struct validation v;
    int rcode = validation_init(&v, cfg, ctx, err);
    if (rcode == 0)
        rcode = run(&v, err);
    validation_release(&v);
    return rcode;
}
