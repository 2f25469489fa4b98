/*
 * token_service.h - callers known by a token that a service beside us validates (MISE); what it does
 * not accept may still be good for the fallback. Threads: safe from any.
 */
#ifndef RP_FRONTEND_AUTH_TOKEN_SERVICE_H
#define RP_FRONTEND_AUTH_TOKEN_SERVICE_H

#include "rp/frontend/authorizer.h"

struct token_service_config {
    struct http_transport *transport; /* borrowed */
    const char *address;              /* "http://127.0.0.1:5000"; copied */
    int64_t timeout_ms;               /* of one question */
    struct authorizer *fallback;      /* NULL: the service alone decides. Owned from here on */
};
struct authorizer *token_service_new(const struct token_service_config *cfg);

#endif
