/*
 * store_cosmos.h - the document store on Azure Cosmos DB, by its REST interface (SQL API, version 2018-12-31).
 *
 * The account has strong consistency, so that session tokens are never sent. Requests that Cosmos DB did not carry out
 * (429, 449) are repeated, at most COSMOS_TRIES in all, after the pause that it asks for; so are those whose answer was lost
 * (a reset, 408, 503). A write carries a token in its document (COSMOS_WRITE_TOKEN): when a repeated write finds the
 * document changed or there, the token tells whether the lost one had done it.
 *
 * What Cosmos DB itself cannot do: numbers are IEEE doubles there, so literals beyond them (2^63 and up) change; the oldest
 * document comes first only within a page of a dequeue, since its gateway does not sort over partitions.
 *
 * Source: Microsoft's "Azure Cosmos DB REST API reference".
 */
#ifndef PKG_DATABASE_STORE_COSMOS_H
#define PKG_DATABASE_STORE_COSMOS_H

#include "pkg/base/secret.h"
#include "pkg/database/store.h"
#include "pkg/net/http.h"

#define COSMOS_TRIES 10
/* Of one call, over all its tries. */
#define COSMOS_PAUSES_MAX_MS 30000
#define COSMOS_WRITE_TOKEN "_writeToken"

/* Where tokens of Azure AD come from; for the scope "https://ACCOUNT.SUFFIX/.default". Keeps them until shortly before they
 * end; fresh: the last one was refused. Safe from any thread. */
struct cosmos_tokens {
    int (*get)(struct cosmos_tokens *tokens, const struct opctx *ctx, bool fresh,
               struct secret **ret, struct error **err);
};

struct cosmos_config {    /* copied, but for what is borrowed */
    const char *endpoint; /* "https://ACCOUNT.documents.azure.com", a slash behind is left out */
    const char *database; /* "ARO" */
    const struct secret *key;         /* an account key as Azure shows it (base64), or NULL: */
    struct cosmos_tokens *tokens;     /* borrowed for the store's life */
    struct http_transport *transport; /* the same */
};
/* Sends nothing. ERR_INVALID when the key is not base64 or the endpoint no URL. */
int store_open_cosmos(const struct cosmos_config *cfg, struct store **ret, struct error **err);

/* Makes database, containers and triggers that are not there, with an account key: for emulators and development accounts
 * (in Azure a deployment does so). */
int store_cosmos_create_schema(const struct opctx *ctx, struct store *s, struct error **err);

#endif
