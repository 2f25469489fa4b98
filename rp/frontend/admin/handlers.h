/* handlers.h - the handlers of the administrators' route table, one file for each resource. */
#ifndef RP_FRONTEND_ADMIN_HANDLERS_H
#define RP_FRONTEND_ADMIN_HANDLERS_H

#include "rp/frontend/request.h"

int handle_admin_approve_csr(struct request *req, struct error **err);
int handle_admin_billing_get(struct request *req, struct error **err);
int handle_admin_billing_list(struct request *req, struct error **err);
int handle_admin_cluster_flat_list(struct request *req, struct error **err);
int handle_admin_cluster_list(struct request *req, struct error **err);
int handle_admin_cordon(struct request *req, struct error **err);
int handle_admin_hive_cluster_sync(struct request *req, struct error **err);
int handle_admin_hive_deployment(struct request *req, struct error **err);
int handle_admin_hive_object(struct request *req, struct error **err);
int handle_admin_hive_syncset_get(struct request *req, struct error **err);
int handle_admin_hive_syncset_list(struct request *req, struct error **err);
int handle_admin_manifest_cancel(struct request *req, struct error **err);
int handle_admin_manifest_delete(struct request *req, struct error **err);
int handle_admin_manifest_get(struct request *req, struct error **err);
int handle_admin_manifest_list(struct request *req, struct error **err);
int handle_admin_manifest_put(struct request *req, struct error **err);
int handle_admin_manifests_cancel(struct request *req, struct error **err);
int handle_admin_manifests_queued(struct request *req, struct error **err);
int handle_admin_object_delete(struct request *req, struct error **err);
int handle_admin_object_get(struct request *req, struct error **err);
int handle_admin_object_post(struct request *req, struct error **err);
int handle_admin_pod_logs(struct request *req, struct error **err);
int handle_admin_resources(struct request *req, struct error **err);
int handle_admin_role_sets_list(struct request *req, struct error **err);
int handle_admin_role_set_put(struct request *req, struct error **err);
int handle_admin_schedule_get(struct request *req, struct error **err);
int handle_admin_schedule_list(struct request *req, struct error **err);
int handle_admin_schedule_put(struct request *req, struct error **err);
int handle_admin_progress(struct request *req, struct error **err);
int handle_admin_selectors(struct request *req, struct error **err);
int handle_admin_skus(struct request *req, struct error **err);
int handle_admin_version_put(struct request *req, struct error **err);
int handle_admin_versions_list(struct request *req, struct error **err);
int handle_admin_vm_redeploy(struct request *req, struct error **err);
int handle_admin_vm_sizes(struct request *req, struct error **err);
int handle_admin_vm_start(struct request *req, struct error **err);
int handle_admin_vm_stop(struct request *req, struct error **err);

#endif
