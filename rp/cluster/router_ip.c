#include "rp/cluster/router_ip.h"

#include "rp/cluster/dns_records.h"

int cluster_update_router_ip(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_json json *service = NULL;
    if (kube_get(c->kube, ctx, KUBE_REF(&GVR_SERVICES, "openshift-ingress", "router-default"),
                 &service, err) < 0)
        return error_wrap(err, "finding the router's address");
    const char *ip = json_path_str(service, "status.loadBalancer.ingress[0].ip");
    if (!ip || !*ip)
        return error_set(err, ERR_INTERNAL,
                         "the router's service openshift-ingress/router-default has no address");
    if (dns_point_router(c, ctx, ip, err) < 0)
        return -1;
    return cluster_set_text(c, ctx, "ingressProfiles[0].ip", ip, err);
}
