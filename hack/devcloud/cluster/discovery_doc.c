#include "hack/devcloud/cluster/discovery_doc.h"

#include <string.h>

#include "pkg/base/mem.h"

json *discovery_give_core(void)
{
    return json_make("{'kind':'APIVersions','versions':['v1'],'serverAddressByClientCIDRs':[]}");
}

/* Groups in the order of their first resource, without the core group. */
static void list_groups(const struct kinds *k, struct strv *groups)
{
    for (size_t i = 0; i < kinds_len(k); i++)
        if (*kinds_at(k, i)->group)
            strv_add_unique(groups, kinds_at(k, i)->group);
}

static void list_versions(const struct kinds *k, const char *group, struct strv *versions)
{
    for (size_t i = 0; i < kinds_len(k); i++)
        if (strcmp(kinds_at(k, i)->group, group) == 0)
            strv_add_unique(versions, kinds_at(k, i)->version);
    for (size_t i = 1; i < versions->len; i++) /* few: insertion sort by preference */
        for (size_t j = i; j && version_compare(versions->v[j], versions->v[j - 1]) < 0; j--) {
            char *other = versions->v[j];
            versions->v[j] = versions->v[j - 1];
            versions->v[j - 1] = other;
        }
}

static json *give_version(const char *group, const char *version)
{
    cleanup_free char *both = xasprintf("%s/%s", group, version);
    return json_make("{'groupVersion':%s,'version':%s}", both, version);
}

static json *make_group(const struct kinds *k, const char *group)
{
    cleanup_strv struct strv versions = STRV_INIT;
    list_versions(k, group, &versions);
    if (!versions.len)
        return NULL;
    json *list = json_new_array();
    for (size_t i = 0; i < versions.len; i++)
        json_append(list, give_version(group, versions.v[i]));
    return json_make("{'name':%s,'versions':%j,'preferredVersion':%j}", group, list,
                     give_version(group, versions.v[0]));
}

json *discovery_give_groups(const struct kinds *k)
{
    cleanup_strv struct strv groups = STRV_INIT;
    json *list = json_new_array();
    list_groups(k, &groups);
    for (size_t i = 0; i < groups.len; i++)
        json_append(list, make_group(k, groups.v[i]));
    return json_make("{'kind':'APIGroupList','apiVersion':'v1','groups':%j}", list);
}

json *discovery_give_group(const struct kinds *k, const char *group)
{
    json *doc = *group ? make_group(k, group) : NULL;
    if (doc) {
        json_put(doc, "kind", json_new_str("APIGroup"));
        json_put(doc, "apiVersion", json_new_str("v1"));
    }
    return doc;
}

/* ---- resources ---- */

static json *give_words(const char *words)
{
    cleanup_strv struct strv list = STRV_INIT;
    strv_split(&list, words, " ", false);
    json *out = json_new_array();
    for (size_t i = 0; i < list.len; i++)
        json_append(out, json_new_str(list.v[i]));
    return out;
}

static const struct {
    const char *name, *group, *version, *kind, *verbs;
} subresources[] = {
    { "status", NULL, NULL, NULL, "get patch update" },
    { "scale", "autoscaling", "v1", "Scale", "get patch update" },
    { "log", NULL, NULL, NULL, "get" },
    { "finalize", NULL, NULL, NULL, "update" },
    { "token", "authentication.k8s.io", "v1", "TokenRequest", "create" },
    { "eviction", "policy", "v1beta1", "Eviction", "create" },
    { "binding", NULL, NULL, "Binding", "create" },
    { "exec", NULL, NULL, "PodExecOptions", "create get" },
    { "attach", NULL, NULL, "PodAttachOptions", "create get" },
    { "portforward", NULL, NULL, "PodPortForwardOptions", "create get" },
};

/* Proxies have kinds of their own: PodProxyOptions. */
static json *give_proxy(const struct resource *r)
{
    cleanup_free char *full = xasprintf("%s/proxy", r->plural);
    cleanup_free char *kind = xasprintf("%sProxyOptions", r->kind);
    return json_make("{'name':%s,'singularName':'','namespaced':%b,'kind':%s,'verbs':%j}", full,
                     (int)r->namespaced, kind, give_words("create delete get patch update"));
}

static json *give_subresource(const struct resource *r, const char *name)
{
    if (strcmp(name, "proxy") == 0)
        return give_proxy(r);
    for (size_t i = 0; i < ARRAY_LEN(subresources); i++) {
        if (strcmp(subresources[i].name, name) != 0)
            continue;
        cleanup_free char *full = xasprintf("%s/%s", r->plural, name);
        json *doc =
            json_make("{'name':%s,'singularName':'','namespaced':%b,'kind':%s,'verbs':%j}", full,
                      (int)r->namespaced, subresources[i].kind ? subresources[i].kind : r->kind,
                      give_words(subresources[i].verbs));
        if (subresources[i].group) {
            json_put(doc, "group", json_new_str(subresources[i].group));
            json_put(doc, "version", json_new_str(subresources[i].version));
        }
        return doc;
    }
    return NULL;
}

