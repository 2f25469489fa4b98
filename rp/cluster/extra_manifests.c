#include "rp/cluster/extra_manifests.h"

#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"

#define NSPACE "openshift-ingress"
#define INTERNAL "service.beta.kubernetes.io/azure-load-balancer-internal"

/* object is consumed. */
static void put(json *manifests, const char *file, json *object)
{
    cleanup_json json *owned = object;
    cleanup_free char *text = yaml_give_text(owned);
    json_put(manifests, file, json_new_str(text));
}

static int need(const struct cluster *c, const char *member, const char **ret, struct error **err)
{
    *ret = cluster_text(c, member);
    if (*ret && **ret)
        return 0;
    return error_set(err, ERR_INTERNAL, "properties.%s: not known yet", member);
}

/* ---- the router ---- */

/* As its operator makes it, which takes one that is there for its own. */
static json *give_namespace(void)
{
    return json_make("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'" NSPACE "',"
                     "'annotations':{'openshift.io/node-selector':'',"
                     "'workload.openshift.io/allowed':'management'},"
                     "'labels':{'name':'" NSPACE "','openshift.io/cluster-monitoring':'true',"
                     "'network.openshift.io/policy-group':'ingress',"
                     "'policy-group.network.openshift.io/ingress':''}}}");
}

static json *give_service(const char *address, bool is_public)
{
    json *service = json_make(
        "{'apiVersion':'v1','kind':'Service','metadata':{'name':'router-default',"
        "'namespace':'" NSPACE "','labels':{'app':'router','router':'router-default',"
        "'ingresscontroller.operator.openshift.io/owning-ingresscontroller':'default'}},"
        "'spec':{'type':'LoadBalancer','loadBalancerIP':%s,'externalTrafficPolicy':'Local',"
        "'ports':[{'name':'http','port':80,'protocol':'TCP','targetPort':'http'},"
        "{'name':'https','port':443,'protocol':'TCP','targetPort':'https'}],"
        "'selector':{'ingresscontroller.operator.openshift.io/deployment-ingresscontroller':"
        "'default'}}}",
        address);
    if (!is_public)
        json_put(json_get(service, "metadata"), "annotations",
                 json_make("{'" INTERNAL "':'true'}"));
    return service;
}

/* ---- all of it ---- */

int extra_manifests_give(const struct cluster *c, json **ret, struct error **err)
{
    const char *router;
    *ret = NULL;
    if (cluster_layout(c) == LAYOUT_V1)
        return 0;
    if (need(c, "ingressProfiles[0].ip", &router, err) < 0)
        return error_wrap(err, "the manifests of the service");
    *ret = json_new_object();
    put(*ret, "aro-ingress-namespace.yaml", give_namespace());
    put(*ret, "aro-ingress-service.yaml",
        give_service(router, cluster_is_public(c, "ingressProfiles[0].visibility")));
    return 0;
}
