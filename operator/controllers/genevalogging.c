/*
 * Ships the cluster's logs to the service. What both shippers need is here: the namespace, the
 * service account with its security context constraint, and the operator's own rights inside the
 * namespace, which would vanish with it.
 */
#include "operator/controllers/genevalogging.h"

#include <stdlib.h>
#include <string.h>

#include "operator/controllers/genevalogging_backends.h"
#include "operator/deploy/ensure.h"
#include "operator/deploy/privileged.h"
#include "operator/deploy/render.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define OPERATOR_ROLE_FILE "operator/master/role.yaml"
#define OPERATOR_ROLE "aro-operator-master"

/* ---- what both shippers need ---- */

/* The newest version that was fully installed; while the first one is, that one. */
static const char *version_of(const json *cluster_version)
{
    json *history = json_path(cluster_version, "status.history");
    for (size_t i = 0; i < json_len(history); i++)
        if (str_eq(json_path_str(json_at(history, i), "state"), "Completed"))
            return json_path_str(json_at(history, i), "version");
    return json_path_str(cluster_version, "status.history[0].version");
}

/* Pod security admission came with 4.11. */
static int has_pod_security(struct reconcile *rc, bool *ret, struct error **err)
{
    cleanup_json json *object = NULL;
    if (kube_get(rc->kube, rc->ctx, KUBE_REF(&GVR_CLUSTERVERSIONS, NULL, "version"), &object, err) <
        0)
        return error_wrap(err, "reading the cluster's version");
    const char *version = version_of(object);
    if (!version)
        return error_set(err, ERR_INVALID, "unknown cluster version");
    char *rest;
    long major = strtol(version, &rest, 10);
    long minor = *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;
    *ret = major > 4 || (major == 4 && minor >= 11);
    return 0;
}

static void label(json *object, const char *key, const char *value)
{
    cleanup_free char *path = xasprintf("metadata.labels[\"%s\"]", key);
    json_set_str(object, path, value, NULL);
}

static int add_namespace(struct reconcile *rc, bool is_scraped, json *objects, struct error **err)
{
    static const char *const modes[] = { "pod-security.kubernetes.io/enforce",
                                         "pod-security.kubernetes.io/audit",
                                         "pod-security.kubernetes.io/warn" };
    bool pod_security;
    if (has_pod_security(rc, &pod_security, err) < 0 || logging_add_namespace(objects, err) < 0)
        return -1;
    json *object = json_at(objects, json_len(objects) - 1);
    for (size_t i = 0; pod_security && i < ARRAY_LEN(modes); i++)
        label(object, modes[i], "privileged");
    if (is_scraped)
        label(object, "openshift.io/cluster-monitoring", "true");
    return 0;
}

/* A namespace on its way out takes nothing in. Its end is an event; the pause is for a missed one. */
#define TERMINATING_PAUSE_MS 10000

static int is_terminating(struct reconcile *rc, bool *ret, struct error **err)
{
    cleanup_json json *live = NULL;
    if (reconcile_get(rc, KUBE_REF(&GVR_NAMESPACES, NULL, LOGGING_NAMESPACE), &live, err) < 0)
        return -1;
    *ret = json_path_has(live, "metadata.deletionTimestamp");
    if (*ret)
        log_debug(rc->ctx->log, "waiting for the end of namespace " LOGGING_NAMESPACE);
    return 0;
}

