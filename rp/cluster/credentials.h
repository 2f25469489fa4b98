/*
 * credentials.h - steps: a service principal that the customer exchanged reaches everything in the cluster that acts as it.
 *
 * A Secret is written together with an annotation that says what must follow; the annotation goes when that is done. So what
 * is cut off in between is done by the next run, and where nothing changed nothing restarts.
 * Source: Azure/ARO-RP, pkg/cluster/clusterserviceprincipal.go.
 */
#ifndef RP_CLUSTER_CREDENTIALS_H
#define RP_CLUSTER_CREDENTIALS_H

#include "rp/cluster/cluster.h"

/* updateOpenShiftSecret: kube-system/azure-credentials, of which the cloud credential operator mints all others; it is
 * restarted. */
int cluster_update_openshift_secret(void *arg, const struct opctx *ctx, struct error **err);
/* updateAROSecret: kube-system/azure-cloud-provider, where a cluster has it; API servers and controller managers are rolled
 * out anew, since they read it when they start. */
int cluster_update_cloud_provider_secret(void *arg, const struct opctx *ctx, struct error **err);
/* aroCredentialsRequestReconciled, a condition: the operator's credentials were minted in the last five minutes. */
int cluster_credentials_request_reconciled(void *arg, const struct opctx *ctx, bool *ret,
                                           struct error **err);

#define TIMEOUT_CREDENTIALS \
    "Azure Red Hat OpenShift operator credentials were not reconciled in time. Please retry, and " \
    "if the issue persists, " \
    "raise an Azure support ticket."

#endif
