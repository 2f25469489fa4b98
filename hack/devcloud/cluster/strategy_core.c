#include <arpa/inet.h>
#include <string.h>

#include "hack/devcloud/cluster/names.h"
#include "hack/devcloud/cluster/service_ip.h"
#include "hack/devcloud/cluster/strategy.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"

/* ---- namespaces, nodes ---- */

static void namespace_decode(const struct op *op, json *obj)
{
    if (!json_path_str(obj, "status.phase"))
        (void)json_set_str(obj, "status.phase", "Active", NULL);
    const char *name = json_path_str(obj, "metadata.name");
    if (name && cluster_has(op->c, 21))
        (void)json_set_str(obj, "metadata.labels[\"kubernetes.io/metadata.name\"]", name, NULL);
}

static int namespace_create(const struct op *op, json *obj, struct error **err)
{
    (void)op;
    json_put(obj, "status", json_make("{'phase':'Active'}"));
    return json_path_put(obj, "spec", json_make("{'finalizers':['kubernetes']}"), err);
}

static int namespace_update(const struct op *op, json *obj, const json *old, struct error **err)
{
    (void)op;
    (void)err;
    json_put(obj, "spec", json_give_copy(json_get(old, "spec")));
    return 0;
}

static int node_create(const struct op *op, json *obj, struct error **err)
{
    if (!op->c->cfg.service_accounts && !cluster_has(op->c, 20))
        return 0;
    json *taints = json_path(obj, "spec.taints");
    for (size_t i = 0; i < json_len(taints); i++)
        if (str_eq(json_path_str(json_at(taints, i), "key"), "node.kubernetes.io/not-ready"))
            return 0;
    if (!taints) {
        taints = json_new_array();
        if (json_path_put(obj, "spec.taints", taints, err) < 0)
            return -1;
    }
    json_append(taints, json_make("{'key':'node.kubernetes.io/not-ready','effect':'NoSchedule'}"));
    return 0;
}

/* ---- config maps, secrets ---- */

static void check_data_keys(const json *data, const char *field, struct invalid *out)
{
    for (struct json_iter it = json_each(data); json_next(&it);) {
        size_t good = strspn(it.key, "-._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789");
        if (*it.key && !it.key[good])
            continue;
        cleanup_free char *at = xasprintf("%s[%s]", field, it.key);
        cleanup_json json *key = json_new_str(it.key);
        invalid_value(out, at, key,
                      "a valid config key must consist of alphanumeric characters, '-', '_' or "
                      "'.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for "
                      "validation is '[-._a-zA-Z0-9]+')");
    }
}

static void check_immutable(const json *obj, const json *old, struct invalid *out)
{
    const char *const fields[] = { "data", "binaryData" };
    if (!json_path_bool(old, "immutable", false))
        return;
    if (!json_path_bool(obj, "immutable", false))
        invalid_forbidden(out, "immutable", "field is immutable when `immutable` is set");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (!json_equal(json_get(obj, fields[i]), json_get(old, fields[i])))
            invalid_forbidden(out, fields[i], "field is immutable when `immutable` is set");
}

static void config_map_validate(const struct op *op, const json *obj, const json *old,
                                struct invalid *out)
{
    (void)op;
    check_data_keys(json_get(obj, "data"), "data", out);
    check_data_keys(json_get(obj, "binaryData"), "binaryData", out);
    check_immutable(obj, old, out);
}

static void secret_decode(const struct op *op, json *obj)
{
    (void)op;
    const json *texts = json_get(obj, "stringData");
    if (!json_is_object(texts))
        return;
    if (!json_is_object(json_get(obj, "data")))
        json_put(obj, "data", json_new_object());
    for (struct json_iter it = json_each(texts); json_next(&it);) {
        cleanup_free char *coded = base64_give(json_str(it.value), json_str_len(it.value));
        json_put(json_get(obj, "data"), it.key, json_new_str(coded));
    }
    json_del(obj, "stringData");
}

static void secret_validate(const struct op *op, const json *obj, const json *old,
                            struct invalid *out)
{
    (void)op;
    const char *type = json_path_str(obj, "type");
    check_data_keys(json_get(obj, "data"), "data", out);
    if (old) {
        strategy_need_same(obj, old, "type", out);
        check_immutable(obj, old, out);
    }
    if (str_eq(type, "kubernetes.io/dockerconfigjson") &&
        !json_has(json_get(obj, "data"), ".dockerconfigjson"))
        invalid_required(out, "data[.dockerconfigjson]", NULL);
    if (str_eq(type, "kubernetes.io/tls")) {
        if (!json_has(json_get(obj, "data"), "tls.crt"))
            invalid_required(out, "data[tls.crt]", NULL);
        if (!json_has(json_get(obj, "data"), "tls.key"))
            invalid_required(out, "data[tls.key]", NULL);
    }
    if (str_eq(type, "kubernetes.io/service-account-token") &&
        !json_path_str(obj, "metadata.annotations[\"kubernetes.io/service-account.name\"]"))
        invalid_required(out, "metadata.annotations[kubernetes.io/service-account.name]", NULL);
}

