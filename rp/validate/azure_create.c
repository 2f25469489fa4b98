#include "rp/validate/azure_create.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/validate/quota.h"
#include "rp/validate/skus.h"

#define FEATURES_VERSION "2021-07-01"
#define PROVIDERS_VERSION "2021-04-01"

struct check {
    struct arm *arm;
    const struct opctx *ctx;
    const json *cluster;
    const char *sub, *location;
};

/* Azure's own codes are about our request to it, not about the client's to us. */
static int fail(struct error **err, struct error **why)
{
    cleanup_error struct error *e = take(*why);
    enum err_kind kind = error_kind(e);
    if (kind != ERR_CANCELLED && kind != ERR_TIMEOUT)
        kind = ERR_INTERNAL;
    return error_set(err, kind, "asking Azure before a create: %s", error_text(e));
}

/* Owns path. */
static int list(const struct check *c, char *path, const char *version, json **ret,
                struct error **err)
{
    cleanup_free char *owned = path;
    struct error *why = NULL;
    return arm_list(c->arm, c->ctx, owned, version, ret, &why) < 0 ? fail(err, &why) : 0;
}

static int get(const struct check *c, char *path, const char *version, json **ret,
               struct error **err)
{
    cleanup_free char *owned = path;
    struct error *why = NULL;
    const struct arm_call call = { .method = "GET", .path = owned, .api_version = version };
    return arm_send(c->arm, c->ctx, &call, ret, &why) < 0 ? fail(err, &why) : 0;
}

/* A region has about a thousand sizes, all told at once: what nobody looks for is not kept. */
static int pick_skus(struct arm *arm, const struct opctx *ctx, const char *subscription_id,
                     const char *location, arm_pick_fn pick, void *arg, json **ret,
                     struct error **err)
{
    cleanup_free char *filter = xasprintf("location eq '%s'", location);
    cleanup_free char *escaped = percent_give(filter);
    cleanup_free char *path = xasprintf(
        "/subscriptions/%s/providers/Microsoft.Compute/skus?$filter=%s", subscription_id, escaped);
    return arm_pick(arm, ctx, path, API_VERSION_COMPUTE_SKUS, pick, arg, ret, err);
}

struct wanted {
    const struct strv *sizes;
    const char *location;
};

static json *pick_named(void *arg, json *sku)
{
    const struct wanted *w = arg;
    return skus_is_named(sku, w->sizes) ? json_ref(sku) : NULL;
}

static json *pick_name_of_available(void *arg, json *sku)
{
    const struct wanted *w = arg;
    const char *name = json_path_str(sku, "name");
    return name && skus_is_available(sku, w->location) ? json_new_str(name) : NULL;
}

int azure_skus_find(struct arm *arm, const struct opctx *ctx, const char *subscription_id,
                    const char *location, const struct strv *sizes, json **ret, struct error **err)
{
    struct wanted w = { sizes, location };
    return pick_skus(arm, ctx, subscription_id, location, pick_named, &w, ret, err);
}

int azure_skus_list_names(struct arm *arm, const struct opctx *ctx, const char *subscription_id,
                          const char *location, json **ret, struct error **err)
{
    struct wanted w = { NULL, location };
    if (pick_skus(arm, ctx, subscription_id, location, pick_name_of_available, &w, ret, err) < 0)
        return -1;
    json_sort_strs(*ret);
    return 0;
}

static int check_skus(const struct check *c, struct error **err)
{
    cleanup_json json *skus = NULL;
    cleanup_strv struct strv sizes = STRV_INIT;
    cleanup_error struct error *why = NULL;
    skus_list_sizes(c->cluster, &sizes);
    if (azure_skus_find(c->arm, c->ctx, c->sub, c->location, &sizes, &skus, &why) < 0)
        return fail(err, &why);
    return skus_check(skus, c->cluster, c->location, err);
}

static int check_feature(const struct check *c, struct error **err)
{
    cleanup_json json *feature = NULL;
    if (!skus_need_encryption_at_host(c->cluster))
        return 0;
    if (get(c,
            xasprintf("/subscriptions/%s/providers/Microsoft.Features/providers/Microsoft.Compute/"
                      "features/EncryptionAtHost",
                      c->sub),
            FEATURES_VERSION, &feature, err) < 0)
        return -1;
    if (str_eq(json_path_str(feature, "properties.state"), "Registered"))
        return 0;
    error_set(err, ERR_INVALID,
              "The feature 'Microsoft.Compute/EncryptionAtHost' is not registered in the "
              "subscription.");
    error_code(err, "InvalidParameter");
    error_target(err, "properties.masterProfile.encryptionAtHost");
    return -1;
}

static int check_quota(const struct check *c, struct error **err)
{
    cleanup_json json *compute = NULL, *network = NULL, *compute_need = NULL;
    cleanup_json json *network_need = quota_give_network_need();
    if (quota_compute_need(c->cluster, &compute_need, err) < 0 ||
        list(c,
             xasprintf("/subscriptions/%s/providers/Microsoft.Compute/locations/%s/usages", c->sub,
                       c->location),
             API_VERSION_COMPUTE_USAGES, &compute, err) < 0 ||
        quota_check(compute, compute_need, err) < 0 ||
        list(c,
             xasprintf("/subscriptions/%s/providers/Microsoft.Network/locations/%s/usages", c->sub,
                       c->location),
             API_VERSION_NETWORK, &network, err) < 0)
        return -1;
    return quota_check(network, network_need, err);
}

static int check_providers(const struct check *c, struct error **err)
{
    static const char *const providers[] = { "Microsoft.Authorization", "Microsoft.Compute",
                                             "Microsoft.Network", "Microsoft.Storage" };
    for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
        cleanup_json json *provider = NULL;
        if (get(c, xasprintf("/subscriptions/%s/providers/%s", c->sub, providers[i]),
                PROVIDERS_VERSION, &provider, err) < 0)
            return -1;
        if (str_eq(json_path_str(provider, "registrationState"), "Registered"))
            continue;
        error_set(err, ERR_INVALID, "The resource provider '%s' is not registered.", providers[i]);
        error_code(err, "ResourceProviderNotRegistered");
        return -1;
    }
    return 0;
}

int azure_quota_check(struct arm *arm, const struct opctx *ctx, const json *cluster,
                      const char *subscription_id, const char *location, struct error **err)
{
    const struct check c = { arm, ctx, cluster, subscription_id, location };
    return check_quota(&c, err);
}

int azure_providers_check(struct arm *arm, const struct opctx *ctx, const char *subscription_id,
                          struct error **err)
{
    const struct check c = { .arm = arm, .ctx = ctx, .sub = subscription_id };
    return check_providers(&c, err);
}

int azure_create_check(struct arm *arm, const struct opctx *ctx, const json *cluster,
                       const char *subscription_id, const char *location, struct error **err)
{
    static int (*const checks[])(const struct check *c,
                                 struct error **err) = { check_skus, check_feature, check_quota,
                                                         check_providers };
    const struct check c = { arm, ctx, cluster, subscription_id, location };
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        if (checks[i](&c, err) < 0)
            return -1;
    return 0;
}
