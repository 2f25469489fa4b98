/*
 * Bindings are compiled into one list of (subjects, rules, namespace) that lives until a role or a
 * binding changes: listeners on the four collections only mark it stale.
 */
#include "hack/devcloud/cluster/authorize.h"

#include <stdatomic.h>
#include <string.h>

#include "hack/devcloud/cluster/auth.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

#define RBAC "rbac.authorization.k8s.io/"

static const char *const collections[] = { RBAC "clusterroles", RBAC "clusterrolebindings",
                                           RBAC "roles", RBAC "rolebindings" };

struct grant {
    json *subjects, *rules;
    char *nspace; /* NULL: everywhere */
    char *why;
};

struct staleness {
    struct listener listener;
    struct rbac *rbac;
};

struct rbac {
    struct state *state;
    struct staleness watched[ARRAY_LEN(collections)];
    atomic_bool stale;
    pthread_mutex_t mu;
    struct grant *grants;
    size_t len;
};

static void on_change(struct listener *l, const struct change *change)
{
    (void)change;
    atomic_store(&container_of(l, struct staleness, listener)->rbac->stale, true);
}

struct rbac *rbac_new(struct state *state)
{
    struct rbac *r = xnew(struct rbac);
    r->state = state;
    atomic_init(&r->stale, true);
    mutex_init(&r->mu);
    for (size_t i = 0; i < ARRAY_LEN(collections); i++) {
        r->watched[i] = (struct staleness){
            .listener = { .collection = collections[i], .on_change = on_change }, .rbac = r
        };
        (void)state_listen(state, &r->watched[i].listener, 0, NULL, NULL);
    }
    return r;
}

static void drop_grants(struct rbac *r)
{
    for (size_t i = 0; i < r->len; i++) {
        json_free(r->grants[i].subjects);
        json_free(r->grants[i].rules);
        free(r->grants[i].nspace);
        free(r->grants[i].why);
    }
    free(r->grants);
    r->grants = NULL;
    r->len = 0;
}

void rbac_free(struct rbac *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < ARRAY_LEN(collections); i++)
        state_unlisten(r->state, &r->watched[i].listener);
    drop_grants(r);
    (void)pthread_mutex_destroy(&r->mu);
    free(r);
}

/* ---- compiling ---- */

static json *give_rules(struct rbac *r, const json *binding, const char *nspace)
{
    bool cluster = str_eq(json_path_str(binding, "roleRef.kind"), "ClusterRole");
    const char *name = json_path_str(binding, "roleRef.name");
    cleanup_record struct record *role =
        state_get(r->state, cluster ? RBAC "clusterroles" : RBAC "roles", cluster ? "" : nspace,
                  name ? name : "");
    if (!role)
        return NULL;
    cleanup_json json *tree = record_give_tree(role);
    return json_give_copy(json_get(tree, "rules"));
}

static void add_bindings(struct rbac *r, const char *collection)
{
    struct record_list all = { 0 };
    if (state_list(r->state, collection, NULL, 0, &all, NULL) < 0)
        return;
    for (size_t i = 0; i < all.len; i++) {
        const char *nspace = all.v[i]->nspace;
        cleanup_json json *binding = record_give_tree(all.v[i]);
        json *rules = give_rules(r, binding, nspace);
        if (!rules)
            continue;
        r->grants = xreallocarray(r->grants, r->len + 1, sizeof(*r->grants));
        r->grants[r->len++] = (struct grant){
            .subjects = json_give_copy(json_get(binding, "subjects")),
            .rules = rules,
            .nspace = *nspace ? xstrdup(nspace) : NULL,
            .why = xasprintf("RBAC: allowed by %s \"%s%s%s\" of %s \"%s\"",
                             *nspace ? "RoleBinding" : "ClusterRoleBinding", all.v[i]->name,
                             *nspace ? "/" : "", nspace, json_path_str(binding, "roleRef.kind"),
                             json_path_str(binding, "roleRef.name")),
        };
    }
    record_list_release(&all);
}

static void refresh(struct rbac *r)
{
    if (!atomic_exchange(&r->stale, false))
        return;
    drop_grants(r);
    add_bindings(r, RBAC "clusterrolebindings");
    add_bindings(r, RBAC "rolebindings");
}

/* ---- matching ---- */

static bool is_subject(const json *s, const char *nspace, const struct api_user *user)
{
    const char *kind = json_path_str(s, "kind"), *name = json_path_str(s, "name");
    if (str_eq(kind, "User"))
        return str_eq(name, user->name);
    if (str_eq(kind, "Group"))
        return name && strv_has(&user->groups, name);
    if (!str_eq(kind, "ServiceAccount"))
        return false;
    const char *of = json_path_str(s, "namespace");
    cleanup_free char *full = xasprintf("system:serviceaccount:%s:%s",
                                        of && *of ? of
                                        : nspace  ? nspace
                                                  : "",
                                        name);
    return str_eq(full, user->name);
}

