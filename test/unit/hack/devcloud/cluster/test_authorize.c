#include "hack/devcloud/cluster/authorize.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define RBAC "/apis/rbac.authorization.k8s.io/v1/"
#define ROLES RBAC "namespaces/default/roles"
#define BINDINGS RBAC "namespaces/default/rolebindings"
#define MAPS "/api/v1/namespaces/default/configmaps"
#define ROLE(rule) \
    { \
        "POST " ROLES, "{'metadata':{'name':'r'},'rules':[" rule "]}", 201, NULL \
    }
#define BIND(subject) \
    { \
        "POST " BINDINGS, \
            "{'metadata':{'name':'b'},'roleRef':{'kind':'Role','name':'r'},'subjects':[" subject \
            "]}", \
            201, NULL \
    }
#define ALICE "{'kind':'User','name':'alice'}"
#define GET_AS(who, path, code) \
    { \
        .line = "GET " path, .status = (code), .as = (who) \
    }

static struct rig_case cases[] = {
    { "a stranger may nothing, and is told what it was",
      .asks = { { "GET " MAPS, NULL, 403,
                  "{'reason':'Forbidden','details':{'kind':'configmaps','name':null},'message':'"
                  "configmaps is "
                  "forbidden: User \\'alice\\' cannot list resource \\'configmaps\\' in API group "
                  "\\'\\' in the "
                  "namespace \\'default\\''}",
                  .as = "alice" },
                { "GET /api/v1/nodes/n", NULL, 403,
                  "{'message':'nodes \\'n\\' is forbidden: User \\'alice\\' cannot get resource "
                  "\\'nodes\\' in API "
                  "group \\'\\' at the cluster scope'}",
                  .as = "alice" },
                { "POST /api/v1/namespaces/default/pods/p/eviction", "{}", 403,
                  "{'details':{'name':'p','kind':'pods'},'message':'~cannot create resource "
                  "\\'pods/eviction\\''}",
                  .as = "alice" },
                { "GET /metrics", NULL, 403,
                  "{'message':'forbidden: User \\'alice\\' cannot get path "
                  "\\'/metrics\\'','details':{}}",
                  .as = "alice" } } },
    { "nobody sees the version and the health alone",
      .asks = { { "GET /version", NULL, 200, "{'major':'1','minor':'20'}", .as = "" },
                GET_AS("", "/healthz", 200),
                GET_AS("", "/apis", 403),
                GET_AS("alice", "/apis", 200),
                GET_AS("alice", "/api/v1", 200),
                GET_AS("", MAPS, 403) } },
    { "a role gives the objects that it names and no others",
      .asks = { ROLE("{'apiGroups':[''],'resources':['configmaps'],'verbs':['get','patch'],'"
                     "resourceNames':['a']}"),
                BIND(ALICE), GET_AS("alice", MAPS "/a", 404), GET_AS("alice", MAPS "/b", 403),
                GET_AS("alice", MAPS, 403), GET_AS("bob", MAPS "/a", 403),
                GET_AS("alice", "/api/v1/namespaces/kube-system/configmaps/a", 403),
                GET_AS("alice", "/api/v1/configmaps", 403) } },
    { "a subresource is a right of its own",
      .asks = { ROLE("{'apiGroups':['apps'],'resources':['deployments/status'],'verbs':['*']}"),
                BIND(ALICE),
                GET_AS("alice", "/apis/apps/v1/namespaces/default/deployments/d/status", 404),
                GET_AS("alice", "/apis/apps/v1/namespaces/default/deployments/d", 403),
                GET_AS("alice", "/apis/apps/v1/namespaces/default/replicasets/d/status", 403) } },
    { "stars are for all: resources, their subresources, groups, verbs",
      .asks = { ROLE("{'apiGroups':['*'],'resources':['*/"
                     "status'],'verbs':['get']},{'apiGroups':[''],'resources':"
                     "['*'],'verbs':['*']}"),
                BIND(ALICE),
                GET_AS("alice", "/apis/apps/v1/namespaces/default/deployments/d/status", 404),
                GET_AS("alice", "/apis/apps/v1/namespaces/default/deployments/d", 403),
                GET_AS("alice", MAPS, 200),
                GET_AS("alice", "/api/v1/namespaces/default/pods/p/status", 404) } },
    { "groups and service accounts are subjects",
      .asks = { ROLE("{'apiGroups':[''],'resources':['configmaps'],'verbs':['list']}"),
                BIND("{'kind':'Group','name':'system:unauthenticated'},{'kind':'ServiceAccount','"
                     "name':'s',"
                     "'namespace':'default'}"),
                GET_AS("", MAPS, 200), GET_AS("system:serviceaccount:default:s", MAPS, 200),
                GET_AS("system:serviceaccount:default:t", MAPS, 403),
                GET_AS("system:serviceaccount:other:s", MAPS, 403) } },
    { "a cluster role bound in a namespace reaches that namespace alone",
      .asks = { { "POST " BINDINGS,
                  "{'metadata':{'name':'b'},'roleRef':{'kind':'ClusterRole','name':'cluster-admin'}"
                  ",'subjects':[" ALICE "]}",
                  201, NULL },
                GET_AS("alice", MAPS, 200),
                GET_AS("alice", "/api/v1/namespaces/default", 200),
                GET_AS("alice", "/api/v1/namespaces", 403),
                GET_AS("alice", "/api/v1/nodes", 403),
                GET_AS("alice", "/metrics", 403),
                GET_AS("alice", "/api/v1/namespaces/kube-system/pods", 403) } },
    { "rights follow the roles and bindings at once",
      .asks = { BIND(ALICE),
                GET_AS("alice", MAPS, 403),
                ROLE("{'apiGroups':[''],'resources':['configmaps'],'verbs':['list']}"),
                GET_AS("alice", MAPS, 200),
                { "PATCH " ROLES "/r", "{'rules':null}", 200, NULL,
                  "application/merge-patch+json" },
                GET_AS("alice", MAPS, 403),
                { "PATCH " ROLES "/r",
                  "{'rules':[{'apiGroups':['*'],'resources':['*'],'verbs':['*']}]}", 200, NULL,
                  "application/merge-patch+json" },
                GET_AS("alice", MAPS, 200),
                { "DELETE " BINDINGS "/b", NULL, 200, NULL },
                GET_AS("alice", MAPS, 403) } },
    { "a role of a cluster gives paths, with a star at their end",
      .asks = { { "POST " RBAC "clusterroles",
                  "{'metadata':{'name':'p'},'rules':[{'nonResourceURLs':['/x','/y/"
                  "*'],'verbs':['get']}]}",
                  201, NULL },
                { "POST " RBAC "clusterrolebindings",
                  "{'metadata':{'name':'p'},'roleRef':{'kind':'ClusterRole','name':'p'},'subjects':"
                  "[" ALICE "]}",
                  201, NULL },
                GET_AS("alice", "/x", 404),
                GET_AS("alice", "/x/z", 403),
                GET_AS("alice", "/y/z", 404),
                GET_AS("alice", "/y", 403),
                { .line = "POST /x", .status = 403, .as = "alice" } } },
    { "view reads, edit writes, admin gives rights, in a namespace",
      .asks = { { "POST " BINDINGS,
                  "{'metadata':{'name':'v'},'roleRef':{'kind':'ClusterRole','name':'view'},'"
                  "subjects':[{'kind':'User',"
                  "'name':'view'}]}",
                  201, NULL },
                { "POST " BINDINGS,
                  "{'metadata':{'name':'e'},'roleRef':{'kind':'ClusterRole','name':'edit'},'"
                  "subjects':[{'kind':'User',"
                  "'name':'edit'}]}",
                  201, NULL },
                { "POST " BINDINGS,
                  "{'metadata':{'name':'a'},'roleRef':{'kind':'ClusterRole','name':'admin'},'"
                  "subjects':[{'kind':"
                  "'User','name':'boss'}]}",
                  201, NULL },
                GET_AS("view", MAPS, 200),
                GET_AS("view", "/api/v1/namespaces/default/secrets", 403),
                { "POST " MAPS, "{'metadata':{'name':'a'}}", 403, NULL, .as = "view" },
                { "POST " MAPS, "{'metadata':{'name':'a'}}", 201, NULL, .as = "edit" },
                GET_AS("edit", "/api/v1/namespaces/default/secrets", 200),
                GET_AS("edit", ROLES, 403),
                GET_AS("boss", ROLES, 200) } },
};

