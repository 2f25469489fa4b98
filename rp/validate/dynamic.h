/*
 * dynamic.h - what has to hold in Azure before a cluster is made or changed there, asked at that time: the service principal
 * or the identities of the cluster, permissions on its networks, and the networks themselves.
 *
 * The first refusal ends it: ERR_INVALID with the code, the text and the target that the customer is shown. Any other error is
 * one of asking, as Azure gave it, and may be gone with the next try. What takes a while to spread (new principals, secrets and
 * role assignments) is asked again for some time, so a call may last minutes. Nothing is changed anywhere.
 *
 * Permissions are those that Azure lists for a caller on a resource; for identities, whose tokens the provider does not have,
 * those of the role assignments that apply there, and deny assignments are not looked at. Or, if there is one, as Azure's decision
 * point sees them.
 *
 * Threads: as the ARM clients. Source: Azure/ARO-RP, pkg/validate/dynamic.
 */
#ifndef RP_VALIDATE_DYNAMIC_H
#define RP_VALIDATE_DYNAMIC_H

#include "pkg/api/api.h"
#include "pkg/azure/azure.h"

struct dynamic_principal { /* borrowed */
    struct arm *arm;
    struct azure_tokens *tokens; /* the same that arm uses */
    const char *client_id;
};

struct dynamic_intervals {
    int64_t token_poll_ms, token_timeout_ms;   /* until a token has what it needs */
    int64_t access_poll_ms, access_timeout_ms; /* until a permission is there */
};

struct dynamic_validation { /* all borrowed */
    const json *cluster;    /* internal: `openShiftCluster` of its document */
    const char *subscription_id;
    const struct azure_cloud *cloud;
    struct dynamic_principal
        provider; /* the first-party application in the tenant of the subscription */
    struct dynamic_principal
        service; /* the cluster's; not used where the cluster has workload identities */
    api_role_set_find find_role_set; /* for clusters with workload identities */
    void *role_set_arg;
    struct arm *decision_point; /* as the provider; NULL: permissions are listed instead */
    struct dynamic_intervals intervals;
    bool goes_on; /* a creation that has passed before: its own resources may be there */
};

int dynamic_validate(const struct dynamic_validation *cfg, const struct opctx *ctx,
                     struct error **err);

#endif
