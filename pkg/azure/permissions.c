#include <string.h>

#include "pkg/azure/azure.h"
#include "pkg/base/mem.h"

int arm_permissions_list(struct arm *a, const struct opctx *ctx, const char *resource_id,
                         json **ret, struct error **err)
{
    cleanup_free char *path =
        xasprintf("%s/providers/Microsoft.Authorization/permissions", resource_id);
    return arm_list(a, ctx, path, "2015-07-01", ret, err);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* '*' stands for any text, also across slashes; letter case is ignored. Linear: one position to fall back to. */
static bool matches(const char *pattern, const char *text)
{
    const char *star = NULL, *retry = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            retry = text;
        } else if (lower(*pattern) == lower(*text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool any_matches(const json *patterns, const char *action)
{
    for (size_t i = 0; i < json_len(patterns); i++) {
        const char *pattern = json_str(json_at(patterns, i));
        if (pattern && matches(pattern, action))
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
