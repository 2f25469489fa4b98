/* The values that texts of a cluster may have, in every API version. Source: the public REST API. */
#include "pkg/api/model_types.h"
#include "pkg/base/strv.h"

#define VALUES(a) .values = (a), .len = ARRAY_LEN(a)

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
const struct api_enum enum_install_phase = { "InstallPhase",
                                             "InstallPhase is the half of an installation.",
                                             VALUES(install_phases) };

bool api_enum_has(const struct api_enum *e, const char *value, uint32_t version)
{
    for (size_t i = 0; i < e->len; i++)
        if ((e->values[i].versions & version) && str_eq(e->values[i].value, value))
            return true;
    return false;
}
