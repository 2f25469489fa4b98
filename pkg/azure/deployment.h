/*
 * deployment.h - deploys an ARM template into a resource group and waits for it.
 *
 * Incremental: nothing that exists goes. Deploying the same again, also after a crash in the middle, ends in the same state; a
 * deployment of that name that still runs is waited for instead.
 *
 * Errors: a missing right comes as Azure told it (azure_error_is_authorization knows it, also when it lies inside a failed
 * deployment), as do failures of the connection and of tokens. Whatever else Azure refuses is for the customer: 400
 * "DeploymentFailed", "Deployment failed.", with Azure's own error as JSON text in details[0].message of error_get_body.
 * Threads: safe from any.
 * Source: Microsoft.Resources/deployments 2021-04-01; Azure/ARO-RP, pkg/util/arm/deploy.go.
 */
#ifndef PKG_AZURE_DEPLOYMENT_H
#define PKG_AZURE_DEPLOYMENT_H

#include "pkg/azure/azure.h"

#define DEPLOYMENT_FAILED "DeploymentFailed"

struct arm_deployment { /* borrowed */
    const char *subscription_id, *resource_group;
    const char *name;
    const json *template;
    const json *parameters; /* {"NAME":{"value":...}}; NULL: none */
};
int arm_deploy(struct arm *a, const struct opctx *ctx, const struct arm_deployment *d,
               struct error **err);

#endif
