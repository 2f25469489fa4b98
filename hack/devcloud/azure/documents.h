/* documents.h - the data plane of Cosmos DB accounts: who may enter is judged here, the documents are elsewhere. */
#ifndef HACK_DEVCLOUD_AZURE_DOCUMENTS_H
#define HACK_DEVCLOUD_AZURE_DOCUMENTS_H

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/opctx.h"

/* Requests to hosts of accounts; may leave c->documents to be run. true: answered, or to be run. */
bool documents_serve(struct sim_call *c);
/* Without the lock, which it takes for the answer. Frees. */
void documents_run(struct sim_call *c, const struct opctx *ctx);

#endif
