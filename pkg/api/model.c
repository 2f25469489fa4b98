/*
 * The fields of a cluster in every API version. Source: the public REST API of Azure Red Hat OpenShift,
 * one version after the other.
 */
#include "pkg/api/model_types.h"
#include "pkg/base/strv.h"

/* ---- small types ---- */

static const struct api_field system_data_fields[] = {
    { .name = "createdBy", .kind = KIND_STR, .versions = V_SYSTEM_DATA, .doc = "Who created it." },
    { .name = "createdByType",
      .kind = KIND_STR,
      .versions = V_SYSTEM_DATA,
      .values = &enum_created_by_type,
      .doc = "The kind of the caller who created it." },
    { .name = "createdAt",
      .kind = KIND_TIME,
      .versions = V_SYSTEM_DATA,
      .doc = "When it was created." },
    { .name = "lastModifiedBy",
      .kind = KIND_STR,
      .versions = V_SYSTEM_DATA,
      .doc = "Who changed it last." },
    { .name = "lastModifiedByType",
      .kind = KIND_STR,
      .versions = V_SYSTEM_DATA,
      .values = &enum_created_by_type,
      .doc = "The kind of the caller who changed it last." },
    { .name = "lastModifiedAt",
      .kind = KIND_TIME,
      .versions = V_SYSTEM_DATA,
      .doc = "When it was changed last." },
};
static const struct api_type system_data_type = {
    "SystemData", "SystemData says who created and changed the resource.",
    FIELDS(system_data_fields)
};

/* ---- profiles ---- */

