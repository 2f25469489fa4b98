/* authorizer.h - who may call: one interface, implemented in rp/frontend/auth. Threads: safe from any. */
#ifndef RP_FRONTEND_AUTHORIZER_H
#define RP_FRONTEND_AUTHORIZER_H

#include "pkg/net/server.h"

struct authorizer {
    /* 0: may call. -1 with ERR_FORBIDDEN: may not. Other errors: nobody knows; that is a no, too. */
    int (*check)(struct authorizer *a, const struct opctx *ctx, struct http_call *call,
                 struct error **err);
    /* Whether it could say yes to anybody now. */
    bool (*is_ready)(struct authorizer *a, const struct opctx *ctx);
    void (*free)(struct authorizer *a);
};
static inline int authorizer_check(struct authorizer *a, const struct opctx *ctx,
                                   struct http_call *call, struct error **err)
{
    return a->check(a, ctx, call, err);
}
static inline bool authorizer_is_ready(struct authorizer *a, const struct opctx *ctx)
{
    return a->is_ready(a, ctx);
}
static inline void authorizer_free(struct authorizer *a)
{
    if (a)
        a->free(a);
}
DEFINE_RELEASE(struct authorizer *, authorizer_free)
#define cleanup_authorizer CLEANUP_WITH(authorizer_free_slot)

/* Everybody may: development. Static; need not be freed. */
struct authorizer *authorizer_allow_all(void);

#endif
