#include "hack/devcloud/cluster/bootstrap.h"

#include <string.h>

#include "hack/devcloud/cluster/write.h"
#include "pkg/base/mem.h"

#define RBAC "rbac.authorization.k8s.io"
#define READ "'get','list','watch'"
#define WRITE "'create','delete','deletecollection','patch','update'"

/* What users of a namespace see and change; secrets and rights are apart. */
#define USER_RESOURCES \
    "{'apiGroups':[''],'resources':['configmaps','endpoints','events','persistentvolumeclaims'," \
    "'pods','pods/log','pods/status','replicationcontrollers','serviceaccounts','services'," \
    "'namespaces','limitranges','resourcequotas'],'verbs':["
#define USER_GROUPS \
    "{'apiGroups':['apps','batch','autoscaling','policy','networking.k8s.io']," \
    "'resources':['*'],'verbs':["

static const struct {
    const char *group, *plural, *nspace;
    const char *object; /* without apiVersion and kind; single quotes */
} objects[] = {
    { "", "namespaces", NULL, "{'metadata':{'name':'default'}}" },
    { "", "namespaces", NULL, "{'metadata':{'name':'kube-system'}}" },
    { "", "namespaces", NULL, "{'metadata':{'name':'kube-public'}}" },
    { "", "namespaces", NULL, "{'metadata':{'name':'kube-node-lease'}}" },
    { RBAC, "clusterroles", NULL,
      "{'metadata':{'name':'cluster-admin'},'rules':[{'apiGroups':['*'],'resources':['*'],"
      "'verbs':['*']},{'nonResourceURLs':['*'],'verbs':['*']}]}" },
    { RBAC, "clusterroles", NULL,
      "{'metadata':{'name':'system:discovery'},'rules':[{'nonResourceURLs':['/api','/api/*',"
      "'/apis','/apis/*','/healthz','/livez','/openapi','/openapi/*','/readyz','/version',"
      "'/version/'],'verbs':['get']}]}" },
    { RBAC, "clusterroles", NULL,
      "{'metadata':{'name':'system:basic-user'},'rules':[{'apiGroups':['authorization.k8s.io'],"
      "'resources':['selfsubjectaccessreviews','selfsubjectrulesreviews'],'verbs':['create']}]}" },
    { RBAC, "clusterroles", NULL,
      "{'metadata':{'name':'system:public-info-viewer'},'rules':[{'nonResourceURLs':['/healthz',"
      "'/livez','/readyz','/version','/version/'],'verbs':['get']}]}" },
    { RBAC, "clusterroles", NULL,
      "{'metadata':{'name':'view'},'rules':[" USER_RESOURCES READ "]}," USER_GROUPS READ "]}]}" },
    { RBAC, "clusterroles", NULL,
      "{'metadata':{'name':'edit'},'rules':[" USER_RESOURCES READ "," WRITE "]}," USER_GROUPS READ
      "," WRITE "]},{'apiGroups':[''],'resources':['secrets'],'verbs':[" READ "," WRITE "]}]}" },
    { RBAC, "clusterroles", NULL,
      "{'metadata':{'name':'admin'},'rules':[" USER_RESOURCES READ "," WRITE "]}," USER_GROUPS READ
      "," WRITE "]},{'apiGroups':[''],'resources':['secrets'],'verbs':[" READ "," WRITE
      "]},{'apiGroups':['" RBAC "'],'resources':['roles','rolebindings'],'verbs':[" READ "," WRITE
      "]}]}" },
    { RBAC, "clusterrolebindings", NULL,
      "{'metadata':{'name':'cluster-admin'},'roleRef':{'kind':'ClusterRole','name':"
      "'cluster-admin'},'subjects':[{'kind':'Group','name':'system:masters'}]}" },
    { RBAC, "clusterrolebindings", NULL,
      "{'metadata':{'name':'system:kube-controller-manager'},'roleRef':{'kind':'ClusterRole',"
      "'name':'cluster-admin'},'subjects':[{'kind':'User','name':"
      "'system:kube-controller-manager'}]}" },
    { RBAC, "clusterrolebindings", NULL,
      "{'metadata':{'name':'system:discovery'},'roleRef':{'kind':'ClusterRole','name':"
      "'system:discovery'},'subjects':[{'kind':'Group','name':'system:authenticated'}]}" },
    { RBAC, "clusterrolebindings", NULL,
      "{'metadata':{'name':'system:basic-user'},'roleRef':{'kind':'ClusterRole','name':"
      "'system:basic-user'},'subjects':[{'kind':'Group','name':'system:authenticated'}]}" },
    { RBAC, "clusterrolebindings", NULL,
      "{'metadata':{'name':'system:public-info-viewer'},'roleRef':{'kind':'ClusterRole','name':"
      "'system:public-info-viewer'},'subjects':[{'kind':'Group','name':'system:authenticated'},"
      "{'kind':'Group','name':'system:unauthenticated'}]}" },
    { "scheduling.k8s.io", "priorityclasses", NULL,
      "{'metadata':{'name':'system-node-critical'},'value':2000001000,'description':'Used for "
      "system critical pods that must not be moved from their current node.'}" },
    { "scheduling.k8s.io", "priorityclasses", NULL,
      "{'metadata':{'name':'system-cluster-critical'},'value':2000000000,'description':'Used for "
      "system critical pods that must run in the cluster, but can be moved to another node if "
      "necessary.'}" },
    { "", "services", "default",
      "{'metadata':{'name':'kubernetes','labels':{'component':'apiserver','provider':"
      "'kubernetes'}},'spec':{'clusterIP':'10.96.0.1','ports':[{'name':'https','port':443,"
      "'targetPort':6443}]}}" },
};

static json *give_object(const char *loose)
{
    cleanup_free char *text = xstrdup(loose);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    json *tree = NULL;
    (void)json_parse(text, strlen(text), &tree, NULL);
    return tree;
}

static int make(struct cluster *c, struct kinds *kinds, size_t i, struct error **err)
{
    const struct resource *r = kinds_find(kinds, objects[i].group, NULL, objects[i].plural);
    struct api_request rq = { .method = "POST",
                              .verb = "create",
                              .user_agent = "kube-apiserver",
                              .nspace = xstrdup(objects[i].nspace) };
    cleanup_op struct op op = { 0 };
    cleanup_json json *result = NULL;
    op_init(&op, c, &rq, kinds, r, NULL);
    op.internal = true;
    int rc = write_create(&op, give_object(objects[i].object), false, &result, err);
    api_request_release(&rq);
    return rc;
}

int bootstrap(struct cluster *c, struct error **err)
{
    cleanup_kinds struct kinds *kinds = cluster_give_kinds(c);
    for (size_t i = 0; i < ARRAY_LEN(objects); i++)
        if (make(c, kinds, i, err) < 0)
            return error_wrap(err, "making %s", objects[i].plural);
    return 0;
}
