/*
 * size: table
 * The fields of a cluster in every API version. Source: the public REST API of Azure Red Hat OpenShift,
 * one version after the other.
 */
#include "pkg/api/model.h"

#include "pkg/base/cleanup.h"
#include "pkg/base/strv.h"

#define FIELDS(a) .fields = (a), .len = ARRAY_LEN(a)
#define VALUES(a) .values = (a), .len = ARRAY_LEN(a)

#define V_SYSTEM_DATA V_FROM(V_C)
#define V_ENCRYPTION (V_FROM(V_C) | V_ADMIN)
#define V_FIPS (V_FROM(V_D) | V_ADMIN)
#define V_SDN (V_C | V_ADMIN)
#define V_OUTBOUND (V_FROM(V_F) | V_ADMIN)
#define V_NSG (V_FROM(V_H) | V_ADMIN)
#define V_STATUS (V_FROM(V_H) | V_ADMIN)
#define V_LB (V_G | V_FROM(V_I) | V_ADMIN)
#define V_LB_OTHER (V_G | V_ADMIN)
#define V_IDENTITY (V_FROM(V_J) | V_ADMIN)
/* Where the addresses that the service fills in are marked as such. */
#define V_MARKED V_FROM(V_I)

/* ---- enumerations ---- */

static const struct api_enum_value provisioning_states[] = {
    { "AdminUpdating", V_ALL, "the service itself updates the cluster" },
    { "Canceled", V_FROM(V_I) | V_ADMIN, "the operation was canceled" },
    { "Cancelled", V_G, "the operation was canceled" },
    { "Creating", V_ALL, "the cluster is being created" },
    { "Deleting", V_ALL, "the cluster is being deleted" },
    { "Failed", V_ALL, "the last operation failed" },
    { "Maintenance", V_ADMIN, "the cluster is under maintenance" },
    { "Succeeded", V_ALL, "the last operation succeeded" },
    { "Updating", V_ALL, "the cluster is being updated" },
};
const struct api_enum enum_provisioning_state = {
    "ProvisioningState", "ProvisioningState says what happens to the cluster.",
    VALUES(provisioning_states)
};

static const struct api_enum_value visibilities[] = {
    { "Private", V_ALL, "reachable from the virtual network" },
    { "Public", V_ALL, "reachable from the internet" },
};
const struct api_enum enum_visibility = { "Visibility",
                                          "Visibility says who can reach an endpoint.",
                                          VALUES(visibilities) };

static const struct api_enum_value encryption_at_host[] = {
    { "Disabled", V_ALL, "the host does not encrypt" },
    { "Enabled", V_ALL, "the host encrypts" },
};
const struct api_enum enum_encryption_at_host = {
    "EncryptionAtHost", "EncryptionAtHost says whether hosts encrypt what their machines store.",
    VALUES(encryption_at_host)
};

static const struct api_enum_value fips_validated_modules[] = {
    { "Disabled", V_ALL, "ordinary cryptographic modules" },
    { "Enabled", V_ALL, "modules that were validated for FIPS 140" },
};
const struct api_enum enum_fips_validated_modules = {
    "FipsValidatedModules",
    "FipsValidatedModules says whether the cluster uses validated cryptographic modules.",
    VALUES(fips_validated_modules)
};

static const struct api_enum_value software_defined_networks[] = {
    { "OVNKubernetes", V_ALL, "OVN-Kubernetes" },
    { "OpenShiftSDN", V_ALL, "OpenShift SDN" },
};
const struct api_enum enum_software_defined_network = {
    "SoftwareDefinedNetwork", "SoftwareDefinedNetwork is the network plugin of the cluster.",
    VALUES(software_defined_networks)
};

static const struct api_enum_value outbound_types[] = {
    { "Loadbalancer", V_ALL, "through the public load balancer" },
    { "UserDefinedRouting", V_ALL, "as the customer's route table says" },
};
const struct api_enum enum_outbound_type = { "OutboundType",
                                             "OutboundType says how traffic leaves the cluster.",
                                             VALUES(outbound_types) };

static const struct api_enum_value preconfigured_nsg[] = {
    { "Disabled", V_ALL, "the service attaches its own network security groups" },
    { "Enabled", V_ALL, "the customer attached network security groups before" },
};
const struct api_enum enum_preconfigured_nsg = {
    "PreconfiguredNSG",
    "PreconfiguredNSG says whether the subnets come with network security groups of the customer.",
    VALUES(preconfigured_nsg)
};

