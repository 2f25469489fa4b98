/*
 * azure.h - tokens and Azure Resource Manager calls.
 *
 * Bodies are JSON trees read and edited by path, so that unknown properties survive. Threads: safe
 * from any. Source: Azure REST API references at the pinned api-versions named beside each call.
 */
#ifndef PKG_AZURE_AZURE_H
#define PKG_AZURE_AZURE_H

#include "pkg/base/env.h"
#include "pkg/base/json.h"
#include "pkg/base/opctx.h"
#include "pkg/base/secret.h"
#include "pkg/net/http.h"

struct azure_cloud {               /* one row per cloud; azure_cloud_find */
    const char *name;              /* "AzurePublicCloud" */
    const char *aad, *arm, *graph; /* endpoints with trailing slash */
    const char *vaults, *cosmos;   /* what the hosts of key vaults and Cosmos DB accounts end in */
    const char *storage;           /* what those of storage accounts end in, behind ".blob." */
};
const struct azure_cloud *
azure_cloud_find(const char *name); /* any letter case; NULL when unknown */

enum azure_credential_type {
    AZURE_CLIENT_SECRET,
    AZURE_CLIENT_CERTIFICATE,
    AZURE_FEDERATED_TOKEN,
    AZURE_MANAGED_IDENTITY, /* of the virtual machine: no other field but client_id counts */
};
struct azure_credential {
    enum azure_credential_type type;
    char *tenant_id;
    char *client_id; /* of a managed identity NULL when the machine has only one */
    struct secret *client_secret;
    char *certificate_pem; /* leaf first */
    struct secret *key_pem;
    bool send_chain;            /* x5c */
    char *federated_token_file; /* read again for every token */
};
void azure_credential_release(struct azure_credential *c);
void azure_credential_free(struct azure_credential *c);
DEFINE_RELEASE(struct azure_credential *, azure_credential_free)
#define cleanup_azure_credential CLEANUP_WITH(azure_credential_free_slot)

/* A source of tokens with a cache per scope. One caller fetches, others who want the same scope wait for it as long as
 * their contexts allow, and share its outcome. From 5 minutes before its end a token is renewed by one caller at a time, 30 s
 * after the last try at the earliest, while the others go on with it; so does everybody when that fails, or has taken 5 s. */
struct azure_tokens;
struct azure_tokens_config {
    struct http_transport *transport; /* borrowed */
    const struct azure_cloud *cloud;
    const struct azure_credential *credential; /* borrowed; must outlive */
    const struct clock *clock;
    const struct rng *rng;
};
struct azure_tokens *azure_tokens_new(const struct azure_tokens_config *cfg);
void azure_tokens_free(struct azure_tokens *t);
/* scope e.g. "https://management.azure.com/.default". fresh: bypass the cache (and refill it).
 * Errors from AAD: code is the AADSTS number as text ("AADSTS7000215"), kind ERR_UNAUTHORIZED or
 * ERR_INVALID; the text holds the description. */
int azure_token_get(struct azure_tokens *t, const struct opctx *ctx, const char *scope, bool fresh,
                    struct secret **ret, struct error **err);
void azure_token_drop(struct azure_tokens *t, const char *scope);
/* Claims of a JWT without verification: an object. */
int azure_token_claims(const struct secret *token, json **ret, struct error **err);

DEFINE_RELEASE(struct azure_tokens *, azure_tokens_free)
#define cleanup_azure_tokens CLEANUP_WITH(azure_tokens_free_slot)

/* ARM client: retries (408, 429, 5xx, transport on idempotent verbs; 4 tries), Retry-After, one
 * repeat on 401 with a fresh token, long-running operations, paging. */
struct arm;
struct arm_config {
    struct http_transport *transport;
    struct azure_tokens
        *tokens; /* NULL: calls carry none, the endpoint knows its callers otherwise */
    const struct azure_cloud *cloud;
    /* Another service with ARM's manners, as a key vault: its address with a slash behind, and what its tokens are for.
     * NULL: the cloud's ARM. Copied. */
    const char *endpoint, *scope;
    const char *user_agent;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
    /* Runs before every try of a request that changes something; -1 refuses it. May be NULL. */
    int (*before_write)(void *arg, struct error **err);
    void *before_write_arg;
};
struct arm *arm_new(const struct arm_config *cfg);
void arm_free(struct arm *a);
struct arm_call {
    const char *method;
    const char *path; /* "/subscriptions/..." */
    const char *api_version;
    const char *query;    /* more parameters, raw; may be NULL */
    const json *body;     /* borrowed; NULL: none */
    const char *if_match; /* etag; NULL: none */
    bool if_none_match;   /* only when there is none yet: If-None-Match: * */
    bool only_asks;       /* a POST that changes nothing: repeated as freely as a GET */
    bool wait;            /* follow the long-running operation to its end */
};
/* ret (may be NULL): the final object, NULL when there is none. Errors: error_get_code is the ARM
 * code, error_get_status the HTTP status, error_get_body the error document. */
