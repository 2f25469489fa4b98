/*
 * storage.h - blobs of a storage account, and the signatures that open it.
 *
 * Requests are retried as ARM's are (azure.h); all of them can be repeated. Errors: the code is the service's
 * (x-ms-error-code), the status as received; a blob or container that is not there is ERR_NOT_FOUND. No error shows a
 * signature. Threads: safe from any.
 * Source: Microsoft's "Blob Storage REST API", version 2020-04-08, and "Storage Accounts - List Account SAS".
 */
#ifndef PKG_AZURE_STORAGE_H
#define PKG_AZURE_STORAGE_H

#include "pkg/azure/azure.h"

/* What a shared access signature of an account is good for: blobs, over HTTPS. */
struct storage_sas {
    const char *permissions;    /* of "rwdlacup", in this order: "rl", "cw" */
    const char *resource_types; /* "o" blobs, "c" containers, "s" the service */
    int64_t start_wall_ns, expiry_wall_ns;
};
/* The body of the request for one: what ARM's listAccountSas takes, too. Owned. */
json *storage_give_sas_parameters(const struct storage_sas *want);
/* Asks ARM for one. account_id: "/subscriptions/.../storageAccounts/NAME". *ret: its text, without "?". */
int storage_sign(struct arm *a, const struct opctx *ctx, const char *account_id,
                 const struct storage_sas *want, struct secret **ret, struct error **err);

struct blobs;
struct blobs_config { /* borrowed, but where it says otherwise */
    struct http_transport *transport;
    const struct azure_cloud *cloud;
    const char *account;         /* "clusterabc12"; copied */
    struct secret *sas;          /* a reference is taken; NULL: by token */
    struct azure_tokens *tokens; /* for accounts without shared keys; used when sas is NULL */
    const char *user_agent;
    const struct clock *clock;
    const struct rng *rng;
};
struct blobs *blobs_new(const struct blobs_config *cfg);
void blobs_free(struct blobs *b); /* accepts NULL */
DEFINE_RELEASE(struct blobs *, blobs_free)
#define cleanup_blobs CLEANUP_WITH(blobs_free_slot)

/* Replaces what is there. content_type NULL: application/octet-stream. */
int blobs_put(struct blobs *b, const struct opctx *ctx, const char *container, const char *name,
              const void *data, size_t len, const char *content_type, struct error **err);
/* *ret: the bytes, NUL behind them, the caller's. More than max: ERR_TOO_LARGE. */
int blobs_get(struct blobs *b, const struct opctx *ctx, const char *container, const char *name,
              size_t max, char **ret, size_t *ret_len, struct error **err);
int blobs_exists(struct blobs *b, const struct opctx *ctx, const char *container, const char *name,
                 bool *ret, struct error **err);
/* What is not there any more is fine. */
int blobs_delete(struct blobs *b, const struct opctx *ctx, const char *container, const char *name,
                 struct error **err);
int blobs_delete_container(struct blobs *b, const struct opctx *ctx, const char *container,
                           struct error **err);

#endif
