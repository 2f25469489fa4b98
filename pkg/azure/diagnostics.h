/*
 * diagnostics.h - what Azure's diagnostics service (App Lens) knows of a resource.
 *
 * Threads: safe from any. Source: the requests of Azure/ARO-RP's client for it.
 */
#ifndef PKG_AZURE_DIAGNOSTICS_H
#define PKG_AZURE_DIAGNOSTICS_H

#include "pkg/azure/azure.h"

struct azure_diagnostics { /* all borrowed */
    struct http_transport *transport;
    struct azure_tokens *tokens;
    const char *url;   /* its one endpoint */
    const char *scope; /* "https://.../.default" */
    const struct clock *clock;
    const struct rng *rng;
};
/* detector NULL: the list of them. *ret: JSON, the caller's. ERR_NOT_FOUND: the service knows no such thing. */
int azure_diagnostics_get(const struct azure_diagnostics *d, const struct opctx *ctx,
                          const char *resource_id, const char *detector, char **ret,
                          struct error **err);

#endif
