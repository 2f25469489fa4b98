#include "pkg/kube/discovery_index.h"

#include <string.h>

#include "pkg/base/mem.h"

/* ---- the structure ---- */

static void resource_release(struct api_resource *r)
{
    free(r->name);
    free(r->singular);
    free(r->kind);
    strv_release(&r->verbs);
    strv_release(&r->short_names);
    strv_release(&r->subresources);
}

void api_version_clear(struct api_version *v)
{
    for (size_t i = 0; i < v->len; i++)
        resource_release(&v->v[i]);
    v->len = 0;
    v->loaded = false;
}

static void version_release(struct api_version *v)
{
    api_version_clear(v);
    free(v->v);
    free(v->version);
}

static void group_release(struct api_group *g)
{
    for (size_t i = 0; i < g->len; i++)
        version_release(&g->v[i]);
    free(g->v);
    free(g->name);
}

void api_index_release(struct api_index *x)
{
    for (size_t i = 0; i < x->len; i++)
        group_release(&x->v[i]);
    free(x->v);
    *x = (struct api_index){ 0 };
}

/* Room for one more element of size bytes in a vector. */
static void *grow(void *v, size_t len, size_t *cap, size_t size)
{
    if (len < *cap)
        return v;
    *cap = *cap ? *cap * 2 : 8;
    return xreallocarray(v, *cap, size);
}

static struct api_group *find_group(const struct api_index *x, const char *name)
{
    for (size_t i = 0; i < x->len; i++) {
        if (strcmp(x->v[i].name, name) == 0)
            return &x->v[i];
    }
    return NULL;
}

struct api_version *api_index_find(const struct api_index *x, const char *group,
                                   const char *version)
{
    const struct api_group *g = find_group(x, group);
    for (size_t i = 0; g && i < g->len; i++) {
        if (strcmp(g->v[i].version, version) == 0)
            return &g->v[i];
    }
    return NULL;
}

struct api_version *api_index_add(struct api_index *x, const char *group, const char *version)
{
    struct api_version *there = api_index_find(x, group, version);
    if (there)
        return there;
    struct api_group *g = find_group(x, group);
    if (!g) {
        x->v = grow(x->v, x->len, &x->cap, sizeof(*x->v));
        g = &x->v[x->len++];
        *g = (struct api_group){ .name = xstrdup(group) };
    }
    g->v = grow(g->v, g->len, &g->cap, sizeof(*g->v));
    g->v[g->len] = (struct api_version){ .version = xstrdup(version) };
    return &g->v[g->len++];
}

void api_index_remove(struct api_index *x, const char *group, const char *version)
{
    struct api_group *g = find_group(x, group);
    struct api_version *v = api_index_find(x, group, version);
    if (!v)
        return;
    size_t at = (size_t)(v - g->v);
    version_release(v);
    memmove(v, v + 1, (g->len - at - 1) * sizeof(*v));
    g->len--;
}

static struct api_resource *add_resource(struct api_version *v, const char *name)
{
    v->v = grow(v->v, v->len, &v->cap, sizeof(*v->v));
    struct api_resource *r = &v->v[v->len++];
    *r = (struct api_resource){ .name = xstrdup(name) };
    return r;
}

static struct api_resource *find_resource(struct api_version *v, const char *name, size_t len)
{
    for (size_t i = 0; i < v->len; i++) {
        if (strncmp(v->v[i].name, name, len) == 0 && v->v[i].name[len] == '\0')
            return &v->v[i];
    }
    return NULL;
}

static void add_strings(struct strv *to, const json *list)
{
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const char *text = json_str(json_at(list, i));
        if (text)
            strv_add_unique(to, text);
    }
}

/* The array in key, or one without items. */
static const json *list_in(const json *object, const char *key)
{
    const json *list = json_get(object, key);
    return json_is_array(list) ? list : NULL;
}

/* ---- the aggregated form ---- */

static const char *kind_of(const json *resource)
{
    const char *kind = json_path_str(resource, "responseKind.kind");
    return kind && *kind ? kind : NULL;
}

