#include "operator/controllers/ingresscertificatechecker.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define INGRESS_NAMESPACE "openshift-ingress-operator"

static const struct kube_ref ingress = { .gvr = &GVR_INGRESSCONTROLLERS,
                                         .nspace = INGRESS_NAMESPACE,
                                         .name = "default" };
static const struct kube_ref version = { .gvr = &GVR_CLUSTERVERSIONS, .name = "version" };

static const char *const managed_domains[] = { ".aroapp.io", ".aroapp.azure.us" };

static bool is_managed_domain(const char *domain)
{
    for (size_t i = 0; i < ARRAY_LEN(managed_domains); i++)
        if (str_ends_nocase(domain, managed_domains[i]))
            return true;
    return false;
}

/* What is wrong with the certificate, NULL when nothing is. *ret_expected: the customer's own
 * doing, not to be retried. */
static const char *judge(const char *domain, const char *cluster_id, const char *certificate,
                         bool *ret_expected)
{
    bool managed = is_managed_domain(domain);
    *ret_expected = !managed;
    if (!certificate)
        return managed ? "missing ingress certificate for cluster with managed domain"
                       : "missing ingress certificate for cluster with custom domain";
    cleanup_free char *want = xasprintf("%s-ingress", cluster_id);
    if (managed && strcmp(certificate, want) != 0)
        return "invalid ingress certificate name for cluster with managed domain";
    return NULL;
}

static int read_facts(struct reconcile *rc, json **ret_version, json **ret_ingress,
                      struct error **err)
{
    if (kube_get(rc->kube, rc->ctx, &version, ret_version, err) < 0)
        return -1;
    return kube_get(rc->kube, rc->ctx, &ingress, ret_ingress, err);
}

static int check(struct reconcile *rc, bool *ret_expected, struct error **err)
{
    const char *domain;
    *ret_expected = false;
    if (reconcile_need(rc, "spec.domain", &domain, err) < 0)
        return -1;
    cleanup_json json *version_object = NULL;
    cleanup_json json *ingress_object = NULL;
    if (read_facts(rc, &version_object, &ingress_object, err) < 0)
        return -1;
    const char *cluster_id;
    if (json_need_str(version_object, "spec.clusterID", &cluster_id, err) < 0)
        return error_wrap(err, "reading ClusterVersion version");
    const char *problem =
        judge(domain, cluster_id, json_path_str(ingress_object, "spec.defaultCertificate.name"),
              ret_expected);
    return problem ? error_set(err, ERR_INVALID, "%s", problem) : 0;
}

static int certificate_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    bool expected;
    struct error *e = NULL;
    bool good = check(rc, &expected, &e) == 0;
    struct error *write_error = NULL;
    if (reconcile_check(rc, COND_DEFAULT_INGRESS_CERTIFICATE, good ? STATUS_TRUE : STATUS_FALSE,
                        good ? "CheckDone" : "CheckFailed",
                        good ? "Default ingress certificate is in use" : error_text(e),
                        &write_error) < 0) {
        error_join(&e, &write_error);
        return error_move(err, &e);
    }
    if (good || expected) {
        error_free(e);
        return 0;
    }
    return error_move(err, &e);
}

static int certificate_disabled(struct reconcile *rc, struct error **err)
{
    return reconcile_check(rc, COND_DEFAULT_INGRESS_CERTIFICATE, STATUS_UNKNOWN, NULL, NULL, err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_INGRESSCONTROLLERS,
      .nspace = INGRESS_NAMESPACE,
      .name = "default",
      .optional = true },
    { .gvr = &GVR_CLUSTERVERSIONS, .name = "version", .optional = true },
};
static const struct right rights[] = {
    { .gvr = &GVR_INGRESSCONTROLLERS,
      .verbs = "get",
      .nspace = INGRESS_NAMESPACE,
      .names = "default" },
    { .gvr = &GVR_CLUSTERVERSIONS, .verbs = "get", .names = "version" },
};

const struct controller_desc ingresscertificatechecker_controller = {
    .name = "IngressCertificateChecker",
    .doc = "Checks that the default ingress controller serves the certificate that belongs to the "
           "cluster.",
    .roles = ROLE_MASTER,
    .flag = FLAG_CHECKER_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .is_check = true,
    .checks = { COND_DEFAULT_INGRESS_CERTIFICATE },
    .periodic = true,
    .reconcile = certificate_reconcile,
    .disabled = certificate_disabled,
};
