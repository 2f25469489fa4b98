/* What replies are beside clusters, in every API version, and what support engineers write of them. Source: the public REST
 * API. */
#include "pkg/api/model_types.h"

#define V_OFFERS (V_FROM(V_E) | V_ADMIN)
#define V_ROLE_SETS (V_FROM(V_J) | V_ADMIN)

#define STR(n, v, d) \
    { \
        .name = n, .kind = KIND_STR, .versions = v, .doc = d \
    }
#define OBJECT(n, v, t, d) \
    { \
        .name = n, .kind = KIND_VALUE, .versions = v, .type = &(t), .doc = d \
    }
#define LIST(n, v, t, d) \
    { \
        .name = n, .kind = KIND_LIST, .versions = v, .type = &(t), .doc = d \
    }
/* Support engineers cannot write it either. */
#define GIVEN(n, v, d) \
    { \
        .name = n, .kind = KIND_STR, .versions = v, .read_only = V_ADMIN, .doc = d \
    }
/* A resource that is not the customer's. */
#define PROXY_FIELDS(v) \
    GIVEN("id", v, "The resource ID."), GIVEN("name", v, "The resource name."), \
        GIVEN("type", v, "The resource type.")
#define SWITCH(n, d) \
    { \
        .name = n, .kind = KIND_BOOL, .versions = V_ADMIN, .flags = FIELD_ALWAYS, .doc = d \
    }

/* ---- credentials ---- */

static const struct api_field credentials_fields[] = {
    STR("kubeadminUsername", V_PUBLIC, "The username for the kubeadmin user."),
    { .name = "kubeadminPassword",
      .kind = KIND_STR,
      .versions = V_PUBLIC,
      .flags = FIELD_HANDED_OUT,
      .doc = "The password for the kubeadmin user." },
};
const struct api_type credentials_type = {
    "OpenShiftClusterCredentials",
    "OpenShiftClusterCredentials represents an OpenShift cluster's credentials.",
    FIELDS(credentials_fields)
};

static const struct api_field admin_kubeconfig_fields[] = {
    { .name = "kubeconfig",
      .kind = KIND_STR,
      .versions = V_FROM(V_C),
      .flags = FIELD_HANDED_OUT,
      .doc = "The base64-encoded kubeconfig file." },
};
const struct api_type admin_kubeconfig_type = {
    "OpenShiftClusterAdminKubeconfig",
    "OpenShiftClusterAdminKubeconfig represents an OpenShift cluster's admin kubeconfig.",
    FIELDS(admin_kubeconfig_fields)
};

/* ---- what can be installed ---- */

static const struct api_field machine_image_fields[] = {
    STR("sku", V_ADMIN, "The SKU of the image in the marketplace, as aro_417."),
    STR("version", V_ADMIN, "The version of the image, as 417.94.20240905."),
};
static const struct api_type machine_image_type = {
    "MachineImage", "The image that a release's machines boot from.", FIELDS(machine_image_fields)
};

static const struct api_field version_properties_fields[] = {
    STR("version", V_OFFERS, "Version represents the version to create the cluster at."),
    STR("openShiftPullspec", V_ADMIN, "The image of the release."),
    STR("installerPullspec", V_ADMIN, "The image of the installer."),
    { .name = "machineImage",
      .kind = KIND_OPTIONAL,
      .versions = V_ADMIN,
      .type = &machine_image_type,
      .doc = "The image of the machines; without it, the one that the installer names." },
    SWITCH("enabled", "Whether it can be installed."),
    SWITCH("default", "Whether it is installed when nobody says which."),
};
static const struct api_type version_properties_type = { "OpenShiftVersionProperties",
                                                         "The properties of OpenShiftVersion.",
                                                         FIELDS(version_properties_fields) };

static const struct api_field version_fields[] = {
    PROXY_FIELDS(V_OFFERS),
    OBJECT("properties", V_OFFERS, version_properties_type, "The properties of OpenShiftVersion."),
};
const struct api_type openshift_version_type = {
    "OpenShiftVersion", "OpenShiftVersion represents an OpenShift version that can be installed.",
    FIELDS(version_fields)
};

