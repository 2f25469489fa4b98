/*
 * What a wanted object takes over from the live one before it is PUT: the identity that the server gave it, and what other
 * controllers of the platform legitimately write to that kind. Everything else is as wanted.
 */
#include <string.h>

#include "operator/deploy/ensure.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* One field, or all keys of a map that begin with a prefix (path of the map, then the prefix in .keys). */
struct preserved {
    const char *kind; /* NULL: every kind */
    const char *path;
    const char *keys; /* prefix of the keys; NULL: the field itself */
};
static const struct preserved preserved_fields[] = {
    { NULL, "metadata.selfLink", NULL },
    { NULL, "metadata.uid", NULL },
    { NULL, "metadata.resourceVersion", NULL },
    { NULL, "metadata.generation", NULL },
    { NULL, "metadata.creationTimestamp", NULL },
    { NULL, "metadata.managedFields", NULL },
    { NULL, "status", NULL },
    { "Namespace", "metadata.labels", "kubernetes.io/metadata.name" },
    { "Namespace", "metadata.labels", "olm.operatorgroup.uid/" },
    { "Namespace", "metadata.annotations", "openshift.io/sa.scc." },
    { "Namespace", "metadata.finalizers", NULL },
    { "Namespace", "spec.finalizers", NULL },
    { "ServiceAccount", "metadata.annotations", "openshift.io/" },
    { "ServiceAccount", "secrets", NULL },
    { "ServiceAccount", "imagePullSecrets", NULL },
    { "Service", "spec.clusterIP", NULL },
    { "Service", "spec.clusterIPs", NULL },
    { "Service", "spec.ipFamilies", NULL },
    { "Service", "spec.ipFamilyPolicy", NULL },
    { "Service", "spec.internalTrafficPolicy", NULL },
    { "DaemonSet", "metadata.annotations", "deprecated.daemonset.template.generation" },
    { "Deployment", "metadata.annotations", "deployment.kubernetes.io/revision" },
    /* A restart that was asked for must not be undone by the next update: that would be a second roll-out. */
    { "Deployment", "spec.template.metadata.annotations", "kubectl.kubernetes.io/restartedAt" },
    { "DaemonSet", "spec.template.metadata.annotations", "kubectl.kubernetes.io/restartedAt" },
    { "Deployment", "spec.template.spec.serviceAccount", NULL },
    { "DaemonSet", "spec.template.spec.serviceAccount", NULL },
    { "Secret", "metadata.ownerReferences", NULL },
    /* The deployer writes the operator's roles, the operator owns the one of its logging namespace. */
    { "Role", "metadata.ownerReferences", NULL },
    { "RoleBinding", "metadata.ownerReferences", NULL },
    { "Cluster", "metadata.annotations", "" },
    { "Cluster", "spec.banner", NULL },
    { "ClusterDeployment", "metadata.finalizers", NULL },
    { "ClusterDeployment", "metadata.labels", "hive.openshift.io/" },
    { "ClusterDeployment", "spec.clusterMetadata", NULL },
    { "ClusterDeployment", "spec.clusterMetadata.platform", NULL },
};

static void preserve_keys(json *result, const json *live, const struct preserved *p)
{
    for (struct json_iter it = json_each(json_path(live, p->path)); json_next(&it);) {
        if (!str_starts(it.key, p->keys))
            continue;
        cleanup_free char *path = xasprintf("%s[\"%s\"]", p->path, it.key);
        if (!json_path_has(result, path))
            json_path_put(result, path, json_give_copy(it.value), NULL);
    }
}

static void preserve(json *result, const json *live, const struct preserved *p)
{
    if (p->kind && !str_eq(p->kind, json_path_str(result, "kind")))
        return;
    if (p->keys) {
        preserve_keys(result, live, p);
        return;
    }
    json *value = json_path(live, p->path);
    bool server_owned = p->kind == NULL; /* identity and status: never as wanted */
    if (!value) {
        if (server_owned)
            json_path_del(result, p->path);
    } else if (server_owned || !json_path_has(result, p->path)) {
        json_path_put(result, p->path, json_give_copy(value), NULL);
    }
}

/* The ports of a Service keep the node ports that were allocated for them. */
static void preserve_node_ports(json *result, const json *live)
{
    if (!str_eq(json_path_str(result, "kind"), "Service"))
        return;
    json *ports = json_path(result, "spec.ports");
    json *live_ports = json_path(live, "spec.ports");
    for (size_t i = 0; i < json_len(ports); i++) {
        for (size_t l = 0; l < json_len(live_ports); l++) {
            json *port = json_at(ports, i), *live_port = json_at(live_ports, l);
            if (json_equal(json_get(port, "port"), json_get(live_port, "port")) &&
                !json_has(port, "nodePort") && json_get(live_port, "nodePort"))
                json_put(port, "nodePort", json_give_copy(json_get(live_port, "nodePort")));
        }
    }
}

/* A ConfigMap into which the platform injects certificates: they are its own, empty means not injected yet. */
static void preserve_injected_bundle(json *result, const json *live)
{
    static const char label[] = "metadata.labels[\"config.openshift.io/inject-trusted-cabundle\"]";
    static const char bundle[] = "data[\"ca-bundle.crt\"]";
    static const char owner[] = "metadata.annotations[\"openshift.io/owning-component\"]";
    if (!str_eq(json_path_str(result, "kind"), "ConfigMap") || !json_path_has(result, label))
        return;
    if (json_path(live, bundle))
        json_path_put(result, bundle, json_give_copy(json_path(live, bundle)), NULL);
    if (json_path(live, owner))
        json_path_put(result, owner, json_give_copy(json_path(live, owner)), NULL);
}

/* The server answers data only: compared as stringData, a Secret would differ for ever. */
static void fold_string_data(json *object)
{
    json *texts = json_get(object, "stringData");
    if (!str_eq(json_path_str(object, "kind"), "Secret") || !texts)
        return;
    if (!json_is_object(json_get(object, "data")))
        json_put(object, "data", json_new_object());
    for (struct json_iter it = json_each(texts); json_next(&it);) {
        const char *text = json_str(it.value) ? json_str(it.value) : "";
        cleanup_free char *encoded = base64_give(text, strlen(text));
        json_put(json_get(object, "data"), it.key, json_new_str(encoded));
    }
    json_del(object, "stringData");
}

json *ensure_give_merged(const json *live, const json *want)
{
    json *result = json_give_copy(want);
    fold_string_data(result);
    for (size_t i = 0; i < ARRAY_LEN(preserved_fields); i++)
        preserve(result, live, &preserved_fields[i]);
    preserve_node_ports(result, live);
    preserve_injected_bundle(result, live);
    return result;
}

json *ensure_give_comparable(const json *object)
{
    static const char *const volatile_fields[] = { "metadata.resourceVersion",
                                                   "metadata.generation", "metadata.managedFields",
                                                   "metadata.selfLink", "status" };
    json *copy = json_give_copy(object);
    for (size_t i = 0; i < ARRAY_LEN(volatile_fields); i++)
        json_path_del(copy, volatile_fields[i]);
    return copy;
}

bool ensure_same(const json *live, const json *result)
{
    cleanup_json json *a = ensure_give_comparable(live);
    cleanup_json json *b = ensure_give_comparable(result);
    return json_equal(a, b);
}
