/*
 * deploy.h - deploys the templates of a cluster (template.h). Steps; each deploys the same again when it is repeated.
 * Source: Azure/ARO-RP, pkg/cluster/deploybaseresources.go; openshift/installer-aro-wrapper.
 */
#ifndef RP_CLUSTER_DEPLOY_H
#define RP_CLUSTER_DEPLOY_H

#include "pkg/base/opctx.h"

/* Accounts, security groups, rights; in the second layout also load balancers and the private link service. */
int cluster_deploy_base_template(void *arg, const struct opctx *ctx, struct error **err);
/* The bootstrap machine and the control plane; in the first layout also their network. The bootstrap machine fetches its
 * configuration with a signature that is good for a day from the installation's begin (`install.now`); later than that the step
 * fails. */
int cluster_deploy_resources_template(void *arg, const struct opctx *ctx, struct error **err);

#endif
