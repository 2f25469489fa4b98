#include "rp/cluster/delete_resources.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/azure/errors.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/api_versions.h"
#include "rp/cluster/names.h"
#include "rp/cluster/resource_group.h"
#include "rp/cluster/subnets.h"
#include "rp/cluster/transient.h"

#define TYPE_NIC "Microsoft.Network/networkInterfaces"
#define TYPE_NSG "Microsoft.Network/networkSecurityGroups"
#define TYPE_ZONE "Microsoft.Network/privateDnsZones"

static const struct {
    const char *type;
    int level;
} levels[] = {
    { "Microsoft.Compute/virtualMachines", -4 },
    { "Microsoft.Network/privateEndpoints", -4 },
    { "Microsoft.Network/privateLinkServices", -3 },
    { "Microsoft.Compute/galleries/images/versions", -2 },
    { "Microsoft.Compute/galleries/images", -1 },
    { TYPE_NIC, -1 },
    { "Microsoft.Network/publicIPAddresses", 1 }, /* load balancers hold them */
    { TYPE_NSG, 1 },
    { TYPE_ZONE, 1 },
    { "Microsoft.Compute/galleries", 1 },
};

int delete_level_of(const char *type)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (str_eq_nocase(levels[i].type, type))
            return levels[i].level;
    return 0;
}

/* ---- errors ---- */

/* What the customer has to mend, with the status that they are told. */
static int fail_delete(struct error *why, struct error **err)
{
    static const struct {
        const char *code;
        int status;
    } known[] = {
        { "CannotDeleteLoadBalancerWithPrivateLinkService", 400 },
        { "AuthorizationFailed", 403 },
        { "InUseSubnetCannotBeDeleted", 400 },
        { "ScopeLocked", 409 },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq(error_get_code(why), known[i].code))
            error_status(&why, known[i].status);
    return error_move(err, &why);
}

/* ---- one resource ---- */

struct deletion {
    int level;
    const char *id, *type, *version; /* borrowed */
    struct arm_operation *op;        /* NULL: it has not begun, or is gone */
};

/* A network interface that failed refuses to go until it has been written once more. */
static int mend_nic(struct arm *arm, const struct opctx *ctx, const struct deletion *d,
                    struct error **err)
{
    const struct arm_call get = { .method = "GET", .path = d->id, .api_version = d->version };
    cleanup_json json *nic = NULL;
    if (arm_send(arm, ctx, &get, &nic, err) < 0)
        return -1;
    if (!str_eq_nocase(json_path_str(nic, "properties.provisioningState"), "Failed"))
        return 0;
    const struct arm_call put = {
        .method = "PUT", .path = d->id, .api_version = d->version, .body = nic, .wait = true
    };
    return arm_send(arm, ctx, &put, NULL, err);
}

static int free_nsg(struct cluster *c, const struct opctx *ctx, struct arm *arm,
                    const struct deletion *d, struct error **err)
{
    cleanup_json json *nsg = NULL;
    if (arm_nsg_get(arm, ctx, d->id, &nsg, err) < 0)
        return -1;
    const json *subnets = json_path(nsg, "properties.subnets");
    for (size_t i = 0; i < json_len(subnets); i++) {
        const char *id = json_path_str(json_at(subnets, i), "id");
        if (id && subnet_detach_nsg(c, ctx, id, d->id, err) < 0)
            return -1;
    }
    return 0;
}

