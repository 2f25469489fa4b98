/* documents.h - what an operation on a cluster begins with. */
#ifndef RP_BACKEND_DOCUMENTS_H
#define RP_BACKEND_DOCUMENTS_H

#include "pkg/database/database.h"
#include "rp/cluster/manager.h"

/* The document, while it carries this lease (else DATABASE_LOST_LEASE). */
int documents_cluster(const struct opctx *ctx, struct database *db, const char *key,
                      const char *token, struct document *ret, struct error **err);
/* Of its subscription. */
int documents_subscription(const struct opctx *ctx, struct database *db, const json *cluster,
                           struct document *ret, struct error **err);
/* What its state asks for; ERR_INVALID: nothing. */
int documents_operation(const json *cluster, enum cluster_operation *ret, struct error **err);

#endif
