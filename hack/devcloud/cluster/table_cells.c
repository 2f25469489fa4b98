/* The columns of built-in kinds. */
#include "hack/devcloud/cluster/table_cells.h"

#include <string.h>

#include "hack/devcloud/cluster/table.h"
#include "pkg/base/mem.h"

static char *give_age(const json *obj, int64_t now)
{
    return table_give_age(json_path_str(obj, "metadata.creationTimestamp"), now);
}

static char *give_joined(const json *list, const char *key)
{
    cleanup_strv struct strv words = STRV_INIT;
    for (size_t i = 0; i < json_len(list); i++) {
        const char *text = key ? json_path_str(json_at(list, i), key) : json_str(json_at(list, i));
        if (text)
            strv_add(&words, text);
    }
    return strv_give_joined(&words, ",");
}

static char *give_pairs(const json *map)
{
    cleanup_strv struct strv words = STRV_INIT;
    for (struct json_iter it = json_each(map); json_next(&it);)
        strv_addf(&words, "%s=%s", it.key, json_str(it.value) ? json_str(it.value) : "");
    strv_sort(&words);
    return words.len ? strv_give_joined(&words, ",") : xstrdup("<none>");
}

/* ---- pods ---- */

static const json *statuses(const json *pod)
{
    return json_path(pod, "status.containerStatuses");
}

static char *pod_ready(const json *pod, int64_t now)
{
    size_t ready = 0;
    (void)now;
    for (size_t i = 0; i < json_len(statuses(pod)); i++)
        ready += json_path_bool(json_at(statuses(pod), i), "ready", false);
    return xasprintf("%zu/%zu", ready, json_len(json_path(pod, "spec.containers")));
}

static char *pod_status(const json *pod, int64_t now)
{
    const char *reason = json_path_str(pod, "status.reason");
    const char *shown = reason && *reason ? reason : json_path_str(pod, "status.phase");
    (void)now;
    for (size_t i = 0; i < json_len(statuses(pod)); i++) {
        const json *s = json_at(statuses(pod), i);
        const char *waiting = json_path_str(s, "state.waiting.reason");
        const char *ended = json_path_str(s, "state.terminated.reason");
        shown = waiting && *waiting ? waiting : ended && *ended ? ended : shown;
    }
    if (json_path(pod, "metadata.deletionTimestamp"))
        shown = "Terminating";
    return xstrdup(shown ? shown : "");
}

static char *pod_restarts(const json *pod, int64_t now)
{
    int64_t n = 0;
    (void)now;
    for (size_t i = 0; i < json_len(statuses(pod)); i++)
        n += json_path_int(json_at(statuses(pod), i), "restartCount", 0);
    return xasprintf("%lld", (long long)n);
}

static const struct cell pod_cells[] = {
    { "Ready", "string", NULL, pod_ready, false, NULL },
    { "Status", "string", NULL, pod_status, false, NULL },
    { "Restarts", "integer", NULL, pod_restarts, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
    { "IP", "string", "status.podIP", NULL, true, "<none>" },
    { "Node", "string", "spec.nodeName", NULL, true, "<none>" },
    { "Nominated Node", "string", "status.nominatedNodeName", NULL, true, "<none>" },
    { "Readiness Gates", "string", "spec.readinessGates[0].conditionType", NULL, true, "<none>" },
};

/* ---- nodes, namespaces ---- */

static char *node_status(const json *node, int64_t now)
{
    const json *list = json_path(node, "status.conditions");
    const char *shown = "Unknown";
    (void)now;
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "type"), "Ready"))
            shown =
                str_eq(json_path_str(json_at(list, i), "status"), "True") ? "Ready" : "NotReady";
    bool off = json_path_bool(node, "spec.unschedulable", false);
    return xasprintf("%s%s", shown, off ? ",SchedulingDisabled" : "");
}

static char *node_roles(const json *node, int64_t now)
{
    cleanup_strv struct strv roles = STRV_INIT;
    const char prefix[] = "node-role.kubernetes.io/";
    (void)now;
    const json *labels = json_path(node, "metadata.labels");
    for (struct json_iter it = json_each(labels); json_next(&it);)
        if (str_starts(it.key, prefix))
            strv_add(&roles, it.key + strlen(prefix));
    strv_sort(&roles);
    return roles.len ? strv_give_joined(&roles, ",") : xstrdup("<none>");
}

