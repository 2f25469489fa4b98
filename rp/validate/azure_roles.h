/*
 * azure_roles.h - whether an application may do in a subscription what the resource provider does there as it: make resource
 * groups, deploy into them, join subnets, give others their roles. Threads: as the ARM client.
 */
#ifndef RP_VALIDATE_AZURE_ROLES_H
#define RP_VALIDATE_AZURE_ROLES_H

#include "pkg/azure/azure.h"

/* arm speaks for the application. ERR_FORBIDDEN: it may not; the text names the roles that it lacks and the command that grants
 * them. Any other error is one of asking. */
int azure_roles_check(struct arm *arm, const struct opctx *ctx, const char *client_id,
                      const char *subscription_id, struct error **err);

#endif
