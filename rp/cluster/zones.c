#include "rp/cluster/zones.h"

#include "pkg/api/refuse.h"
#include "rp/validate/azure_create.h"
#include "rp/validate/skus.h"

#define MASTERS 3
#define WORKER_ZONES_MIN 3
#define MASTER_TARGET "properties.masterProfile.VMSize"
#define WORKER_TARGET "properties.workerProfiles[0].VMSize"

/* ---- what Azure offers ---- */

void zones_find(const json *skus, const char *size, const char *location, struct strv *ret)
{
    const json *sku = skus_find(skus, size), *infos = json_get(sku, "locationInfo");
    for (size_t i = 0; i < json_len(infos); i++) {
        const json *info = json_at(infos, i), *zones = json_get(info, "zones");
        if (!str_eq_nocase(json_path_str(info, "location"), location))
            continue;
        for (size_t k = 0; k < json_len(zones); k++) {
            const char *zone = json_str(json_at(zones, k));
            if (zone && !skus_is_restricted(sku, location, zone))
                strv_add_unique(ret, zone);
        }
    }
    strv_sort(ret);
}

/* ---- the choice ---- */

static void cut(struct strv *zones, size_t len)
{
    for (; zones->len > len; zones->len--)
        free(take(zones->v[zones->len - 1]));
}

static bool is_basic(const char *zone)
{
    return str_eq(zone, "1") || str_eq(zone, "2") || str_eq(zone, "3");
}

static void keep_basic(struct strv *zones)
{
    size_t kept = 0;
    for (size_t i = 0; i < zones->len; i++) {
        char *zone = take(zones->v[i]);
        if (is_basic(zone))
            zones->v[kept++] = zone;
        else
            free(zone);
    }
    zones->len = kept;
}

/* The templates of this layout put master N into zone N+1. */
static int choose_v1(const struct strv *masters, struct error **err)
{
    if (masters->len == 0 || masters->len == MASTERS)
        return 0;
    return api_refuse_value(err, MASTER_TARGET,
                            "cluster creation with %zu zones and %d control plane replicas is "
                            "unimplemented",
                            masters->len, MASTERS);
}

static int choose_v2(struct strv *masters, const struct strv *workers, struct error **err)
{
    if ((masters->len == 0) != (workers->len == 0))
        return api_refuse_value(err, masters->len ? WORKER_TARGET : MASTER_TARGET,
                                "cluster creation with mix of zonal and non-zonal resources is "
                                "unsupported (control plane zones: %zu, worker zones: %zu)",
                                masters->len, workers->len);
    if (masters->len > 0 && masters->len < MASTERS)
        return api_refuse_value(err, MASTER_TARGET,
                                "cluster creation with %zu zones and %d control plane replicas is "
                                "unsupported",
                                masters->len, MASTERS);
    if (workers->len > 0 && workers->len < WORKER_ZONES_MIN)
        return api_refuse_value(err, WORKER_TARGET,
                                "cluster creation with a worker SKU available on less than %d "
                                "zones is unsupported (available: %zu)",
                                WORKER_ZONES_MIN, workers->len);
    cut(masters, MASTERS);
    return 0;
}

int zones_choose(enum cluster_layout layout, bool expanded, struct strv *masters,
                 struct strv *workers, struct error **err)
{
    if (layout == LAYOUT_V1)
        return choose_v1(masters, err);
    if (!expanded) {
        keep_basic(masters);
        keep_basic(workers);
    }
    return choose_v2(masters, workers, err);
}

/* ---- the step ---- */

static json *give_list(const struct strv *zones)
{
    json *out = json_new_array();
    for (size_t i = 0; i < zones->len; i++)
        json_append(out, json_new_str(zones->v[i]));
    return out;
}

struct found {
    struct strv masters, workers;
};

/* Front ends of load balancers and addresses are in all zones that have machines. */
static json *give_union(const struct found *f)
{
    cleanup_strv struct strv all = STRV_INIT;
    for (size_t i = 0; i < f->masters.len; i++)
        strv_add_unique(&all, f->masters.v[i]);
    for (size_t i = 0; i < f->workers.len; i++)
        strv_add_unique(&all, f->workers.v[i]);
    strv_sort(&all);
    return give_list(&all);
}

static int put_zones(json *tree, void *arg, struct error **err)
{
    const struct found *f = arg;
    if (json_path_put(tree, PROPERTIES "zones", give_union(f), err) < 0)
        return -1;
    json *machines =
        json_make("{'masters':%j,'workers':%j}", give_list(&f->masters), give_list(&f->workers));
    return json_path_put(tree, PROPERTIES "machineZones", machines, err);
}

static int find_skus(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err)
{
    struct arm *arm;
    cleanup_strv struct strv sizes = STRV_INIT;
    skus_list_sizes(json_path(c->doc, "openShiftCluster"), &sizes);
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    return azure_skus_find(arm, ctx, cluster_subscription_id(c), cluster_location(c), &sizes, ret,
                           err);
}

static bool expands(const struct cluster *c)
{
    return rp_env_has(c->cfg->env, FEATURE_ENABLE_EXPANDED_ZONES);
}

static int find_all(struct cluster *c, const struct opctx *ctx, struct found *f, struct error **err)
{
    const char *location = cluster_location(c);
    cleanup_json json *skus = NULL;
    if (find_skus(c, ctx, &skus, err) < 0)
        return -1;
    zones_find(skus, cluster_text(c, "masterProfile.vmSize"), location, &f->masters);
    zones_find(skus, cluster_text(c, "workerProfiles[0].vmSize"), location, &f->workers);
    return zones_choose(cluster_layout(c), expands(c), &f->masters, &f->workers, err);
}

bool cluster_has_zones(const struct cluster *c)
{
    return json_path(c->doc, PROPERTIES "machineZones") != NULL;
}

int cluster_validate_zones(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct found f = { 0 };
    if (cluster_has_zones(c))
        return 0;
    int rcode = find_all(c, ctx, &f, err);
    if (rcode == 0)
        rcode = cluster_patch(c, ctx, put_zones, &f, err);
    strv_release(&f.masters);
    strv_release(&f.workers);
    return rcode;
}

static void add_all(const json *list, struct strv *ret)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (json_str(json_at(list, i)))
            strv_add(ret, json_str(json_at(list, i)));
}

int cluster_zones(const struct cluster *c, struct strv *masters, struct strv *workers,
                  struct error **err)
{
    const json *machines = json_path(c->doc, PROPERTIES "machineZones");
    if (!machines)
        return error_set(err, ERR_INTERNAL, "the zones of the machines are not known yet");
    add_all(json_get(machines, "masters"), masters);
    add_all(json_get(machines, "workers"), workers);
    return 0;
}

int cluster_find_frontend_zones(struct cluster *c, const struct opctx *ctx, struct strv *ret,
                                struct error **err)
{
    cleanup_json json *skus = NULL;
    add_all(json_path(c->doc, PROPERTIES "zones"), ret);
    if (cluster_has_zones(c) || ret->len > 0)
        return 0;
    if (find_skus(c, ctx, &skus, err) < 0)
        return -1;
    zones_find(skus, cluster_text(c, "masterProfile.vmSize"), cluster_location(c), ret);
    if (!expands(c))
        keep_basic(ret);
    return 0;
}
