#include "rp/frontend/handlers.h"

#define SUB "/subscriptions/{sub}"
#define GROUP SUB "/resourcegroups/{rg}"
#define TYPE "/providers/{ns}/{type}"
#define CLUSTER GROUP TYPE "/{name}"
#define LOCATION SUB "/providers/{ns}/locations/{loc}"

/* Source: the public REST API of Azure Red Hat OpenShift; "credentials" and "/health" are the names of
 * November 2019. */
const struct route frontend_routes[] = {
    { "GET", CLUSTER, ROUTE_API_VERSION | ROUTE_QOS, handle_cluster_get },
    { "PUT", CLUSTER, ROUTE_API_VERSION | ROUTE_QOS | ROUTE_MOCK_MSI, handle_cluster_put },
    { "PATCH", CLUSTER, ROUTE_API_VERSION | ROUTE_QOS | ROUTE_MOCK_MSI, handle_cluster_patch },
    { "DELETE", CLUSTER, ROUTE_API_VERSION | ROUTE_QOS, handle_cluster_delete },
    { "GET", SUB TYPE, ROUTE_API_VERSION, handle_cluster_list },
    { "GET", GROUP TYPE, ROUTE_API_VERSION, handle_cluster_list },
    { "POST", CLUSTER "/listcredentials", ROUTE_API_VERSION, handle_cluster_credentials },
    { "POST", CLUSTER "/credentials", ROUTE_API_VERSION, handle_cluster_credentials },
    { "POST", CLUSTER "/listadmincredentials", ROUTE_API_VERSION,
      handle_cluster_admin_credentials },
    { "POST", GROUP "/providers/{ns}/deployments/{deployment}/preflight", ROUTE_PREFLIGHT_VERSION,
      handle_preflight },
    { "GET", LOCATION "/operationsstatus/{operationid}", ROUTE_API_VERSION,
      handle_operation_status },
    { "GET", LOCATION "/operationresults/{operationid}", ROUTE_API_VERSION,
      handle_operation_result },
    { "GET", LOCATION "/openshiftversions", ROUTE_API_VERSION, handle_openshift_versions_list },
    { "GET", LOCATION "/openshiftversions/{version}", ROUTE_API_VERSION | ROUTE_QOS,
      handle_openshift_version_get },
    { "GET", LOCATION "/platformworkloadidentityrolesets", ROUTE_API_VERSION,
      handle_role_sets_list },
    { "GET", LOCATION "/platformworkloadidentityrolesets/{minor}", ROUTE_API_VERSION | ROUTE_QOS,
      handle_role_set_get },
    { "PUT", SUB, 0, handle_subscription_put },
    { "GET", "/providers/{ns}/operations", 0, handle_operations_list },
    { "GET", "/healthz/ready", ROUTE_OPEN, handle_ready },
    { "GET", "/healthz", ROUTE_OPEN, handle_health },
    { "GET", "/health", ROUTE_OPEN, handle_health },
};
const size_t frontend_routes_len = ARRAY_LEN(frontend_routes);
