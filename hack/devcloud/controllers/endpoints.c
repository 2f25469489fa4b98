/* Endpoints: where the pods behind each Service are. Source: k8s.io/kubernetes pkg/controller/endpoint. */
#include <string.h>

#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/owned.h"
#include "hack/devcloud/controllers/pods.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static bool selects(const json *service, const json *pod)
{
    const json *labels = json_path(pod, "metadata.labels");
    for (struct json_iter it = json_each(json_path(service, "spec.selector")); json_next(&it);)
        if (!str_eq(json_str(json_get(labels, it.key)), json_str(it.value)))
            return false;
    return true;
}

/* The number of a service's target port in a pod; 0: the pod has no port of that name. */
static int64_t port_in(const json *service_port, const json *pod)
{
    const json *target = json_get(service_port, "targetPort");
    const char *name = json_str(target);
    int64_t n = json_path_int(service_port, "port", 0);
    if (!name) {
        (void)json_int(target, &n);
        return n;
    }
    const json *containers = json_path(pod, "spec.containers");
    for (size_t i = 0; i < json_len(containers); i++) {
        const json *ports = json_path(json_at(containers, i), "ports");
        for (size_t k = 0; k < json_len(ports); k++)
            if (str_eq(json_path_str(json_at(ports, k), "name"), name))
                return json_path_int(json_at(ports, k), "containerPort", 0);
    }
    return 0;
}

static json *give_ports(const json *service, const json *pod)
{
    json *ports = json_new_array();
    const json *list = json_path(service, "spec.ports");
    for (size_t i = 0; i < json_len(list); i++) {
        const json *port = json_at(list, i);
        const char *protocol = json_path_str(port, "protocol");
        int64_t n = port_in(port, pod);
        json *entry = json_make("{'port':%ld,'protocol':%s}", n, protocol ? protocol : "TCP");
        if (json_path_str(port, "name"))
            json_put(entry, "name", json_give_copy(json_get(port, "name")));
        if (n)
            json_append(ports, entry);
        else
            json_free(entry);
    }
    return ports;
}

static json *give_address(const json *pod)
{
    json *address =
        json_make("{'ip':%s,'targetRef':{'kind':'Pod','namespace':%s,'name':%s,"
                  "'uid':%s}}",
                  json_path_str(pod, "status.podIP"), json_path_str(pod, "metadata.namespace"),
                  json_path_str(pod, "metadata.name"), json_path_str(pod, "metadata.uid"));
    if (json_path_str(pod, "spec.nodeName"))
        json_put(address, "nodeName", json_give_copy(json_path(pod, "spec.nodeName")));
    return address;
}

/* Pods with the same port numbers share a subset. */
static json *subset_for(json *subsets, json *ports)
{
    for (size_t i = 0; i < json_len(subsets); i++)
        if (json_equal(json_get(json_at(subsets, i), "ports"), ports)) {
            json_free(ports);
            return json_at(subsets, i);
        }
    json_append(subsets, json_make("{'ports':%j}", ports));
    return json_at(subsets, json_len(subsets) - 1);
}

static json *give_subsets(const json *service, const json *pods)
{
    json *subsets = json_new_array();
    bool early = json_path_bool(service, "spec.publishNotReadyAddresses", false);
    for (size_t i = 0; i < json_len(pods); i++) {
        const json *pod = json_at(pods, i);
        const char *ip = json_path_str(pod, "status.podIP");
        if (!selects(service, pod) || !pod_is_active(pod) || !ip || !*ip)
            continue;
        json *subset = subset_for(subsets, give_ports(service, pod));
        const char *list = early || pod_is_ready(pod) ? "addresses" : "notReadyAddresses";
        if (!json_get(subset, list))
            json_put(subset, list, json_new_array());
        json_append(json_get(subset, list), give_address(pod));
    }
    return subsets;
}

