/* documents.h - the document store that the environment names. */
#ifndef CMD_ARO_RP_DOCUMENTS_H
#define CMD_ARO_RP_DOCUMENTS_H

#include "pkg/azure/azure.h"
#include "pkg/database/store_cosmos.h"
#include "rp/env/env.h"

struct documents_config {
    const struct rp_env *env;
    struct http_transport *transport; /* borrowed for the store's life, as the next two */
    const struct azure_cloud *cloud;
    struct cosmos_tokens *tokens; /* NULL: none */
    bool only_existing;           /* no file is made */
};
/* ARO_RP_DATABASE; else the Cosmos DB account, with its key or else with tokens; else, in development, a file in the
 * current folder. ERR_INVALID names the variables; ERR_NOT_FOUND: only_existing, and there is no such file. */
int documents_open(const struct opctx *ctx, const struct documents_config *cfg, struct store **ret,
                   struct error **err);

#endif
