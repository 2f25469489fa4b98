/*
 * billing.h - the record by which a cluster is billed: made while it is created, ended when it is gone. Both can be repeated:
 * the first call decides the time, which is the store's.
 * Source: Azure/ARO-RP, pkg/util/billing.
 */
#ifndef RP_CLUSTER_BILLING_H
#define RP_CLUSTER_BILLING_H

#include "pkg/base/json.h"
#include "pkg/base/opctx.h"

struct database;

/* A step. The record ends with the operation that deletes the cluster (rp/backend/finish.c). */
int cluster_ensure_billing_record(void *arg, const struct opctx *ctx, struct error **err);

/* cluster: its whole document; tenant_id: of the subscription. Once the cluster exists as far as it costs something. */
int cluster_billing_ensure(const struct opctx *ctx, struct database *db, const json *cluster,
                           const char *tenant_id, struct error **err);
/* Without a record there is nothing to end, which is fine. */
int cluster_billing_end(const struct opctx *ctx, struct database *db, const json *cluster,
                        struct error **err);

#endif
