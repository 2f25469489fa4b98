/*
 * asyncoperation.h - tells a customer who waits for an operation how it ended.
 * Source: Azure/azure-resource-manager-rpc, asynchronous operations.
 */
#ifndef RP_BACKEND_ASYNCOPERATION_H
#define RP_BACKEND_ASYNCOPERATION_H

#include "pkg/base/json.h"
#include "pkg/base/opctx.h"

struct database;

/*
 * Writes status, end, error and a snapshot of the cluster, in its new states, into the record of the operation. cluster: its
 * whole document with the outcome kept in it. A record that is not there is made: its frontend may have ended after it wrote
 * the cluster. Nothing to do: an operation without one (by a subscription's end), or one that tells an end already.
 */
int asyncoperation_end(const struct opctx *ctx, struct database *db, const json *cluster,
                       struct error **err);

#endif
