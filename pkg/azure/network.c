#include "pkg/azure/api_versions.h"
#include "pkg/azure/azure.h"

static int get(struct arm *a, const struct opctx *ctx, const char *id, json **ret,
               struct error **err)
{
    struct arm_call call = { .method = "GET", .path = id, .api_version = API_VERSION_NETWORK };
    json *object = NULL;
    if (arm_send(a, ctx, &call, &object, err) < 0)
        return -1;
    if (!json_is_object(object)) {
        json_free(object);
        return error_set(err, ERR_INTERNAL, "%s: Azure answered no object", id);
    }
    *ret = object;
    return 0;
}

int arm_subnet_get(struct arm *a, const struct opctx *ctx, const char *subnet_id, json **ret,
                   struct error **err)
{
    return get(a, ctx, subnet_id, ret, err);
}

int arm_nsg_get(struct arm *a, const struct opctx *ctx, const char *nsg_id, json **ret,
                struct error **err)
{
    return get(a, ctx, nsg_id, ret, err);
}

int arm_subnet_put(struct arm *a, const struct opctx *ctx, const char *subnet_id,
                   const json *subnet, struct error **err)
{
    struct arm_call call = {
        .method = "PUT",
        .path = subnet_id,
        .api_version = API_VERSION_NETWORK,
        .body = subnet,
        .if_match = json_path_str(subnet, "etag"),
        .wait = true,
    };
    return arm_send(a, ctx, &call, NULL, err);
}