static const struct api_enum_value created_by_types[] = {
    { "Application", V_ALL, "a service principal" },
    { "Key", V_ALL, "a key" },
    { "ManagedIdentity", V_ALL, "a managed identity" },
    { "User", V_ALL, "a person" },
};
const struct api_enum enum_created_by_type = { "CreatedByType",
                                               "CreatedByType is the kind of a caller.",
                                               VALUES(created_by_types) };

static const struct api_enum_value identity_types[] = {
    { "None", V_ALL, "no identity" },
    { "SystemAssigned", V_ALL, "an identity of the resource's own" },
    { "SystemAssigned,UserAssigned", V_ALL, "both" },
    { "UserAssigned", V_ALL, "an identity that the customer made" },
};
const struct api_enum enum_identity_type = { "ManagedServiceIdentityType",
                                             "ManagedServiceIdentityType is the kind of identity.",
                                             VALUES(identity_types) };

static const struct api_enum_value maintenance_tasks[] = {
    { "Everything", V_ADMIN, "every update step" },
    { "OperatorUpdate", V_ADMIN, "deploy the operator" },
    { "CertificatesRenewal", V_ADMIN, "renew certificates" },
    { "SyncClusterObject", V_ADMIN, "write the operator's Cluster object" },
    { "MigrateLoadBalancer", V_ADMIN, "move to the newer kind of load balancer" },
    { "Pending", V_ADMIN, "tell the customer: maintenance will come" },
    { "None", V_ADMIN, "tell the customer: no maintenance" },
    { "CustomerActionNeeded", V_ADMIN, "tell the customer: act first" },
};
const struct api_enum enum_maintenance_task = { "MaintenanceTask",
                                                "MaintenanceTask is what an admin update does.",
                                                VALUES(maintenance_tasks) };

static const struct api_enum_value install_phases[] = {
    { "Bootstrap", V_ADMIN, "until the control plane runs by itself" },
    { "RemoveBootstrap", V_ADMIN, "afterwards" },
};
static const struct api_enum enum_install_phase = { "InstallPhase",
                                                    "InstallPhase is the half of an installation.",
                                                    VALUES(install_phases) };

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

static const struct api_field user_identity_fields[] = {
    { .name = "clientId",
      .kind = KIND_STR,
      .versions = V_IDENTITY,
      .read_only = V_IDENTITY,
      .doc = "The client ID of the identity." },
    { .name = "principalId",
      .kind = KIND_STR,
      .versions = V_IDENTITY,
      .read_only = V_IDENTITY,
      .doc = "The principal ID of the identity." },
};
static const struct api_type user_identity_type = {
    "UserAssignedIdentity", "UserAssignedIdentity is an identity that the customer made.",
    FIELDS(user_identity_fields)
};

