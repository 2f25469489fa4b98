/*
 * conditions.h - what the steps wait for inside a cluster.
 *
 * Each is a step's `holds`: one look. What the API server does not answer, or answers with an error, is "not yet": the error
 * is retriable, so that whoever waited in vain is told the last one. What is still missing is logged.
 * V1 clusters are judged by the operators' own configurations, V2 clusters by their ClusterOperators.
 * Source: Azure/ARO-RP, pkg/cluster/condition.go.
 */
#ifndef RP_CLUSTER_CONDITIONS_H
#define RP_CLUSTER_CONDITIONS_H

#include "rp/cluster/cluster.h"

/* V1: the bootstrap machine says that it is done. */
int cluster_bootstrap_config_map_ready(void *arg, const struct opctx *ctx, bool *ret,
                                       struct error **err);
int cluster_api_servers_ready(void *arg, const struct opctx *ctx, bool *ret, struct error **err);
/* Two worker machines run and two worker nodes are ready. A machine that failed for want of quota or of its size in the
 * region ends the wait: an error with code QuotaExceeded. */
int cluster_minimum_worker_nodes_ready(void *arg, const struct opctx *ctx, bool *ret,
                                       struct error **err);
int cluster_operator_console_exists(void *arg, const struct opctx *ctx, bool *ret,
                                    struct error **err);
int cluster_operator_console_ready(void *arg, const struct opctx *ctx, bool *ret,
                                   struct error **err);
int cluster_version_ready(void *arg, const struct opctx *ctx, bool *ret, struct error **err);
int cluster_ingress_controller_ready(void *arg, const struct opctx *ctx, bool *ret,
                                     struct error **err);
/* The operators whose restarts the installation causes have come to rest. */
int cluster_operators_have_settled(void *arg, const struct opctx *ctx, bool *ret,
                                   struct error **err);

/* What somebody is told who waited in vain. */
#define TIMEOUT_ADVICE " Please retry, and if the issue persists, raise an Azure support ticket."
#define TIMEOUT_BOOTSTRAP \
    "Bootstrap of the cluster's control plane did not complete in time." TIMEOUT_ADVICE
#define TIMEOUT_API_SERVERS \
    "Kube API has not initialised successfully and is unavailable." TIMEOUT_ADVICE
#define TIMEOUT_WORKERS \
    "Minimum number of worker nodes have not been successfully created." TIMEOUT_ADVICE
#define TIMEOUT_ROUTER "The cluster's router did not get its address in time." TIMEOUT_ADVICE
#define TIMEOUT_CONSOLE_EXISTS \
    "Console Cluster Operator has failed to initialize successfully." TIMEOUT_ADVICE
#define TIMEOUT_CONSOLE "Console Cluster Operator has not started successfully." TIMEOUT_ADVICE
#define TIMEOUT_VERSION "Cluster Version is not reporting status as ready." TIMEOUT_ADVICE
#define TIMEOUT_INGRESS "Ingress Cluster Operator has not started successfully." TIMEOUT_ADVICE
#define TIMEOUT_SETTLED "Cluster operators have not settled after the installation." TIMEOUT_ADVICE
#define TIMEOUT_OPERATOR \
    "The Azure Red Hat OpenShift operator has not started successfully." TIMEOUT_ADVICE

#endif