static int free_zone(struct arm *arm, const struct opctx *ctx, const struct deletion *d,
                     struct error **err)
{
    cleanup_free char *path = xasprintf("%s/virtualNetworkLinks", d->id);
    cleanup_json json *links = NULL;
    if (arm_list(arm, ctx, path, d->version, &links, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(links); i++) {
        const char *id = json_path_str(json_at(links, i), "id");
        if (id && transient_delete(arm, ctx, id, d->version, err) < 0)
            return -1;
    }
    return 0;
}

/* What stands in the way of the delete itself. */
static int prepare(struct cluster *c, const struct opctx *ctx, struct arm *arm,
                   const struct deletion *d, struct error **err)
{
    if (str_eq_nocase(d->type, TYPE_NIC))
        return mend_nic(arm, ctx, d, err);
    if (str_eq_nocase(d->type, TYPE_NSG))
        return free_nsg(c, ctx, arm, d, err);
    if (str_eq_nocase(d->type, TYPE_ZONE))
        return free_zone(arm, ctx, d, err);
    return 0;
}

struct beginning {
    struct arm *arm;
    struct deletion *d;
};

static int begin_delete(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct beginning *b = arg;
    const struct arm_call call = { .method = "DELETE",
                                   .path = b->d->id,
                                   .api_version = b->d->version };
    return arm_begin(b->arm, ctx, &call, &b->d->op, err);
}

static int begin_one(struct cluster *c, const struct opctx *ctx, struct arm *arm,
                     struct deletion *d, struct error **err)
{
    struct beginning b = { arm, d };
    struct error *e = NULL;
    log_info(ctx->log, "deleting %s", d->id);
    if ((prepare(c, ctx, arm, d, &e) < 0 || transient_retry(ctx, begin_delete, &b, &e) < 0) &&
        !error_is(e, ERR_NOT_FOUND))
        return fail_delete(e, err);
    error_free(e);
    return 0;
}

static int wait_one(struct arm *arm, const struct opctx *ctx, struct deletion *d,
                    struct error **err)
{
    struct error *e = NULL;
    if (!d->op || arm_operation_wait(d->op, ctx, &e) == 0)
        return 0;
    if (azure_error_is_transient(e)) {
        error_clear(&e);
        if (transient_delete(arm, ctx, d->id, d->version, &e) == 0)
            return 0;
    }
    if (!error_is(e, ERR_NOT_FOUND))
        return fail_delete(e, err);
    error_free(e);
    return 0;
}

/* ---- all of them ---- */

static int compare_deletions(const void *a, const void *b)
{
    const struct deletion *x = a, *y = b;
    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    return strcmp(x->id, y->id);
}

/* The deletions of one level, begun together; whatever was begun is waited for, also when another one failed. The first error
 * is told. */
static int delete_level(struct cluster *c, const struct opctx *ctx, struct arm *arm,
                        struct deletion *d, size_t len, struct error **err)
{
    struct error *first = NULL;
    for (size_t i = 0; i < len && !first; i++)
        (void)begin_one(c, ctx, arm, &d[i], &first);
    for (size_t i = 0; i < len; i++)
        (void)wait_one(arm, ctx, &d[i], first ? NULL : &first);
    return first ? error_move(err, &first) : 0;
}

static size_t level_len(const struct deletion *d, size_t len)
{
    size_t n = 1;
    while (n < len && d[n].level == d[0].level)
        n++;
    return n;
}

static int delete_all(struct cluster *c, const struct opctx *ctx, struct arm *arm,
                      struct deletion *d, size_t len, struct error **err)
{
    int rcode = 0;
    qsort(d, len, sizeof(*d), compare_deletions);
    for (size_t at = 0, n; at < len && rcode == 0; at += n) {
        n = level_len(d + at, len - at);
        rcode = delete_level(c, ctx, arm, d + at, n, err);
    }
    for (size_t i = 0; i < len; i++)
        arm_operation_free(d[i].op);
    return rcode;
}

static size_t gather(const struct opctx *ctx, const json *resources, struct deletion *ret)
{
    size_t len = 0;
    for (size_t i = 0; i < json_len(resources); i++) {
        const char *id = json_path_str(json_at(resources, i), "id");
        const char *type = json_path_str(json_at(resources, i), "type");
        const char *version = type ? api_version_of(type) : NULL;
        if (!id || !version)
            log_warning(ctx->log,
                        "%s is left to the resource group's end: no version of its type "
                        "is known",
                        id ? id : "a resource");
        else
            ret[len++] = (struct deletion){ delete_level_of(type), id, type, version, NULL };
    }
    return len;
}

/* *ret: whether there is a group, and it is ours. */
static int find_ours(struct cluster *c, const struct opctx *ctx, bool *ret, struct error **err)
{
    cleanup_json json *group = NULL;
    if (resource_group_find(c, ctx, &group, err) < 0)
        return -1;
    *ret = group && resource_group_is_ours(c, group);
    if (group && !*ret)
        log_warning(ctx->log, "the resource group %s is not the cluster's: it stays",
                    name_group_id(c));
    return 0;
}

int cluster_delete_resources(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    cleanup_free char *path = xasprintf("%s/resources", name_group_id(c));
    cleanup_json json *resources = NULL;
    struct error *e = NULL;
    bool ours;
    if (find_ours(c, ctx, &ours, err) < 0 || cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    if (!ours)
        return 0;
    if (arm_list(arm, ctx, path, GROUPS_VERSION, &resources, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    cleanup_free struct deletion *d = xcalloc(json_len(resources) + 1, sizeof(*d));
    return delete_all(c, ctx, arm, d, gather(ctx, resources, d), err);
}

/* The service's rights come of the group: a delete whose answer was lost is told by their end, too. */
static bool is_gone(struct cluster *c, const struct opctx *ctx)
{
    cleanup_error struct error *e = NULL;
    bool ours;
    if (find_ours(c, ctx, &ours, &e) < 0)
        return error_is(e, ERR_FORBIDDEN);
    return !ours;
}

int cluster_delete_resource_group(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    cleanup_free char *name = name_give_group(c);
    cleanup_free char *path =
        xasprintf("/subscriptions/%s/resourcegroups/%s", cluster_subscription_id(c), name);
    struct error *e = NULL;
    bool ours;
    if (find_ours(c, ctx, &ours, err) < 0 || cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    if (!ours || transient_delete(arm, ctx, path, GROUPS_VERSION, &e) == 0)
        return 0;
    if (!error_is(e, ERR_FORBIDDEN) || !is_gone(c, ctx))
        return fail_delete(e, err);
    error_free(e);
    return 0;
}

int cluster_restore_resource_group(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct error *e = NULL;
    bool ours;
    if (find_ours(c, ctx, &ours, &e) < 0 ||
        (ours && cluster_ensure_resource_group(c, ctx, &e) < 0)) {
        if (opctx_check(ctx, err) < 0) {
            error_free(e);
            return -1;
        }
        log_warning(ctx->log, "the resource group was not restored: %s", error_text(e));
        error_free(e);
    }
    return 0;
}
