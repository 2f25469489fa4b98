#include "pkg/base/cleanup.h"
#include "rp/frontend/admin/admin.h"
#include "rp/frontend/admin/handlers.h"

#define CLUSTER "/admin/subscriptions/{sub}/resourcegroups/{rg}/providers/{ns}/{type}/{name}"
#define MANIFESTS CLUSTER "/maintenancemanifests"
#define MANIFEST MANIFESTS "/{manifest}"

/* Source: Azure/ARO-RP, pkg/frontend. */
const struct route admin_routes[] = {
    { "GET", "/admin/providers/{ns}/{type}", ROUTE_ADMIN, handle_admin_cluster_list,
      "All clusters of the region in the form of api-version `admin`, in pages of 10." },
    { "GET", "/admin/clusters", ROUTE_ADMIN, handle_admin_cluster_flat_list,
      "One flat entry for each cluster, sorted by resource ID. `name`, `subscription`, `version`, "
      "`created_by`, `provisioned_by`: only those that contain the text, in any letter case; "
      "`state`: only those in this provisioning state." },
    { "GET", "/admin/versions", ROUTE_ADMIN, handle_admin_versions_list,
      "All OpenShift versions, also those that cannot be installed." },
    { "PUT", "/admin/versions", ROUTE_ADMIN, handle_admin_version_put,
      "Adds or replaces the version of `properties.version`." },
    { "GET", "/admin/platformworkloadidentityrolesets", ROUTE_ADMIN, handle_admin_role_sets_list,
      "All role sets, with service accounts and places of secrets." },
    { "PUT", "/admin/platformworkloadidentityrolesets", ROUTE_ADMIN, handle_admin_role_set_put,
      "Adds or replaces the role set of `properties.openShiftVersion`." },
    { "GET", "/admin/supportedvmsizes", ROUTE_ADMIN, handle_admin_vm_sizes,
      "Sizes of machines for `vmRole`, `master` or `worker`: cores and family of quota." },
    { "GET", "/admin/billingdocuments", ROUTE_ADMIN, handle_admin_billing_list,
      "Bills of all clusters, also of those that have gone, in pages of 10." },
    { "GET", "/admin/billingdocuments/{id}", ROUTE_ADMIN, handle_admin_billing_get,
      "The bill of one cluster, by the id of its document." },
    { "GET", MANIFESTS, ROUTE_ADMIN, handle_admin_manifest_list,
      "Maintenance manifests of a cluster, in pages of `limit` (100)." },
    { "PUT", MANIFESTS, ROUTE_ADMIN, handle_admin_manifest_put,
      "Queues a maintenance task: `maintenanceTaskID`, `priority`, `runAfter` (now), `runBefore` "
      "(a week later)." },
    { "GET", MANIFEST, ROUTE_ADMIN, handle_admin_manifest_get, "One maintenance manifest." },
    { "DELETE", MANIFEST, ROUTE_ADMIN, handle_admin_manifest_delete,
      "Deletes a maintenance manifest, whatever state it is in; the last resort." },
    { "POST", MANIFEST "/cancel", ROUTE_ADMIN, handle_admin_manifest_cancel,
      "Cancels a manifest that is still `Pending`." },
    { "GET", "/admin/maintenancemanifests/queued", ROUTE_ADMIN, handle_admin_manifests_queued,
      "Manifests of all clusters that wait to be run, in pages of `limit` (100)." },
    { "POST", "/admin/maintenancemanifests/cancel", ROUTE_ADMIN, handle_admin_manifests_cancel,
      "Cancels every `Pending` manifest that the schedule `scheduleID` made; tells how many it "
      "cancelled, and how many it could not." },
    { "GET", "/admin/maintenanceschedules", ROUTE_ADMIN, handle_admin_schedule_list,
      "Maintenance schedules, in pages of `limit` (100)." },
    { "PUT", "/admin/maintenanceschedules", ROUTE_ADMIN, handle_admin_schedule_put,
      "Adds or replaces the schedule `id` (without: a new one): `state`, `maintenanceTaskID`, "
      "`schedule`, `scheduleAcross`, `lookForwardCount`, `selectors`." },
    { "GET", "/admin/maintenanceschedules/{id}", ROUTE_ADMIN, handle_admin_schedule_get,
      "One maintenance schedule." },
    { "GET", CLUSTER "/progress", ROUTE_ADMIN, handle_admin_progress,
      "The step that the cluster's operation is at, since when, and how long each one took so "
      "far." },
    { "GET", CLUSTER "/selectors", ROUTE_ADMIN, handle_admin_selectors,
      "What selectors of schedules compare, of this cluster." },
    { "GET", CLUSTER "/kubernetesobjects", ROUTE_ADMIN, handle_admin_object_get,
      "The object of `kind`, `namespace` and `name`, or up to 1000 of them without a name. Never "
      "secrets; `unrestricted=true` shows the namespaces of customers, too." },
    { "POST", CLUSTER "/kubernetesobjects", ROUTE_ADMIN | ROUTE_MAINTENANCE,
      handle_admin_object_post, "Updates the object of the body, or creates it." },
    { "DELETE", CLUSTER "/kubernetesobjects", ROUTE_ADMIN | ROUTE_MAINTENANCE,
      handle_admin_object_delete,
      "Deletes the object of `kind`, `namespace` and `name`; a Pod at once with `force=true`." },
    { "GET", CLUSTER "/kubernetespodlogs", ROUTE_ADMIN, handle_admin_pod_logs,
      "The log of `container` in the pod `podname` of `namespace`, at most 50 MiB of it." },
    { "POST", CLUSTER "/cordonnode", ROUTE_ADMIN | ROUTE_MAINTENANCE, handle_admin_cordon,
      "Keeps pods from the node `vmName` (`shouldCordon=true`), or lets them come again." },
    { "POST", CLUSTER "/approvecsr", ROUTE_ADMIN | ROUTE_MAINTENANCE, handle_admin_approve_csr,
      "Approves the certificate signing request `csrName`, or all that wait." },
    { "GET", CLUSTER "/resources", ROUTE_ADMIN, handle_admin_resources,
      "What the cluster has in Azure: its managed group, and the networks, route tables and disk "
      "encryption set that it uses." },
    { "POST", CLUSTER "/startvm", ROUTE_ADMIN | ROUTE_MAINTENANCE, handle_admin_vm_start,
      "Starts the virtual machine `vmName`." },
    { "POST", CLUSTER "/stopvm", ROUTE_ADMIN | ROUTE_MAINTENANCE, handle_admin_vm_stop,
      "Stops the virtual machine `vmName`; with `deallocateVM=true` gives its host back, too." },
    { "POST", CLUSTER "/redeployvm", ROUTE_ADMIN | ROUTE_MAINTENANCE, handle_admin_vm_redeploy,
      "Moves the virtual machine `vmName` to another host; not one whose disk lies on its host." },
    { "GET", CLUSTER "/skus", ROUTE_ADMIN, handle_admin_skus,
      "Names of sizes that the cluster's subscription can have in the region." },
    { "GET", CLUSTER "/clusterdeployment", ROUTE_ADMIN, handle_admin_hive_deployment,
      "Hive's ClusterDeployment; 204 when Hive does not manage the cluster." },
    { "GET", CLUSTER "/clustersync", ROUTE_ADMIN, handle_admin_hive_cluster_sync,
      "How the sets of SyncSets stand in the cluster (ClusterSync); 204 when it is not registered "
      "there." },
    { "GET", "/admin/hivesyncset", ROUTE_ADMIN, handle_admin_hive_syncset_list,
      "SyncSets (`issyncset=true`) of `namespace` (older: `cdnamespace`), or SelectorSyncSets; "
      "those "
      "that the label selector `label` selects." },
    { "GET", "/admin/hivesyncset/syncsetname/{syncset}", ROUTE_ADMIN, handle_admin_hive_syncset_get,
      "One of them." },
    { "GET", "/admin/hive/k8sobjects/{resource}", ROUTE_ADMIN, handle_admin_hive_object,
      "Objects of Hive's cluster in `namespace`, or the one of `name`." },
};
const size_t admin_routes_len = ARRAY_LEN(admin_routes);
