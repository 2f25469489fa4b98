/*
 * azure.h - what a request's cluster is in Azure, for those who work on it there. Threads: one request's.
 */
#ifndef RP_FRONTEND_ADMIN_AZURE_H
#define RP_FRONTEND_ADMIN_AZURE_H

#include "pkg/azure/azure.h"
#include "rp/frontend/request.h"

struct azure_place {
    struct arm *arm;
    const json *cluster;       /* internal */
    const char *managed_group; /* resource ID of the group with the cluster's machines */
};
/* Has act work as the first-party application in the tenant of the cluster's subscription. 404 ResourceNotFound without a
 * cluster or a subscription; errors of Azure are those of azure.h. */
int admin_azure_answer(struct request *req,
                       int (*act)(struct request *req, const struct azure_place *place,
                                  struct error **err),
                       struct error **err);

#endif
