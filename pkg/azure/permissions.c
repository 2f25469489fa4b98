#include "pkg/azure/azure.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

int arm_permissions_list(struct arm *a, const struct opctx *ctx, const char *resource_id,
                         json **ret, struct error **err)
{
    cleanup_free char *path =
        xasprintf("%s/providers/Microsoft.Authorization/permissions", resource_id);
    return arm_list(a, ctx, path, "2015-07-01", ret, err);
}

static bool any_matches(const json *patterns, const char *action)
{
    for (size_t i = 0; i < json_len(patterns); i++) {
        const char *pattern = json_str(json_at(patterns, i));
        if (pattern && str_matches_nocase(pattern, action))
            return true;
    }
    return false;
}

bool arm_permissions_allow(const json *permissions, const char *action)
{
    for (size_t i = 0; i < json_len(permissions); i++) {
        json *entry = json_at(permissions, i);
        if (any_matches(json_get(entry, "actions"), action) &&
            !any_matches(json_get(entry, "notActions"), action))
            return true;
    }
    return false;
}
