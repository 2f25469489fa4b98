/* The steps that make a cluster: until its control plane runs by itself, and afterwards. By layout. */
#include "rp/cluster/alertmanager.h"
#include "rp/cluster/billing.h"
#include "rp/cluster/cluster_version.h"
#include "rp/cluster/conditions.h"
#include "rp/cluster/console.h"
#include "rp/cluster/ifreload.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/operator.h"
#include "rp/cluster/phase.h"
#include "rp/cluster/router_ip.h"
#include "rp/cluster/samples.h"
#include "rp/cluster/scale.h"
#include "rp/cluster/storage_class.h"
#include "rp/cluster/tables.h"
#include "rp/cluster/tls.h"

/* ---- the first layout ---- */

static const struct cluster_step bootstrap_v1[] = {
    STEP_ACT("startInstallation", cluster_start_installation),
    STEP_ACT("ensureBillingRecord", cluster_ensure_billing_record),
    STEP_ACT("initializeKubernetesClients", cluster_initialize_kubernetes_clients),
    STEP_UNTIL("bootstrapConfigMapReady", cluster_bootstrap_config_map_ready, 30,
               TIMEOUT_BOOTSTRAP),
    STEP_ACT_WHEN("ensureIfReload", cluster_ensure_ifreload, WHEN_NO_OPERATOR),
    STEP_ACT("incrInstallPhase", cluster_increment_install_phase),
};

/* The operator comes late: it has to know the router's address, which only the router gets here. */
static const struct cluster_step remove_bootstrap_v1[] = {
    STEP_ACT("initializeKubernetesClients", cluster_initialize_kubernetes_clients),
    STEP_ACT_WHEN("configureAPIServerCertificate", cluster_configure_api_server_certificate,
                  WHEN_SIGNED),
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS),
    STEP_UNTIL("operatorConsoleExists", cluster_operator_console_exists, 30,
               TIMEOUT_CONSOLE_EXISTS),
    STEP_ACT("updateConsoleBranding", cluster_update_console_branding),
    STEP_UNTIL("operatorConsoleReady", cluster_operator_console_ready, 10, TIMEOUT_CONSOLE),
    STEP_UNTIL("clusterVersionReady", cluster_version_ready, 30, TIMEOUT_VERSION),
    STEP_ACT_WHEN("disableAlertManagerWarning", cluster_disable_alertmanager_warning,
                  WHEN_NO_OPERATOR),
    STEP_ACT("disableUpdates", cluster_disable_updates),
    STEP_ACT("disableSamples", cluster_disable_samples),
    STEP_ACT("disableOperatorHubSources", cluster_disable_operator_hub_sources),
    STEP_ACT("updateRouterIP", cluster_update_router_ip),
    STEP_ACT_WHEN("initializeOperatorDeployer", cluster_initialize_operator_deployer,
                  WHEN_OPERATOR),
    STEP_ACT_WHEN("installAROOperator", cluster_install_operator, WHEN_OPERATOR),
    STEP_UNTIL_WHEN("aroDeploymentReady", cluster_operator_ready, 20, TIMEOUT_OPERATOR,
                    WHEN_OPERATOR),
    STEP_ACT_WHEN("configureIngressCertificate", cluster_configure_ingress_certificate,
                  WHEN_SIGNED),
    STEP_UNTIL("ingressControllerReady", cluster_ingress_controller_ready, 30, TIMEOUT_INGRESS),
    STEP_ACT("recordWorkers", cluster_record_workers),
    STEP_ACT("finishInstallation", cluster_finish_installation),
};

/* ---- the second ---- */

static const struct cluster_step bootstrap_v2[] = {
    STEP_ACT("startInstallation", cluster_start_installation),
    STEP_ACT("populateMTUSize", cluster_populate_mtu_size),
    STEP_ACT("ensureBillingRecord", cluster_ensure_billing_record),
    STEP_ACT("initializeKubernetesClients", cluster_initialize_kubernetes_clients),
    STEP_ACT("initializeOperatorDeployer", cluster_initialize_operator_deployer),
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS),
    STEP_ACT("installAROOperator", cluster_install_operator),
    STEP_ACT("enableOperatorReconciliation", cluster_enable_operator_reconciliation),
    STEP_ACT("incrInstallPhase", cluster_increment_install_phase),
};

static const struct cluster_step remove_bootstrap_v2[] = {
    STEP_ACT("initializeKubernetesClients", cluster_initialize_kubernetes_clients),
    STEP_ACT("initializeOperatorDeployer", cluster_initialize_operator_deployer),
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS),
    STEP_ACT_WHEN("configureAPIServerCertificate", cluster_configure_api_server_certificate,
                  WHEN_SIGNED),
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS),
    STEP_UNTIL("minimumWorkerNodesReady", cluster_minimum_worker_nodes_ready, 30, TIMEOUT_WORKERS),
    STEP_UNTIL("operatorConsoleExists", cluster_operator_console_exists, 30,
               TIMEOUT_CONSOLE_EXISTS),
    STEP_ACT("updateConsoleBranding", cluster_update_console_branding),
    STEP_UNTIL("operatorConsoleReady", cluster_operator_console_ready, 20, TIMEOUT_CONSOLE),
    STEP_ACT("disableSamples", cluster_disable_samples),
    STEP_ACT("disableOperatorHubSources", cluster_disable_operator_hub_sources),
    STEP_ACT("disableUpdates", cluster_disable_updates),
    STEP_UNTIL("clusterVersionReady", cluster_version_ready, 30, TIMEOUT_VERSION),
    STEP_UNTIL("aroDeploymentReady", cluster_operator_ready, 20, TIMEOUT_OPERATOR),
    STEP_ACT_WHEN("configureIngressCertificate", cluster_configure_ingress_certificate,
                  WHEN_SIGNED),
    STEP_UNTIL("ingressControllerReady", cluster_ingress_controller_ready, 30, TIMEOUT_INGRESS),
    STEP_ACT("configureDefaultStorageClass", cluster_configure_default_storage_class),
    STEP_ACT_WHEN("removeAzureFileCSIStorageClass", cluster_remove_azure_file_storage_class,
                  WHEN_IDENTITIES),
    STEP_ACT("disableOperatorReconciliation", cluster_disable_operator_reconciliation),
    STEP_UNTIL("clusterOperatorsHaveSettled", cluster_operators_have_settled, 30, TIMEOUT_SETTLED),
    STEP_ACT("recordWorkers", cluster_record_workers),
    STEP_ACT("finishInstallation", cluster_finish_installation),
};

#define TABLE(rows) \
    { \
        rows, ARRAY_LEN(rows) \
    }
const struct cluster_table install_tables[][INSTALL_PHASES] = {
    [LAYOUT_V1] = { [PHASE_BOOTSTRAP] = TABLE(bootstrap_v1),
                    [PHASE_REMOVE_BOOTSTRAP] = TABLE(remove_bootstrap_v1) },
    [LAYOUT_V2] = { [PHASE_BOOTSTRAP] = TABLE(bootstrap_v2),
                    [PHASE_REMOVE_BOOTSTRAP] = TABLE(remove_bootstrap_v2) },
};
