/*
 * azure.h - the operator's access to Azure: whose credentials, which cloud.
 *
 * AZURE_TOKEN_CREDENTIALS chooses: EnvironmentCredential (AZURE_CLIENT_ID, AZURE_TENANT_ID,
 * AZURE_CLIENT_SECRET) or WorkloadIdentityCredential (AZURE_FEDERATED_TOKEN_FILE instead of the
 * secret). When it is unset, as in a local run, Secret kube-system/azure-credentials.
 */
#ifndef OPERATOR_AZURE_H
#define OPERATOR_AZURE_H

#include "operator/services.h"
#include "pkg/azure/azure.h"

#define AZURE_SECRET_NAMESPACE "kube-system"
#define AZURE_SECRET "azure-credentials"

struct azure_session { /* owned by one run of one controller */
    const struct azure_cloud *cloud;
    struct azure_credential *credential;
    struct azure_tokens *tokens;
    struct arm *arm;
};
/* ERR_INVALID: something is missing or wrong in the environment, the Secret or the Cluster, and the
 * text says what. */
int azure_session_open(struct services *sv, const struct opctx *ctx, const json *cluster,
                       struct azure_session **ret, struct error **err);
void azure_session_free(struct azure_session *s);

DEFINE_RELEASE(struct azure_session *, azure_session_free)
#define cleanup_azure_session CLEANUP_WITH(azure_session_free_slot)

#endif
