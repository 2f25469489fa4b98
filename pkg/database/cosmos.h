/*
 * cosmos.h - the parts of the driver for Cosmos DB. Private to pkg/database. Threads: safe from any.
 */
#ifndef PKG_DATABASE_COSMOS_H
#define PKG_DATABASE_COSMOS_H

#include <pthread.h>
#include <stdbool.h>

#include "pkg/base/bytes.h"
#include "pkg/base/json.h"
#include "pkg/base/strv.h"
#include "pkg/database/store_cosmos.h"
#include "pkg/database/store_impl.h"

struct cosmos {
    struct store store; /* first: what everybody else sees */
    char *endpoint, *database;
    struct secret *key; /* raw; NULL: tokens */
    struct cosmos_tokens *tokens;
    struct http_transport *transport;
    pthread_mutex_t mu;                /* guards the next */
    struct bytes *ranges[COLLECTIONS]; /* the last answer about key ranges; NULL: to be asked */
};

/* ---- cosmos_auth.c ---- */
/* The value of Authorization. verb and type: "GET", "docs"; link: of the resource, as it is (not escaped); date: RFC 1123. */
char *cosmos_give_key_auth(const struct secret *key, const char *verb, const char *type,
                           const char *link, const char *date);
char *cosmos_give_token_auth(const struct secret *token);

/* ---- cosmos_send.c ---- */
/* One request. */
struct cosmos_call {
    const char *verb, *type;
    const char *parent; /* "" or "dbs/D/colls/C" */
    const char *id;     /* of an item below parent/type; NULL: the type's list itself */
    const char *body, *content_type;
    struct http_headers headers;
    bool writes;
    bool renews; /* a lease: on connections of its own, so that no large list delays it */
};
static inline void cosmos_call_release(struct cosmos_call *call)
{
    http_headers_release(&call->headers);
}
#define cleanup_cosmos_call CLEANUP_WITH(cosmos_call_release)

struct cosmos_reply {
    struct http_response http;
    bool doubtful; /* an earlier try may have been carried out, though its answer was lost */
};
static inline void cosmos_reply_release(struct cosmos_reply *r)
{
    http_response_release(&r->http);
}
#define cleanup_cosmos_reply CLEANUP_WITH(cosmos_reply_release)

/* Any status that trying again does not change is success. On failure *ret has to be released, too. */
int cosmos_send(const struct opctx *ctx, struct cosmos *c, const struct cosmos_call *call,
                struct cosmos_reply *ret, struct error **err);
/* An error of a reply whose status is not what the caller hoped for. */
int cosmos_fail(const struct cosmos_reply *r, const char *what, struct error **err);
/* "dbs/D/colls/C". Owned by the caller. */
char *cosmos_give_link(const struct cosmos *c, enum collection coll);
void cosmos_set_partition(struct cosmos_call *call, const char *partition);

/* ---- cosmos_doc.c ---- */
/* A document of the server's, without system fields and write token; consumes tree. ret_token may be NULL. */
int cosmos_take_doc(enum collection coll, json *tree, struct doc *ret, char **ret_token,
                    struct error **err);
int cosmos_read_doc(enum collection coll, const struct cosmos_reply *r, struct doc *ret,
                    char **ret_token, struct error **err);
/* The documents of a list's reply, added to a page. */
int cosmos_read_docs(enum collection coll, const struct cosmos_reply *r, struct doc_page *ret,
                     struct error **err);
/* The body with a write token. Owned by the caller. */
char *cosmos_give_body(const struct doc_write *w, const char *token);

/* ---- cosmos_query.c ---- */
struct cosmos_query_text {
    const char *select, *where; /* where NULL: all */
    const char *group;          /* NULL: none */
    bool oldest;                /* the page is sorted by the time of the last write */
};
extern const struct cosmos_query_text cosmos_queries[QUERIES];
int cosmos_query(const struct opctx *ctx, struct store *s, const struct store_query *q,
                 struct doc_page *ret, struct error **err);
int cosmos_count(const struct opctx *ctx, struct store *s, const struct store_query *q,
                 int64_t *ret, struct error **err);

/* ---- cosmos_ranges.c ---- */
/* The reply about the key ranges of a container: members id and parents. Owned by the caller. anew: the last one is old. */
int cosmos_get_ranges(const struct opctx *ctx, struct cosmos *c, enum collection coll, bool anew,
                      json **ret, struct error **err);
/* What has become of a range: itself, or those that have it among their parents. */
void cosmos_range_heirs(const json *ranges, const char *id, struct strv *ret);
/* The container's clock, by its reply. */
int cosmos_now_s(const struct opctx *ctx, struct store *s, int64_t *ret, struct error **err);

/* ---- cosmos_feed.c ---- */
int cosmos_changes(const struct opctx *ctx, struct store *s, enum collection coll,
                   const char *position, size_t max, struct doc_page *ret, struct error **err);

/* ---- cosmos_write.c ---- */
int cosmos_create(const struct opctx *ctx, struct store *s, enum collection coll,
                  const struct doc_write *w, struct doc *ret, struct error **err);
int cosmos_get(const struct opctx *ctx, struct store *s, enum collection coll,
               const char *partition, const char *id, struct doc *ret, struct error **err);
int cosmos_replace(const struct opctx *ctx, struct store *s, enum collection coll,
                   const struct doc_write *w, const char *etag, struct doc *ret,
                   struct error **err);
int cosmos_remove(const struct opctx *ctx, struct store *s, enum collection coll,
                  const char *partition, const char *id, const char *etag, struct error **err);

#endif
