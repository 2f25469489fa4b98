#include "rp/cluster/dns_records.h"

#include "pkg/azure/dns.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/names.h"

#define TTL 300
#define CHANGE_TRIES 5

struct records {
    struct arm *arm;
    char *zone_id, *api, *router; /* names in the zone */
};

static void records_release(struct records *r)
{
    free(r->zone_id);
    free(r->api);
    free(r->router);
}
#define cleanup_records CLEANUP_WITH(records_release)

/* ret->api stays NULL for a cluster without records. */
static int find_records(struct cluster *c, const struct opctx *ctx, struct records *ret,
                        struct error **err)
{
    cleanup_free char *prefix = NULL;
    if (name_give_managed_prefix(c, &prefix, err) < 0 ||
        (prefix && cluster_arm(c, ctx, AS_SERVICE, &ret->arm, err) < 0))
        return -1;
    if (!prefix)
        return 0;
    ret->zone_id = name_give_zone_id(c);
    ret->api = xasprintf("api.%s", prefix);
    ret->router = xasprintf("*.apps.%s", prefix);
    return 0;
}

/* *ret stays NULL when there is none. */
static int find_set(const struct records *r, const struct opctx *ctx, const char *relative,
                    json **ret, struct error **err)
{
    const struct dns_name name = { r->zone_id, relative };
    struct error *e = NULL;
    *ret = NULL;
    if (dns_a_get(r->arm, ctx, &name, ret, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

static bool is_ours(const struct cluster *c, const json *set)
{
    return str_eq_nocase(json_path_str(set, "properties.metadata.resourceId"),
                         cluster_resource_id(c));
}

static int fail_taken(const struct cluster *c, struct error **err)
{
    (void)error_set(err, ERR_INVALID, "The provided domain '%s' is already in use by a cluster.",
                    cluster_text_or_empty(c, "clusterProfile.domain"));
    error_code(err, "DuplicateDomain");
    error_target(err, "properties.clusterProfile.domain");
    return -1;
}

static json *give_addresses(const char *ip)
{
    return ip ? json_make("[{'ipv4Address':%s}]", ip) : json_new_array();
}

static bool points_to(const json *set, const char *ip)
{
    const json *addresses = json_path(set, "properties.ARecords");
    return json_len(addresses) == 1 && str_eq(json_path_str(addresses, "[0].ipv4Address"), ip);
}

/* ---- the name is reserved ---- */

int cluster_create_dns(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_records struct records r = { 0 };
    if (find_records(c, ctx, &r, err) < 0)
        return -1;
    const struct dns_name name = { r.zone_id, r.api };
    for (int i = 0; r.api && i < CHANGE_TRIES; i++) {
        cleanup_json json *set = NULL;
        struct error *e = NULL;
        if (find_set(&r, ctx, r.api, &set, err) < 0)
            return -1;
        if (set)
            return is_ours(c, set) ? 0 : fail_taken(c, err);
        set = json_make("{'properties':{'TTL':%d,'metadata':{'resourceId':%s}}}", TTL,
                        cluster_resource_id(c));
        if (dns_a_create(r.arm, ctx, &name, set, &e) == 0)
            return 0;
        /* Somebody was first: perhaps an earlier try of ours. */
        if (!error_is(e, ERR_PRECONDITION) || i + 1 == CHANGE_TRIES)
            return error_move(err, &e);
        error_free(e);
    }
    return 0;
}

/* ---- where the names lead ---- */

/* 1: done, 0: somebody else changed it meanwhile. */
static int try_point_api(struct cluster *c, const struct opctx *ctx, const struct records *r,
                         const char *ip, struct error **err)
{
    const struct dns_name name = { r->zone_id, r->api };
    cleanup_json json *set = NULL;
    struct error *e = NULL;
    if (dns_a_get(r->arm, ctx, &name, &set, err) < 0)
        return -1;
    if (!is_ours(c, set))
        return fail_taken(c, err);
    if (points_to(set, ip) && json_path_int(set, "properties.TTL", 0) == TTL)
        return 1;
    const char *etag = json_path_str(set, "etag");
    cleanup_json json *body =
        json_make("{'properties':{'TTL':%d,'metadata':%j,'ARecords':%j}}", TTL,
                  json_give_copy(json_path(set, "properties.metadata")), give_addresses(ip));
    if (dns_a_put(r->arm, ctx, &name, body, etag, &e) == 0)
        return 1;
    if (!error_is(e, ERR_PRECONDITION))
        return error_move(err, &e);
    error_move(err, &e);
    return 0;
}

int dns_point_api(struct cluster *c, const struct opctx *ctx, const char *ip, struct error **err)
{
    cleanup_records struct records r = { 0 };
    cleanup_error struct error *last = NULL;
    if (find_records(c, ctx, &r, err) < 0)
        return -1;
    for (int i = 0; r.api && i < CHANGE_TRIES; i++) {
        int done = try_point_api(c, ctx, &r, ip, &last);
        if (done < 0)
            return error_move(err, &last);
        if (done)
            return 0;
    }
    return r.api ? error_move(err, &last) : 0;
}

int dns_point_router(struct cluster *c, const struct opctx *ctx, const char *ip, struct error **err)
{
    cleanup_records struct records r = { 0 };
    cleanup_json json *set = NULL;
    if (find_records(c, ctx, &r, err) < 0)
        return -1;
    if (!r.router)
        return 0;
    if (find_set(&r, ctx, r.router, &set, err) < 0)
        return -1;
    if (set && points_to(set, ip))
        return 0;
    const struct dns_name name = { r.zone_id, r.router };
    cleanup_json json *body =
        json_make("{'properties':{'TTL':%d,'ARecords':%j}}", TTL, give_addresses(ip));
    return dns_a_put(r.arm, ctx, &name, body, NULL, err);
}

/* ---- the end ---- */

/* The router's name first: the API's carries the reservation, and by that a next try knows that both are ours to delete. */
int cluster_delete_dns(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_records struct records r = { 0 };
    if (find_records(c, ctx, &r, err) < 0)
        return -1;
    const struct dns_name api = { r.zone_id, r.api }, router = { r.zone_id, r.router };
    for (int i = 0; r.api && i < CHANGE_TRIES; i++) {
        cleanup_json json *set = NULL;
        struct error *e = NULL;
        if (find_set(&r, ctx, r.api, &set, err) < 0)
            return -1;
        if (!set || !is_ours(c, set))
            return 0;
        if (dns_a_delete(r.arm, ctx, &router, NULL, err) < 0)
            return -1;
        if (dns_a_delete(r.arm, ctx, &api, json_path_str(set, "etag"), &e) == 0)
            return 0;
        if (!error_is(e, ERR_PRECONDITION) || i + 1 == CHANGE_TRIES)
            return error_move(err, &e);
        error_free(e);
    }
    return 0;
}
