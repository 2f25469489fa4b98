/* client_impl.h - what generated operations are made of (resources.c); inside pkg/client only. */
#ifndef PKG_CLIENT_CLIENT_IMPL_H
#define PKG_CLIENT_CLIENT_IMPL_H

#include "pkg/client/client.h"
#include "pkg/client/codec.h"

struct aro_client {
    struct arm *arm;
    const struct api_version *version;
    char *subscription_id;
};

struct client_operation {
    const char *id, *method;
    const char
        *path; /* "{subscriptionId}" is the client's, others are arguments in the path's order */
    uint32_t versions;
    const struct client_type *request, *reply; /* NULL: none */
};
extern const struct client_operation client_operations[];
extern const size_t client_operations_len;

/* ERR_UNSUPPORTED, or ERR_INVALID for an argument that is NULL or empty. */
int client_make_path(const struct aro_client *c, const struct client_operation *op,
                     const char *const *args, char **ret, struct error **err);

/* One exchange; *ret is the decoded reply (client_free). */
int client_call(const struct aro_client *c, const struct opctx *ctx,
                const struct client_operation *op, const char *const *args, void **ret,
                struct error **err);
/* body NULL: none. */
int client_begin(const struct aro_client *c, const struct opctx *ctx,
                 const struct client_operation *op, const char *const *args, const void *body,
                 struct aro_poller **ret, struct error **err);

/* list.c: one item after the other, pages as they are needed. */
struct client_list;
int client_list_new(const struct aro_client *c, const struct client_operation *op,
                    const char *const *args, struct client_list **ret, struct error **err);
/* *ret is borrowed until the next call; NULL behind the last. */
int client_list_next(struct client_list *l, const struct opctx *ctx, const void **ret,
                     struct error **err);
void client_list_free(struct client_list *l);

#endif