static const struct api_field identity_fields[] = {
    { .name = "type",
      .kind = KIND_STR,
      .versions = V_IDENTITY,
      .values = &enum_identity_type,
      .doc = "The kind of identity." },
    { .name = "principalId",
      .kind = KIND_STR,
      .versions = V_IDENTITY,
      .read_only = V_IDENTITY,
      .doc = "The principal ID of the system-assigned identity." },
    { .name = "tenantId",
      .kind = KIND_STR,
      .versions = V_IDENTITY,
      .read_only = V_IDENTITY,
      .doc = "The tenant of the system-assigned identity." },
    { .name = "userAssignedIdentities",
      .kind = KIND_MAP,
      .versions = V_IDENTITY,
      .is_mutable = V_IDENTITY,
      .flags = FIELD_EXCHANGED,
      .type = &user_identity_type,
      .doc = "The user-assigned identities, by resource ID." },
};
static const struct api_type identity_type = {
    "ManagedServiceIdentity", "ManagedServiceIdentity is the identity of the cluster itself.",
    FIELDS(identity_fields)
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

static const struct api_field service_principal_fields[] = {
    { .name = "clientId",
      .kind = KIND_STR,
      .versions = V_ALL,
      .is_mutable = V_PUBLIC,
      .required = V_UPTO(V_I),
      .doc = "The client ID used for the cluster." },
    { .name = "clientSecret",
      .kind = KIND_STR,
      .versions = V_ALL,
      .is_mutable = V_PUBLIC,
      .required = V_UPTO(V_I),
      .flags = FIELD_SECRET | FIELD_IN_SKELETON,
      .doc = "The client secret used for the cluster." },
    { .name = "spObjectId",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .doc = "The object ID of the service principal." },
};
static const struct api_type service_principal_type = {
    "ServicePrincipalProfile", "ServicePrincipalProfile is the service principal of the cluster.",
    FIELDS(service_principal_fields)
};

static const struct api_field workload_identity_fields[] = {
    { .name = "resourceId",
      .kind = KIND_STR,
      .versions = V_IDENTITY,
      .is_mutable = V_IDENTITY,
      .required = V_FROM(V_J),
      .doc = "The resource ID of the identity." },
    { .name = "clientId",
      .kind = KIND_STR,
      .versions = V_IDENTITY,
      .read_only = V_IDENTITY,
      .doc = "The client ID of the identity." },
    { .name = "objectId",
      .kind = KIND_STR,
      .versions = V_IDENTITY,
      .read_only = V_IDENTITY,
      .doc = "The object ID of the identity." },
};
static const struct api_type workload_identity_type = {
    "PlatformWorkloadIdentity", "PlatformWorkloadIdentity is the identity of one operator.",
    FIELDS(workload_identity_fields)
};

static const struct api_field workload_profile_fields[] = {
    { .name = "upgradeableTo",
      .kind = KIND_STR,
      .versions = V_IDENTITY,
      .is_mutable = V_IDENTITY,
      .doc = "The OpenShift version up to which the identities allow upgrades." },
    { .name = "platformWorkloadIdentities",
      .kind = KIND_MAP,
      .versions = V_IDENTITY,
      .is_mutable = V_IDENTITY,
      .flags = FIELD_IDENTITIES,
      .type = &workload_identity_type,
      .doc = "The identities of the cluster's operators, by operator name." },
};
static const struct api_type workload_profile_type = {
    "PlatformWorkloadIdentityProfile",
    "PlatformWorkloadIdentityProfile holds the identities of the cluster's operators.",
    FIELDS(workload_profile_fields)
};

static const struct api_field managed_ips_fields[] = {
    { .name = "count",
      .kind = KIND_INT,
      .versions = V_LB,
      .is_mutable = V_LB,
      .doc = "How many addresses the service makes for outbound traffic: 1 to 20." },
};
static const struct api_type managed_ips_type = {
    "ManagedOutboundIPs", "ManagedOutboundIPs are outbound addresses that the service makes.",
    FIELDS(managed_ips_fields)
};

static const struct api_field effective_ip_fields[] = {
    { .name = "id", .kind = KIND_STR, .versions = V_LB, .doc = "The ID of a public IP address." },
};
static const struct api_type effective_ip_type = {
    "EffectiveOutboundIP", "EffectiveOutboundIP is an address of the load balancer.",
    FIELDS(effective_ip_fields)
};

static const struct api_field outbound_ip_fields[] = {
    { .name = "id",
      .kind = KIND_STR,
      .versions = V_LB_OTHER,
      .doc = "The ID of a public IP address." },
};
static const struct api_type outbound_ip_type = { "OutboundIP",
                                                  "OutboundIP is an address of the customer.",
                                                  FIELDS(outbound_ip_fields) };

static const struct api_field outbound_prefix_fields[] = {
    { .name = "id",
      .kind = KIND_STR,
      .versions = V_LB_OTHER,
      .doc = "The ID of a public IP prefix." },
};
static const struct api_type outbound_prefix_type = {
    "OutboundIPPrefix", "OutboundIPPrefix is a range of addresses of the customer.",
    FIELDS(outbound_prefix_fields)
};

static const struct api_field load_balancer_fields[] = {
    { .name = "managedOutboundIps",
      .kind = KIND_OPTIONAL,
      .versions = V_LB,
      .is_mutable = V_LB,
      .type = &managed_ips_type,
      .doc = "The outbound addresses that the service makes." },
    { .name = "effectiveOutboundIps",
      .kind = KIND_LIST,
      .versions = V_LB,
      .read_only = V_LB,
      .type = &effective_ip_type,
      .doc = "The outbound addresses of the load balancer." },
    { .name = "outboundIps",
      .kind = KIND_LIST,
      .versions = V_LB_OTHER,
      .is_mutable = V_G,
      .read_only = V_ADMIN,
      .type = &outbound_ip_type,
      .doc = "Outbound addresses of the customer." },
    { .name = "outboundIpPrefixes",
      .kind = KIND_LIST,
      .versions = V_LB_OTHER,
      .is_mutable = V_G,
      .read_only = V_ADMIN,
      .type = &outbound_prefix_type,
      .doc = "Ranges of outbound addresses of the customer." },
    { .name = "allocatedOutboundPorts",
      .kind = KIND_INT,
      .versions = V_LB_OTHER,
      .is_mutable = V_G,
      .read_only = V_ADMIN,
      .doc = "The number of outbound ports of each machine." },
};
static const struct api_type load_balancer_type = {
    "LoadBalancerProfile", "LoadBalancerProfile is the public load balancer of the cluster.",
    FIELDS(load_balancer_fields)
};

static const struct api_field network_profile_fields[] = {
    { .name = "podCidr",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The CIDR used for OpenShift/Kubernetes Pods." },
    { .name = "serviceCidr",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The CIDR used for OpenShift/Kubernetes Services." },
    { .name = "softwareDefinedNetwork",
      .kind = KIND_STR,
      .versions = V_SDN,
      .required = V_C,
      .values = &enum_software_defined_network,
      .doc = "The network plugin of the cluster." },
    { .name = "mtuSize",
      .kind = KIND_INT,
      .versions = V_ADMIN,
      .doc = "The size of packets: 1500 or 3900." },
    { .name = "outboundType",
      .kind = KIND_STR,
      .versions = V_OUTBOUND,
      .is_mutable = V_ADMIN,
      .flags = FIELD_IN_SKELETON, /* a first PUT without it got the default: so may the second */
      .values = &enum_outbound_type,
      .doc = "How traffic leaves the cluster." },
    { .name = "privateEndpointIp",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .doc = "The address at which the service reaches the API server." },
    { .name = "gatewayPrivateEndpointIp",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .doc = "The address at which the cluster reaches the gateway." },
    { .name = "gatewayPrivateLinkId",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .doc = "The link by which the gateway knows the cluster." },
    { .name = "preconfiguredNSG",
      .kind = KIND_STR,
      .versions = V_NSG,
      .is_mutable = V_ADMIN,
      .flags = FIELD_IN_SKELETON,
      .values = &enum_preconfigured_nsg,
      .doc = "Whether the subnets come with network security groups of the customer." },
    { .name = "loadBalancerProfile",
      .kind = KIND_OPTIONAL,
      .versions = V_LB,
      .is_mutable = V_LB,
      .flags = FIELD_STICKY,
      .type = &load_balancer_type,
      .doc = "The public load balancer of the cluster." },
};
static const struct api_type network_profile_type = { "NetworkProfile",
                                                      "NetworkProfile is the cluster's network.",
                                                      FIELDS(network_profile_fields) };

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

static const struct api_field apiserver_profile_fields[] = {
    { .name = "visibility",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .values = &enum_visibility,
      .doc = "Who can reach the API server." },
    { .name = "url",
      .kind = KIND_STR,
      .versions = V_ALL,
      .read_only = V_MARKED,
      .doc = "The URL to access the cluster API server." },
    { .name = "ip",
      .kind = KIND_STR,
      .versions = V_ALL,
      .read_only = V_MARKED,
      .doc = "The IP of the cluster API server." },
    { .name = "intIp",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .doc = "The IP of the API server inside the virtual network." },
};
static const struct api_type apiserver_profile_type = { "APIServerProfile",
                                                        "APIServerProfile is the API server.",
                                                        FIELDS(apiserver_profile_fields) };

static const struct api_field ingress_profile_fields[] = {
    { .name = "name",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The ingress profile name." },
    { .name = "visibility",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .values = &enum_visibility,
      .doc = "Who can reach the ingress." },
    { .name = "ip",
      .kind = KIND_STR,
      .versions = V_ALL,
      .read_only = V_MARKED,
      .doc = "The IP of the ingress." },
};
static const struct api_type ingress_profile_type = {
    "IngressProfile", "IngressProfile is an ingress of the cluster.",
    FIELDS(ingress_profile_fields), .is_named = true
};

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

bool api_enum_has(const struct api_enum *e, const char *value, uint32_t version)
{
    for (size_t i = 0; i < e->len; i++)
        if ((e->values[i].versions & version) && str_eq(e->values[i].value, value))
            return true;
    return false;
}

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
