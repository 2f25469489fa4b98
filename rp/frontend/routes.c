#include "rp/frontend/handlers.h"

#define SUB "/subscriptions/{sub}"
#define GROUP SUB "/resourcegroups/{rg}"
#define TYPE "/providers/{ns}/{type}"
#define CLUSTER GROUP TYPE "/{name}"
#define LOCATION SUB "/providers/{ns}/locations/{loc}"

/* Source: the public REST API of Azure Red Hat OpenShift; "credentials" and "/health" are the names of
 * November 2019. */
const struct route frontend_routes[] = {
    { "GET", CLUSTER, ROUTE_API_VERSION | ROUTE_QOS, handle_cluster_get, "The cluster." },
    { "PUT", CLUSTER, ROUTE_API_VERSION | ROUTE_QOS | ROUTE_MOCK_MSI, handle_cluster_put,
      "Creates it, or replaces what may change." },
    { "PATCH", CLUSTER, ROUTE_API_VERSION | ROUTE_QOS | ROUTE_MOCK_MSI, handle_cluster_patch,
      "Creates it, or changes what the body says." },
    { "DELETE", CLUSTER, ROUTE_API_VERSION | ROUTE_QOS, handle_cluster_delete, "Deletes it." },
    { "GET", SUB TYPE, ROUTE_API_VERSION, handle_cluster_list,
      "Clusters of the subscription, in pages of 10." },
    { "GET", GROUP TYPE, ROUTE_API_VERSION, handle_cluster_list,
      "Clusters of the resource group, in pages of 10." },
    { "POST", CLUSTER "/listcredentials", ROUTE_API_VERSION, handle_cluster_credentials,
      "The password of kubeadmin." },
    { "POST", CLUSTER "/credentials", ROUTE_API_VERSION, handle_cluster_credentials,
      "The same, by the name of November 2019." },
    { "POST", CLUSTER "/listadmincredentials", ROUTE_API_VERSION, handle_cluster_admin_credentials,
      "The kubeconfig of an administrator." },
    { "GET", CLUSTER "/detectors", 0, handle_detectors_list,
      "What the diagnostics service knows of the cluster." },
    { "GET", CLUSTER "/detectors/{detector}", 0, handle_detector_get, "One of its detectors." },
    { "POST", GROUP "/providers/{ns}/deployments/{deployment}/preflight", ROUTE_PREFLIGHT_VERSION,
      handle_preflight, "Whether a deployment's clusters could be created or updated so." },
    { "GET", LOCATION "/operationsstatus/{operationid}", ROUTE_API_VERSION, handle_operation_status,
      "The state of an asynchronous operation." },
    { "GET", LOCATION "/operationresults/{operationid}", ROUTE_API_VERSION, handle_operation_result,
      "The cluster, once the operation has ended." },
    { "GET", LOCATION "/openshiftversions", ROUTE_API_VERSION, handle_openshift_versions_list,
      "OpenShift versions that can be installed." },
    { "GET", LOCATION "/openshiftversions/{version}", ROUTE_API_VERSION | ROUTE_QOS,
      handle_openshift_version_get, "One of them." },
    { "GET", LOCATION "/platformworkloadidentityrolesets", ROUTE_API_VERSION, handle_role_sets_list,
      "Roles that operators need, by minor version." },
    { "GET", LOCATION "/platformworkloadidentityrolesets/{minor}", ROUTE_API_VERSION | ROUTE_QOS,
      handle_role_set_get, "Those of one minor version." },
    { "PUT", SUB, 0, handle_subscription_put,
      "What Azure Resource Manager says of a subscription." },
    { "GET", "/providers/{ns}/operations", 0, handle_operations_list,
      "Operations that roles can allow." },
    { "GET", "/healthz/ready", ROUTE_OPEN, handle_ready, "200 when requests may come." },
    { "GET", "/healthz", ROUTE_OPEN, handle_health, "200 while the process lives." },
    { "GET", "/health", ROUTE_OPEN, handle_health, "The same, by the name of November 2019." },
};
const size_t frontend_routes_len = ARRAY_LEN(frontend_routes);
