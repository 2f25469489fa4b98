/* handlers.h - the handlers of the route table, one file each or one for each small resource. */
#ifndef RP_FRONTEND_HANDLERS_H
#define RP_FRONTEND_HANDLERS_H

#include "rp/frontend/request.h"

extern const struct route frontend_routes[];
extern const size_t frontend_routes_len;

int handle_health(struct request *req, struct error **err);
int handle_ready(struct request *req, struct error **err);
int handle_cluster_get(struct request *req, struct error **err);
int handle_cluster_put(struct request *req, struct error **err);
int handle_cluster_patch(struct request *req, struct error **err);
int handle_cluster_delete(struct request *req, struct error **err);
int handle_cluster_list(struct request *req, struct error **err);
int handle_cluster_credentials(struct request *req, struct error **err);
int handle_cluster_admin_credentials(struct request *req, struct error **err);
int handle_detectors_list(struct request *req, struct error **err);
int handle_detector_get(struct request *req, struct error **err);
int handle_operation_status(struct request *req, struct error **err);
int handle_operation_result(struct request *req, struct error **err);
int handle_subscription_put(struct request *req, struct error **err);
int handle_preflight(struct request *req, struct error **err);
int handle_openshift_versions_list(struct request *req, struct error **err);
int handle_openshift_version_get(struct request *req, struct error **err);
int handle_role_sets_list(struct request *req, struct error **err);
int handle_role_set_get(struct request *req, struct error **err);
int handle_operations_list(struct request *req, struct error **err);

#endif
