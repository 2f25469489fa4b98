#include "rp/cluster/router_ip.h"

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/addresses.h"
#include "rp/cluster/dns_records.h"
#include "rp/cluster/extra_manifests.h"
#include "rp/cluster/kube.h"

#define STATUS_IP "status.loadBalancer.ingress[0].ip"
#define PROFILE_IP "ingressProfiles[0].ip"

static const struct kube_ref router = { .gvr = &GVR_SERVICES,
                                        .nspace = "openshift-ingress",
                                        .name = "router-default" };

static int write_down(struct cluster *c, const struct opctx *ctx, const char *ip,
                      struct error **err)
{
    if (dns_point_router(c, ctx, ip, err) < 0)
        return -1;
    return cluster_set_text(c, ctx, PROFILE_IP, ip, err);
}

int cluster_update_router_ip(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_json json *service = NULL;
    if (kube_get(c->kube, ctx, &router, &service, err) < 0)
        return error_wrap(err, "finding the router's address");
    const char *ip = json_path_str(service, STATUS_IP);
    if (!ip || !*ip)
        return error_set(err, ERR_INTERNAL,
                         "the router's service openshift-ingress/router-default has no address");
    return write_down(c, ctx, ip, err);
}

/* ---- when somebody else has it ---- */

/* What the API server does not do now it may do at the next look. */
static int not_yet(struct error **err, struct error *e)
{
    (void)error_set(err, ERR_UNAVAILABLE, "%s", error_text(e));
    error_free(e);
    return -1;
}

static int tell_machines(struct cluster *c, const struct opctx *ctx, const char *role,
                         struct error **err)
{
    static const struct kube_write_options opt = { .field_manager = "aro-rp", .force = true };
    cleanup_json json *config = NULL;
    struct error *e = NULL;
    if (extra_manifests_give_names(c, role, &config, err) < 0)
        return -1;
    if (kube_apply(c->kube, ctx,
                   KUBE_REF(&GVR_MACHINECONFIGS, NULL, json_path_str(config, "metadata.name")),
                   config, &opt, NULL, &e) < 0)
        return not_yet(err, e);
    return 0;
}

static int patch(struct cluster *c, const struct opctx *ctx, const struct kube_ref *ref,
                 const json *content, struct error **err)
{
    struct error *e = NULL;
    if (kube_patch(c->kube, ctx, ref, KUBE_PATCH_MERGE, content, NULL, NULL, &e) < 0)
        return not_yet(err, e);
    return 0;
}

/* The router's Service comes last: while it asks for another, not all have heard. */
static int tell(struct cluster *c, const struct opctx *ctx, const char *ip, struct error **err)
{
    cleanup_json json *spec = json_make("{'spec':{'ingressIP':%s}}", ip);
    cleanup_json json *asks = json_make("{'spec':{'loadBalancerIP':%s}}", ip);
    if (dns_point_router(c, ctx, ip, err) < 0 || tell_machines(c, ctx, "master", err) < 0 ||
        tell_machines(c, ctx, "worker", err) < 0 ||
        patch(c, ctx, KUBE_REF(&GVR_CLUSTERS, NULL, "cluster"), spec, err) < 0 ||
        patch(c, ctx, &router, asks, err) < 0)
        return error_wrap(err, "telling of the router's address");
    return 0;
}

/* Of a router that has none yet, or not the one that it asks for. */
static int mend(struct cluster *c, const struct opctx *ctx, const json *service, struct error **err)
{
    const char *known = cluster_text_or_empty(c, PROFILE_IP);
    cleanup_free char *ip = xstrdup(known);
    bool taken = false;
    if (cluster_layout(c) == LAYOUT_V1 || cluster_is_public(c, "ingressProfiles[0].visibility"))
        return 0;
    if (address_is_taken(c, ctx, ip, &taken, err) < 0)
        return -1;
    if (taken) {
        log_warning(ctx->log, "address %s of the router is in use by others; choosing another", ip);
        free(take(ip));
        if (address_choose_router(c, ctx, &ip, err) < 0 ||
            cluster_set_text(c, ctx, PROFILE_IP, ip, err) < 0)
            return -1;
    }
    return str_eq(json_path_str(service, "spec.loadBalancerIP"), ip) ? 0 : tell(c, ctx, ip, err);
}

int cluster_router_has_address(void *arg, const struct opctx *ctx, bool *ret, struct error **err)
{
    struct cluster *c = arg;
    cleanup_json json *service = NULL;
    const struct opctx look = opctx_with_timeout_ms(ctx, CLUSTER_LOOK_MS);
    struct error *e = NULL;
    *ret = false;
    if (kube_get(c->kube, &look, &router, &service, &e) < 0)
        return not_yet(err, e);
    const char *ip = json_path_str(service, STATUS_IP);
    const char *asks = json_path_str(service, "spec.loadBalancerIP");
    if (!ip || !*ip || (asks && !str_eq(asks, ip)))
        return mend(c, ctx, service, err);
    *ret = true;
    return str_eq(ip, cluster_text(c, PROFILE_IP)) ? 0 : write_down(c, ctx, ip, err);
}