/* ---- reasons and rules ---- */

static void tells_why(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(
        cluster_rig_send(&rig, "POST " BINDINGS,
                         "{'metadata':{'name':'b'},'roleRef':{'kind':'ClusterRole','name':'view'},"
                         "'subjects':[{'kind':'User','name':'alice'}]}"),
        201);
    struct api_user alice = { .name = "alice" };
    struct access may = { .verb = "get", .resource = "pods", .nspace = "default" };
    struct access may_not = { .verb = "get", .resource = "pods" };
    cleanup_free char *why = NULL, *none = NULL;

    assert_true(authorize(rig.c, &alice, &may, &why));
    assert_false(authorize(rig.c, &alice, &may_not, &none));

    assert_string_equal(why, "RBAC: allowed by RoleBinding \"b/default\" of ClusterRole \"view\"");
    assert_null(none);
}

static void count_rule(void *arg, const json *rule)
{
    assert_true(json_len(json_get(rule, "verbs")) > 0);
    ++*(int *)arg;
}

static void tells_rules(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(
        cluster_rig_send(&rig, "POST " BINDINGS,
                         "{'metadata':{'name':'b'},'roleRef':{'kind':'ClusterRole','name':"
                         "'cluster-admin'},'subjects':[{'kind':'User','name':'alice'}]}"),
        201);
    struct api_user alice = { .name = "alice" }, root = { .name = "root" };
    strv_add(&root.groups, "system:masters");
    int here = 0, elsewhere = 0, of_root = 0;

    authorize_each_rule(rig.c, &alice, "default", count_rule, &here);
    authorize_each_rule(rig.c, &alice, "other", count_rule, &elsewhere);
    authorize_each_rule(rig.c, &root, "default", count_rule, &of_root);
    strv_release(&root.groups);

    assert_int_equal(here, 2);
    assert_int_equal(elsewhere, 0);
    assert_true(of_root >= 2);
}

int main(void)
{
    const struct CMUnitTest more[] = {
        CASE("the reason names binding and role", tells_why),
        CASE("rules are those of the namespace", tells_rules),
    };
    return cluster_rig_run("authorize", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
