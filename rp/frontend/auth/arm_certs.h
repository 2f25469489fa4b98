/*
 * arm_certs.h - ARM known by its client certificates, which it publishes: fetched at the start and
 * every hour; a fetch that fails is tried again sooner, the old certificates stay meanwhile.
 *
 * Authorised is who shows one of them, byte by byte, while it is valid. Threads: safe from any.
 * Source: Azure Resource Manager RPC, authentication; metadata API version 2015-01-01.
 */
#ifndef RP_FRONTEND_AUTH_ARM_CERTS_H
#define RP_FRONTEND_AUTH_ARM_CERTS_H

#include "rp/env/env.h"
#include "rp/frontend/authorizer.h"

struct arm_certs_config {
    struct http_transport *transport; /* borrowed */
    const struct rp_env *env;         /* the endpoint and the intervals */
    const char *arm_url;              /* of clouds without an entry of their own; may be NULL */
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};
/* Starts a thread that fetches; authorizer_free ends it. */
int arm_certs_new(const struct arm_certs_config *cfg, struct authorizer **ret, struct error **err);

/* Parts of it, for tests. */
char *arm_certs_give_url(const struct rp_env *env, const char *arm_url);

#endif
