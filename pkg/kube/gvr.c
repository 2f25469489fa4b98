#include "pkg/kube/gvr.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define X(id, g, v, r, k, n) \
    const struct gvr GVR_##id = { \
        .group = (g), .version = (v), .resource = (r), .kind = (k), .namespaced = (n) \
    };
KUBE_KINDS(X)
#undef X

static const struct gvr *const table[] = {
#define X(id, g, v, r, k, n) &GVR_##id,
    KUBE_KINDS(X)
#undef X
};

/* Whether api_version is "VERSION" (core) or "GROUP/VERSION" of that row. */
static bool has_api_version(const struct gvr *r, const char *api_version)
{
    size_t group_len = strlen(r->group);
    if (group_len == 0)
        return strcmp(api_version, r->version) == 0;
    return strncmp(api_version, r->group, group_len) == 0 && api_version[group_len] == '/' &&
           strcmp(api_version + group_len + 1, r->version) == 0;
}

const struct gvr *gvr_find(const char *api_version, const char *kind)
{
    if (!api_version || !kind)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (strcmp(table[i]->kind, kind) == 0 && has_api_version(table[i], api_version))
            return table[i];
    }
    return NULL;
}

const struct gvr *gvr_find_resource(const char *group, const char *resource)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (str_eq(table[i]->group, group) && str_eq(table[i]->resource, resource))
            return table[i];
    }
    return NULL;
}

char *gvr_give_api_version(const struct gvr *r)
{
    return *r->group ? xasprintf("%s/%s", r->group, r->version) : xstrdup(r->version);
}

bool gvr_same(const struct gvr *a, const struct gvr *b)
{
    return str_eq(a->group, b->group) && str_eq(a->version, b->version) &&
           str_eq(a->resource, b->resource);
}
