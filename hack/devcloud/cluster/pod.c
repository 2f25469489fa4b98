#include "hack/devcloud/cluster/pod.h"

#include <string.h>

#include "hack/devcloud/cluster/names.h"
#include "hack/devcloud/cluster/strategy.h"
#include "pkg/base/mem.h"

void pod_decode(const struct op *op, json *obj)
{
    const char *ip = json_path_str(obj, "status.podIP");
    (void)op;
    strategy_decode_pod_spec(json_get(obj, "spec"), true);
    if (ip && *ip && !str_eq(json_path_str(obj, "status.podIPs[0].ip"), ip))
        (void)json_path_put(obj, "status.podIPs", json_make("[{'ip':%s}]", ip), NULL);
}

/* ---- quality of service ---- */

const char *pod_qos(const json *pod)
{
    const char *const names[] = { "cpu", "memory" };
    const json *containers = json_path(pod, "spec.containers");
    bool any = false, every = true;
    for (size_t i = 0; i < json_len(containers); i++) {
        const json *limits = json_path(json_at(containers, i), "resources.limits");
        const json *requests = json_path(json_at(containers, i), "resources.requests");
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
            const json *limit = json_get(limits, names[k]), *request = json_get(requests, names[k]);
            any |= limit || request;
            every &= limit && (!request || json_equal(limit, request));
        }
    }
    return !any ? "BestEffort" : every ? "Guaranteed" : "Burstable";
}

/* ---- admission ---- */

static void tolerate(json *spec, const char *key)
{
    json *list = json_get(spec, "tolerations");
    for (size_t i = 0; i < json_len(list); i++) {
        const char *of = json_path_str(json_at(list, i), "key");
        const char *effect = json_path_str(json_at(list, i), "effect");
        if ((!of || !*of || str_eq(of, key)) &&
            (!effect || !*effect || str_eq(effect, "NoExecute")))
            return;
    }
    if (!list) {
        list = json_new_array();
        json_put(spec, "tolerations", list);
    }
    json_append(list, json_make("{'key':%s,'operator':'Exists','effect':'NoExecute',"
                                "'tolerationSeconds':300}",
                                key));
}

static int set_priority(const struct op *op, const json *obj, json *spec, struct error **err)
{
    struct fail_object o = op_object(op, json_path_str(obj, "metadata.name"));
    int64_t given;
    const char *name = json_path_str(spec, "priorityClassName");
    int64_t value = 0;
    cleanup_record struct record *found =
        name && *name ? state_get(op->c->state, "scheduling.k8s.io/priorityclasses", "", name)
                      : NULL;
    if (name && *name && !found) {
        cleanup_free char *why = xasprintf("no PriorityClass with name %s was found", name);
        return fail_forbidden(err, &o, why);
    }
    if (found) {
        cleanup_json json *tree = record_give_tree(found);
        value = json_path_int(tree, "value", 0);
    }
    if (json_int(json_get(spec, "priority"), &given) && given != value) {
        cleanup_free char *why =
            xasprintf("the integer value of priority (%lld) must not be provided in pod spec; "
                      "priority admission controller computed %lld from the given PriorityClass "
                      "name",
                      (long long)given, (long long)value);
        return fail_forbidden(err, &o, why);
    }
    json_put(spec, "priority", json_new_int(value));
    json_put(spec, "preemptionPolicy", json_new_str("PreemptLowerPriority"));
    return 0;
}

static int set_account(const struct op *op, const json *obj, json *spec, struct error **err)
{
    const char *name = json_path_str(spec, "serviceAccountName");
    if (!op->c->cfg.service_accounts)
        return 0;
    if (!name || !*name) {
        json_put(spec, "serviceAccountName", json_new_str("default"));
        json_put(spec, "serviceAccount", json_new_str("default"));
        name = "default";
    }
    const char *nspace = op_nspace(op);
    cleanup_record struct record *found = state_get(op->c->state, "/serviceaccounts", nspace, name);
    if (found)
        return 0;
    struct fail_object o = op_object(op, json_path_str(obj, "metadata.name"));
    cleanup_free char *why =
        xasprintf("error looking up service account %s/%s: serviceaccount \"%s\" not found", nspace,
                  name, name);
    return fail_forbidden(err, &o, why);
}