static const struct api_field cluster_profile_fields[] = {
    { .name = "pullSecret",
      .kind = KIND_STR,
      .versions = V_PUBLIC,
      .flags = FIELD_SECRET | FIELD_IN_SKELETON,
      .doc = "The pull secret for the cluster." },
    { .name = "domain",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The domain for the cluster." },
    { .name = "version",
      .kind = KIND_STR,
      .versions = V_ALL,
      .flags = FIELD_IN_SKELETON,
      .doc = "The version of the cluster." },
    /* Stored in lower case: whoever repeats their own spelling changes nothing. */
    { .name = "resourceGroupId",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .flags = FIELD_NO_CASE,
      .doc = "The ID of the resource group for what the cluster is made of." },
    { .name = "fipsValidatedModules",
      .kind = KIND_STR,
      .versions = V_FIPS,
      .required = V_FROM(V_D),
      .values = &enum_fips_validated_modules,
      .doc = "Whether FIPS validated cryptographic modules are used." },
    { .name = "oidcIssuer",
      .kind = KIND_STR,
      .versions = V_IDENTITY,
      .read_only = V_IDENTITY,
      .doc = "The URL of the issuer of tokens for workload identities." },
};
static const struct api_type cluster_profile_type = { "ClusterProfile",
                                                      "ClusterProfile is the cluster as a whole.",
                                                      FIELDS(cluster_profile_fields) };

static const struct api_field feature_profile_fields[] = {
    { .name = "gatewayEnabled",
      .kind = KIND_BOOL,
      .versions = V_ADMIN,
      .is_mutable = V_ADMIN,
      .doc = "Whether the cluster reaches the service through the gateway." },
};
static const struct api_type feature_profile_type = {
    "FeatureProfile", "FeatureProfile holds switches of the cluster.",
    FIELDS(feature_profile_fields)
};

static const struct api_field console_profile_fields[] = {
    { .name = "url",
      .kind = KIND_STR,
      .versions = V_ALL,
      .read_only = V_MARKED,
      .doc = "The URL to access the cluster console." },
};
static const struct api_type console_profile_type = { "ConsoleProfile",
                                                      "ConsoleProfile is the cluster's console.",
                                                      FIELDS(console_profile_fields) };

#define MACHINE_ENCRYPTION_FIELDS \
    { .name = "encryptionAtHost", \
      .kind = KIND_STR, \
      .versions = V_ENCRYPTION, \
      .required = V_FROM(V_C), \
      .values = &enum_encryption_at_host, \
      .doc = "Whether the hosts encrypt what the machines store." }, \
    { \
        .name = "diskEncryptionSetId", .kind = KIND_STR, .versions = V_ENCRYPTION, \
        .doc = "The ID of the disk encryption set, if there is one." \
    }

static const struct api_field master_profile_fields[] = {
    { .name = "vmSize",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The size of the master VMs." },
    { .name = "subnetId",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The ID of the subnet of the master VMs." },
    MACHINE_ENCRYPTION_FIELDS,
};
static const struct api_type master_profile_type = { "MasterProfile",
                                                     "MasterProfile are the master VMs.",
                                                     FIELDS(master_profile_fields) };

static const struct api_field worker_profile_fields[] = {
    { .name = "name",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The name of the worker profile." },
    { .name = "vmSize",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The size of the worker VMs." },
    { .name = "diskSizeGB",
      .kind = KIND_INT,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The disk size of the worker VMs in gigabytes; at least 128." },
    { .name = "subnetId",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The ID of the subnet of the worker VMs." },
    { .name = "count",
      .kind = KIND_INT,
      .versions = V_ALL,
      .is_mutable = V_A,
      .required = V_PUBLIC,
      .doc = "The number of worker VMs: 2 to 50." },
    MACHINE_ENCRYPTION_FIELDS,
};
static const struct api_type worker_profile_type = { "WorkerProfile",
                                                     "WorkerProfile is a set of worker VMs.",
                                                     FIELDS(worker_profile_fields),
                                                     .is_named = true };

/* ---- admin ---- */

static const struct api_field install_fields[] = {
    { .name = "now",
      .kind = KIND_TIME,
      .versions = V_ADMIN,
      .doc = "When the installation began." },
    { .name = "phase",
      .kind = KIND_NUMBERED,
      .versions = V_ADMIN,
      .flags = FIELD_ALWAYS,
      .values = &enum_install_phase,
      .doc = "The half of the installation." },
};
static const struct api_type install_type = { "Install", "Install is an installation under way.",
                                              FIELDS(install_fields) };

static const struct api_field registry_profile_fields[] = {
    { .name = "name", .kind = KIND_STR, .versions = V_ADMIN, .doc = "The registry's name." },
    { .name = "username", .kind = KIND_STR, .versions = V_ADMIN, .doc = "The user." },
    { .name = "issueDate",
      .kind = KIND_TIME,
      .versions = V_ADMIN,
      .doc = "When the password was issued." },
};
static const struct api_type registry_profile_type = {
    "RegistryProfile", "RegistryProfile is a registry that the cluster pulls from.",
    FIELDS(registry_profile_fields), .is_named = true
};

static const struct api_field hive_profile_fields[] = {
    { .name = "namespace", .kind = KIND_STR, .versions = V_ADMIN, .doc = "The namespace in Hive." },
    { .name = "createdByHive",
      .kind = KIND_BOOL,
      .versions = V_ADMIN,
      .doc = "Whether Hive installed the cluster." },
};
static const struct api_type hive_profile_type = { "HiveProfile",
                                                   "HiveProfile is the cluster's place in Hive.",
                                                   FIELDS(hive_profile_fields) };

/* ---- the cluster ---- */

#define ADMIN_STR(n, d) \
    { \
        .name = n, .kind = KIND_STR, .versions = V_ADMIN, .doc = d \
    }

static const struct api_field properties_fields[] = {
    { .name = "architectureVersion",
      .kind = KIND_INT,
      .versions = V_ADMIN,
      .flags = FIELD_ALWAYS,
      .doc = "The layout of load balancers and security groups: 0 the first, 1 the second." },
    { .name = "provisioningState",
      .kind = KIND_STR,
      .versions = V_ALL,
      .flags = FIELD_IN_SKELETON,
      .values = &enum_provisioning_state,
      .doc = "The cluster provisioning state." },
    ADMIN_STR("lastProvisioningState", "The state before this one."),
    ADMIN_STR("failedProvisioningState", "The state in which the last operation failed."),
    ADMIN_STR("lastAdminUpdateError", "Why the last admin update failed."),
    { .name = "maintenanceTask",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .is_mutable = V_ADMIN,
      .values = &enum_maintenance_task,
      .doc = "What the admin update does." },
    ADMIN_STR("maintenanceState", "What customers are told about maintenance."),
    { .name = "operatorFlags",
      .kind = KIND_STR_MAP,
      .versions = V_ADMIN,
      .is_mutable = V_ADMIN,
      .doc = "The flags of the cluster's operator." },
    { .name = "operatorVersion",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .is_mutable = V_ADMIN,
      .doc = "The version of the operator, when it is another than the service's own." },
    { .name = "createdAt",
      .kind = KIND_TIME,
      .versions = V_ADMIN,
      .doc = "When the cluster was created." },
    ADMIN_STR("createdBy", "The build of the service that created the cluster."),
    ADMIN_STR("provisionedBy", "The build of the service that last updated the cluster."),
    { .name = "clusterProfile",
      .kind = KIND_VALUE,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .type = &cluster_profile_type,
      .doc = "The cluster profile." },
    { .name = "featureProfile",
      .kind = KIND_VALUE,
      .versions = V_ADMIN,
      .type = &feature_profile_type,
      .doc = "Switches of the cluster." },
    { .name = "consoleProfile",
      .kind = KIND_VALUE,
      .versions = V_ALL,
      .type = &console_profile_type,
      .doc = "The console profile." },
    { .name = "servicePrincipalProfile",
      .kind = KIND_OPTIONAL,
      .versions = V_ALL,
      .is_mutable = V_PUBLIC,
      .required = V_UPTO(V_I),
      .type = &service_principal_type,
      .doc = "The cluster service principal profile." },
    { .name = "platformWorkloadIdentityProfile",
      .kind = KIND_OPTIONAL,
      .versions = V_IDENTITY,
      .type = &workload_profile_type,
      .doc = "The workload identity profile." },
    { .name = "networkProfile",
      .kind = KIND_VALUE,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .type = &network_profile_type,
      .doc = "The cluster network profile." },
    { .name = "masterProfile",
      .kind = KIND_VALUE,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .type = &master_profile_type,
      .doc = "The cluster master profile." },
    { .name = "workerProfiles",
      .kind = KIND_LIST,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .flags = FIELD_LIVE,
      .type = &worker_profile_type,
      .doc = "The cluster worker profiles." },
    { .name = "workerProfilesStatus",
      .kind = KIND_LIST,
      .versions = V_STATUS,
      .read_only = V_STATUS,
      .type = &worker_profile_type,
      .doc = "The worker profiles as they are in the cluster now." },
    { .name = "apiserverProfile",
      .kind = KIND_VALUE,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .type = &apiserver_profile_type,
      .doc = "The cluster API server profile." },
    { .name = "ingressProfiles",
      .kind = KIND_LIST,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .type = &ingress_profile_type,
      .doc = "The cluster ingress profiles." },
    { .name = "install",
      .kind = KIND_OPTIONAL,
      .versions = V_ADMIN,
      .type = &install_type,
      .doc = "The installation under way." },
    ADMIN_STR("storageSuffix", "The end of the names of the cluster's storage accounts."),
    { .name = "registryProfiles",
      .kind = KIND_LIST,
      .versions = V_ADMIN,
      .type = &registry_profile_type,
      .doc = "The registries that the cluster pulls from." },
    ADMIN_STR("imageRegistryStorageAccountName", "The storage account of the image registry."),
    ADMIN_STR("infraId", "The beginning of the names of what the cluster is made of."),
    { .name = "hiveProfile",
      .kind = KIND_VALUE,
      .versions = V_ADMIN,
      .type = &hive_profile_type,
      .doc = "The cluster's place in Hive." },
};
static const struct api_type properties_type = { "OpenShiftClusterProperties",
                                                 "OpenShiftClusterProperties are its properties.",
                                                 FIELDS(properties_fields) };

static const struct api_field cluster_fields[] = {
    { .name = "id",
      .kind = KIND_STR,
      .versions = V_ALL,
      .flags = FIELD_NO_CASE | FIELD_IN_SKELETON,
      .doc = "The resource ID." },
    { .name = "name",
      .kind = KIND_STR,
      .versions = V_ALL,
      .flags = FIELD_NO_CASE | FIELD_IN_SKELETON,
      .doc = "The resource name." },
    { .name = "type",
      .kind = KIND_STR,
      .versions = V_ALL,
      .flags = FIELD_NO_CASE | FIELD_IN_SKELETON,
      .doc = "The resource type." },
    { .name = "location",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The resource location." },
    { .name = "systemData",
      .kind = KIND_OPTIONAL,
      .versions = V_SYSTEM_DATA,
      .read_only = V_MARKED,
      .flags = FIELD_IN_SKELETON | FIELD_NULL_STAYS,
      .type = &system_data_type,
      .doc = "Who created and changed the resource." },
    { .name = "tags",
      .kind = KIND_STR_MAP,
      .versions = V_ALL,
      .is_mutable = V_PUBLIC,
      .flags = FIELD_REPLACED,
      .doc = "The resource tags." },
    { .name = "properties",
      .kind = KIND_VALUE,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .type = &properties_type,
      .doc = "The cluster properties." },
    { .name = "identity",
      .kind = KIND_OPTIONAL,
      .versions = V_IDENTITY,
      .type = &identity_type,
      .internal = "managedServiceIdentity",
      .doc = "The identity of the cluster." },
    { .name = "operatorFlagsMergeStrategy",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .is_mutable = V_ADMIN,
      .flags = FIELD_OUTSIDE,
      .doc =
          "merge: lay the given operator flags over those there are; reset: over the defaults." },
};
const struct api_type cluster_type = { "OpenShiftCluster",
                                       "OpenShiftCluster represents an Azure Red Hat OpenShift "
                                       "cluster.",
                                       FIELDS(cluster_fields) };

/* ---- access ---- */

const struct api_field *api_field_next(const struct api_type *t, uint32_t version, size_t *i)
{
    while (*i < t->len) {
        const struct api_field *f = &t->fields[(*i)++];
        if (f->versions & version)
            return f;
    }
    return NULL;
}

const struct api_field *api_field_find(const struct api_type *t, uint32_t version, const char *name)
{
    const struct api_field *f, *loose = NULL;
    for (size_t i = 0; (f = api_field_next(t, version, &i));) {
        if (str_eq(f->name, name))
            return f;
        if (version != V_K && str_eq_nocase(f->name, name))
            loose = f;
    }
    return loose;
}
