/* documents.h - the document store that the environment names. */
#ifndef CMD_ARO_RP_DOCUMENTS_H
#define CMD_ARO_RP_DOCUMENTS_H

#include "pkg/database/store.h"
#include "pkg/net/http.h"
#include "rp/env/env.h"

/* ARO_RP_DATABASE; else the Cosmos DB account, with its key; else, in development, a file in the current
 * folder. transport: borrowed for the store's life. ERR_INVALID names the variables. */
int documents_open(const struct opctx *ctx, const struct rp_env *env,
                   struct http_transport *transport, struct store **ret, struct error **err);

#endif
