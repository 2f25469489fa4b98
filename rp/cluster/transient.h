/*
 * transient.h - calls of Azure that are made again after what passes by itself (azure_error_is_transient): four times in all,
 * with 15, 30 and 60 seconds between, or what Azure asks for. Above the retries of pkg/azure, which take seconds.
 * Source: Azure/ARO-RP, pkg/util/azureclient retries.
 */
#ifndef RP_CLUSTER_TRANSIENT_H
#define RP_CLUSTER_TRANSIENT_H

#include "pkg/azure/azure.h"

#define TRANSIENT_TRIES 4
#define TRANSIENT_RIGHTS_TRIES 12 /* about ten minutes */

/* fn as a step: it may be called again. The last error is the caller's. */
int transient_retry(const struct opctx *ctx,
                    int (*fn)(void *, const struct opctx *, struct error **), void *arg,
                    struct error **err);
/* One call of ARM. ret may be NULL. */
int transient_send(struct arm *a, const struct opctx *ctx, const struct arm_call *call, json **ret,
                   struct error **err);
/* Deletes and waits; what is not there is fine. */
int transient_delete(struct arm *a, const struct opctx *ctx, const char *id,
                     const char *api_version, struct error **err);
/* The same for role assignments and definitions: twelve times in all, and also after "forbidden", since what we may do there
 * arrives late. */
int transient_delete_right(struct arm *a, const struct opctx *ctx, const char *id,
                           const char *api_version, struct error **err);

#endif
