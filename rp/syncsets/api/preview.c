/*
 * POST /v1/selectorsyncsets/{name}:preview
 *
 * The set's objects are known by group, kind, namespace and name. Other sets that have one of them are read first, which are
 * few; then every cluster that the set would be for is compared with those.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"
#include "rp/syncsets/types/operations.h"

#define PAGE 500

/* Another set that has objects of the one that is looked at. */
struct rival {
    char *label;  /* as told */
    char *nspace; /* NULL: a SelectorSyncSet */
    struct selector selector;
    bool selects;
    struct strv refs;
    struct strv shared; /* keys of objects */
    struct rival *next;
};
struct preview {
    const struct sets_request *r;
    const char *name;
    struct selector selector;
    struct map *objects; /* key -> json, the conflict; its sets are empty until there is one */
    struct rival *rivals;
    json *clusters;
    int64_t matched;
};

static void rival_free(struct rival *v)
{
    free(v->label);
    free(v->nspace);
    selector_release(&v->selector);
    strv_release(&v->refs);
    strv_release(&v->shared);
    free(v);
}

static void free_json(void *j)
{
    json_free(j);
}

static void preview_release(struct preview *p)
{
    selector_release(&p->selector);
    map_free(p->objects);
    json_free(p->clusters);
    while (p->rivals) {
        struct rival *v = p->rivals;
        p->rivals = v->next;
        rival_free(v);
    }
}
#define cleanup_preview CLEANUP_WITH(preview_release)

/* ---- all objects of a type ---- */

typedef int (*visit_object)(void *arg, const json *object, struct error **err);

static int visit_page(const struct sets_page *page, visit_object visit, void *arg,
                      struct error **err)
{
    cleanup_json json *list = NULL;
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    buf_addc(&text, '[');
    buf_add(&text, buf_str(&page->items), page->items.len);
    buf_addc(&text, ']');
    if (json_parse(buf_str(&text), text.len, &list, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(list); i++)
        if (visit(arg, json_at(list, i), err) < 0)
            return -1;
    return 0;
}

static int visit_all(const struct sets_request *r, enum api_type_id type,
                     const struct selector *selector, visit_object visit, void *arg,
                     struct error **err)
{
    cleanup_free char *nspace = NULL, *name = NULL;
    for (;;) {
        cleanup_page struct sets_page page = { 0 };
        const struct sets_query q = { .type = &api_types[type],
                                      .selector = selector,
                                      .failed = -1,
                                      .limit = PAGE,
                                      .after_nspace = nspace,
                                      .after_name = name };
        if (sets_list(r->ctx, r->api->store, &q, &page, err) < 0 ||
            visit_page(&page, visit, arg, err) < 0)
            return -1;
        if (!page.more)
            return 0;
        free(nspace);
        free(name);
        nspace = take(page.last_nspace);
        name = take(page.last_name);
    }
}

/* ---- objects of a set ---- */

static const char *or_nothing(const char *s)
{
    return s ? s : "";
}

/* NULL: it cannot be told which one it is. */
static json *give_identity(const json *object)
{
    const char *version = or_nothing(json_path_str(object, "apiVersion"));
    const char *nspace = or_nothing(json_path_str(object, "metadata.namespace"));
    const char *name = or_nothing(json_path_str(object, "metadata.name"));
    if (!*name || strstr(name, "{{") || strstr(nspace, "{{"))
        return NULL;
    const char *slash = strchr(version, '/');
    cleanup_free char *group = xstrndup(version, slash ? (size_t)(slash - version) : 0);
    return json_make("{'group':%s,'kind':%s,'namespace':%s,'name':%s,'sets':[],'clusters':0}",
                     group, json_path_str(object, "kind"), nspace, name);
}

static char *give_key(const json *identity)
{
    return xasprintf("%s/%s/%s/%s", json_path_str(identity, "group"),
                     json_path_str(identity, "kind"), json_path_str(identity, "namespace"),
                     json_path_str(identity, "name"));
}

/* identity is consumed; NULL: nothing. */
typedef void (*visit_identity)(void *arg, const char *key, json *identity);

static void visit_one(json *identity, visit_identity visit, void *arg)
{
    if (!identity)
        return;
    cleanup_free char *key = give_key(identity);
    visit(arg, key, identity);
}

static void visit_identities(const json *set, visit_identity visit, void *arg)
{
    const json *list = json_path(set, "spec.resources");
    for (size_t i = 0; i < json_len(list); i++)
        visit_one(give_identity(json_at(list, i)), visit, arg);
    list = json_path(set, "spec.secretMappings");
    for (size_t i = 0; i < json_len(list); i++) {
        const json *target = json_get(json_at(list, i), "targetRef");
        cleanup_json json *secret =
            json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'namespace':%s,'name':%s}}",
                      json_path_str(target, "namespace"), json_path_str(target, "name"));
        visit_one(give_identity(secret), visit, arg);
    }
}

static void keep(void *arg, const char *key, json *identity)
{
    struct preview *p = arg;
    map_set(p->objects, key, identity);
}

/* ---- rivals ---- */

struct sharing {
    struct preview *p;
    struct strv keys;
};

static void note_shared(void *arg, const char *key, json *identity)
{
    struct sharing *s = arg;
    if (map_get(s->p->objects, key))
        strv_add_unique(&s->keys, key);
    json_free(identity);
}

