/*
 * The steps that take a cluster away again. Its document and its billing record are the backend's to end. SyncSets lets go of
 * it, then its names go, before anything that they lead to; what lies outside of the resource group goes whether or not there is
 * one.
 * Of a cluster that nothing was made for, only the document goes, and Azure is not asked.
 */
#include "rp/cluster/certificates.h"
#include "rp/cluster/delete_resources.h"
#include "rp/cluster/delete_rights.h"
#include "rp/cluster/dns_records.h"
#include "rp/cluster/gateway.h"
#include "rp/cluster/private_endpoint.h"
#include "rp/cluster/syncsets.h"
#include "rp/cluster/tables.h"

static const struct cluster_step rows[] = {
    STEP_ACT_WHEN("ensureResourceGroup", cluster_restore_resource_group, WHEN_BEGUN),
    STEP_ACT_WHEN("deregisterFromSyncSets", cluster_deregister_from_syncsets, WHEN_BEGUN),
    STEP_ACT_WHEN("deleteDNS", cluster_delete_dns, WHEN_BEGUN),
    STEP_ACT_WHEN("deletePrivateEndpoint", cluster_delete_private_endpoint, WHEN_BEGUN),
    STEP_ACT_WHEN("deleteRoleAssignments", cluster_delete_role_assignments, WHEN_BEGUN),
    STEP_ACT_WHEN("deleteRoleDefinitions", cluster_delete_role_definitions, WHEN_BEGUN),
    STEP_ACT_WHEN("deleteGateway", cluster_delete_gateway, WHEN_BEGUN),
    STEP_ACT_WHEN("deleteResources", cluster_delete_resources, WHEN_BEGUN),
    STEP_ACT_WHEN("deleteResourceGroup", cluster_delete_resource_group, WHEN_BEGUN),
    STEP_ACT_WHEN("deleteCertificates", cluster_delete_certificates, WHEN_BEGUN | WHEN_VAULT),
    STEP_ACT_WHEN("deleteACRToken", cluster_delete_acr_token, WHEN_BEGUN),
};

const struct cluster_table delete_table = { rows, ARRAY_LEN(rows) };
