/*
 * operator.h - steps: the operator in the cluster. What it looks after once it runs is its own: no step of the service
 * changes that, too.
 * There is one in OpenShift 4.7 and later, once the document has the address of the ingress. What is said of an operator below
 * is nothing where there is none.
 * Source: Azure/ARO-RP, pkg/cluster/arooperator.go.
 */
#ifndef RP_CLUSTER_OPERATOR_H
#define RP_CLUSTER_OPERATOR_H

#include "rp/cluster/cluster.h"

/* Whether there is one to look after. */
int cluster_has_operator(const struct cluster *c, const struct opctx *ctx, bool *ret,
                         struct error **err);

/* initializeOperatorDeployer: finds out early what a deployment would lack (identity, image, pull secret). */
int cluster_initialize_operator_deployer(void *arg, const struct opctx *ctx, struct error **err);
/* installAROOperator: everything of it, with its Cluster resource. */
int cluster_install_operator(void *arg, const struct opctx *ctx, struct error **err);
/* ensureAROOperator: an update, which leaves the Cluster resource alone. */
int cluster_ensure_operator(void *arg, const struct opctx *ctx, struct error **err);
/* renewMDSDCertificate: into the operator's Secret, from the service's. Nothing where clusters ship no logs by themselves. */
int cluster_renew_logging_certificate(void *arg, const struct opctx *ctx, struct error **err);
/* syncClusterObject: the Cluster resource alone. */
int cluster_sync_cluster_object(void *arg, const struct opctx *ctx, struct error **err);
/* While an installation lasts, the operator does at once what may restart nodes. */
int cluster_enable_operator_reconciliation(void *arg, const struct opctx *ctx, struct error **err);
int cluster_disable_operator_reconciliation(void *arg, const struct opctx *ctx, struct error **err);
/* createOrUpdateCredentialsRequest, ensureUpgradeAnnotation (of workload identities), restartAROOperatorMaster */
int cluster_ensure_credentials_request(void *arg, const struct opctx *ctx, struct error **err);
int cluster_ensure_upgrade_annotation(void *arg, const struct opctx *ctx, struct error **err);
int cluster_restart_operator_master(void *arg, const struct opctx *ctx, struct error **err);

/* Conditions, as those of conditions.h. */
int cluster_operator_ready(void *arg, const struct opctx *ctx, bool *ret, struct error **err);
int cluster_operator_runs_desired_version(void *arg, const struct opctx *ctx, bool *ret,
                                          struct error **err);

#endif