static void add_resource(const struct resource *r, json *list)
{
    cleanup_strv struct strv subs = STRV_INIT;
    json *doc =
        json_make("{'name':%s,'singularName':%s,'namespaced':%b,'kind':%s,'verbs':%j}", r->plural,
                  r->singular, (int)r->namespaced, r->kind, give_words(r->verbs));
    if (*r->short_names)
        json_put(doc, "shortNames", give_words(r->short_names));
    if (*r->categories)
        json_put(doc, "categories", give_words(r->categories));
    json_append(list, doc);
    strv_split(&subs, r->subresources, " ", false);
    for (size_t i = 0; i < subs.len; i++) {
        json *sub = give_subresource(r, subs.v[i]);
        if (sub)
            json_append(list, sub);
    }
}

json *discovery_give_resources(const struct kinds *k, const char *group, const char *version)
{
    cleanup_json json *list = json_new_array();
    cleanup_free char *both = *group ? xasprintf("%s/%s", group, version) : xstrdup(version);
    for (size_t i = 0; i < kinds_len(k); i++)
        if (strcmp(kinds_at(k, i)->group, group) == 0 &&
            strcmp(kinds_at(k, i)->version, version) == 0)
            add_resource(kinds_at(k, i), list);
    if (!json_len(list))
        return NULL;
    json *doc =
        json_make("{'kind':'APIResourceList','groupVersion':%s,'resources':%j}", both, take(list));
    if (*group)
        json_put(doc, "apiVersion", json_new_str("v1"));
    return doc;
}

/* ---- aggregated ---- */

static json *give_kind(const char *group, const char *version, const char *kind)
{
    return json_make("{'group':%s,'version':%s,'kind':%s}", group, version, kind);
}

static json *give_aggregated_resource(const struct resource *r)
{
    json *doc =
        json_make("{'resource':%s,'responseKind':%j,'scope':%s,'singularResource':%s,"
                  "'verbs':%j}",
                  r->plural, give_kind(r->group, r->version, r->kind),
                  r->namespaced ? "Namespaced" : "Cluster", r->singular, give_words(r->verbs));
    cleanup_json json *rows = json_new_array();
    json *subs = json_new_array();
    add_resource(r, rows);
    if (*r->short_names)
        json_put(doc, "shortNames", give_words(r->short_names));
    if (*r->categories)
        json_put(doc, "categories", give_words(r->categories));
    for (size_t i = 1; i < json_len(rows); i++) {
        const json *row = json_at(rows, i);
        const char *group = json_path_str(row, "group"), *version = json_path_str(row, "version");
        const char *name = strchr(json_path_str(row, "name"), '/') + 1;
        json_append(subs,
                    json_make("{'subresource':%s,'responseKind':%j,'verbs':%j}", name,
                              give_kind(group ? group : r->group, version ? version : r->version,
                                        json_path_str(row, "kind")),
                              json_give_copy(json_get(row, "verbs"))));
    }
    if (json_len(subs))
        json_put(doc, "subresources", subs);
    else
        json_free(subs);
    return doc;
}

static json *give_aggregated_version(const struct kinds *k, const char *group, const char *version)
{
    json *list = json_new_array();
    for (size_t i = 0; i < kinds_len(k); i++)
        if (strcmp(kinds_at(k, i)->group, group) == 0 &&
            strcmp(kinds_at(k, i)->version, version) == 0)
            json_append(list, give_aggregated_resource(kinds_at(k, i)));
    return json_make("{'version':%s,'resources':%j,'freshness':'Current'}", version, list);
}

json *discovery_give_aggregated(const struct kinds *k, bool core, const char *version)
{
    cleanup_strv struct strv groups = STRV_INIT;
    json *items = json_new_array();
    if (core)
        strv_add(&groups, "");
    else
        list_groups(k, &groups);
    for (size_t i = 0; i < groups.len; i++) {
        cleanup_strv struct strv versions = STRV_INIT;
        json *list = json_new_array();
        list_versions(k, groups.v[i], &versions);
        for (size_t v = 0; v < versions.len; v++)
            json_append(list, give_aggregated_version(k, groups.v[i], versions.v[v]));
        json *item = json_make("{'metadata':{},'versions':%j}", list);
        if (*groups.v[i])
            json_put(json_get(item, "metadata"), "name", json_new_str(groups.v[i]));
        json_append(items, item);
    }
    cleanup_free char *api = xasprintf("apidiscovery.k8s.io/%s", version);
    return json_make("{'kind':'APIGroupDiscoveryList','apiVersion':%s,'metadata':{},'items':%j}",
                     api, items);
}

json *discovery_give_version(const struct cluster *c)
{
    cleanup_free char *minor = xasprintf("%d", c->cfg.minor);
    cleanup_free char *full = xasprintf("v1.%d.0", c->cfg.minor);
    return json_make("{'major':'1','minor':%s,'gitVersion':%s,'gitCommit':'','gitTreeState':"
                     "'clean','buildDate':'1970-01-01T00:00:00Z','goVersion':'','compiler':'gcc',"
                     "'platform':'linux/amd64'}",
                     minor, full);
}