static int write_endpoints(struct control *c, const struct opctx *ctx, const json *service,
                           json *subsets, struct error **err)
{
    const char *nspace = json_path_str(service, "metadata.namespace");
    const char *name = json_path_str(service, "metadata.name");
    cleanup_json json *owned = subsets, *old = NULL;
    json *labels = json_give_copy(json_path(service, "metadata.labels"));
    cleanup_json json *wanted = json_make(
        "{'apiVersion':'v1','kind':'Endpoints','metadata':{'name':%s,'namespace':%s,'labels':%j},"
        "'subsets':%j}",
        name, nspace, labels ? labels : json_new_object(), json_ref(owned));
    if (owned_find(c, ctx, &GVR_ENDPOINTS, nspace, name, &old, err) < 0)
        return -1;
    if (!old)
        return kube_create(c->kube, ctx, KUBE_REF(&GVR_ENDPOINTS, nspace, NULL), wanted, NULL, NULL,
                           err);
    if (json_equal(json_get(old, "subsets"), json_len(owned) ? owned : NULL))
        return 0;
    json_put(json_get(wanted, "metadata"), "resourceVersion",
             json_give_copy(json_path(old, "metadata.resourceVersion")));
    return kube_update(c->kube, ctx, KUBE_REF(&GVR_ENDPOINTS, nspace, name), wanted, NULL, NULL,
                       err);
}

/* Endpoints whose service went. */
static int drop(struct control *c, const struct opctx *ctx, const char *nspace,
                const json *services, struct error **err)
{
    cleanup_json json *list = NULL;
    if (kube_list(c->kube, ctx, KUBE_REF(&GVR_ENDPOINTS, nspace, NULL), NULL, &list, err) < 0)
        return -1;
    const json *items = json_get(list, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        const char *name = json_path_str(json_at(items, i), "metadata.name");
        bool found = json_path_has(json_at(items, i),
                                   "metadata.annotations[\"control-plane.alpha.kubernetes.io/"
                                   "leader\"]"); /* a lock, of nobody's service */
        for (size_t k = 0; k < json_len(services) && !found; k++)
            found = str_eq(json_path_str(json_at(services, k), "metadata.name"), name);
        if (!found && owned_delete(c, ctx, &GVR_ENDPOINTS, json_at(items, i), err) < 0)
            return error_wrap(err, "deleting endpoints %s", name);
    }
    return 0;
}

static int reconcile(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err)
{
    cleanup_json json *services = NULL, *pods = NULL;
    struct error *all = NULL;
    (void)source;
    (void)ret;
    if (kube_list(c->kube, ctx, KUBE_REF(&GVR_SERVICES, key, NULL), NULL, &services, err) < 0 ||
        kube_list(c->kube, ctx, KUBE_REF(&GVR_PODS, key, NULL), NULL, &pods, err) < 0)
        return -1;
    const json *items = json_get(services, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        const json *service = json_at(items, i);
        struct error *e = NULL;
        if (!json_len(json_path(service, "spec.selector")) || owned_is_deleting(service))
            continue; /* somebody else looks after those */
        if (write_endpoints(c, ctx, service, give_subsets(service, json_get(pods, "items")), &e) <
            0) {
            error_wrap(&e, "endpoints of %s", json_path_str(service, "metadata.name"));
            error_join(&all, &e);
        }
    }
    struct error *e = NULL;
    if (drop(c, ctx, key, items, &e) < 0)
        error_join(&all, &e);
    return all ? error_move(err, &all) : 0;
}

static const struct behaviour_watch watches[] = {
    { .gvr = &GVR_SERVICES, .map = WATCH_NAMESPACE },
    { .gvr = &GVR_PODS, .map = WATCH_NAMESPACE },
};

const struct behaviour endpoints_behaviour = {
    .name = "endpoints",
    .doc = "Lists the addresses of ready pods behind each Service.",
    BEHAVIOUR_WATCHES(watches),
    .reconcile = reconcile,
};
