/*
 * azure_create.h - what Azure has to allow before a cluster is created, asked in the subscription of
 * the cluster: sizes of machines, a feature, quota, resource providers, in this order.
 *
 * The first refusal ends it: ERR_INVALID with code (InvalidParameter, ResourceQuotaExceeded,
 * ResourceProviderNotRegistered) and mostly a target. What Azure answers otherwise is ERR_INTERNAL
 * without a code: it is not the caller's to act on. Threads: as the ARM client.
 */
#ifndef RP_VALIDATE_AZURE_CREATE_H
#define RP_VALIDATE_AZURE_CREATE_H

#include "pkg/azure/azure.h"

/* cluster: internal, borrowed. */
int azure_create_check(struct arm *arm, const struct opctx *ctx, const json *cluster,
                       const char *subscription_id, const char *location, struct error **err);

/* The last two of these alone. */
int azure_quota_check(struct arm *arm, const struct opctx *ctx, const json *cluster,
                      const char *subscription_id, const char *location, struct error **err);
int azure_providers_check(struct arm *arm, const struct opctx *ctx, const char *subscription_id,
                          struct error **err);

/* Sizes of machines in a region, for a subscription: an array, owned by the caller. Errors are Azure's own. */
int azure_skus_list(struct arm *arm, const struct opctx *ctx, const char *subscription_id,
                    const char *location, json **ret, struct error **err);

#endif
