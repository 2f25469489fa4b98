/*
 * identity.h - as whom the resource provider uses what is its own: its key vaults and its Cosmos DB account.
 *
 * In production as the managed identity of its virtual machine, or, with ARO_RP_WORKLOAD_IDENTITY, with the federated token of
 * the file AZURE_FEDERATED_TOKEN_FILE. In development as the service principal AZURE_RP_CLIENT_ID, if there is one.
 *
 * Threads: safe from any.
 */
#ifndef CMD_ARO_RP_IDENTITY_H
#define CMD_ARO_RP_IDENTITY_H

#include "pkg/azure/azure.h"
#include "pkg/database/store_cosmos.h"
#include "rp/env/env.h"

struct identity_config {
    const struct rp_env *env; /* borrowed, as all that follow */
    struct http_transport *transport;
    const struct azure_cloud *cloud;
    const struct clock *clock;
    const struct rng *rng;
};
struct identity;
/* *ret is NULL where there is none: development without that service principal. ERR_INVALID names variables. */
int identity_new(const struct identity_config *cfg, struct identity **ret, struct error **err);
void identity_free(struct identity *i);                   /* accepts NULL */
struct azure_tokens *identity_tokens(struct identity *i); /* borrowed; NULL of NULL */
/* For the account of the environment. Borrowed; NULL of NULL, and when the environment names no account. */
struct cosmos_tokens *identity_cosmos(struct identity *i);

#endif
