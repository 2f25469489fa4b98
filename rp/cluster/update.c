/* The steps of an update that the customer asks for. */
#include "rp/cluster/acr_token.h"
#include "rp/cluster/certificates.h"
#include "rp/cluster/conditions.h"
#include "rp/cluster/credentials.h"
#include "rp/cluster/identity_ids.h"
#include "rp/cluster/install_graph.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/load_balancer.h"
#include "rp/cluster/mend.h"
#include "rp/cluster/operator.h"
#include "rp/cluster/scale.h"
#include "rp/cluster/service_principal.h"
#include "rp/cluster/sp_rights.h"
#include "rp/cluster/syncsets.h"
#include "rp/cluster/tables.h"
#include "rp/cluster/tls.h"
#include "rp/cluster/validate.h"
#include "rp/cluster/virtual_machines.h"

static const struct cluster_step rows[] = {
    STEP_RETRY("validateResources", cluster_validate_resources),
    STEP_RETRY_WHEN("clusterIdentityIDs", cluster_ensure_identity_ids, WHEN_IDENTITIES),
    STEP_RETRY_WHEN("persistPlatformWorkloadIdentityIDs", cluster_ensure_workload_identity_ids,
                    WHEN_IDENTITIES),
    STEP_RETRY_WHEN("clusterSPObjectID", cluster_ensure_sp_object_id, WHEN_SERVICE_PRINCIPAL),
    STEP_RETRY_WHEN("createOrUpdateClusterServicePrincipalRBAC", cluster_ensure_sp_rights,
                    WHEN_SERVICE_PRINCIPAL),
    STEP_ACT("generateKubeconfigs", cluster_generate_kubeconfigs),
    STEP_ACT("initializeKubernetesClients", cluster_initialize_kubernetes_clients),
    STEP_ACT("startVMs", cluster_start_machines),
    STEP_UNTIL("apiServersReady", cluster_api_servers_ready, 30, TIMEOUT_API_SERVERS),
    STEP_ACT("rotateACRTokenPassword", cluster_rotate_acr_token),
    STEP_ACT_WHEN("correctCertificateIssuer", cluster_correct_certificate_issuer, WHEN_SIGNED),
    STEP_ACT_WHEN("configureAPIServerCertificate", cluster_configure_api_server_certificate,
                  WHEN_SIGNED),
    STEP_ACT_WHEN("configureIngressCertificate", cluster_configure_ingress_certificate,
                  WHEN_SIGNED),
    STEP_RETRY("reconcileLoadBalancerProfile", cluster_reconcile_outbound_ips),
    STEP_ACT("syncNetworkType", cluster_sync_network_type),
    STEP_ACT("createOrUpdateCredentialsRequest", cluster_ensure_credentials_request),
    STEP_ACT_WHEN("ensureUpgradeAnnotation", cluster_ensure_upgrade_annotation, WHEN_IDENTITIES),
    STEP_ACT_WHEN("updateOpenShiftSecret", cluster_update_openshift_secret, WHEN_SERVICE_PRINCIPAL),
    STEP_UNTIL_WHEN("aroCredentialsRequestReconciled", cluster_credentials_request_reconciled, 3,
                    TIMEOUT_CREDENTIALS, WHEN_SERVICE_PRINCIPAL),
    STEP_ACT_WHEN("updateAROSecret", cluster_update_cloud_provider_secret, WHEN_SERVICE_PRINCIPAL),
    STEP_ACT_WHEN("restartAROOperatorMaster", cluster_restart_operator_master,
                  WHEN_SERVICE_PRINCIPAL),
    STEP_UNTIL_WHEN("aroDeploymentReady", cluster_operator_ready, 5, TIMEOUT_OPERATOR,
                    WHEN_SERVICE_PRINCIPAL),
    STEP_ACT("scaleWorkers", cluster_scale_workers),
    STEP_UNTIL("workersAreScaled", cluster_workers_are_scaled, 30, TIMEOUT_SCALED),
    STEP_ACT_WHEN("registerWithSyncSets", cluster_register_with_syncsets, WHEN_SYNCSETS),
};
const struct cluster_table update_table = { rows, ARRAY_LEN(rows) };