/* The operator's own Role in the namespace, as it was deployed. */
static int add_own_rights(json *objects, struct error **err)
{
    cleanup_json json *all = json_new_array();
    if (render_file(OPERATOR_ROLE_FILE, NULL, 0, all, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(all); i++)
        if (str_eq(json_path_str(json_at(all, i), "metadata.namespace"), LOGGING_NAMESPACE))
            json_append(objects, json_ref(json_at(all, i)));
    return 0;
}

/* Like the cluster's own privileged constraint, but for the shippers' account only. */
static int add_constraint(struct reconcile *rc, json *objects, struct error **err)
{
    cleanup_json json *model = NULL;
    if (reconcile_get(rc, KUBE_REF(&GVR_SECURITYCONTEXTCONSTRAINTS, NULL, PRIVILEGED_MODEL), &model,
                      err) < 0)
        return -1;
    if (!model) {
        log_debug(rc->ctx->log, "the cluster has no security context constraints");
        return 0;
    }
    json_append(objects, privileged_give_constraints(model, LOGGING_CONSTRAINTS, LOGGING_NAMESPACE,
                                                     LOGGING_ACCOUNT));
    return 0;
}

static int ensure_owned(struct reconcile *rc, json *objects, struct error **err)
{
    for (size_t i = 0; i < json_len(objects); i++)
        json_put(json_get(json_at(objects, i), "metadata"), "ownerReferences",
                 json_make("[%j]", reconcile_give_owner(rc)));
    return ensure_objects(rc->kube, rc->ctx, objects, err);
}

/* ---- the shippers ---- */

static int give_mdsd(struct reconcile *rc, struct shipper *ret, struct error **err)
{
    cleanup_json json *secret = NULL;
    if (reconcile_get_service_secret(rc, rc->ctx, &secret, err) < 0)
        return -1;
    return genevalogging_mdsd_objects(rc->cluster, secret, ret, err);
}

static int ensure_shipper(struct reconcile *rc, json *objects, struct error **err)
{
    /* First what lets the operator write there at all. */
    cleanup_json json *home = json_new_array();
    if (add_namespace(rc, !genevalogging_uses_mdsd(rc->cluster), home, err) < 0 ||
        add_own_rights(home, err) < 0 || ensure_owned(rc, home, err) < 0)
        return -1;
    if (logging_add_account(objects, err) < 0 || add_constraint(rc, objects, err) < 0)
        return -1;
    return ensure_owned(rc, objects, err);
}

/* Which of the watches knows objects of that kind. */
static const struct watch *watch_of(const struct reconcile *rc, const struct kube_ref *ref)
{
    for (size_t i = 0; i < rc->self->watches_len; i++) {
        const struct watch *w = &rc->self->watches[i];
        if (w->gvr == ref->gvr && str_eq(w->nspace, ref->nspace))
            return w;
    }
    return NULL;
}

static bool is_cached(struct reconcile *rc, const struct kube_ref *ref)
{
    const struct watch *w = watch_of(rc, ref);
    cleanup_json json *list = w ? reconcile_give_list(rc, w) : NULL;
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "metadata.name"), ref->name))
            return true;
    return false;
}

static int remove_leftovers(struct reconcile *rc, const struct kube_ref *leftovers,
                            struct error **err)
{
    for (const struct kube_ref *ref = leftovers; ref->gvr; ref++)
        if (is_cached(rc, ref) && kube_delete_if_present(rc->kube, rc->ctx, ref, err) < 0)
            return error_wrap(err, "removing %s %s", ref->gvr->kind, ref->name);
    return 0;
}

static int genevalogging_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    bool mdsd = genevalogging_uses_mdsd(rc->cluster), terminating;
    struct shipper shipper = { 0 };
    if (is_terminating(rc, &terminating, err) < 0)
        return -1;
    if (terminating) {
        ret->requeue_after_ms = TERMINATING_PAUSE_MS;
        return 0;
    }
    if ((mdsd ? give_mdsd(rc, &shipper, err)
              : genevalogging_otel_objects(rc->cluster, &shipper, err)) < 0)
        return -1;
    cleanup_json json *objects = shipper.objects;
    if (ensure_shipper(rc, objects, err) < 0)
        return -1;
    if (!shipper.can_run)
        return 0; /* the other one, if it is there, is better than none */
    return remove_leftovers(rc, mdsd ? genevalogging_otel_leftovers : genevalogging_mdsd_leftovers,
                            err);
}

/* ---- the descriptor ---- */

/* Optional: without the namespace there is no right to watch in it, which must not keep the operator
 * from starting, as only this controller brings the namespace back. */
