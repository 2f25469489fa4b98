/*
 * gvr.h - the kinds that the product touches: group, version, resource (plural), kind, scope.
 *
 * A kind that is not listed here is found by discovery (discovery.h). Threads: constants.
 * Source: Kubernetes 1.20 to 1.34 API references; OpenShift API types.
 */
#ifndef PKG_KUBE_GVR_H
#define PKG_KUBE_GVR_H

#include <stdbool.h>
#include <stddef.h>

struct gvr {
    const char *group; /* "" = core */
    const char *version;
    const char *resource; /* plural, lower case */
    const char *kind;
    bool namespaced;
};

/* X(id, group, version, resource, kind, namespaced) */
#define KUBE_KINDS(X) \
    X(CONFIGMAPS, "", "v1", "configmaps", "ConfigMap", true) \
    X(SECRETS, "", "v1", "secrets", "Secret", true) \
    X(PODS, "", "v1", "pods", "Pod", true) \
    X(SERVICES, "", "v1", "services", "Service", true) \
    X(SERVICEACCOUNTS, "", "v1", "serviceaccounts", "ServiceAccount", true) \
    X(ENDPOINTS, "", "v1", "endpoints", "Endpoints", true) \
    X(EVENTS, "", "v1", "events", "Event", true) \
    X(EVENT_SERIES, "events.k8s.io", "v1", "events", "Event", true) \
    X(PERSISTENTVOLUMECLAIMS, "", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true) \
    X(NAMESPACES, "", "v1", "namespaces", "Namespace", false) \
    X(NODES, "", "v1", "nodes", "Node", false) \
    X(DEPLOYMENTS, "apps", "v1", "deployments", "Deployment", true) \
    X(DAEMONSETS, "apps", "v1", "daemonsets", "DaemonSet", true) \
    X(REPLICASETS, "apps", "v1", "replicasets", "ReplicaSet", true) \
    X(STATEFULSETS, "apps", "v1", "statefulsets", "StatefulSet", true) \
    X(ROLES, "rbac.authorization.k8s.io", "v1", "roles", "Role", true) \
    X(ROLEBINDINGS, "rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true) \
    X(CLUSTERROLES, "rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false) \
    X(CLUSTERROLEBINDINGS, "rbac.authorization.k8s.io", "v1", "clusterrolebindings", \
      "ClusterRoleBinding", false) \
    X(LEASES, "coordination.k8s.io", "v1", "leases", "Lease", true) \
    X(CUSTOMRESOURCEDEFINITIONS, "apiextensions.k8s.io", "v1", "customresourcedefinitions", \
      "CustomResourceDefinition", false) \
    X(CLUSTERS, "aro.openshift.io", "v1alpha1", "clusters", "Cluster", false) \
    X(PREVIEWFEATURES, "preview.aro.openshift.io", "v1alpha1", "previewfeatures", \
      "PreviewFeature", false) \
    X(CLUSTEROPERATORS, "config.openshift.io", "v1", "clusteroperators", "ClusterOperator", false) \
    X(CLUSTERVERSIONS, "config.openshift.io", "v1", "clusterversions", "ClusterVersion", false) \
    X(APISERVERS, "config.openshift.io", "v1", "apiservers", "APIServer", false) \
    X(NETWORKS, "config.openshift.io", "v1", "networks", "Network", false) \
    X(OPERATORHUBS, "config.openshift.io", "v1", "operatorhubs", "OperatorHub", false) \
    X(KUBEAPISERVERS, "operator.openshift.io", "v1", "kubeapiservers", "KubeAPIServer", false) \
    X(KUBECONTROLLERMANAGERS, "operator.openshift.io", "v1", "kubecontrollermanagers", \
      "KubeControllerManager", false) \
    X(CONSOLES, "operator.openshift.io", "v1", "consoles", "Console", false) \
    X(CLUSTERCSIDRIVERS, "operator.openshift.io", "v1", "clustercsidrivers", "ClusterCSIDriver", \
      false) \
    X(SAMPLES_CONFIGS, "samples.operator.openshift.io", "v1", "configs", "Config", false) \
    X(STORAGECLASSES, "storage.k8s.io", "v1", "storageclasses", "StorageClass", false) \
    X(DNSES, "operator.openshift.io", "v1", "dnses", "DNS", false) \
    X(INGRESSCONTROLLERS, "operator.openshift.io", "v1", "ingresscontrollers", \
      "IngressController", true) \
    X(CLOUDCREDENTIALS, "operator.openshift.io", "v1", "cloudcredentials", "CloudCredential", \
      false) \
    X(MACHINES, "machine.openshift.io", "v1beta1", "machines", "Machine", true) \
    X(MACHINESETS, "machine.openshift.io", "v1beta1", "machinesets", "MachineSet", true) \
    X(MACHINEHEALTHCHECKS, "machine.openshift.io", "v1beta1", "machinehealthchecks", \
      "MachineHealthCheck", true) \
    X(MACHINECONFIGS, "machineconfiguration.openshift.io", "v1", "machineconfigs", \
      "MachineConfig", false) \
    X(MACHINECONFIGPOOLS, "machineconfiguration.openshift.io", "v1", "machineconfigpools", \
      "MachineConfigPool", false) \
    X(SERVICEMONITORS, "monitoring.coreos.com", "v1", "servicemonitors", "ServiceMonitor", true) \
    X(PODMONITORS, "monitoring.coreos.com", "v1", "podmonitors", "PodMonitor", true) \
    X(PROMETHEUSRULES, "monitoring.coreos.com", "v1", "prometheusrules", "PrometheusRule", true) \
    X(SECURITYCONTEXTCONSTRAINTS, "security.openshift.io", "v1", "securitycontextconstraints", \
      "SecurityContextConstraints", false) \
    X(CONSOLENOTIFICATIONS, "console.openshift.io", "v1", "consolenotifications", \
      "ConsoleNotification", false) \
    X(CREDENTIALSREQUESTS, "cloudcredential.openshift.io", "v1", "credentialsrequests", \
      "CredentialsRequest", true)

#define X(id, g, v, r, k, n) extern const struct gvr GVR_##id;
KUBE_KINDS(X)
#undef X

/* The row for an object's apiVersion and kind; NULL when it is not in the table. */
const struct gvr *gvr_find(const char *api_version, const char *kind);
const struct gvr *gvr_find_resource(const char *group,
                                    const char *resource); /* NULL when not in the table */
/* "v1" or "apps/v1"; owned by the caller. */
char *gvr_give_api_version(const struct gvr *r);
bool gvr_same(const struct gvr *a, const struct gvr *b); /* group, version and resource */

#endif
