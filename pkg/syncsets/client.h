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

#define SYNCSETS_PARAMS_MAX 12
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
/* *ret: the reply's tree, the caller's, NULL when it has none; ret and ret_status may be NULL. */
int syncsets_send(struct syncsets *c, const struct opctx *ctx, const struct syncsets_call *call,
                  json **ret, int *ret_status, struct error **err);

/* What an operation may be told. One that it does not know is ERR_INVALID. Zeros: nothing. All borrowed. */
struct syncsets_options {
    const char *label_selector, *field_selector; /* of lists, watches and deletions of many */
    int64_t limit;                               /* of a page */
    const char *continue_token;                  /* metadata.continue of the page before */
    const char *resource_version; /* a watch begins behind it; NULL: with the state */
    bool bookmarks;               /* of watches */
    int64_t timeout_s;            /* a watch ends then */
    bool upsert;                  /* an update creates what is not there */
    const char *uid, *if_match;   /* only this one; only this resourceVersion */
    const char *idempotency_key;  /* of creations that may be repeated */
    bool orphan, cleanup;         /* of deletions: forget what was applied; take it away first */
};

/* ---- watches ---- */

#define SYNCSETS_PENDING_MAX 1000
#define SYNCSETS_PENDING_BYTES ((size_t)16 << 20)
/*
 * A watch reads on a thread of its own; what was not taken yet waits, up to SYNCSETS_PENDING_MAX events or
 * SYNCSETS_PENDING_BYTES, beyond which it ends with ERR_THROTTLED.
 * One thread takes; closing belongs to it, too.
 */
struct syncsets_watch;
struct syncsets_event {
    char *type; /* ADDED, MODIFIED, DELETED, BOOKMARK; NULL: the watch has ended in time */
    json *object;
};
void syncsets_event_release(struct syncsets_event *e);
#define cleanup_syncsets_event CLEANUP_WITH(syncsets_event_release)
/* Waits for the next one. *ret is the caller's. ERR_TIMEOUT: the context's; the watch goes on. What the server ends it with is
 * its error: ERR_GONE (list again), ERR_THROTTLED. */
int syncsets_watch_next(struct syncsets_watch *w, const struct opctx *ctx,
                        struct syncsets_event *ret, struct error **err);
void syncsets_watch_close(struct syncsets_watch *w); /* accepts NULL */
DEFINE_RELEASE(struct syncsets_watch *, syncsets_watch_close)
#define cleanup_syncsets_watch CLEANUP_WITH(syncsets_watch_close_slot)

#endif
