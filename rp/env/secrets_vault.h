/*
 * secrets_vault.h - secrets in the key vaults of the service, whose names begin alike: PREFIX-svc, and PREFIX-por for what
 * is the portal's.
 */
#ifndef RP_ENV_SECRETS_VAULT_H
#define RP_ENV_SECRETS_VAULT_H

#include "pkg/azure/azure.h"
#include "rp/env/secrets.h"

struct rp_vaults_config {
    struct http_transport *transport; /* borrowed, as the next */
    struct azure_tokens *tokens;
    const struct azure_cloud *cloud;
    const char *prefix; /* copied */
    const struct clock *clock;
    const struct rng *rng;
};
/* Asks nothing yet. */
struct rp_secrets *rp_secrets_new_vaults(const struct rp_vaults_config *cfg);

#endif
