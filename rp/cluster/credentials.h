/*
 * credentials.h - steps: a service principal that the customer exchanged reaches everything in the cluster that acts as it.
 *
 * What rolls the control plane out anew must not happen without cause, nor be forgotten: that Secret is written together with
 * an annotation that says what must follow, which goes when that is done. So what is cut off in between is done by the next run.
 * Source: Azure/ARO-RP, pkg/cluster/clusterserviceprincipal.go.
 */
#ifndef RP_CLUSTER_CREDENTIALS_H
#define RP_CLUSTER_CREDENTIALS_H

#include "rp/cluster/cluster.h"

/* updateOpenShiftSecret: kube-system/azure-credentials, of which the cloud credential operator mints all others. It is
 * restarted in any case: then it mints them anew, which is what the condition below waits for. */
int cluster_update_openshift_secret(void *arg, const struct opctx *ctx, struct error **err);
/* updateAROSecret: kube-system/azure-cloud-provider, where a cluster has it; API servers and controller managers are rolled
 * out anew, since they read it when they start. */
int cluster_update_cloud_provider_secret(void *arg, const struct opctx *ctx, struct error **err);
/* aroCredentialsRequestReconciled, a condition: the operator's credentials were minted in the last five minutes. It holds where
 * there is no operator. */
int cluster_credentials_request_reconciled(void *arg, const struct opctx *ctx, bool *ret,
                                           struct error **err);

#define TIMEOUT_CREDENTIALS \
    "Azure Red Hat OpenShift operator credentials were not reconciled in time. Please retry, and " \
    "if the issue persists, " \
    "raise an Azure support ticket."

#endif