static const struct api_field secret_location_fields[] = {
    STR("namespace", V_ADMIN, "The namespace of the secret."),
    STR("name", V_ADMIN, "The name of the secret."),
};
static const struct api_type secret_location_type = { "SecretLocation",
                                                      "Where an operator finds its credentials.",
                                                      FIELDS(secret_location_fields) };

static const struct api_field role_fields[] = {
    STR("operatorName", V_ROLE_SETS, "The name of the operator."),
    STR("roleDefinitionName", V_ROLE_SETS, "The name of the role definition."),
    STR("roleDefinitionId", V_ROLE_SETS, "The resource ID of the role definition."),
    { .name = "serviceAccounts",
      .kind = KIND_STR_LIST,
      .versions = V_ADMIN,
      .doc = "The service accounts that the operator runs as." },
    { .name = "secretLocation",
      .kind = KIND_OPTIONAL,
      .versions = V_ADMIN,
      .type = &secret_location_type,
      .doc = "Where the operator finds its credentials." },
};
static const struct api_type role_type = {
    "PlatformWorkloadIdentityRole",
    "PlatformWorkloadIdentityRole is the role that one operator needs.", FIELDS(role_fields)
};

static const struct api_field role_set_properties_fields[] = {
    STR("openShiftVersion", V_ROLE_SETS, "The minor version of OpenShift."),
    LIST("platformWorkloadIdentityRoles", V_ROLE_SETS, role_type, "The roles of the operators."),
};
static const struct api_type role_set_properties_type = {
    "PlatformWorkloadIdentityRoleSetProperties",
    "The properties of PlatformWorkloadIdentityRoleSet.", FIELDS(role_set_properties_fields)
};

static const struct api_field role_set_fields[] = {
    PROXY_FIELDS(V_ROLE_SETS),
    OBJECT("properties", V_ROLE_SETS, role_set_properties_type,
           "The properties of PlatformWorkloadIdentityRoleSet."),
};
const struct api_type role_set_type = {
    "PlatformWorkloadIdentityRoleSet",
    "PlatformWorkloadIdentityRoleSet are the roles that a minor version's operators need.",
    FIELDS(role_set_fields)
};

/* ---- operations ---- */

static const struct api_field display_fields[] = {
    STR("provider", V_PUBLIC, "Friendly name of the resource provider."),
    STR("resource", V_PUBLIC, "Resource type on which the operation is performed."),
    STR("operation", V_PUBLIC, "Operation type: read, write, delete, listKeys/action, etc."),
    STR("description", V_PUBLIC, "Friendly description of the operation."),
};
static const struct api_type display_type = {
    "Display", "Display represents the display details of an operation.", FIELDS(display_fields)
};

static const struct api_field operation_fields[] = {
    STR("name", V_PUBLIC, "Operation name: {provider}/{resource}/{operation}."),
    OBJECT("display", V_PUBLIC, display_type, "The object that describes the operation."),
    STR("origin", V_PUBLIC, "Sources of requests to this operation."),
};
const struct api_type operation_type = { "Operation", "Operation represents an RP operation.",
                                         FIELDS(operation_fields) };

/* ---- errors ---- */

static const struct api_type cloud_error_body_type;

static const struct api_field cloud_error_body_fields[] = {
    STR("code", V_PUBLIC,
        "An identifier for the error. Codes are invariant and are intended to be consumed "
        "programmatically."),
    STR("message", V_PUBLIC,
        "A message describing the error, intended to be suitable for display in a user interface."),
    STR("target", V_PUBLIC,
        "The target of the particular error. For example, the name of the property in error."),
    LIST("details", V_PUBLIC, cloud_error_body_type,
         "A list of additional details about the error."),
};
static const struct api_type cloud_error_body_type = {
    "CloudErrorBody", "CloudErrorBody represents the body of a cloud error.",
    FIELDS(cloud_error_body_fields)
};

static const struct api_field cloud_error_fields[] = {
    OBJECT("error", V_PUBLIC, cloud_error_body_type, "An error response from the service."),
};
const struct api_type cloud_error_type = { "CloudError", "CloudError represents a cloud error.",
                                           FIELDS(cloud_error_fields) };