static char *give_address(const json *node, const char *type)
{
    const json *list = json_path(node, "status.addresses");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "type"), type))
            return xstrdup(json_path_str(json_at(list, i), "address"));
    return xstrdup("<none>");
}

static char *node_internal(const json *node, int64_t now)
{
    (void)now;
    return give_address(node, "InternalIP");
}

static char *node_external(const json *node, int64_t now)
{
    (void)now;
    return give_address(node, "ExternalIP");
}

static const struct cell node_cells[] = {
    { "Status", "string", NULL, node_status, false, NULL },
    { "Roles", "string", NULL, node_roles, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
    { "Version", "string", "status.nodeInfo.kubeletVersion", NULL, false, NULL },
    { "Internal-IP", "string", NULL, node_internal, true, NULL },
    { "External-IP", "string", NULL, node_external, true, NULL },
    { "OS-Image", "string", "status.nodeInfo.osImage", NULL, true, "<unknown>" },
    { "Kernel-Version", "string", "status.nodeInfo.kernelVersion", NULL, true, "<unknown>" },
    { "Container-Runtime", "string", "status.nodeInfo.containerRuntimeVersion", NULL, true,
      "<unknown>" },
};

static const struct cell namespace_cells[] = {
    { "Status", "string", "status.phase", NULL, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
};

/* ---- workloads ---- */

static char *template_containers(const json *obj, int64_t now)
{
    (void)now;
    return give_joined(json_path(obj, "spec.template.spec.containers"), "name");
}

static char *template_images(const json *obj, int64_t now)
{
    (void)now;
    return give_joined(json_path(obj, "spec.template.spec.containers"), "image");
}

static char *workload_selector(const json *obj, int64_t now)
{
    (void)now;
    return give_pairs(json_path(obj, "spec.selector.matchLabels"));
}

static char *ready_of_replicas(const json *obj, int64_t now)
{
    (void)now;
    return xasprintf("%lld/%lld", (long long)json_path_int(obj, "status.readyReplicas", 0),
                     (long long)json_path_int(obj, "spec.replicas", 0));
}

static char *daemon_selector(const json *obj, int64_t now)
{
    (void)now;
    return give_pairs(json_path(obj, "spec.template.spec.nodeSelector"));
}

#define TEMPLATE_CELLS \
    { "Containers", "string", NULL, template_containers, true, NULL }, \
        { "Images", "string", NULL, template_images, true, NULL }, \
    { \
        "Selector", "string", NULL, workload_selector, true, NULL \
    }

static const struct cell deployment_cells[] = {
    { "Ready", "string", NULL, ready_of_replicas, false, NULL },
    { "Up-to-date", "integer", "status.updatedReplicas", NULL, false, NULL },
    { "Available", "integer", "status.availableReplicas", NULL, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
    TEMPLATE_CELLS,
};

static const struct cell daemon_set_cells[] = {
    { "Desired", "integer", "status.desiredNumberScheduled", NULL, false, NULL },
    { "Current", "integer", "status.currentNumberScheduled", NULL, false, NULL },
    { "Ready", "integer", "status.numberReady", NULL, false, NULL },
    { "Up-to-date", "integer", "status.updatedNumberScheduled", NULL, false, NULL },
    { "Available", "integer", "status.numberAvailable", NULL, false, NULL },
    { "Node Selector", "string", NULL, daemon_selector, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
    TEMPLATE_CELLS,
};

static const struct cell replica_set_cells[] = {
    { "Desired", "integer", "spec.replicas", NULL, false, NULL },
    { "Current", "integer", "status.replicas", NULL, false, NULL },
    { "Ready", "integer", "status.readyReplicas", NULL, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
    TEMPLATE_CELLS,
};

static const struct cell stateful_set_cells[] = {
    { "Ready", "string", NULL, ready_of_replicas, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
    { "Containers", "string", NULL, template_containers, true, NULL },
    { "Images", "string", NULL, template_images, true, NULL },
};

static char *job_completions(const json *obj, int64_t now)
{
    (void)now;
    return xasprintf("%lld/%lld", (long long)json_path_int(obj, "status.succeeded", 0),
                     (long long)json_path_int(obj, "spec.completions", 1));
}

static const struct cell job_cells[] = {
    { "Completions", "string", NULL, job_completions, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
};

/* ---- services, data ---- */

static char *service_external(const json *obj, int64_t now)
{
    const json *list = json_path(obj, "spec.externalIPs");
    const char *type = json_path_str(obj, "spec.type");
    (void)now;
    if (json_len(list))
        return give_joined(list, NULL);
    if (str_eq(type, "ExternalName"))
        return xstrdup(json_path_str(obj, "spec.externalName"));
    if (!str_eq(type, "LoadBalancer"))
        return xstrdup("<none>");
    const json *ingress = json_path(obj, "status.loadBalancer.ingress");
    return json_len(ingress) ? give_joined(ingress, "ip") : xstrdup("<pending>");
}

static char *service_ports(const json *obj, int64_t now)
{
    cleanup_strv struct strv words = STRV_INIT;
    const json *ports = json_path(obj, "spec.ports");
    (void)now;
    for (size_t i = 0; i < json_len(ports); i++) {
        const json *p = json_at(ports, i);
        long long port = json_path_int(p, "port", 0), node = json_path_int(p, "nodePort", 0);
        if (node)
            strv_addf(&words, "%lld:%lld/%s", port, node, json_path_str(p, "protocol"));
        else
            strv_addf(&words, "%lld/%s", port, json_path_str(p, "protocol"));
    }
    return words.len ? strv_give_joined(&words, ",") : xstrdup("<none>");
}

static char *service_selector(const json *obj, int64_t now)
{
    (void)now;
    return give_pairs(json_path(obj, "spec.selector"));
}

static const struct cell service_cells[] = {
    { "Type", "string", "spec.type", NULL, false, NULL },
    { "Cluster-IP", "string", "spec.clusterIP", NULL, false, "<none>" },
    { "External-IP", "string", NULL, service_external, false, NULL },
    { "Port(s)", "string", NULL, service_ports, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
    { "Selector", "string", NULL, service_selector, true, NULL },
};

static char *data_count(const json *obj, int64_t now)
{
    (void)now;
    return xasprintf("%zu",
                     json_len(json_get(obj, "data")) + json_len(json_get(obj, "binaryData")));
}

static const struct cell config_map_cells[] = {
    { "Data", CELL_COUNT, NULL, data_count, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
};

static const struct cell secret_cells[] = {
    { "Type", "string", "type", NULL, false, NULL },
    { "Data", CELL_COUNT, NULL, data_count, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
};

static char *account_secrets(const json *obj, int64_t now)
{
    (void)now;
    return xasprintf("%zu", json_len(json_get(obj, "secrets")));
}

static const struct cell account_cells[] = {
    { "Secrets", CELL_COUNT, NULL, account_secrets, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
};

/* ---- endpoints ---- */

#define ENDPOINTS_SHOWN 3

static void add_endpoint(struct strv *shown, size_t *count, const json *address, const json *port)
{
    const char *ip = json_path_str(address, "ip");
    if ((*count)++ < ENDPOINTS_SHOWN && port)
        strv_addf(shown, "%s:%lld", ip, (long long)json_path_int(port, "port", 0));
    else if (*count <= ENDPOINTS_SHOWN)
        strv_add(shown, ip);
}

static char *endpoint_addresses(const json *obj, int64_t now)
{
    cleanup_strv struct strv shown = STRV_INIT;
    const json *subsets = json_get(obj, "subsets");
    size_t count = 0;
    (void)now;
    for (size_t i = 0; i < json_len(subsets); i++) {
        const json *addresses = json_get(json_at(subsets, i), "addresses");
        const json *ports = json_get(json_at(subsets, i), "ports");
        for (size_t p = 0; p == 0 || p < json_len(ports); p++)
            for (size_t a = 0; a < json_len(addresses); a++)
                add_endpoint(&shown, &count, json_at(addresses, a),
                             json_len(ports) ? json_at(ports, p) : NULL);
    }
    cleanup_free char *list = strv_give_joined(&shown, ",");
    if (!count)
        return xstrdup("<none>");
    return count > ENDPOINTS_SHOWN ? xasprintf("%s + %zu more...", list, count - ENDPOINTS_SHOWN)
                                   : take(list);
}

static const struct cell endpoint_cells[] = {
    { "Endpoints", "string", NULL, endpoint_addresses, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
};

/* ---- the rest ---- */

static char *event_seen(const json *obj, int64_t now)
{
    const char *const places[] = { "series.lastObservedTime", "lastTimestamp", "eventTime",
                                   "metadata.creationTimestamp" };
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (json_path_str(obj, places[i]))
            return table_give_age(json_path_str(obj, places[i]), now);
    return xstrdup("<unknown>");
}

static char *event_object(const json *obj, int64_t now)
{
    const char *kind = json_path_str(obj, "involvedObject.kind");
    cleanup_free char *lower = str_give_lower(kind ? kind : "");
    const char *name = json_path_str(obj, "involvedObject.name");
    (void)now;
    return xasprintf("%s/%s", lower, name ? name : "");
}

static const struct cell event_cells[] = {
    { "Last Seen", "string", NULL, event_seen, false, NULL },
    { "Type", "string", "type", NULL, false, NULL },
    { "Reason", "string", "reason", NULL, false, NULL },
    { "Object", "string", NULL, event_object, false, NULL },
    { "Source", "string", "source.component", NULL, true, NULL },
    { "Message", "string", "message", NULL, false, NULL },
};

static char *binding_role(const json *obj, int64_t now)
{
    (void)now;
    return xasprintf("%s/%s", json_path_str(obj, "roleRef.kind"),
                     json_path_str(obj, "roleRef.name"));
}

static char *give_subjects(const json *binding, const char *kind)
{
    const json *list = json_get(binding, "subjects");
    cleanup_strv struct strv words = STRV_INIT;
    for (size_t i = 0; i < json_len(list); i++) {
        const json *s = json_at(list, i);
        const char *name = json_path_str(s, "name"), *nspace = json_path_str(s, "namespace");
        if (!str_eq(json_path_str(s, "kind"), kind))
            continue;
        if (str_eq(kind, "ServiceAccount"))
            strv_addf(&words, "%s/%s", nspace ? nspace : "", name);
        else
            strv_add(&words, name);
    }
    return strv_give_joined(&words, ", ");
}

static char *binding_users(const json *binding, int64_t now)
{
    (void)now;
    return give_subjects(binding, "User");
}

static char *binding_groups(const json *binding, int64_t now)
{
    (void)now;
    return give_subjects(binding, "Group");
}

static char *binding_accounts(const json *binding, int64_t now)
{
    (void)now;
    return give_subjects(binding, "ServiceAccount");
}

static const struct cell binding_cells[] = {
    { "Role", "string", NULL, binding_role, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
    { "Users", "string", NULL, binding_users, true, NULL },
    { "Groups", "string", NULL, binding_groups, true, NULL },
    { "ServiceAccounts", "string", NULL, binding_accounts, true, NULL },
};

static const struct cell lease_cells[] = {
    { "Holder", "string", "spec.holderIdentity", NULL, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
};

static const struct cell budget_cells[] = {
    { "Min Available", "string", "spec.minAvailable", NULL, false, "N/A" },
    { "Max Unavailable", "string", "spec.maxUnavailable", NULL, false, "N/A" },
    { "Allowed Disruptions", "integer", "status.disruptionsAllowed", NULL, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
};

static const struct cell class_cells[] = {
    { "Provisioner", "string", "provisioner", NULL, false, NULL },
    { "ReclaimPolicy", "string", "reclaimPolicy", NULL, false, NULL },
    { "VolumeBindingMode", "string", "volumeBindingMode", NULL, false, NULL },
    { "Age", "string", NULL, give_age, false, NULL },
};

#define KIND(name, of) \
    { \
        name, of, ARRAY_LEN(of) \
    }

static const struct cells all[] = {
    KIND("/pods", pod_cells),
    KIND("/nodes", node_cells),
    KIND("/namespaces", namespace_cells),
    KIND("/services", service_cells),
    KIND("/endpoints", endpoint_cells),
    KIND("/configmaps", config_map_cells),
    KIND("/secrets", secret_cells),
    KIND("/serviceaccounts", account_cells),
    KIND("/events", event_cells),
    KIND("apps/deployments", deployment_cells),
    KIND("apps/daemonsets", daemon_set_cells),
    KIND("apps/replicasets", replica_set_cells),
    KIND("apps/statefulsets", stateful_set_cells),
    KIND("batch/jobs", job_cells),
    KIND("rbac.authorization.k8s.io/rolebindings", binding_cells),
    KIND("rbac.authorization.k8s.io/clusterrolebindings", binding_cells),
    KIND("coordination.k8s.io/leases", lease_cells),
    KIND("policy/poddisruptionbudgets", budget_cells),
    KIND("storage.k8s.io/storageclasses", class_cells),
};

const struct cells *table_cells_of(const char *collection)
{
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (strcmp(all[i].collection, collection) == 0)
            return &all[i];
    return NULL;
}
