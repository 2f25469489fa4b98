/* The table of built-in kinds. Source: OpenAPI document of Kubernetes 1.20. size: table */
#include "pkg/base/cleanup.h"
#include "pkg/kube/merge_keys_impl.h"

#define KIND(group, kind, type) \
    { \
        "", group "/" kind, type, \
        { \
            0 \
        } \
    }
#define FIELD(type, field, of) \
    { \
        type, field, of, \
        { \
            0 \
        } \
    }
#define LIST(type, field, of, key) \
    { \
        type, field, of, \
        { \
            .merges = true, .merge_key = (key) \
        } \
    }

/* Sorted by type and field, as lookups have it. */
static const struct merge_row rows[] = {
    KIND("", "ConfigMap", "Object"),
    KIND("", "Endpoints", "Object"),
    KIND("", "Event", "Object"),
    KIND("", "LimitRange", "Object"),
    KIND("", "Namespace", "Object"),
    KIND("", "Node", "Node"),
    KIND("", "PersistentVolume", "Object"),
    KIND("", "PersistentVolumeClaim", "Object"),
    KIND("", "Pod", "PodTemplateSpec"),
    KIND("", "PodTemplate", "PodTemplate"),
    KIND("", "ReplicationController", "Workload"),
    KIND("", "ResourceQuota", "Object"),
    KIND("", "Secret", "Object"),
    KIND("", "Service", "Service"),
    KIND("", "ServiceAccount", "ServiceAccount"),
    KIND("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "WebhookConfiguration"),
    KIND("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "WebhookConfiguration"),
    KIND("apiextensions.k8s.io", "CustomResourceDefinition", "Object"),
    KIND("apiregistration.k8s.io", "APIService", "Object"),
    KIND("apps", "ControllerRevision", "Object"),
    KIND("apps", "DaemonSet", "Workload"),
    KIND("apps", "Deployment", "Deployment"),
    KIND("apps", "ReplicaSet", "Workload"),
    KIND("apps", "StatefulSet", "Workload"),
    KIND("autoscaling", "HorizontalPodAutoscaler", "Object"),
    KIND("batch", "CronJob", "CronJob"),
    KIND("batch", "Job", "Workload"),
    KIND("coordination.k8s.io", "Lease", "Object"),
    KIND("networking.k8s.io", "Ingress", "Object"),
    KIND("networking.k8s.io", "IngressClass", "Object"),
    KIND("networking.k8s.io", "NetworkPolicy", "Object"),
    KIND("policy", "PodDisruptionBudget", "Object"),
    KIND("rbac.authorization.k8s.io", "ClusterRole", "Object"),
    KIND("rbac.authorization.k8s.io", "ClusterRoleBinding", "Object"),
    KIND("rbac.authorization.k8s.io", "Role", "Object"),
    KIND("rbac.authorization.k8s.io", "RoleBinding", "Object"),
    KIND("scheduling.k8s.io", "PriorityClass", "Object"),
    KIND("storage.k8s.io", "CSIDriver", "Object"),
    KIND("storage.k8s.io", "StorageClass", "Object"),

    LIST("Container", "env", "EnvVar", "name"),
    LIST("Container", "ports", "ContainerPort", "containerPort"),
    LIST("Container", "volumeDevices", "VolumeDevice", "devicePath"),
    LIST("Container", "volumeMounts", "VolumeMount", "mountPath"),
    FIELD("CronJob", "metadata", "ObjectMeta"),
    FIELD("CronJob", "spec", "CronJobSpec"),
    FIELD("CronJobSpec", "jobTemplate", "Workload"),
    FIELD("Deployment", "metadata", "ObjectMeta"),
    FIELD("Deployment", "spec", "DeploymentSpec"),
    { "DeploymentSpec", "strategy", "DeploymentStrategy", { .retains_keys = true } },
    FIELD("DeploymentSpec", "template", "PodTemplateSpec"),
    FIELD("EphemeralVolumeSource", "volumeClaimTemplate", "Object"),
    FIELD("Node", "metadata", "ObjectMeta"),
    FIELD("Node", "spec", "NodeSpec"),
    LIST("NodeSpec", "podCIDRs", "", NULL),
    FIELD("Object", "metadata", "ObjectMeta"),
    LIST("ObjectMeta", "finalizers", "", NULL),
    LIST("ObjectMeta", "ownerReferences", "OwnerReference", "uid"),
    LIST("PodSpec", "containers", "Container", "name"),
    LIST("PodSpec", "ephemeralContainers", "Container", "name"),
    LIST("PodSpec", "hostAliases", "HostAlias", "ip"),
    LIST("PodSpec", "imagePullSecrets", "LocalObjectReference", "name"),
    LIST("PodSpec", "initContainers", "Container", "name"),
    LIST("PodSpec", "topologySpreadConstraints", "TopologySpreadConstraint", "topologyKey"),
    { "PodSpec",
      "volumes",
      "Volume",
      { .merges = true, .merge_key = "name", .retains_keys = true } },
    FIELD("PodTemplate", "metadata", "ObjectMeta"),
    FIELD("PodTemplate", "template", "PodTemplateSpec"),
    FIELD("PodTemplateSpec", "metadata", "ObjectMeta"),
    FIELD("PodTemplateSpec", "spec", "PodSpec"),
    FIELD("Service", "metadata", "ObjectMeta"),
    FIELD("Service", "spec", "ServiceSpec"),
    FIELD("ServiceAccount", "metadata", "ObjectMeta"),
    LIST("ServiceAccount", "secrets", "ObjectReference", "name"),
    LIST("ServiceSpec", "ports", "ServicePort", "port"),
    FIELD("Volume", "ephemeral", "EphemeralVolumeSource"),
    FIELD("WebhookConfiguration", "metadata", "ObjectMeta"),
    LIST("WebhookConfiguration", "webhooks", "Webhook", "name"),
    FIELD("Workload", "metadata", "ObjectMeta"),
    FIELD("Workload", "spec", "WorkloadSpec"),
    FIELD("WorkloadSpec", "template", "PodTemplateSpec"),
};

const struct merge_keys *merge_keys_builtin(void)
{
    static const struct merge_keys builtin = {
        .schema = { .at_key = merge_keys_at_key,
                    .item_of = merge_keys_item_of,
                    .way_of = merge_keys_way_of },
        .rows = rows,
        .len = ARRAY_LEN(rows),
    };
    return &builtin;
}
