#include "rp/cluster/extra_manifests.h"

#include <stdlib.h>

#include "operator/deploy/dnsmasq.h"
#include "pkg/api/operatorflags.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/names.h"
#include "rp/cluster/operator_spec.h"

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

/* ---- names ---- */

struct names { /* domain, gateway: owned */
    char *domain;
    json *gateway;
    struct dnsmasq_names known;
};

static void names_release(struct names *n)
{
    free(n->domain);
    json_free(n->gateway);
}
#define cleanup_names CLEANUP_WITH(names_release)

/* As the operator reads it, which would otherwise have all machines restart at the first occasion. */
static bool has_flag(const struct cluster *c, enum operator_flag flag)
{
    cleanup_free char *path = xasprintf("operatorFlags[\"%s\"]", flag_info(flag)->key);
    return str_eq_nocase(cluster_text(c, path), "true");
}

static int gather(const struct cluster *c, struct names *n, struct error **err)
{
    n->domain = name_give_domain(c);
    n->gateway = operator_spec_give_gateway_domains(c);
    n->known = (struct dnsmasq_names){
        .domain = n->domain,
        .gateway_domains = n->gateway,
        .gateway_private_endpoint_ip = cluster_text(c, "networkProfile.gatewayPrivateEndpointIp"),
        .restarts = has_flag(c, FLAG_RESTARTDNSMASQ_ENABLED),
    };
    return need(c, "ingressProfiles[0].ip", &n->known.ingress_ip, err) < 0
               ? -1
               : need(c, "apiserverProfile.intIp", &n->known.api_int_ip, err);
}

static int put_names(const struct names *n, const char *role, json *manifests, struct error **err)
{
    cleanup_free char *file = xasprintf("99-%s-aro-dns.yaml", role);
    json *config;
    if (dnsmasq_give_machineconfig(&n->known, role, &config, err) < 0)
        return -1;
    put(manifests, file, config);
    return 0;
}

int extra_manifests_give_names(const struct cluster *c, const char *role, json **ret,
                               struct error **err)
{
    cleanup_names struct names names = { 0 };
    return gather(c, &names, err) < 0 ? -1
                                      : dnsmasq_give_machineconfig(&names.known, role, ret, err);
}

/* ---- all of it ---- */

static int fill(const struct cluster *c, struct extra_manifests *m, struct error **err)
{
    cleanup_names struct names names = { 0 };
    if (gather(c, &names, err) < 0)
        return -1;
    m->manifests = json_new_object();
    put(m->manifests, "aro-ingress-namespace.yaml", give_namespace());
    put(m->manifests, "aro-ingress-service.yaml",
        give_service(names.known.ingress_ip,
                     cluster_is_public(c, "ingressProfiles[0].visibility")));
    if (put_names(&names, "master", m->manifests, err) < 0 ||
        put_names(&names, "worker", m->manifests, err) < 0)
        return -1;
    return dnsmasq_give_config(&names.known, &m->bootstrap, err);
}

int extra_manifests_give(const struct cluster *c, struct extra_manifests *ret, struct error **err)
{
    *ret = (struct extra_manifests){ 0 };
    if (cluster_layout(c) == LAYOUT_V1 || fill(c, ret, err) == 0)
        return 0;
    extra_manifests_release(ret);
    return error_wrap(err, "the manifests of the service");
}

void extra_manifests_release(struct extra_manifests *m)
{
    json_free(m->manifests);
    json_free(m->bootstrap);
    *m = (struct extra_manifests){ 0 };
}