int arm_send(struct arm *a, const struct opctx *ctx, const struct arm_call *call, json **ret,
             struct error **err);

/* A long-running operation that has begun: looked at step by step, or waited for. */
struct arm_operation;
/* call->wait counts for nothing. Fails as arm_send does when nothing began. */
int arm_begin(struct arm *a, const struct opctx *ctx, const struct arm_call *call,
              struct arm_operation **ret, struct error **err);
/* One look, without a pause before it; nothing when it has ended. -1: the operation failed (it is done then), or it could not
 * be looked at, which may be tried again. */
int arm_operation_poll(struct arm_operation *op, const struct opctx *ctx, struct error **err);
/* Looks, after the pauses that Azure asks for, until it has ended. */
int arm_operation_wait(struct arm_operation *op, const struct opctx *ctx, struct error **err);
bool arm_operation_is_done(const struct arm_operation *op);     /* also when it failed */
int64_t arm_operation_pause_ms(const struct arm_operation *op); /* before the next look */
int arm_operation_first_status(const struct arm_operation *op); /* HTTP status that began it */
/* The object that the first answer showed (PUT and PATCH; NULL: none), and when it is done the final one. Borrowed
 * until the next look. */
const json *arm_operation_object(const struct arm_operation *op);
void arm_operation_free(struct arm_operation *op);

/* A list page by page. nextLink is followed on the same origin only. */
struct arm_pages;
struct arm_pages *arm_pages_new(struct arm *a, const char *path, const char *api_version);
/* *ret: the values of the next page, an array; NULL behind the last page. After a failure the same page may be asked
 * for again. */
int arm_pages_next(struct arm_pages *p, const struct opctx *ctx, json **ret, struct error **err);
void arm_pages_free(struct arm_pages *p);
/* The values of all pages in one array. */
int arm_list(struct arm *a, const struct opctx *ctx, const char *path, const char *api_version,
             json **ret, struct error **err);

/* pick.c: of lists that are far longer than what is wanted of them. What pick makes of a value is kept (owned; NULL: nothing
 * is), all in one array. Values are looked at one by one while they arrive, and only one of them is a tree at a time.
 * pick runs on the transport's thread, may neither block nor ask Azure, and sees the values of a page again when its transfer
 * broke. ERR_TOO_LARGE: a value of more than 1 MiB, a page of more than 256. */
typedef json *(*arm_pick_fn)(void *arg, json *value);
int arm_pick(struct arm *a, const struct opctx *ctx, const char *path, const char *api_version,
             arm_pick_fn pick, void *arg, json **ret, struct error **err);

DEFINE_RELEASE(struct arm *, arm_free)
#define cleanup_arm CLEANUP_WITH(arm_free_slot)
DEFINE_RELEASE(struct arm_operation *, arm_operation_free)
#define cleanup_arm_operation CLEANUP_WITH(arm_operation_free_slot)
DEFINE_RELEASE(struct arm_pages *, arm_pages_free)
#define cleanup_arm_pages CLEANUP_WITH(arm_pages_free_slot)

/* ARM resource IDs. */
struct arm_id { /* owned */
    char *subscription_id, *resource_group, *provider, *type, *name;
};
int arm_id_parse(const char *id, struct arm_id *ret, struct error **err);
void arm_id_release(struct arm_id *id);
char *arm_id_give_parent(const char *id); /* without the last two segments */
/* The last segment, what the resource is called; the whole where there is no slash. Borrowed of id; NULL for NULL. */
const char *arm_id_last(const char *id);
/* Of a collection in a resource (frontends, rules) the member of that name, letter case ignored. Borrowed; NULL: there is none. */
json *arm_find_named(const json *list, const char *name);

/* permissions.c: Microsoft.Authorization/permissions 2015-07-01 of the caller on a resource: array
 * of {actions,notActions}. */
int arm_permissions_list(struct arm *a, const struct opctx *ctx, const char *resource_id,
                         json **ret, struct error **err);
/* Whether one entry grants action (its actions match, none of its notActions does); wildcards, any
 * letter case. */
bool arm_permissions_allow(const json *permissions, const char *action);

/* network.c: Microsoft.Network 2020-08-01. The object keeps unknown properties; put sends If-Match
 * with its etag and waits. */
int arm_subnet_get(struct arm *a, const struct opctx *ctx, const char *subnet_id, json **ret,
                   struct error **err);
int arm_subnet_put(struct arm *a, const struct opctx *ctx, const char *subnet_id,
                   const json *subnet, struct error **err);
int arm_nsg_get(struct arm *a, const struct opctx *ctx, const char *nsg_id, json **ret,
                struct error **err);

#endif
