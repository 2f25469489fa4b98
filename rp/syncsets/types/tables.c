/* The tables of types and fields. size: table */
#include "pkg/base/strv.h"
#include "rp/syncsets/types/types.h"

#define SHAPE(id, shape_doc, ...) \
    static const struct api_field id##_fields[] = { __VA_ARGS__ }; \
    static const struct api_shape id = { #id, shape_doc, id##_fields, ARRAY_LEN(id##_fields) };

static const char *const operators[] = { "In", "NotIn", "Exists", "DoesNotExist", NULL };
static const char *const apply_modes[] = { "Upsert", "Sync", NULL };
static const char *const behaviors[] = {
    "", "Apply", "CreateOnly", "CreateOrUpdate", "ServerSideApply", NULL
};
static const char *const patch_types[] = { "", "strategic", "merge", "json", NULL };
static const char *const protections[] = { "Block", "Allow", NULL };
static const char *const condition_states[] = { "True", "False", "Unknown", NULL };
static const char *const results[] = { "Success", "Failure", NULL };

/* ---- parts ---- */

SHAPE(LabelSelectorRequirement, "One condition on a label.",
      { .name = "key",
        .type = API_STR,
        .required = true,
        .form = FORM_LABEL_KEY,
        .doc = "Key of the label." },
      { .name = "operator",
        .type = API_STR,
        .required = true,
        .values = operators,
        .doc = "How values are compared." },
      { .name = "values",
        .type = API_LIST,
        .of = API_STR,
        .max = 1000,
        .doc = "For In and NotIn: the values; empty for the others." })

SHAPE(LabelSelector, "All conditions must hold; none at all selects everything.",
      { .name = "matchLabels",
        .type = API_STR_MAP,
        .form = FORM_LABELS,
        .max = 64,
        .doc = "Labels that must have exactly these values." },
      { .name = "matchExpressions",
        .type = API_LIST,
        .of = API_OBJECT,
        .shape = &LabelSelectorRequirement,
        .max = 64,
        .doc = "Further conditions." })

SHAPE(LocalObjectReference, "The name of a cluster in the same namespace.",
      { .name = "name",
        .type = API_STR,
        .required = true,
        .min = 1,
        .form = FORM_NAME,
        .doc = "Its name." })

SHAPE(
    SecretReference, "A secret by name and namespace.",
    { .name = "name",
      .type = API_STR,
      .required = true,
      .min = 1,
      .form = FORM_NAME,
      .doc = "Its name." },
    { .name = "namespace", .type = API_STR, .form = FORM_ANY, .max = 63, .doc = "Its namespace." })

SHAPE(SecretMapping, "A secret of this service that is copied into the cluster.",
      { .name = "sourceRef",
        .type = API_OBJECT,
        .shape = &SecretReference,
        .required = true,
        .doc = "The secret of this service." },
      { .name = "targetRef",
        .type = API_OBJECT,
        .shape = &SecretReference,
        .required = true,
        .doc = "Where it goes in the cluster." })

SHAPE(SyncObjectPatch, "A patch of an object that is in the cluster already.",
      { .name = "apiVersion",
        .type = API_STR,
        .required = true,
        .min = 1,
        .doc = "Version of the object's API." },
      { .name = "kind", .type = API_STR, .required = true, .min = 1, .doc = "Kind of the object." },
      { .name = "name", .type = API_STR, .required = true, .min = 1, .doc = "Name of the object." },
      { .name = "namespace",
        .type = API_STR,
        .max = 253,
        .doc = "Its namespace; empty for objects without one." },
      { .name = "patch",
        .type = API_STR,
        .required = true,
        .min = 1,
        .doc = "The patch, JSON as text." },
      { .name = "patchType",
        .type = API_STR,
        .values = patch_types,
        .dflt = "\"strategic\"",
        .doc = "How the patch is read; empty means strategic." })

SHAPE(
    Rollout, "How changes spread over the clusters.",
    { .name = "canarySelector",
      .type = API_OBJECT,
      .shape = &LabelSelector,
      .doc = "These of its clusters come first; while one of them has not succeeded, no other has "
             "its turn." },
    { .name = "maxConcurrentClusters",
      .type = API_INT,
      .min = 1,
      .max = 100000,
      .doc = "At most so many clusters are between admission and a first result; absent: any "
             "number." },
    { .name = "pauseOnFailedPercent",
      .type = API_INT,
      .min = 0,
      .max = 100,
      .doc = "The roll-out pauses when the change fails in more than this share of the clusters "
             "that it has reached, until :resume or another change; absent: never." })

SHAPE(Condition, "What was observed.",
      { .name = "type", .type = API_STR, .required = true, .doc = "What it is about." },
      { .name = "status",
        .type = API_STR,
        .required = true,
        .values = condition_states,
        .doc = "True, False or Unknown." },
      { .name = "reason", .type = API_STR, .doc = "A word for programs." },
      { .name = "message", .type = API_STR, .doc = "A sentence for people." },
      { .name = "lastProbeTime", .type = API_TIME, .doc = "When it was last looked at." },
      { .name = "lastTransitionTime", .type = API_TIME, .doc = "When status last changed." })

SHAPE(SyncResourceReference, "An object in a cluster.",
      { .name = "apiVersion", .type = API_STR, .required = true, .doc = "Version of its API." },
      { .name = "kind", .type = API_STR, .required = true, .doc = "Its kind." },
      { .name = "name", .type = API_STR, .required = true, .doc = "Its name." },
      { .name = "namespace", .type = API_STR, .doc = "Its namespace." })

SHAPE(SyncStatus, "How one set stands in the cluster.",
      { .name = "name", .type = API_STR, .required = true, .doc = "Name of the set." },
      { .name = "observedGeneration",
        .type = API_INT,
        .required = true,
        .doc = "Generation that was applied." },
      { .name = "resourcesToDelete",
        .type = API_LIST,
        .of = API_OBJECT,
        .shape = &SyncResourceReference,
        .doc = "What is deleted once the set no longer contains it." },
      { .name = "deletionsBlocked",
        .type = API_LIST,
        .of = API_OBJECT,
        .shape = &SyncResourceReference,
        .doc = "What would be deleted, but is protected." },
      { .name = "result",
        .type = API_STR,
        .required = true,
        .values = results,
        .doc = "Of the last time." },
      { .name = "failureMessage", .type = API_STR, .max = 4096, .doc = "What failed." },
      { .name = "lastTransitionTime", .type = API_TIME, .doc = "When this entry last changed." },
      { .name = "firstSuccessTime", .type = API_TIME, .doc = "When it succeeded first." })

/* ---- metadata ---- */

static const struct api_field metadata_fields[] = {
    { .name = "name",
      .type = API_STR,
      .required = true,
      .form = FORM_NAME,
      .doc = "Unique among the objects of the type in the namespace." },
    { .name = "namespace",
      .type = API_STR,
      .form = FORM_LABEL,
      .doc = "The tenant; absent for global types." },
    { .name = "uid", .type = API_STR, .read_only = true, .doc = "Unique for ever." },
    { .name = "resourceVersion",
      .type = API_STR,
      .max = 19,
      .doc = "Revision of the last change, decimal. Input: the version that is to be replaced." },
    { .name = "generation",
      .type = API_INT,
      .read_only = true,
      .doc = "Counts the changes of spec, from 1." },
    { .name = "creationTimestamp",
      .type = API_TIME,
      .read_only = true,
      .doc = "When it was made." },
    { .name = "deletionTimestamp",
      .type = API_TIME,
      .read_only = true,
      .doc = "When its deletion was asked for, while that goes on." },
    { .name = "labels",
      .type = API_STR_MAP,
      .form = FORM_LABELS,
      .max = 64,
      .doc = "What selectors look at." },
    { .name = "annotations",
      .type = API_STR_MAP,
      .form = FORM_ANNOTATIONS,
      .max = 256,
      .doc = "What selectors do not look at." },
};
const struct api_shape api_metadata = { "ObjectMeta", "What every object has.", metadata_fields,
                                        ARRAY_LEN(metadata_fields) };

/* ---- specs ---- */

SHAPE(
    ClusterSpec, "How to reach a cluster.",
    { .name = "kubeconfig",
      .type = API_STR,
      .max = 262144,
      .secret = true,
      .doc = "Credentials, a kubeconfig as text. Never returned; left out of a replacement it "
             "stays as it is." },
    { .name = "apiURLOverride",
      .type = API_STR,
      .max = 512,
      .doc = "Preferred over the URL of the kubeconfig: host:port, https is implied. It, "
             "apiServerIPOverride and caBundle change only together with kubeconfig, once there "
             "is one: they tell where its credentials are sent." },
    { .name = "apiServerIPOverride",
      .type = API_STR,
      .form = FORM_IP,
      .doc = "Dialled instead of what the host's name resolves to; the name is still verified." },
    { .name = "caBundle", .type = API_STR, .max = 262144, .doc = "Further authorities, PEM." },
    { .name = "installed", .type = API_BOOL, .dflt = "true", .doc = "Nothing is applied before." },
    { .name = "installedTimestamp", .type = API_TIME, .doc = "When the installation ended." })

SHAPE(ClusterStatus, "What is known of a cluster.",
      { .name = "conditions",
        .type = API_LIST,
        .of = API_OBJECT,
        .shape = &Condition,
        .doc = "KubeconfigValid, Unreachable, ActiveAPIURLOverride, Quarantined." },
      { .name = "version", .type = API_STR, .doc = "Of OpenShift." },
      { .name = "credentialExpiry", .type = API_TIME, .doc = "End of the client certificate." },
      { .name = "kubeconfigFingerprint",
        .type = API_STR,
        .doc = "Tells whether two kubeconfigs are the same, and nothing else of them." })

/* What SyncSets and SelectorSyncSets share. */
#define SET_FIELDS \
    { .name = "resources", \
      .type = API_LIST, \
      .of = API_FREE, \
      .max = 2000, \
      .doc = "Objects, applied in this order." }, \
        { .name = "resourceApplyMode", \
          .type = API_STR, \
          .values = apply_modes, \
          .dflt = "\"Upsert\"", \
          .doc = "Sync also deletes what was applied before and is no longer here." }, \
        { .name = "applyBehavior", \
          .type = API_STR, \
          .values = behaviors, \
          .dflt = "\"Apply\"", \
          .doc = "How resources and secrets are written; empty means Apply." }, \
        { .name = "patches", \
          .type = API_LIST, \
          .of = API_OBJECT, \
          .shape = &SyncObjectPatch, \
          .max = 500, \
          .doc = "Sent every time the set is applied." }, \
        { .name = "secretMappings", \
          .type = API_LIST, \
          .of = API_OBJECT, \
          .shape = &SecretMapping, \
          .max = 200, \
          .doc = "Secrets to copy." }, \
        { .name = "enableResourceTemplates", \
          .type = API_BOOL, \
          .dflt = "false", \
          .doc = "Texts in resources may hold {{ }} actions." }, \
        { .name = "enablePatchTemplates", \
          .type = API_BOOL, \
          .dflt = "false", \
          .doc = "Patches may hold {{ }} actions." }, \
        { .name = "continueOnError", \
          .type = API_BOOL, \
          .dflt = "false", \
          .doc = "Go on with the next resource after one that fails." }, \
        { .name = "order", \
          .type = API_INT, \
          .min = -1000000, \
          .max = 1000000, \
          .dflt = "0", \
          .doc = "Sets of a cluster are applied by this, then by name." }, \
        { .name = "protectedDeletes", \
          .type = API_STR, \
          .values = protections, \
          .dflt = "\"Block\"", \
          .doc = "Whether namespaces and definitions of kinds may be deleted." }, \
    { \
        .name = "rollout", .type = API_OBJECT, .shape = &Rollout, \
        .doc = "How each change of the set spreads over its clusters; absent: to all at once." \
    }

SHAPE(SyncSetSpec, "What is shipped to clusters of one namespace.",
      { .name = "clusterDeploymentRefs",
        .type = API_LIST,
        .of = API_OBJECT,
        .shape = &LocalObjectReference,
        .max = 10000,
        .doc = "Clusters of the same namespace." },
      { .name = "clusterDeploymentSelector",
        .type = API_OBJECT,
        .shape = &LabelSelector,
        .doc = "Clusters of the same namespace by label, beside those named." },
      SET_FIELDS)

SHAPE(SelectorSyncSetSpec, "What is shipped to clusters of all namespaces.",
      { .name = "clusterDeploymentSelector",
        .type = API_OBJECT,
        .shape = &LabelSelector,
        .required = true,
        .doc = "Clusters of every namespace by label; {} is all of them." },
      SET_FIELDS)

SHAPE(SetStatus, "Of a set.",
      { .name = "conditions",
        .type = API_LIST,
        .of = API_OBJECT,
        .shape = &Condition,
        .doc = "RolloutPaused." })

SHAPE(SecretSpec, "A secret that sets copy into clusters.",
      { .name = "type",
        .type = API_STR,
        .max = 253,
        .dflt = "\"Opaque\"",
        .doc = "Type of the secret in the cluster." },
      { .name = "data",
        .type = API_STR_MAP,
        .form = FORM_BASE64_MAP,
        .secret = true,
        .doc = "Values, base64. Never returned; left out of a replacement they stay as they are." })

SHAPE(SecretStatus, "Of a secret.",
      { .name = "dataFingerprint",
        .type = API_STR,
        .doc = "Tells whether two contents are the same, and nothing else of them." })

SHAPE(ClusterSyncSpec, "Nothing.", )

SHAPE(ClusterSyncStatus, "How the sets stand in the cluster of the same name.",
      { .name = "syncSets",
        .type = API_LIST,
        .of = API_OBJECT,
        .shape = &SyncStatus,
        .doc = "Each SyncSet." },
      { .name = "selectorSyncSets",
        .type = API_LIST,
        .of = API_OBJECT,
        .shape = &SyncStatus,
        .doc = "Each SelectorSyncSet." },
      { .name = "conditions",
        .type = API_LIST,
        .of = API_OBJECT,
        .shape = &Condition,
        .doc = "Failed, Paused, ResourceConflicts." },
      { .name = "firstSuccessTime", .type = API_TIME, .doc = "When all sets had succeeded once." },
      { .name = "controlledByReplica",
        .type = API_INT,
        .doc = "Always absent: replicas come and go." },
      { .name = "controlledBy", .type = API_STR, .doc = "The controller that worked on it last." })

SHAPE(NamespaceSpec, "Limits of a tenant.",
      { .name = "maxClusters",
        .type = API_INT,
        .min = 0,
        .max = 1000000,
        .dflt = "10000",
        .doc = "At most so many clusters." },
      { .name = "maxSets",
        .type = API_INT,
        .min = 0,
        .max = 100000,
        .dflt = "500",
        .doc = "At most so many SyncSets." },
      { .name = "maxSecrets",
        .type = API_INT,
        .min = 0,
        .max = 100000,
        .dflt = "500",
        .doc = "At most so many secrets." },
      { .name = "maxSetBytes",
        .type = API_INT,
        .min = 0,
        .max = 1073741824,
        .dflt = "33554432",
        .doc = "At most so many bytes of SyncSets, all together, as JSON: whoever works on a "
               "cluster holds all of its sets in memory." })

/* ---- types ---- */

const struct api_type api_types[API_TYPES] = {
    [TYPE_CLUSTERS] = { TYPE_CLUSTERS, "clusters", "Cluster", "A cluster that sets are shipped to.",
                        false, false, false, false, "kubeconfig_enc", &ClusterSpec,
                        &ClusterStatus },
    [TYPE_SYNCSETS] = { TYPE_SYNCSETS, "syncsets", "SyncSet",
                        "Configuration for clusters of one namespace.", false, true, false, true,
                        NULL, &SyncSetSpec, &SetStatus },
    [TYPE_SELECTORSYNCSETS] = { TYPE_SELECTORSYNCSETS, "selectorsyncsets", "SelectorSyncSet",
                                "Configuration for clusters of all namespaces, by label.", true,
                                true, false, true, NULL, &SelectorSyncSetSpec, &SetStatus },
    [TYPE_SECRETS] = { TYPE_SECRETS, "secrets", "Secret", "A secret that sets copy into clusters.",
                       false, false, false, false, "data_enc", &SecretSpec, &SecretStatus },
    [TYPE_CLUSTERSYNCS] = { TYPE_CLUSTERSYNCS, "clustersyncs", "ClusterSync",
                            "What was applied to the cluster of the same name.", false, false, true,
                            false, NULL, &ClusterSyncSpec, &ClusterSyncStatus },
    [TYPE_NAMESPACES] = { TYPE_NAMESPACES, "namespaces", "Namespace", "A tenant and its limits.",
                          true, false, false, false, NULL, &NamespaceSpec, NULL },
};

const struct api_type *api_type_find(const char *plural)
{
    for (size_t i = 0; i < API_TYPES; i++)
        if (str_eq(api_types[i].plural, plural))
            return &api_types[i];
    return NULL;
}

const struct api_field *api_shape_find(const struct api_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->len; i++)
        if (str_eq(shape->fields[i].name, name))
            return &shape->fields[i];
    return NULL;
}
