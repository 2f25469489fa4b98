#include "hack/devcloud/cluster/admission.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define NS "/api/v1/namespaces/default/"
#define MAPS NS "configmaps"
#define RBAC "/apis/rbac.authorization.k8s.io/v1/namespaces/default/"
#define MERGE "application/merge-patch+json"
#define OWNED(version, kind, blocks) \
    "{'metadata':{'name':'a','ownerReferences':[{'apiVersion':'" version "','kind':'" kind \
    "','name':'o','uid':'u','blockOwnerDeletion':" blocks "}]}}"
#define GRANT(rule) \
    { "POST " RBAC "roles", \
      "{'metadata':{'name':'r'},'rules':[{'apiGroups':[''],'resources':['configmaps'],'verbs':['*" \
      "']}" rule "]}", \
      201, NULL }, \
    { \
        "POST " RBAC "rolebindings", \
            "{'metadata':{'name':'r'},'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'" \
            "User','name':'alice'}]}", \
            201, NULL \
    }
#define REFUSED \
    "{'reason':'Forbidden','message':'~cannot set blockOwnerDeletion if an ownerReference refers " \
    "to a resource you can'}"

static struct rig_case cases[] = {
    { "nothing is made in a namespace that is not there",
      .asks = { { "POST /api/v1/namespaces/none/configmaps", "{'metadata':{'name':'a'}}", 404,
                  "{'message':'namespaces \\'none\\' not "
                  "found','details':{'name':'none','kind':'namespaces'}}" },
                { "POST /api/v1/nodes", "{'metadata':{'name':'a'}}", 201, NULL } } },
    { "nothing is made in a namespace that ends, but things in it change and go",
      .asks = { { "POST /api/v1/namespaces", "{'metadata':{'name':'n'}}", 201, NULL },
                { "POST /api/v1/namespaces/n/configmaps", "{'metadata':{'name':'a'}}", 201, NULL },
                { "DELETE /api/v1/namespaces/n", NULL, 200, NULL },
                { "POST /api/v1/namespaces/n/configmaps", "{'metadata':{'name':'b'}}", 403,
                  "{'message':'configmaps \\'b\\' is forbidden: unable to create new content in "
                  "namespace n because it "
                  "is being "
                  "terminated','details':{'name':'b','kind':'configmaps','causes':[{'reason':"
                  "'NamespaceTerminating','message':'namespace n is being terminated','field':"
                  "'metadata.namespace'}]}}" },
                { "POST /apis/apps/v1/namespaces/n/deployments", "{'metadata':{'name':'d'}}", 403,
                  "{'message':'~deployments.apps \\'d\\' is "
                  "forbidden','details':{'group':'apps'}}" },
                { "PATCH /api/v1/namespaces/n/configmaps/a", "{'data':{'k':'v'}}", 200, NULL,
                  MERGE },
                { "DELETE /api/v1/namespaces/n/configmaps/a", NULL, 200, NULL } } },
    { "namespaces that a cluster needs stay",
      .asks = { { "DELETE /api/v1/namespaces/default", NULL, 403,
                  "{'message':'namespaces \\'default\\' is forbidden: this namespace may not be "
                  "deleted'}" },
                { "DELETE /api/v1/namespaces/kube-system", NULL, 403, NULL },
                { "DELETE /api/v1/namespaces/kube-public", NULL, 403, NULL },
                { "POST " MAPS, "{'metadata':{'name':'default'}}", 201, NULL },
                { "DELETE " MAPS "/default", NULL, 200, NULL } } },
    { "an owner is held by those who may finalize it", .owners = true,
      .asks = { GRANT(",{'apiGroups':[''],'resources':['secrets/finalizers'],'verbs':['update']}"),
                { "POST " MAPS, OWNED("v1", "Secret", "true"), 201, NULL, .as = "alice" } } },
    { "nobody else holds an owner, but may name it", .owners = true,
      .asks = { GRANT(""),
                { "POST " MAPS, OWNED("v1", "Secret", "true"), 403, REFUSED, .as = "alice" },
                { "POST " MAPS, OWNED("v1", "Nothing", "true"), 403, REFUSED, .as = "alice" },
                { "POST " MAPS, OWNED("x.y/v1", "Secret", "true"), 403, REFUSED, .as = "alice" },
                { "POST " MAPS, OWNED("v1", "Secret", "false"), 201, NULL, .as = "alice" },
                { "PATCH " MAPS "/a",
                  "{'metadata':{'ownerReferences':[{'apiVersion':'v1','kind':'Secret','name':'o','"
                  "uid':'u',"
                  "'blockOwnerDeletion':true}]}}",
                  403, REFUSED, MERGE, "alice" } } },
    { "what holds its owner already may change", .owners = true,
      .asks = { GRANT(""),
                { "POST " MAPS, OWNED("v1", "Secret", "true"), 201, NULL },
                { "PATCH " MAPS "/a", "{'data':{'k':'v'}}", 200, NULL, MERGE, "alice" } } },
    { "owners are free where nothing enforces them",
      .asks = { GRANT(""),
                { "POST " MAPS, OWNED("v1", "Secret", "true"), 201, NULL, .as = "alice" } } },
};

int main(void)
{
    return cluster_rig_run("admission", cases, ARRAY_LEN(cases), NULL, 0);
}