static void read_aggregated_resource(struct api_version *v, const json *item)
{
    const char *name = json_path_str(item, "resource");
    if (!name || !*name)
        return;
    struct api_resource *r = add_resource(v, name);
    const char *kind = kind_of(item);
    const json *subs = list_in(item, "subresources");
    for (size_t i = 0; i < json_len(subs); i++) {
        const char *sub = json_path_str(json_at(subs, i), "subresource");
        if (sub)
            strv_add_unique(&r->subresources, sub);
        if (!kind)
            kind = kind_of(json_at(subs, i));
    }
    r->kind = xstrdup(kind ? kind : "");
    r->singular = xstrdup(json_path_str(item, "singularResource"));
    r->namespaced = str_eq(json_path_str(item, "scope"), "Namespaced");
    add_strings(&r->verbs, json_get(item, "verbs"));
    add_strings(&r->short_names, json_get(item, "shortNames"));
}

static void read_aggregated_version(struct api_index *x, const char *group, const json *item)
{
    const char *name = json_path_str(item, "version");
    if (!name || !*name)
        return;
    struct api_version *v = api_index_add(x, group, name);
    api_version_clear(v);
    v->stale = str_eq(json_path_str(item, "freshness"), "Stale");
    if (v->stale)
        return;
    v->loaded = true;
    const json *resources = list_in(item, "resources");
    for (size_t i = 0; i < json_len(resources); i++)
        read_aggregated_resource(v, json_at(resources, i));
}

void api_index_read_aggregated(struct api_index *x, const json *list)
{
    const json *groups = list_in(list, "items");
    for (size_t i = 0; i < json_len(groups); i++) {
        const json *group = json_at(groups, i);
        const char *name = json_path_str(group, "metadata.name"); /* the core group has none */
        const json *versions = list_in(group, "versions");
        for (size_t j = 0; j < json_len(versions); j++)
            read_aggregated_version(x, name ? name : "", json_at(versions, j));
    }
}

/* ---- the older form: groups, then each version ---- */

void api_index_read_groups(struct api_index *x, const json *list)
{
    const json *groups = list_in(list, "groups");
    for (size_t i = 0; i < json_len(groups); i++) {
        const json *group = json_at(groups, i);
        const char *name = json_path_str(group, "name");
        const char *preferred = json_path_str(group, "preferredVersion.version");
        if (!name || !*name)
            continue;
        if (preferred && *preferred)
            api_index_add(x, name, preferred);
        const json *versions = list_in(group, "versions");
        for (size_t j = 0; j < json_len(versions); j++) {
            const char *version = json_path_str(json_at(versions, j), "version");
            if (version && *version)
                api_index_add(x, name, version);
        }
    }
}

void api_index_read_core(struct api_index *x, const json *versions)
{
    const json *list = list_in(versions, "versions");
    for (size_t i = 0; i < json_len(list); i++) {
        const char *version = json_str(json_at(list, i));
        if (version && *version)
            api_index_add(x, "", version);
    }
}

static void read_resource(struct api_version *v, const json *item, const char *name)
{
    struct api_resource *r = add_resource(v, name);
    const char *kind = json_path_str(item, "kind");
    r->kind = xstrdup(kind ? kind : "");
    r->singular = xstrdup(json_path_str(item, "singularName"));
    r->namespaced = json_path_bool(item, "namespaced", false);
    add_strings(&r->verbs, json_get(item, "verbs"));
    add_strings(&r->short_names, json_get(item, "shortNames"));
}

void api_version_read(struct api_version *v, const json *list)
{
    api_version_clear(v);
    v->loaded = true;
    v->stale = false;
    const json *resources = list_in(list, "resources");
    for (size_t i = 0; i < json_len(resources); i++) {
        const json *item = json_at(resources, i);
        const char *name = json_path_str(item, "name");
        if (name && *name && !strchr(name, '/'))
            read_resource(v, item, name);
    }
    for (size_t i = 0; i < json_len(resources); i++) { /* "pods/log" */
        const char *name = json_path_str(json_at(resources, i), "name");
        const char *slash = name ? strchr(name, '/') : NULL;
        struct api_resource *parent = slash ? find_resource(v, name, (size_t)(slash - name)) : NULL;
        if (parent)
            strv_add_unique(&parent->subresources, slash + 1);
    }
}
