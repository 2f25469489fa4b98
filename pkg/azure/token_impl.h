/* token_impl.h - where tokens come from, for their cache; inside pkg/azure only. */
#ifndef PKG_AZURE_TOKEN_IMPL_H
#define PKG_AZURE_TOKEN_IMPL_H

#include "pkg/azure/azure.h"

struct fetched_token {
    struct secret *token; /* the receiver's */
    int64_t expires_wall_ns;
};

/* token_aad.c: of Azure AD, with what the credential proves. */
int token_fetch_aad(const struct azure_tokens_config *cfg, const struct opctx *ctx,
                    const char *scope, struct fetched_token *ret, struct error **err);
/* token_imds.c: of the virtual machine's own identity. */
int token_fetch_imds(const struct azure_tokens_config *cfg, const struct opctx *ctx,
                     const char *scope, struct fetched_token *ret, struct error **err);

/* token_reply.c: what either of them answered; who names it in errors. */
int token_read(const struct http_response *response, const char *who, int64_t now_wall_ns,
               struct fetched_token *ret, struct error **err);

#endif
