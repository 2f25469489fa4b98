/* The steps that make a cluster: until its control plane runs by itself, and afterwards. By layout. */
#include "rp/cluster/acr_token.h"
#include "rp/cluster/addresses.h"
#include "rp/cluster/alertmanager.h"
#include "rp/cluster/billing.h"
#include "rp/cluster/bootstrap.h"
#include "rp/cluster/certificates.h"
#include "rp/cluster/cluster_data.h"
#include "rp/cluster/cluster_version.h"
#include "rp/cluster/conditions.h"
#include "rp/cluster/console.h"
#include "rp/cluster/deploy.h"
#include "rp/cluster/dns_records.h"
#include "rp/cluster/gateway.h"
#include "rp/cluster/geneva_logging.h"
#include "rp/cluster/identity_ids.h"
#include "rp/cluster/ifreload.h"
#include "rp/cluster/infra_id.h"
#include "rp/cluster/install_graph.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/load_balancer.h"
#include "rp/cluster/operator.h"
#include "rp/cluster/phase.h"
#include "rp/cluster/private_endpoint.h"
#include "rp/cluster/resource_group.h"
#include "rp/cluster/router_ip.h"
#include "rp/cluster/samples.h"
#include "rp/cluster/scale.h"
#include "rp/cluster/service_principal.h"
#include "rp/cluster/ssh_key.h"
#include "rp/cluster/storage_class.h"
#include "rp/cluster/subnets.h"
#include "rp/cluster/syncsets.h"
#include "rp/cluster/tables.h"
#include "rp/cluster/tls.h"
#include "rp/cluster/validate.h"
#include "rp/cluster/zones.h"

/* ---- the first layout ---- */

static const struct cluster_step bootstrap_v1[] = {
    STEP_ACT("startInstallation", cluster_start_installation),
    STEP_ACT_WHEN("refuseWorkloadIdentities", cluster_refuse_workload_identities, WHEN_IDENTITIES),
    STEP_RETRY("validateResources", cluster_validate_resources),
    STEP_RETRY("validateZones", cluster_validate_zones),
    STEP_ACT("ensureACRToken", cluster_ensure_acr_token),
    STEP_ACT("ensureInfraID", cluster_ensure_infra_id),
    STEP_ACT("ensureSSHKey", cluster_ensure_ssh_key),
    STEP_ACT("ensureStorageSuffix", cluster_ensure_storage_suffix),
    STEP_ACT("createDNS", cluster_create_dns),
    STEP_RETRY("clusterSPObjectID", cluster_ensure_sp_object_id),
    STEP_RETRY("ensureResourceGroup", cluster_ensure_resource_group),
    STEP_RETRY("ensureServiceEndpoints", cluster_ensure_service_endpoints),
    STEP_RETRY("setMasterSubnetPolicies", cluster_set_master_subnet_policies),
    STEP_RETRY("deployStorageTemplate", cluster_deploy_base_template),
    STEP_RETRY("ensureGraph", cluster_ensure_graph),
    STEP_RETRY("attachNSGs", cluster_attach_nsgs),
    STEP_ACT("generateKubeconfigs", cluster_generate_kubeconfigs),
    STEP_ACT("ensureBillingRecord", cluster_ensure_billing_record),
    STEP_RETRY("deployResourceTemplate", cluster_deploy_resources_template),
    STEP_RETRY("createPrivateEndpoint", cluster_create_private_endpoint),
    STEP_RETRY("updateAPIIP", cluster_update_api_ip),
    STEP_ACT_WHEN("createCertificates", cluster_create_certificates, WHEN_SIGNED),
    STEP_ACT("initializeKubernetesClients", cluster_initialize_kubernetes_clients),
    STEP_UNTIL("bootstrapConfigMapReady", cluster_bootstrap_config_map_ready, 30,
               TIMEOUT_BOOTSTRAP),
    STEP_ACT_WHEN("ensureGenevaLogging", cluster_ensure_geneva_logging, WHEN_NO_OPERATOR),
    STEP_ACT_WHEN("ensureIfReload", cluster_ensure_ifreload, WHEN_NO_OPERATOR),
    STEP_ACT("incrInstallPhase", cluster_increment_install_phase),
};

