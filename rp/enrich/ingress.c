/* The ingress controllers, with the addresses of their routers. */
#include "pkg/base/strv.h"
#include "rp/enrich/task.h"

#define OWNER \
    "metadata.labels[\"ingresscontroller.operator.openshift.io/owning-ingresscontroller\"]"
#define SCOPE "spec.endpointPublishingStrategy.loadBalancer.scope"

static int fetch(struct kube_client *k, const struct opctx *ctx, json **ret, struct error **err)
{
    const struct kube_list_options routers = { .label_selector = "app=router" };
    cleanup_json json *controllers = NULL, *services = NULL;
    if (kube_list(k, ctx, KUBE_REF(&GVR_INGRESSCONTROLLERS, "openshift-ingress-operator", NULL),
                  NULL, &controllers, err) < 0 ||
        kube_list(k, ctx, KUBE_REF(&GVR_SERVICES, "openshift-ingress", NULL), &routers, &services,
                  err) < 0)
        return -1;
    *ret = json_make("{'controllers':%j,'services':%j}", json_ref(json_get(controllers, "items")),
                     json_ref(json_get(services, "items")));
    return 0;
}

/* Of the load balancer before that controller's router; "" while it has none. */
static const char *address_of(const json *services, const char *controller)
{
    for (size_t i = 0; i < json_len(services); i++) {
        const json *service = json_at(services, i);
        const char *ip = json_path_str(service, "status.loadBalancer.ingress[0].ip");
        if (str_eq(json_path_str(service, "spec.type"), "LoadBalancer") &&
            str_eq(json_path_str(service, OWNER), controller) && ip)
            return ip;
    }
    return "";
}

static int apply(const struct enrich_config *cfg, const struct opctx *ctx, json *cluster,
                 const json *found, struct error **err)
{
    (void)cfg;
    (void)ctx;
    const json *controllers = json_get(found, "controllers");
    json *profiles = json_new_array();
    for (size_t i = 0; i < json_len(controllers); i++) {
        const json *controller = json_at(controllers, i);
        const char *name = json_path_str(controller, "metadata.name");
        bool is_internal = str_eq(json_path_str(controller, SCOPE), "Internal");
        json_append(profiles, json_make("{'name':%s,'visibility':%s,'ip':%s}", name,
                                        is_internal ? "Private" : "Public",
                                        address_of(json_get(found, "services"), name)));
    }
    return json_path_put(cluster, "properties.ingressProfiles", profiles, err);
}

const struct enrich_task enrich_ingress = { .name = "ingressProfile",
                                            .fetch = fetch,
                                            .apply = apply };
