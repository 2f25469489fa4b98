/*
 * Who a cluster acts as, in every API version: its service principal, or its own and its operators' identities.
 * Source: the public REST API.
 */
#include "pkg/api/model_types.h"

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
const struct api_type identity_type = {
    "ManagedServiceIdentity", "ManagedServiceIdentity is the identity of the cluster itself.",
    FIELDS(identity_fields)
};

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
const struct api_type service_principal_type = {
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
const struct api_type workload_profile_type = {
    "PlatformWorkloadIdentityProfile",
    "PlatformWorkloadIdentityProfile holds the identities of the cluster's operators.",
    FIELDS(workload_profile_fields)
};