/* The operator comes late: it has to know the router's address, which only the router gets here. */
static const struct cluster_step remove_bootstrap_v1[] = {
    STEP_ACT("initializeKubernetesClients", cluster_initialize_kubernetes_clients),
    STEP_ACT("removeBootstrap", cluster_remove_bootstrap),
    STEP_ACT("removeBootstrapIgnition", cluster_remove_bootstrap_ignition),
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
    STEP_UNTIL("routerHasAddress", cluster_router_has_address, 20, TIMEOUT_ROUTER),
    STEP_ACT("updateRouterIP", cluster_update_router_ip),
    STEP_ACT("updateClusterData", cluster_update_cluster_data),
    STEP_ACT_WHEN("initializeOperatorDeployer", cluster_initialize_operator_deployer,
                  WHEN_OPERATOR),
    STEP_ACT_WHEN("installAROOperator", cluster_install_operator, WHEN_OPERATOR),
    STEP_UNTIL_WHEN("aroDeploymentReady", cluster_operator_ready, 20, TIMEOUT_OPERATOR,
                    WHEN_OPERATOR),
    STEP_ACT_WHEN("configureIngressCertificate", cluster_configure_ingress_certificate,
                  WHEN_SIGNED),
    STEP_UNTIL("ingressControllerReady", cluster_ingress_controller_ready, 30, TIMEOUT_INGRESS),
    STEP_ACT("recordWorkers", cluster_record_workers),
    STEP_ACT_WHEN("registerWithSyncSets", cluster_register_with_syncsets, WHEN_SYNCSETS),
    STEP_ACT("finishInstallation", cluster_finish_installation),
};

/* ---- the second ---- */

static const struct cluster_step bootstrap_v2[] = {
    STEP_ACT("startInstallation", cluster_start_installation),
    STEP_ACT_WHEN("refuseWorkloadIdentities", cluster_refuse_workload_identities, WHEN_IDENTITIES),
    STEP_RETRY("validateResources", cluster_validate_resources),
    STEP_RETRY("validateZones", cluster_validate_zones),
    STEP_RETRY_WHEN("clusterIdentityIDs", cluster_ensure_identity_ids, WHEN_IDENTITIES),
    STEP_RETRY_WHEN("persistPlatformWorkloadIdentityIDs", cluster_ensure_workload_identity_ids,
                    WHEN_IDENTITIES),
    STEP_ACT_WHEN("initializeClusterSPClients", cluster_initialize_sp_clients,
                  WHEN_SERVICE_PRINCIPAL),
    STEP_RETRY_WHEN("clusterSPObjectID", cluster_ensure_sp_object_id, WHEN_SERVICE_PRINCIPAL),
    STEP_ACT("ensureACRToken", cluster_ensure_acr_token),
    STEP_ACT("ensureInfraID", cluster_ensure_infra_id),
    STEP_ACT("ensureSSHKey", cluster_ensure_ssh_key),
    STEP_ACT("ensureStorageSuffix", cluster_ensure_storage_suffix),
    STEP_ACT("populateMTUSize", cluster_populate_mtu_size),
    STEP_ACT("createDNS", cluster_create_dns),
    STEP_ACT("ensureResourceGroup", cluster_ensure_resource_group),
    STEP_ACT("ensureServiceEndpoints", cluster_ensure_service_endpoints),
    STEP_ACT("setMasterSubnetPolicies", cluster_set_master_subnet_policies),
    STEP_RETRY("deployBaseResourceTemplate", cluster_deploy_base_template),
    STEP_RETRY("reconcileLoadBalancerProfile", cluster_reconcile_outbound_ips),
    STEP_RETRY("attachNSGs", cluster_attach_nsgs),
    STEP_RETRY("updateAPIIPEarly", cluster_update_api_ip),
    STEP_RETRY("createOrUpdateRouterIPEarly", cluster_create_router_ip_early),
    STEP_RETRY_WHEN("ensureGatewayCreate", cluster_ensure_gateway, WHEN_GATEWAY),
    STEP_RETRY("createAPIServerPrivateEndpoint", cluster_create_private_endpoint),
    STEP_ACT_WHEN("createCertificates", cluster_create_certificates, WHEN_SIGNED),
    STEP_RETRY("ensureGraph", cluster_ensure_graph),
    STEP_ACT("generateKubeconfigs", cluster_generate_kubeconfigs),
    STEP_RETRY("deployResourceTemplate", cluster_deploy_resources_template),
    STEP_ACT("ensureBillingRecord", cluster_ensure_billing_record),
    STEP_ACT("initializeKubernetesClients", cluster_initialize_kubernetes_clients),
    STEP_UNTIL("bootstrapConfigMapReady", cluster_bootstrap_config_map_ready, 60,
               TIMEOUT_BOOTSTRAP),
    STEP_ACT("initializeOperatorDeployer", cluster_initialize_operator_deployer),
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS),
    STEP_ACT("installAROOperator", cluster_install_operator),
    STEP_ACT("enableOperatorReconciliation", cluster_enable_operator_reconciliation),
    STEP_ACT("incrInstallPhase", cluster_increment_install_phase),
};

