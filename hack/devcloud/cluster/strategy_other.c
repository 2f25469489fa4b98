#include <string.h>

#include "hack/devcloud/cluster/crd.h"
#include "hack/devcloud/cluster/names.h"
#include "hack/devcloud/cluster/strategy.h"
#include "pkg/base/mem.h"

#define RBAC "rbac.authorization.k8s.io"

/* ---- RBAC ---- */

static void binding_decode(const struct op *op, json *obj)
{
    (void)op;
    json *subjects = json_get(obj, "subjects");
    for (size_t i = 0; i < json_len(subjects); i++) {
        json *s = json_at(subjects, i);
        const char *kind = json_path_str(s, "kind");
        if (!json_path_str(s, "apiGroup") && !str_eq(kind, "ServiceAccount"))
            json_put(s, "apiGroup", json_new_str(RBAC));
    }
}

static void check_subject(const json *subject, size_t i, struct invalid *out)
{
    const char *kind = json_path_str(subject, "kind"), *name = json_path_str(subject, "name");
    const char *nspace = json_path_str(subject, "namespace");
    cleanup_free char *of_name = xasprintf("subjects[%zu].name", i);
    cleanup_free char *of_nspace = xasprintf("subjects[%zu].namespace", i);
    cleanup_free char *of_kind = xasprintf("subjects[%zu].kind", i);
    cleanup_json json *shown = json_new_str(kind ? kind : "");
    if (!name || !*name)
        invalid_required(out, of_name, NULL);
    if (str_eq(kind, "ServiceAccount") && (!nspace || !*nspace))
        invalid_required(out, of_nspace, NULL);
    if (!str_eq(kind, "ServiceAccount") && !str_eq(kind, "User") && !str_eq(kind, "Group"))
        invalid_unsupported(out, of_kind, shown, "\"ServiceAccount\", \"User\", \"Group\"");
}

static void binding_validate(const struct op *op, const json *obj, const json *old,
                             struct invalid *out)
{
    const char *kind = json_path_str(obj, "roleRef.kind");
    const json *subjects = json_get(obj, "subjects");
    bool cluster = str_eq(kind, "ClusterRole");
    if (!cluster && !(str_eq(kind, "Role") && op->r->namespaced))
        invalid_unsupported(out, "roleRef.kind", json_path(obj, "roleRef.kind"),
                            op->r->namespaced ? "\"Role\", \"ClusterRole\"" : "\"ClusterRole\"");
    const char *name = json_path_str(obj, "roleRef.name");
    if (!name || !*name)
        invalid_required(out, "roleRef.name", NULL);
    for (size_t i = 0; i < json_len(subjects); i++)
        check_subject(json_at(subjects, i), i, out);
    if (old && !json_equal(json_get(obj, "roleRef"), json_get(old, "roleRef")))
        invalid_value(out, "roleRef", json_get(obj, "roleRef"), "cannot change roleRef");
}

static void role_validate(const struct op *op, const json *obj, const json *old,
                          struct invalid *out)
{
    const json *rules = json_get(obj, "rules");
    (void)old;
    for (size_t i = 0; i < json_len(rules); i++) {
        const json *rule = json_at(rules, i);
        bool urls = json_len(json_get(rule, "nonResourceURLs"));
        cleanup_free char *verbs = xasprintf("rules[%zu].verbs", i);
        cleanup_free char *groups = xasprintf("rules[%zu].apiGroups", i);
        cleanup_free char *resources = xasprintf("rules[%zu].resources", i);
        if (!json_len(json_get(rule, "verbs")))
            invalid_required(out, verbs, "verbs must contain at least one value");
        if (urls && op->r->namespaced) {
            cleanup_free char *at = xasprintf("rules[%zu].nonResourceURLs", i);
            invalid_value(out, at, json_get(rule, "nonResourceURLs"),
                          "namespaced rules cannot apply to non-resource URLs");
        }
        if (urls)
            continue;
        if (!json_len(json_get(rule, "apiGroups")))
            invalid_required(out, groups, "resource rules must supply at least one api group");
        if (!json_len(json_get(rule, "resources")))
            invalid_required(out, resources, "resource rules must supply at least one resource");
    }
}

/* ---- networking ---- */

static void network_policy_decode(const struct op *op, json *obj)
{
    (void)op;
    json *spec = json_get(obj, "spec");
    if (json_len(json_get(spec, "policyTypes")))
        return;
    json *types = json_make("['Ingress']");
    if (json_get(spec, "egress"))
        json_append(types, json_new_str("Egress"));
    json_put(spec, "policyTypes", types);
}

/* ---- definitions ---- */

static void definition_decode(const struct op *op, json *obj)
{
    (void)op;
    crd_fill(obj);
}

static int definition_create(const struct op *op, json *obj, struct error **err)
{
    (void)op;
    json *status = json_make("{'acceptedNames':{'kind':'','plural':''},'conditions':null,"
                             "'storedVersions':[]}");
    const char *version = crd_storage_version(obj);
    if (version)
        json_append(json_get(status, "storedVersions"), json_new_str(version));
    (void)err;
    json_put(obj, "status", status);
    return 0;
}

static void definition_validate(const struct op *op, const json *obj, const json *old,
                                struct invalid *out)
{
    (void)op;
    crd_validate(obj, old, out);
}

/* ---- others ---- */

static void lease_validate(const struct op *op, const json *obj, const json *old,
                           struct invalid *out)
{
    (void)op;
    (void)old;
    const json *duration = json_path(obj, "spec.leaseDurationSeconds");
    const json *transitions = json_path(obj, "spec.leaseTransitions");
    int64_t n;
    if (json_int(duration, &n) && n <= 0)
        invalid_value(out, "spec.leaseDurationSeconds", duration, "must be greater than 0");
    if (json_int(transitions, &n) && n < 0)
        invalid_value(out, "spec.leaseTransitions", transitions,
                      "must be greater than or equal to 0");
}

static void event_validate(const struct op *op, const json *obj, const json *old,
                           struct invalid *out)
{
    const char *nspace = json_path_str(obj, "involvedObject.namespace");
    const char *own = op_nspace(op);
    (void)old;
    bool fits = nspace && *nspace ? str_eq(nspace, own) : str_eq(own, "default");
    cleanup_json json *shown = json_new_str(nspace ? nspace : "");
    if (!fits)
        invalid_value(out, "involvedObject.namespace", shown, "does not match event.namespace");
}

#define ROLE(plural) \
    { \
        .collection = RBAC "/" plural, .give_name_fault = names_give_segment_fault, \
        .validate = role_validate \
    }
#define BINDING(plural) \
    { \
        .collection = RBAC "/" plural, .give_name_fault = names_give_segment_fault, \
        .decode = binding_decode, .validate = binding_validate \
    }

const struct strategy strategies_other[] = {
    ROLE("roles"),
    ROLE("clusterroles"),
    BINDING("rolebindings"),
    BINDING("clusterrolebindings"),
    { .collection = "networking.k8s.io/networkpolicies", .decode = network_policy_decode },
    { .collection = CRD_COLLECTION,
      .decode = definition_decode,
      .create = definition_create,
      .validate = definition_validate,
      .keeps_status_on_create = true },
    { .collection = "coordination.k8s.io/leases", .validate = lease_validate },
    { .collection = "/events", .validate = event_validate },
};
const size_t strategies_other_len = ARRAY_LEN(strategies_other);
