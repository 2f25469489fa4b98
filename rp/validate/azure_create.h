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
#include "pkg/base/strv.h"

/* cluster: internal, borrowed. */
int azure_create_check(struct arm *arm, const struct opctx *ctx, const json *cluster,
                       const char *subscription_id, const char *location, struct error **err);

/* The last two of these alone. */
int azure_quota_check(struct arm *arm, const struct opctx *ctx, const json *cluster,
                      const char *subscription_id, const char *location, struct error **err);
int azure_providers_check(struct arm *arm, const struct opctx *ctx, const char *subscription_id,
                          struct error **err);

/* Of the sizes of machines in a region, for a subscription, those of these names, as Azure tells them; and the names of all
 * that it may use, sorted: arrays, owned by the caller. Errors are Azure's own. */
int azure_skus_find(struct arm *arm, const struct opctx *ctx, const char *subscription_id,
                    const char *location, const struct strv *sizes, json **ret, struct error **err);
int azure_skus_list_names(struct arm *arm, const struct opctx *ctx, const char *subscription_id,
                          const char *location, json **ret, struct error **err);

#endif
