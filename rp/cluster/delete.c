/*
 * The steps that take a cluster away again. Its document and its billing record are the backend's to end. The name goes first,
 * so that nobody is led to what is being taken away; what lies outside of the resource group goes whether or not there is one.
 */
#include "rp/cluster/certificates.h"
#include "rp/cluster/delete_resources.h"
#include "rp/cluster/delete_rights.h"
#include "rp/cluster/dns_records.h"
#include "rp/cluster/gateway.h"
#include "rp/cluster/private_endpoint.h"
#include "rp/cluster/tables.h"

static const struct cluster_step rows[] = {
    STEP_ACT("ensureResourceGroup", cluster_restore_resource_group),
    STEP_ACT("deleteDNS", cluster_delete_dns),
    STEP_ACT("deletePrivateEndpoint", cluster_delete_private_endpoint),
    STEP_ACT("deleteRoleAssignments", cluster_delete_role_assignments),
    STEP_ACT("deleteRoleDefinitions", cluster_delete_role_definitions),
    STEP_ACT("deleteGateway", cluster_delete_gateway),
    STEP_ACT("deleteResources", cluster_delete_resources),
    STEP_ACT("deleteResourceGroup", cluster_delete_resource_group),
    STEP_ACT_WHEN("deleteCertificates", cluster_delete_certificates, WHEN_SIGNED),
    STEP_ACT("deleteACRToken", cluster_delete_acr_token),
};

const struct cluster_table delete_table = { rows, ARRAY_LEN(rows) };