static void read_selector(const json *set, struct selector *ret)
{
    struct api_causes causes;
    api_causes_init(&causes); /* it was judged when it was written */
    selector_decode(json_path(set, "spec.clusterDeploymentSelector"), "", &causes, ret);
    api_causes_release(&causes);
}

static int add_rival(void *arg, const json *set, struct error **err)
{
    struct preview *p = arg;
    struct sharing s = { .p = p };
    const char *nspace = json_path_str(set, "metadata.namespace");
    const char *name = json_path_str(set, "metadata.name");
    (void)err;
    if (!nspace && str_eq(name, p->name))
        return 0;
    visit_identities(set, note_shared, &s);
    if (s.keys.len == 0)
        return 0;
    struct rival *v = xnew(struct rival);
    *v = (struct rival){ .nspace = xstrdup(nspace), .shared = s.keys, .next = p->rivals };
    v->label =
        nspace ? xasprintf("SyncSet %s/%s", nspace, name) : xasprintf("SelectorSyncSet %s", name);
    v->selects = json_path(set, "spec.clusterDeploymentSelector") != NULL;
    read_selector(set, &v->selector);
    const json *refs = json_path(set, "spec.clusterDeploymentRefs");
    for (size_t i = 0; i < json_len(refs); i++)
        strv_add(&v->refs, json_path_str(json_at(refs, i), "name"));
    p->rivals = v;
    return 0;
}

static bool is_for(const struct rival *v, const json *cluster)
{
    const char *name = json_path_str(cluster, "metadata.name");
    if (v->nspace && !str_eq(v->nspace, json_path_str(cluster, "metadata.namespace")))
        return false;
    if (v->nspace && strv_has(&v->refs, name))
        return true;
    return v->selects && selector_matches(&v->selector, json_path(cluster, "metadata.labels"));
}

/* ---- clusters ---- */

static void add_set(json *conflict, const char *label)
{
    json *sets = json_get(conflict, "sets");
    for (size_t i = 0; i < json_len(sets); i++)
        if (str_eq(json_str(json_at(sets, i)), label))
            return;
    json_append(sets, json_new_str(label));
}

static int compare(void *arg, const json *cluster, struct error **err)
{
    struct preview *p = arg;
    cleanup_strv struct strv hit = STRV_INIT;
    (void)err;
    if (p->matched++ < PREVIEW_CLUSTERS_MAX)
        json_append(p->clusters, json_make("{'namespace':%s,'name':%s}",
                                           json_path_str(cluster, "metadata.namespace"),
                                           json_path_str(cluster, "metadata.name")));
    for (const struct rival *v = p->rivals; v; v = v->next) {
        if (!is_for(v, cluster))
            continue;
        for (size_t i = 0; i < v->shared.len; i++) {
            strv_add_unique(&hit, v->shared.v[i]);
            add_set(map_get(p->objects, v->shared.v[i]), v->label);
        }
    }
    for (size_t i = 0; i < hit.len; i++) {
        json *conflict = map_get(p->objects, hit.v[i]);
        json_put(conflict, "clusters", json_new_int(json_path_int(conflict, "clusters", 0) + 1));
    }
    return 0;
}

/* In the order of their keys; owned. */
static json *give_conflicts(const struct preview *p)
{
    cleanup_strv struct strv keys = STRV_INIT;
    json *list = json_new_array();
    for (struct map_iter it = { 0 }; map_next(p->objects, &it);)
        if (json_path_int(it.value, "clusters", 0) > 0)
            strv_add(&keys, it.key);
    strv_sort(&keys);
    for (size_t i = 0; i < keys.len; i++) {
        json *conflict = map_get(p->objects, keys.v[i]);
        json_sort_strs(json_get(conflict, "sets"));
        json_append(list, json_ref(conflict));
    }
    return list;
}

/* ---- the action ---- */

/* The set of the body, or the one that is stored. */
static int read_set(const struct sets_request *r, json **ret, struct error **err)
{
    size_t len;
    json *body = NULL;
    (void)http_call_body(r->call, &len);
    if (len == 0)
        return sets_get(r->ctx, r->api->store, r->type, r->nspace, r->name, ret, err);
    if (sets_request_body(r, &body, err) < 0)
        return -1;
    return api_decode(r->type, NULL, r->name, body, ret, err);
}

int sets_action_preview(struct sets_request *r, struct error **err)
{
    cleanup_preview struct preview p = { .r = r, .name = r->name };
    cleanup_json json *set = NULL;
    if (read_set(r, &set, err) < 0)
        return -1;
    p.objects = map_new(free_json);
    p.clusters = json_new_array();
    read_selector(set, &p.selector);
    visit_identities(set, keep, &p);
    if (visit_all(r, TYPE_SELECTORSYNCSETS, NULL, add_rival, &p, err) < 0 ||
        visit_all(r, TYPE_SYNCSETS, NULL, add_rival, &p, err) < 0 ||
        visit_all(r, TYPE_CLUSTERS, &p.selector, compare, &p, err) < 0)
        return -1;
    cleanup_json json *reply = json_make("{'name':%s,'matched':%ld,'clusters':%j,'conflicts':%j}",
                                         r->name, p.matched, take(p.clusters), give_conflicts(&p));
    sets_reply_object(r->call, 200, reply);
    return 0;
}
