/*
 * The steps of an update that the service asks for, by its maintenance task. New settings of the operator come last, when the
 * operator is the new one: an older one might restart nodes for them.
 */
#include "rp/cluster/acr_token.h"
#include "rp/cluster/addresses.h"
#include "rp/cluster/balancer_probes.h"
#include "rp/cluster/balancer_ssh.h"
#include "rp/cluster/balancer_zones.h"
#include "rp/cluster/billing.h"
#include "rp/cluster/certificates.h"
#include "rp/cluster/conditions.h"
#include "rp/cluster/config_server_cert.h"
#include "rp/cluster/gateway.h"
#include "rp/cluster/geneva_logging.h"
#include "rp/cluster/ifreload.h"
#include "rp/cluster/install_graph.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/mend.h"
#include "rp/cluster/operator.h"
#include "rp/cluster/phase.h"
#include "rp/cluster/resource_group.h"
#include "rp/cluster/router_ip.h"
#include "rp/cluster/service_principal.h"
#include "rp/cluster/sp_rights.h"
#include "rp/cluster/storage_firewall.h"
#include "rp/cluster/subnets.h"
#include "rp/cluster/syncsets.h"
#include "rp/cluster/tables.h"
#include "rp/cluster/tls.h"
#include "rp/cluster/user_data.h"
#include "rp/cluster/virtual_machines.h"

#define ROWS_ALWAYS \
    STEP_ACT("initializeKubernetesClients", cluster_initialize_kubernetes_clients), \
        STEP_ACT("ensureBillingRecord", cluster_ensure_billing_record), \
        STEP_ACT("ensureDefaults", cluster_ensure_defaults), \
        STEP_RETRY_WHEN("clusterSPObjectID", cluster_refresh_sp_object_id, \
                        WHEN_SERVICE_PRINCIPAL), \
        STEP_ACT("fixInfraID", cluster_fix_infra_id), \
        STEP_RETRY("populateDatabaseIntIP", cluster_ensure_internal_ip)

#define ROWS_GENERAL \
    STEP_RETRY("ensureResourceGroup", cluster_ensure_resource_group), \
        STEP_RETRY_WHEN("createOrUpdateDenyAssignment", cluster_ensure_deny_assignment, \
                        WHEN_SERVICE_PRINCIPAL), \
        STEP_ACT("ensureServiceEndpoints", cluster_ensure_service_endpoints), \
        STEP_RETRY("migrateStorageAccounts", cluster_ensure_storage_firewall), \
        STEP_RETRY("fixSSH", cluster_ensure_balancer_ssh), \
        STEP_ACT("startVMs", cluster_start_machines), \
        STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS), \
        STEP_ACT("generateKubeconfigs", cluster_generate_kubeconfigs), \
        STEP_ACT("updateRouterIP", cluster_update_router_ip), \
        STEP_RETRY_WHEN("ensureGatewayUpgrade", cluster_mend_gateway, WHEN_GATEWAY), \
        STEP_ACT("rotateACRTokenPassword", cluster_rotate_acr_token), \
        STEP_ACT("populateMTUSize", cluster_populate_mtu_size), \
        STEP_ACT("syncNetworkType", cluster_sync_network_type), \
        STEP_ACT_WHEN("ensureGenevaLogging", cluster_keep_geneva_logging, WHEN_NO_OPERATOR), \
        STEP_ACT_WHEN("ensureIfReload", cluster_keep_ifreload, WHEN_NO_OPERATOR)

#define ROWS_CERTIFICATES \
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS), \
        STEP_ACT_WHEN("correctCertificateIssuer", cluster_correct_certificate_issuer, \
                      WHEN_SIGNED), \
        STEP_ACT("fixMCSCert", cluster_ensure_config_server_cert), \
        STEP_ACT("fixMCSUserData", cluster_ensure_user_data), \
        STEP_RETRY("fixLBProbes", cluster_ensure_balancer_probes), \
        STEP_ACT_WHEN("configureAPIServerCertificate", cluster_configure_api_server_certificate, \
                      WHEN_SIGNED), \
        STEP_ACT_WHEN("configureIngressCertificate", cluster_configure_ingress_certificate, \
                      WHEN_SIGNED), \
        STEP_ACT("renewMDSDCertificate", cluster_renew_logging_certificate)

#define ROWS_SYNC STEP_ACT("syncClusterObject", cluster_sync_cluster_object)

#define ROWS_OPERATOR \
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS), \
        STEP_ACT("initializeOperatorDeployer", cluster_initialize_operator_deployer), \
        STEP_ACT("ensureAROOperator", cluster_ensure_operator), \
        STEP_UNTIL("aroDeploymentReady", cluster_operator_ready, 20, TIMEOUT_OPERATOR), \
        STEP_UNTIL("ensureAROOperatorRunningDesiredVersion", \
                   cluster_operator_runs_desired_version, 5, TIMEOUT_OPERATOR), \
        ROWS_SYNC

/* Whatever the task: the kubeconfig may be another one since. */
#define ROWS_LAST \
    STEP_ACT_WHEN("registerWithSyncSets", cluster_register_with_syncsets, WHEN_SYNCSETS)

static const struct cluster_step everything[] = {
    ROWS_ALWAYS,   ROWS_GENERAL, ROWS_CERTIFICATES,
    ROWS_OPERATOR, ROWS_LAST,    STEP_ACT("updateProvisionedBy", cluster_update_provisioned_by),
};
static const struct cluster_step operator_update[] = { ROWS_ALWAYS, ROWS_OPERATOR, ROWS_LAST };
static const struct cluster_step certificates[] = { ROWS_ALWAYS, ROWS_CERTIFICATES, ROWS_LAST };
static const struct cluster_step cluster_sync[] = {
    ROWS_ALWAYS,
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS),
    ROWS_SYNC,
    ROWS_LAST,
};
/* Nobody reaches the API amid the migration: one that was cut off there has to go on without it. */
static const struct cluster_step balancer[] = {
    ROWS_ALWAYS,
    STEP_ACT("migrateInternalLoadBalancerZones", cluster_migrate_balancer_zones),
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS),
    ROWS_LAST,
};

#define TABLE(rows) \
    { \
        rows, ARRAY_LEN(rows) \
    }
const struct cluster_table admin_update_tables[ADMIN_TASKS] = {
    [ADMIN_EVERYTHING] = TABLE(everything),     [ADMIN_OPERATOR] = TABLE(operator_update),
    [ADMIN_CERTIFICATES] = TABLE(certificates), [ADMIN_SYNC] = TABLE(cluster_sync),
    [ADMIN_BALANCER] = TABLE(balancer),
};