static const struct cluster_step remove_bootstrap_v2[] = {
    STEP_ACT("initializeKubernetesClients", cluster_initialize_kubernetes_clients),
    STEP_ACT("initializeOperatorDeployer", cluster_initialize_operator_deployer),
    STEP_ACT("removeBootstrap", cluster_remove_bootstrap),
    STEP_ACT("removeBootstrapIgnition", cluster_remove_bootstrap_ignition),
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS),
    STEP_ACT_WHEN("configureAPIServerCertificate", cluster_configure_api_server_certificate,
                  WHEN_SIGNED),
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS),
    STEP_UNTIL("minimumWorkerNodesReady", cluster_minimum_worker_nodes_ready, 30, TIMEOUT_WORKERS),
    STEP_UNTIL("routerHasAddress", cluster_router_has_address, 20, TIMEOUT_ROUTER),
    STEP_UNTIL("operatorConsoleExists", cluster_operator_console_exists, 30,
               TIMEOUT_CONSOLE_EXISTS),
    STEP_ACT("updateConsoleBranding", cluster_update_console_branding),
    STEP_UNTIL("operatorConsoleReady", cluster_operator_console_ready, 20, TIMEOUT_CONSOLE),
    STEP_ACT("disableSamples", cluster_disable_samples),
    STEP_ACT("disableOperatorHubSources", cluster_disable_operator_hub_sources),
    STEP_ACT("disableUpdates", cluster_disable_updates),
    STEP_UNTIL("clusterVersionReady", cluster_version_ready, 30, TIMEOUT_VERSION),
    STEP_UNTIL("aroDeploymentReady", cluster_operator_ready, 20, TIMEOUT_OPERATOR),
    STEP_ACT("updateClusterData", cluster_update_cluster_data),
    STEP_ACT_WHEN("configureIngressCertificate", cluster_configure_ingress_certificate,
                  WHEN_SIGNED),
    STEP_UNTIL("ingressControllerReady", cluster_ingress_controller_ready, 30, TIMEOUT_INGRESS),
    STEP_ACT("configureDefaultStorageClass", cluster_configure_default_storage_class),
    STEP_ACT_WHEN("removeAzureFileCSIStorageClass", cluster_remove_azure_file_storage_class,
                  WHEN_IDENTITIES),
    STEP_ACT("disableOperatorReconciliation", cluster_disable_operator_reconciliation),
    STEP_UNTIL("clusterOperatorsHaveSettled", cluster_operators_have_settled, 30, TIMEOUT_SETTLED),
    STEP_ACT("recordWorkers", cluster_record_workers),
    STEP_ACT_WHEN("registerWithSyncSets", cluster_register_with_syncsets, WHEN_SYNCSETS),
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
