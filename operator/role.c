#include "operator/role.h"

#include <string.h>

#include "operator/controllers.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

const char *operator_role_name(enum operator_role role)
{
    return role == ROLE_MASTER ? "aro-operator-master" : "aro-operator-worker";
}

/* What the process needs beside its controllers: status and ownership of the Cluster, its lease, its Events. */
static const struct right common_rights[] = {
    { .gvr = &GVR_CLUSTERS, .verbs = "get", .names = CLUSTER_NAME },
    { .gvr = &GVR_CLUSTERS,
      .subresource = "status",
      .verbs = "get patch update",
      .names = CLUSTER_NAME },
    /* The recorder writes whichever of the two the server has. */
    { .gvr = &GVR_EVENTS, .verbs = "create patch", .nspace = "default" },
    { .gvr = &GVR_EVENT_SERIES, .verbs = "create patch", .nspace = "default" },
};
static const struct right master_rights[] = {
    /* The admission plugin for owner references with blockOwnerDeletion asks for this. */
    { .gvr = &GVR_CLUSTERS, .subresource = "finalizers", .verbs = "update", .names = CLUSTER_NAME },
    { .gvr = &GVR_LEASES, .verbs = "create", .nspace = OPERATOR_NAMESPACE },
    { .gvr = &GVR_LEASES,
      .verbs = "get update",
      .nspace = OPERATOR_NAMESPACE,
      .names = "aro-operator-master" },
    { .gvr = &GVR_EVENTS, .verbs = "create patch", .nspace = OPERATOR_NAMESPACE },
    { .gvr = &GVR_EVENT_SERIES, .verbs = "create patch", .nspace = OPERATOR_NAMESPACE },
};

/* The rules of one namespace ("" = cluster), keyed by what they grant on, so that verbs of several controllers join. */
struct rule {
    char *nspace, *group, *resource, *names;
    struct strv verbs;
};
struct rules {
    struct rule *v;
    size_t len;
};

static struct rule *rule_for(struct rules *rules, const char *nspace, const char *group,
                             const char *resource, const char *names)
{
    for (size_t i = 0; i < rules->len; i++) {
        struct rule *r = &rules->v[i];
        if (strcmp(r->nspace, nspace) == 0 && strcmp(r->group, group) == 0 &&
            strcmp(r->resource, resource) == 0 && strcmp(r->names, names) == 0)
            return r;
    }
    rules->v = xreallocarray(rules->v, rules->len + 1, sizeof(*rules->v));
    struct rule *r = &rules->v[rules->len++];
    *r = (struct rule){ xstrdup(nspace), xstrdup(group), xstrdup(resource), xstrdup(names),
                        STRV_INIT };
    return r;
}

static void add_right(struct rules *rules, const struct right *right)
{
    cleanup_free char *resource = right->subresource
                                      ? xasprintf("%s/%s", right->gvr->resource, right->subresource)
                                      : xstrdup(right->gvr->resource);
    struct rule *rule = rule_for(rules, right->nspace ? right->nspace : "", right->gvr->group,
                                 resource, right->names ? right->names : "");
    cleanup_strv struct strv verbs = STRV_INIT;
    strv_split(&verbs, right->verbs, " ", false);
    for (size_t i = 0; i < verbs.len; i++)
        strv_add_unique(&rule->verbs, verbs.v[i]);
}

static void add_controller(struct rules *rules, const struct controller_desc *desc)
{
    for (size_t i = 0; i < desc->watches_len; i++) {
        const struct watch *w = &desc->watches[i];
        struct right right = {
            .gvr = w->gvr, .verbs = "get list watch", .nspace = w->nspace, .names = w->name
        };
        add_right(rules, &right);
    }
    for (size_t i = 0; i < desc->rights_len; i++)
        add_right(rules, &desc->rights[i]);
}

static int compare_rules(const void *a, const void *b)
{
    const struct rule *x = a, *y = b;
    int c = strcmp(x->nspace, y->nspace);
    c = c ? c : strcmp(x->group, y->group);
    c = c ? c : strcmp(x->resource, y->resource);
    return c ? c : strcmp(x->names, y->names);
}

static struct rules give_rules(enum operator_role role)
{
    struct rules rules = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(common_rights); i++)
        add_right(&rules, &common_rights[i]);
    for (size_t i = 0; role == ROLE_MASTER && i < ARRAY_LEN(master_rights); i++)
        add_right(&rules, &master_rights[i]);
    for (size_t i = 0; i < operator_controllers_len; i++)
        if (operator_controllers[i]->roles & role)
            add_controller(&rules, operator_controllers[i]);
    qsort(rules.v, rules.len, sizeof(*rules.v), compare_rules);
    return rules;
}

static json *give_strings(const struct strv *s)
{
    json *out = json_new_array();
    for (size_t i = 0; i < s->len; i++)
        json_append(out, json_new_str(s->v[i]));
    return out;
}

static json *give_rule(struct rule *r)
{
    strv_sort(&r->verbs);
    json *out = json_make("{'apiGroups':[%s],'resources':[%s],'verbs':%j}", r->group, r->resource,
                          give_strings(&r->verbs));
    cleanup_strv struct strv names = STRV_INIT;
    strv_split(&names, r->names, " ", false);
    strv_sort(&names);
    if (names.len)
        json_put(out, "resourceNames", give_strings(&names));
    return out;
}

/* Role and binding for the rules of one namespace. */
static void append_role(json *objects, const char *nspace, const char *name, json *rules)
{
    bool cluster = *nspace == '\0';
    json *role = json_make(
        "{'apiVersion':'rbac.authorization.k8s.io/v1','kind':%s,'metadata':{'name':%s},'rules':%j}",
        cluster ? "ClusterRole" : "Role", name, rules);
    json *binding =
        json_make("{'apiVersion':'rbac.authorization.k8s.io/v1','kind':%s,'metadata':{'name':%s},"
                  "'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':%s,'name':%s},"
                  "'subjects':[{'kind':'ServiceAccount','name':%s,'namespace':%s}]}",
                  cluster ? "ClusterRoleBinding" : "RoleBinding", name,
                  cluster ? "ClusterRole" : "Role", name, name, OPERATOR_NAMESPACE);
    if (!cluster) {
        json_put(json_get(role, "metadata"), "namespace", json_new_str(nspace));
        json_put(json_get(binding, "metadata"), "namespace", json_new_str(nspace));
    }
    json_append(objects, role);
    json_append(objects, binding);
}

json *operator_role_give_objects(enum operator_role role)
{
    struct rules rules = give_rules(role);
    json *objects = json_new_array();
    for (size_t i = 0; i < rules.len;) {
        const char *nspace = rules.v[i].nspace;
        json *list = json_new_array();
        for (; i < rules.len && strcmp(rules.v[i].nspace, nspace) == 0; i++)
            json_append(list, give_rule(&rules.v[i]));
        append_role(objects, nspace, operator_role_name(role), list);
    }
    for (size_t i = 0; i < rules.len; i++) {
        free(rules.v[i].nspace);
        free(rules.v[i].group);
        free(rules.v[i].resource);
        free(rules.v[i].names);
        strv_release(&rules.v[i].verbs);
    }
    free(rules.v);
    return objects;
}