/* ---- services ---- */

static void service_decode(const struct op *op, json *obj)
{
    (void)op;
    json *ports = json_path(obj, "spec.ports");
    const char *type = json_path_str(obj, "spec.type");
    for (size_t i = 0; i < json_len(ports); i++) {
        json *port = json_at(ports, i);
        const json *target = json_get(port, "targetPort");
        int64_t n;
        bool unset = !target || (json_int(target, &n) && n == 0) ||
                     (json_kind(target) == JSON_STR && !json_str_len(target));
        if (unset && json_get(port, "port"))
            json_put(port, "targetPort", json_give_copy(json_get(port, "port")));
    }
    bool outside = str_eq(type, "NodePort") || str_eq(type, "LoadBalancer");
    if (outside && !json_path_str(obj, "spec.externalTrafficPolicy"))
        (void)json_set_str(obj, "spec.externalTrafficPolicy", "Cluster", NULL);
    if (str_eq(json_path_str(obj, "spec.sessionAffinity"), "ClientIP") &&
        !json_path(obj, "spec.sessionAffinityConfig"))
        (void)json_path_put(obj, "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                            json_new_int(10800), NULL);
}

static int service_create(const struct op *op, json *obj, struct error **err)
{
    return service_allocate(op, obj, NULL, err);
}

static int service_update(const struct op *op, json *obj, const json *old, struct error **err)
{
    return service_allocate(op, obj, old, err);
}

static void check_number(const json *value, const char *field, struct invalid *out)
{
    int64_t n = 0;
    if (!json_int(value, &n) || n < 1 || n > 65535)
        invalid_value(out, field, value, "must be between 1 and 65535, inclusive");
}

/* Whether an earlier port has the same value. */
static bool repeats(const json *ports, size_t i, const char *key)
{
    const json *value = json_get(json_at(ports, i), key);
    for (size_t k = 0; value && k < i; k++)
        if (json_equal(json_get(json_at(ports, k), key), value) &&
            (!str_eq(key, "nodePort") || json_equal(json_get(json_at(ports, k), "protocol"),
                                                    json_get(json_at(ports, i), "protocol"))))
            return true;
    return false;
}

static void check_port(const json *ports, size_t i, const char *type, struct invalid *out)
{
    const json *port = json_at(ports, i), *to = json_get(port, "targetPort");
    const char *protocol = json_path_str(port, "protocol");
    cleanup_free char *number = xasprintf("spec.ports[%zu].port", i);
    cleanup_free char *target = xasprintf("spec.ports[%zu].targetPort", i);
    cleanup_free char *name = xasprintf("spec.ports[%zu].name", i);
    cleanup_free char *node = xasprintf("spec.ports[%zu].nodePort", i);
    cleanup_free char *of_protocol = xasprintf("spec.ports[%zu].protocol", i);
    if (json_len(ports) > 1 && !json_path_str(port, "name"))
        invalid_required(out, name, NULL);
    else if (repeats(ports, i, "name"))
        invalid_duplicate(out, name, json_get(port, "name"));
    check_number(json_get(port, "port"), number, out);
    if (!str_eq(protocol, "TCP") && !str_eq(protocol, "UDP") && !str_eq(protocol, "SCTP"))
        invalid_unsupported(out, of_protocol, json_get(port, "protocol"),
                            "\"SCTP\", \"TCP\", \"UDP\"");
    if (!json_str(to))
        check_number(to, target, out);
    if (str_eq(type, "ClusterIP") && json_path_int(port, "nodePort", 0))
        invalid_forbidden(out, node, "may not be used when `type` is 'ClusterIP'");
    else if (repeats(ports, i, "nodePort"))
        invalid_duplicate(out, node, json_get(port, "nodePort"));
}

static void check_cluster_ip(const json *obj, const char *type, struct invalid *out)
{
    const char *ip = json_path_str(obj, "spec.clusterIP");
    const json *value = json_path(obj, "spec.clusterIP");
    struct in6_addr parsed;
    if (str_eq(ip, "None") && (str_eq(type, "NodePort") || str_eq(type, "LoadBalancer")))
        invalid_value(out, "spec.clusterIPs[0]", value, "may not be set to 'None' for %s services",
                      type);
    else if (ip && *ip && !str_eq(ip, "None") && inet_pton(AF_INET, ip, &parsed) != 1 &&
             inet_pton(AF_INET6, ip, &parsed) != 1)
        invalid_value(out, "spec.clusterIPs[0]", value,
                      "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
}

static void check_service_type(const json *obj, const char *type, struct invalid *out)
{
    static const char *const types[] = { "ClusterIP", "ExternalName", "LoadBalancer", "NodePort" };
    const char *external = json_path_str(obj, "spec.externalName");
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        known |= str_eq(type, types[i]);
    if (str_eq(type, "ExternalName") && (!external || !*external))
        invalid_required(out, "spec.externalName", NULL);
    if (!known)
        invalid_unsupported(out, "spec.type", json_path(obj, "spec.type"),
                            "\"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"");
}

static void service_validate(const struct op *op, const json *obj, const json *old,
                             struct invalid *out)
{
    (void)op;
    const char *type = json_path_str(obj, "spec.type");
    const json *ports = json_path(obj, "spec.ports");
    bool headless = str_eq(json_path_str(obj, "spec.clusterIP"), "None");
    bool external = str_eq(type, "ExternalName");
    if (!json_len(ports) && !headless && !external)
        invalid_required(out, "spec.ports", NULL);
    check_service_type(obj, type, out);
    check_cluster_ip(obj, type, out);
    for (size_t i = 0; i < json_len(ports); i++)
        check_port(ports, i, type, out);
    const char *was = json_path_str(old, "spec.clusterIP");
    if (old && !external && !str_eq(json_path_str(old, "spec.type"), "ExternalName") && was &&
        *was && !str_eq(was, json_path_str(obj, "spec.clusterIP")))
        invalid_value(out, "spec.clusterIP", json_path(obj, "spec.clusterIP"),
                      "field is immutable");
}

/* ---- volumes ---- */

static void volume_decode(const struct op *op, json *obj)
{
    (void)op;
    if (!json_path_str(obj, "status.phase"))
        (void)json_set_str(obj, "status.phase", "Pending", NULL);
}

static int add_finalizer(json *obj, const char *name, struct error **err)
{
    json *list = json_path(obj, "metadata.finalizers");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_str(json_at(list, i)), name))
            return 0;
    if (!list) {
        list = json_new_array();
        if (json_path_put(obj, "metadata.finalizers", list, err) < 0)
            return -1;
    }
    json_append(list, json_new_str(name));
    return 0;
}

static int claim_create(const struct op *op, json *obj, struct error **err)
{
    (void)op;
    json_put(obj, "status", json_make("{'phase':'Pending'}"));
    return add_finalizer(obj, "kubernetes.io/pvc-protection", err);
}

static int volume_create(const struct op *op, json *obj, struct error **err)
{
    (void)op;
    json_put(obj, "status", json_make("{'phase':'Pending'}"));
    return add_finalizer(obj, "kubernetes.io/pv-protection", err);
}

static void claim_validate(const struct op *op, const json *obj, const json *old,
                           struct invalid *out)
{
    (void)op;
    if (!json_len(json_path(obj, "spec.accessModes")))
        invalid_required(out, "spec.accessModes", "at least 1 access mode is required");
    const char *const fixed[] = { "accessModes", "storageClassName", "selector", "volumeMode" };
    for (size_t i = 0; old && i < ARRAY_LEN(fixed); i++)
        if (!json_equal(json_get(json_get(obj, "spec"), fixed[i]),
                        json_get(json_get(old, "spec"), fixed[i]))) {
            invalid_forbidden(out, "spec",
                              "spec is immutable after creation except resources.requests for "
                              "bound claims");
            return;
        }
}

const struct strategy strategies_core[] = {
    { .collection = "/namespaces",
      .give_name_fault = names_give_label_fault,
      .decode = namespace_decode,
      .create = namespace_create,
      .update = namespace_update },
    { .collection = "/nodes", .create = node_create, .keeps_status_on_create = true },
    { .collection = "/configmaps", .validate = config_map_validate },
    { .collection = "/secrets", .decode = secret_decode, .validate = secret_validate },
    { .collection = "/services",
      .give_name_fault = names_give_dns1035_fault,
      .decode = service_decode,
      .create = service_create,
      .update = service_update,
      .validate = service_validate },
    { .collection = "/persistentvolumeclaims",
      .decode = volume_decode,
      .create = claim_create,
      .validate = claim_validate,
      .keeps_status_on_create = true },
    { .collection = "/persistentvolumes",
      .decode = volume_decode,
      .create = volume_create,
      .keeps_status_on_create = true },
};
const size_t strategies_core_len = ARRAY_LEN(strategies_core);