static bool has_subject(const struct grant *g, const struct api_user *user)
{
    for (size_t i = 0; i < json_len(g->subjects); i++)
        if (is_subject(json_at(g->subjects, i), g->nspace, user))
            return true;
    return false;
}

static bool lists(const json *rule, const char *key, const char *value)
{
    const json *list = json_get(rule, key);
    for (size_t i = 0; i < json_len(list); i++) {
        const char *item = json_str(json_at(list, i));
        if (str_eq(item, "*") || str_eq(item, value))
            return true;
    }
    return false;
}

static bool covers_path(const json *rule, const char *path)
{
    const json *list = json_get(rule, "nonResourceURLs");
    for (size_t i = 0; i < json_len(list); i++) {
        const char *item = json_str(json_at(list, i));
        size_t len = item ? strlen(item) : 0;
        if (str_eq(item, path) ||
            (len && item[len - 1] == '*' && strncmp(path, item, len - 1) == 0))
            return true;
    }
    return false;
}

static bool covers_resource(const json *rule, const struct access *a)
{
    const char *sub = a->subresource && *a->subresource ? a->subresource : NULL;
    if (!sub)
        return lists(rule, "resources", a->resource);
    cleanup_free char *full = xasprintf("%s/%s", a->resource, sub);
    cleanup_free char *any = xasprintf("*/%s", sub);
    const json *list = json_get(rule, "resources");
    for (size_t i = 0; i < json_len(list); i++) {
        const char *item = json_str(json_at(list, i));
        if (str_eq(item, "*") || str_eq(item, full) || str_eq(item, any))
            return true;
    }
    return false;
}

static bool covers_name(const json *rule, const char *name)
{
    const json *names = json_get(rule, "resourceNames");
    for (size_t i = 0; i < json_len(names); i++)
        if (name && str_eq(json_str(json_at(names, i)), name))
            return true;
    return json_len(names) == 0;
}

static bool covers(const json *rule, const struct access *a)
{
    if (!lists(rule, "verbs", a->verb))
        return false;
    if (a->path)
        return covers_path(rule, a->path);
    return lists(rule, "apiGroups", a->group ? a->group : "") && covers_resource(rule, a) &&
           covers_name(rule, a->name);
}

static bool reaches(const struct grant *g, const char *nspace)
{
    return !g->nspace || (nspace && str_eq(g->nspace, nspace));
}

bool authorize(struct cluster *c, const struct api_user *user, const struct access *access,
               char **ret_why)
{
    struct rbac *r = auth_rbac(c->auth);
    bool allowed = strv_has(&user->groups, "system:masters");
    if (ret_why)
        *ret_why = NULL;
    if (allowed)
        return true;
    (void)pthread_mutex_lock(&r->mu);
    refresh(r);
    for (size_t i = 0; i < r->len && !allowed; i++) {
        const struct grant *g = &r->grants[i];
        if (!reaches(g, access->path ? NULL : access->nspace) || !has_subject(g, user))
            continue;
        for (size_t k = 0; k < json_len(g->rules) && !allowed; k++)
            allowed = covers(json_at(g->rules, k), access);
        if (allowed && ret_why)
            *ret_why = xstrdup(g->why);
    }
    (void)pthread_mutex_unlock(&r->mu);
    return allowed;
}

void authorize_each_rule(struct cluster *c, const struct api_user *user, const char *nspace,
                         void (*fn)(void *arg, const json *rule), void *arg)
{
    struct rbac *r = auth_rbac(c->auth);
    if (strv_has(&user->groups, "system:masters")) {
        cleanup_json json *all = json_make("{'verbs':['*'],'apiGroups':['*'],'resources':['*']}");
        cleanup_json json *urls = json_make("{'verbs':['*'],'nonResourceURLs':['*']}");
        fn(arg, all);
        fn(arg, urls);
    }
    (void)pthread_mutex_lock(&r->mu);
    refresh(r);
    for (size_t i = 0; i < r->len; i++)
        for (size_t k = 0; reaches(&r->grants[i], nspace) && has_subject(&r->grants[i], user) &&
                           k < json_len(r->grants[i].rules);
             k++)
            fn(arg, json_at(r->grants[i].rules, k));
    (void)pthread_mutex_unlock(&r->mu);
}

int authorize_fail(const struct api_user *user, const struct access *a, struct error **err)
{
    if (a->path)
        return fail_with(err, 403, "Forbidden", json_new_object(),
                         "forbidden: User \"%s\" cannot %s path \"%s\"", user->name, a->verb,
                         a->path);
    cleanup_free char *full = a->subresource && *a->subresource
                                  ? xasprintf("%s/%s", a->resource, a->subresource)
                                  : xstrdup(a->resource);
    bool inside = a->nspace && *a->nspace;
    cleanup_free char *where =
        inside ? xasprintf("in the namespace \"%s\"", a->nspace) : xstrdup("at the cluster scope");
    struct fail_object o = { .group = a->group, .resource = a->resource, .name = a->name };
    cleanup_free char *why =
        xasprintf("User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s", user->name,
                  a->verb, full, a->group ? a->group : "", where);
    return fail_forbidden(err, &o, why);
}