int pod_create(const struct op *op, json *obj, struct error **err)
{
    json *spec = json_get(obj, "spec");
    json_put(obj, "status", json_make("{'phase':'Pending','qosClass':%s}", pod_qos(obj)));
    if (set_priority(op, obj, spec, err) < 0 || set_account(op, obj, spec, err) < 0)
        return -1;
    tolerate(spec, "node.kubernetes.io/not-ready");
    tolerate(spec, "node.kubernetes.io/unreachable");
    return 0;
}

/* ---- validation ---- */

static void validate_container(const json *container, const char *path, struct strv *names,
                               struct invalid *out)
{
    const char *name = json_path_str(container, "name");
    const char *image = json_path_str(container, "image");
    cleanup_free char *of_name = xasprintf("%s.name", path),
                      *of_image = xasprintf("%s.image", path);
    cleanup_free char *fault = name && *name ? names_give_label_fault(name) : NULL;
    if (!name || !*name)
        invalid_required(out, of_name, NULL);
    else if (fault)
        invalid_value(out, of_name, json_get(container, "name"), "%s", fault);
    else if (strv_has(names, name))
        invalid_duplicate(out, of_name, json_get(container, "name"));
    if (name)
        strv_add(names, name);
    if (!image || !*image)
        invalid_required(out, of_image, NULL);
}

/* Mounts must name volumes of the pod. */
static void validate_mounts(const json *container, const json *volumes, const char *path,
                            struct invalid *out)
{
    const json *mounts = json_get(container, "volumeMounts");
    for (size_t i = 0; i < json_len(mounts); i++) {
        const char *name = json_path_str(json_at(mounts, i), "name");
        bool found = false;
        for (size_t v = 0; v < json_len(volumes); v++)
            found |= str_eq(name, json_path_str(json_at(volumes, v), "name"));
        cleanup_free char *at = xasprintf("%s.volumeMounts[%zu].name", path, i);
        cleanup_free char *shown = xasprintf("Not found: \"%s\"", name ? name : "");
        if (!found)
            invalid_other(out, "FieldValueNotFound", at, shown);
    }
}

static void validate_spec(const json *spec, const char *path, struct invalid *out)
{
    const char *const lists[] = { "initContainers", "containers" };
    cleanup_strv struct strv names = STRV_INIT;
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        const json *list = json_get(spec, lists[l]);
        for (size_t i = 0; i < json_len(list); i++) {
            cleanup_free char *at = xasprintf("%s.%s[%zu]", path, lists[l], i);
            validate_container(json_at(list, i), at, &names, out);
            validate_mounts(json_at(list, i), json_get(spec, "volumes"), at, out);
        }
    }
    cleanup_free char *containers = xasprintf("%s.containers", path);
    if (!json_len(json_get(spec, "containers")))
        invalid_required(out, containers, NULL);
}

void pod_validate_template(const struct op *op, const json *template_, const char *path,
                           struct invalid *out)
{
    (void)op;
    cleanup_free char *spec = xasprintf("%s.spec", path);
    validate_spec(json_get(template_, "spec"), spec, out);
}

/* A pod's spec with everything that may change taken from old. */
static json *give_comparable(const json *spec, const json *old)
{
    const char *const free_fields[] = { "activeDeadlineSeconds", "tolerations", "nodeName",
                                        "terminationGracePeriodSeconds" };
    const char *const lists[] = { "initContainers", "containers" };
    json *copy = json_give_copy(spec);
    for (size_t i = 0; i < ARRAY_LEN(free_fields); i++)
        json_put(copy, free_fields[i], json_give_copy(json_get(old, free_fields[i])));
    for (size_t l = 0; l < ARRAY_LEN(lists); l++)
        for (size_t i = 0; i < json_len(json_get(copy, lists[l])); i++)
            json_put(json_at(json_get(copy, lists[l]), i), "image",
                     json_give_copy(json_get(json_at(json_get(old, lists[l]), i), "image")));
    return copy;
}

void pod_validate(const struct op *op, const json *obj, const json *old, struct invalid *out)
{
    (void)op;
    validate_spec(json_get(obj, "spec"), "spec", out);
    if (!old)
        return;
    const json *was = json_get(old, "spec");
    cleanup_json json *a = give_comparable(json_get(obj, "spec"), was);
    cleanup_json json *b = give_comparable(was, was);
    if (!json_equal(a, b))
        invalid_forbidden(out, "spec",
                          "pod updates may not change fields other than "
                          "`spec.containers[*].image`, `spec.initContainers[*].image`, "
                          "`spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to "
                          "existing tolerations)");
}
