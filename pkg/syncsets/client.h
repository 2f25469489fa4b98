/*
 * client.h - the REST API of SyncSets as its callers see it: one call, one JSON tree.
 *
 * operations.h has a function for each operation of each type, made from the server's own tables; what they share is here.
 *
 *   cleanup_syncsets struct syncsets *c = NULL;
 *   const struct syncsets_config cfg = { .url = "https://syncsets.example.com", .transport = transport };
 *   if (syncsets_new(&cfg, &c, err) < 0 || syncsets_get_cluster(c, ctx, "team", "one", &cluster, err) < 0) ...
 *
 * Errors: the server's kind, text and reason (error_code), its Status as error_get_body. Nothing is repeated here: a caller who
 * repeats a creation gives it an idempotency key.
 * Threads: a client is safe from any; trees are their caller's.
 */
#ifndef PKG_SYNCSETS_CLIENT_H
#define PKG_SYNCSETS_CLIENT_H

#include "pkg/base/json.h"
#include "pkg/net/http.h"

struct syncsets;
struct syncsets_config {
    const char *url;                  /* scheme, host and port; copied */
    struct http_transport *transport; /* borrowed for the client's life */
    struct secret *token;             /* a bearer token; NULL: none is sent */
};
/* ERR_INVALID: the URL is none of a server, or a token would go unencrypted to another host. */
int syncsets_new(const struct syncsets_config *cfg, struct syncsets **ret, struct error **err);
void syncsets_free(struct syncsets *c);
DEFINE_RELEASE(struct syncsets *, syncsets_free)
#define cleanup_syncsets CLEANUP_WITH(syncsets_free_slot)

#define SYNCSETS_PARAMS_MAX 8
struct syncsets_param {
    const char *name, *value; /* value NULL: it is left out */
};
/* One request below /v1. All borrowed. */
struct syncsets_call {
    const char *method;
    const char *plural;
    const char *nspace, *name, *action; /* NULL: the path goes without */
    struct syncsets_param query[SYNCSETS_PARAMS_MAX];
    const json *body;       /* NULL: none */
    const char *media_type; /* of the body; NULL: application/json */
    const char *if_match;   /* a resourceVersion; NULL: any */
    const char *idempotency_key;
};
/* *ret: the reply's tree, NULL when it has none; ret and ret_status may be NULL. */
int syncsets_send(struct syncsets *c, const struct opctx *ctx, const struct syncsets_call *call,
                  json **ret, int *ret_status, struct error **err);

#endif