#define WATCH_OWNED_HERE(gvr_) \
    { \
        .gvr = (gvr_), .nspace = LOGGING_NAMESPACE, .wake = WAKE_OWNER, .optional = true \
    }

static const struct watch watches[] = {
    WATCH_CLUSTER,
    WATCH_OWNED_HERE(&GVR_DAEMONSETS),
    WATCH_OWNED_HERE(&GVR_CONFIGMAPS),
    { .gvr = &GVR_SECRETS,
      .nspace = LOGGING_NAMESPACE,
      .name = LOGGING_CERTIFICATES,
      .wake = WAKE_OWNER,
      .optional = true },
    WATCH_OWNED_HERE(&GVR_SERVICEACCOUNTS),
    WATCH_OWNED_HERE(&GVR_ROLES),
    WATCH_OWNED_HERE(&GVR_ROLEBINDINGS),
    WATCH_OWNED_HERE(&GVR_PODMONITORS),
    WATCH_OWNED_HERE(&GVR_PROMETHEUSRULES),
    { .gvr = &GVR_NAMESPACES, .name = LOGGING_NAMESPACE },
    { .gvr = &GVR_SECURITYCONTEXTCONSTRAINTS, .name = LOGGING_CONSTRAINTS, .optional = true },
    /* mdsd's certificate is renewed there. */
    { .gvr = &GVR_SECRETS, .nspace = OPERATOR_NAMESPACE, .name = OPERATOR_SECRET },
};

#define RIGHT_HERE(gvr_, names_) \
    { \
        .gvr = (gvr_), .verbs = "get create patch update delete", .nspace = LOGGING_NAMESPACE, \
        .names = (names_) \
    }

static const struct right rights[] = {
    /* Of the whole cluster, by name: what must work while the namespace is missing. escalate and
     * bind, because its Role holds rights that the operator has nowhere else. delete, because the API server lets
     * only those set owner references who may delete the object. */
    { .gvr = &GVR_NAMESPACES,
      .verbs = "get create patch update delete",
      .names = LOGGING_NAMESPACE },
    { .gvr = &GVR_ROLES,
      .verbs = "get create patch update delete escalate bind",
      .names = OPERATOR_ROLE " prometheus-k8s" },
    { .gvr = &GVR_ROLEBINDINGS,
      .verbs = "get create patch update delete",
      .names = OPERATOR_ROLE " prometheus-k8s" },
    { .gvr = &GVR_SECURITYCONTEXTCONSTRAINTS, .verbs = "get", .names = PRIVILEGED_MODEL },
    { .gvr = &GVR_SECURITYCONTEXTCONSTRAINTS,
      .verbs = "get create patch update delete",
      .names = LOGGING_CONSTRAINTS },
    { .gvr = &GVR_CLUSTERVERSIONS, .verbs = "get", .names = "version" },
    { .gvr = &GVR_SECRETS, .verbs = "get", .nspace = OPERATOR_NAMESPACE, .names = OPERATOR_SECRET },
    /* Inside the namespace. */
    RIGHT_HERE(&GVR_DAEMONSETS, "mdsd otel-exporter-master otel-exporter-worker"),
    RIGHT_HERE(&GVR_CONFIGMAPS, "fluent-config gateway-ca otel-config"),
    RIGHT_HERE(&GVR_SECRETS, LOGGING_CERTIFICATES),
    RIGHT_HERE(&GVR_SERVICEACCOUNTS, LOGGING_ACCOUNT),
    RIGHT_HERE(&GVR_PODMONITORS, "otel-exporter"),
    RIGHT_HERE(&GVR_PROMETHEUSRULES, "otel-exporter-alerts"),
};

const struct controller_desc genevalogging_controller = {
    .name = "GenevaLogging",
    .doc = "Runs the log shippers, and repairs whatever of theirs is edited or deleted.",
    .roles = ROLE_MASTER,
    .flag = FLAG_GENEVALOGGING_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .has_conditions = true,
    .reconcile = genevalogging_reconcile,
};
