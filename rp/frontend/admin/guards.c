#include "rp/frontend/admin/guards.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/cloud_error.h"

#define NAME_MAX_LEN 255

/* Whole names: what only begins so may be a customer's. */
static const char *const namespaces[] = {
    "openshift",
    "openshift-apiserver",
    "openshift-apiserver-operator",
    "openshift-authentication-operator",
    "openshift-azure-guardrails",
    "openshift-azure-logging",
    "openshift-azure-operator",
    "openshift-cloud-controller-manager",
    "openshift-cloud-controller-manager-operator",
    "openshift-cloud-credential-operator",
    "openshift-cloud-network-config-controller",
    "openshift-cluster-api",
    "openshift-cluster-csi-drivers",
    "openshift-cluster-machine-approver",
    "openshift-cluster-node-tuning-operator",
    "openshift-cluster-samples-operator",
    "openshift-cluster-storage-operator",
    "openshift-cluster-version",
    "openshift-config",
    "openshift-config-managed",
    "openshift-config-operator",
    "openshift-console",
    "openshift-console-operator",
    "openshift-console-user-settings",
    "openshift-controller-manager",
    "openshift-controller-manager-operator",
    "openshift-dns",
    "openshift-dns-operator",
    "openshift-etcd",
    "openshift-etcd-operator",
    "openshift-host-network",
    "openshift-image-registry",
    "openshift-ingress",
    "openshift-ingress-canary",
    "openshift-ingress-operator",
    "openshift-insights",
    "openshift-kni-infra",
    "openshift-kube-apiserver",
    "openshift-kube-apiserver-operator",
    "openshift-kube-controller-manager",
    "openshift-kube-controller-manager-operator",
    "openshift-kube-scheduler",
    "openshift-kube-scheduler-operator",
    "openshift-kube-storage-version-migrator",
    "openshift-kube-storage-version-migrator-operator",
    "openshift-machine-api",
    "openshift-machine-config-operator",
    "openshift-managed-upgrade-operator",
    "openshift-marketplace",
    "openshift-monitoring",
    "openshift-multus",
    "openshift-network-diagnostics",
    "openshift-network-operator",
    "openshift-nutanix-infra",
    "openshift-oauth-apiserver",
    "openshift-openstack-infra",
    "openshift-operator-lifecycle-manager",
    "openshift-operators",
    "openshift-ovirt-infra",
    "openshift-ovn-kubernetes",
    "openshift-sdn",
    "openshift-service-ca",
    "openshift-service-ca-operator",
    "openshift-vsphere-infra",
};

/* Groups whose kinds may be touched outside of namespaces. */
static const char *const cluster_groups[] = {
    "apiserver.openshift.io",
    "aro.openshift.io",
    "authorization.openshift.io",
    "certificates.k8s.io",
    "config.openshift.io",
    "console.openshift.io",
    "imageregistry.operator.openshift.io",
    "machine.openshift.io",
    "machineconfiguration.openshift.io",
    "metrics.k8s.io",
    "operator.openshift.io",
    "rbac.authorization.k8s.io",
};
static const char *const rights_groups[] = { "authorization.openshift.io",
                                             "rbac.authorization.k8s.io" };

static bool is_among(const char *text, const char *const *list, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (str_eq(list[i], text))
            return true;
    return false;
}
#define IS_AMONG(text, list) is_among((text), (list), ARRAY_LEN(list))

/* Weaker than Kubernetes' own rule, but strong enough against mischief in paths. */
static bool is_name(const char *text)
{
    cleanup_free char *lower = str_give_lower(text);
    size_t len = strlen(lower);
    return len > 0 && len <= NAME_MAX_LEN &&
           strspn(lower, "-abcdefghijklmnopqrstuvwxyz0123456789.") == len;
}

static int check_name(const char *what, const char *text, struct error **err)
{
    return is_name(text) ? 0
                         : cloud_error(err, "InvalidParameter", NULL,
                                       "The provided %s '%s' is invalid.", what, text);
}

static int check_namespace(const char *nspace, struct error **err)
{
    return IS_AMONG(nspace, namespaces)
               ? 0
               : cloud_error(err, "Forbidden", NULL,
                             "Access to the provided namespace '%s' is forbidden.", nspace);
}

static int check_cluster_scope(const struct gvr *gvr, struct error **err)
{
    bool is_node = !*gvr->group && str_eq(gvr->resource, "nodes");
    if (is_node || IS_AMONG(gvr->group, cluster_groups))
        return 0;
    return cloud_error(err, "Forbidden", NULL,
                       "Access to cluster-scoped object '%s/%s, Resource=%s' is forbidden.",
                       gvr->group, gvr->version, gvr->resource);
}

/* Where it is: in which namespace, or in none. */
static int check_place(const struct guarded *g, struct error **err)
{
    if (*g->nspace && (!g->gvr->namespaced || !is_name(g->nspace)))
        return check_name("namespace", g->gvr->namespaced ? g->nspace : "", err);
    if (g->unrestricted)
        return 0;
    return *g->nspace ? check_namespace(g->nspace, err) : check_cluster_scope(g->gvr, err);
}

static int refuse_secrets(struct error **err)
{
    return cloud_error(err, "Forbidden", NULL, "Access to secrets is forbidden.");
}

/* No one is to read a secret, and no one to give himself rights. */
static int check_kind(const struct guarded *g, struct error **err)
{
    if ((!*g->gvr->group && str_eq(g->gvr->resource, "secrets")) ||
        str_eq(g->gvr->group, "oauth.openshift.io"))
        return refuse_secrets(err);
    if (g->writes && IS_AMONG(g->gvr->group, rights_groups))
        return cloud_error(err, "Forbidden", NULL, "Write access to RBAC is forbidden.");
    return 0;
}

int guard_object(const struct guarded *g, struct error **err)
{
    if (check_place(g, err) < 0 || check_kind(g, err) < 0)
        return -1;
    return *g->name || g->writes ? check_name("name", g->name, err) : 0;
}

int guard_words(const char *kind, const char *nspace, bool unrestricted, struct error **err)
{
    if (!*kind)
        return cloud_error(err, "InvalidParameter", "kind", "The provided resource is invalid.");
    if (*nspace && check_name("namespace", nspace, err) < 0)
        return -1;
    if (*nspace && !unrestricted && check_namespace(nspace, err) < 0)
        return -1;
    return str_eq_nocase(kind, "secret") || str_eq_nocase(kind, "secrets") ? refuse_secrets(err)
                                                                           : 0;
}

int guard_logs(const char *nspace, const char *pod, const char *container, struct error **err)
{
    if (check_name("pod name", pod, err) < 0 || check_name("namespace", nspace, err) < 0 ||
        check_namespace(nspace, err) < 0)
        return -1;
    return check_name("container name", container, err);
}

int guard_vm_name(const char *name, struct error **err)
{
    if (is_name(name) && *name != '.' && *name != '-')
        return 0;
    return cloud_error(err, "InvalidParameter", "vmName", "The provided vmName '%s' is invalid.",
                       name);
}
