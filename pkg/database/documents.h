/*
 * documents.h - what the verbs of all collections are made of. Private to pkg/database.
 *
 * Errors, ownership, threads: database.h.
 */
#ifndef PKG_DATABASE_DOCUMENTS_H
#define PKG_DATABASE_DOCUMENTS_H

#include <stdbool.h>

#include "pkg/database/database.h"
#include "pkg/database/store.h"

struct database {
    struct store *store;
    struct aead *aead; /* NULL: none */
};

/* ERR_INVALID unless text is there and in lower case; what: for the message ("key"). */
int check_lower(const char *what, const char *text, struct error **err);
/* A member at the top of the tree, or NULL. Borrowed. */
const char *document_str(const json *tree, const char *key);

/* Makes a document of what the store gave; consumes d. -1 with DATABASE_CORRUPT. */
int document_take(struct doc *d, struct document *ret, struct error **err);

/* ---- single documents ---- */
/* tree is consumed. An absent `id` is made at random, an absent partition member becomes the id. */
int documents_create(const struct opctx *ctx, struct database *db, enum collection coll, json *tree,
                     unsigned triggers, struct document *ret, struct error **err);
/* As documents_create, but what is taken is ERR_PRECONDITION, so that a caller who reads, decides and writes begins again
 * as after any lost race. */
int documents_create_once(const struct opctx *ctx, struct database *db, enum collection coll,
                          json *tree, unsigned triggers, struct document *ret, struct error **err);
int documents_get(const struct opctx *ctx, struct database *db, enum collection coll,
                  const char *partition, const char *id, struct document *ret, struct error **err);
/* Writes the tree of d if the stored document still has its etag (ERR_PRECONDITION), or any if etag is STORE_ANY_ETAG.
 * ret may be NULL and may be d. */
int documents_replace(const struct opctx *ctx, struct database *db, enum collection coll,
                      const struct document *d, unsigned triggers, struct document *ret,
                      struct error **err);

struct documents_patch {
    enum collection coll;
    /* Where the document is: partition and id, or the one document that a query finds. */
    const char *partition, *id;
    const struct store_query *query; /* NULL: by id */
    const char *lease;               /* NULL: whoever has the lease */
    bool needs_lease;                /* with a lease that must not be NULL */
    unsigned triggers;
    document_mutate mutate; /* NULL: nothing but the triggers */
    void *arg;
};
/* ret may be NULL. */
int documents_patch(const struct opctx *ctx, struct database *db, const struct documents_patch *p,
                    struct document *ret, struct error **err);
/* The one document that a query finds; ERR_NOT_FOUND, ERR_INTERNAL when there are several. */
int documents_find(const struct opctx *ctx, struct database *db, const struct store_query *q,
                   struct document *ret, struct error **err);
/* The same, but ret stays empty when the document still has this etag. */
int documents_find_changed(const struct opctx *ctx, struct database *db,
                           const struct store_query *q, const char *etag, struct document *ret,
                           struct error **err);

/* ---- leases ---- */
/* The lease is taken from a document: nobody has it. */
void lease_clear(json *tree);
/* Takes the first document of a query that nobody else takes, under a new lease; ret->tree NULL: there is none. */
struct documents_dequeue {
    const struct store_query *query;
    bool uncounted; /* else one more of `dequeues` */
};
int documents_dequeue(const struct opctx *ctx, struct database *db,
                      const struct documents_dequeue *q, char **ret_lease, struct document *ret,
                      struct error **err);
/* Puts a new lease on a document that was read, and writes it: ERR_PRECONDITION when another was first. */
int documents_claim(const struct opctx *ctx, struct database *db, enum collection coll,
                    struct document *d, bool uncounted, char **ret_lease, struct document *ret,
                    struct error **err);

/* ---- several ---- */
int documents_page(const struct opctx *ctx, struct database *db, const struct store_query *q,
                   struct document_page *ret, struct error **err);
int documents_changes(const struct opctx *ctx, struct database *db, enum collection coll,
                      const char *position, size_t max, struct document_page *ret,
                      struct error **err);

/* ---- collections that are partitioned by id ---- */
int documents_patch_by_id(const struct opctx *ctx, struct database *db, enum collection coll,
                          const char *id, document_mutate mutate, void *arg, struct document *ret,
                          struct error **err);
/* Whatever its etag is. */
int documents_delete_by_id(const struct opctx *ctx, struct database *db, enum collection coll,
                           const char *id, struct error **err);
/* Marks `deleting` in the object `member`, and the document to be forgotten in a minute: change feeds do not see deletes. */
int documents_withdraw(const struct opctx *ctx, struct database *db, enum collection coll,
                       const char *id, const char *member, struct document *ret,
                       struct error **err);
int documents_list(const struct opctx *ctx, struct database *db, enum collection coll, size_t page,
                   const char *continuation, struct document_page *ret, struct error **err);

#endif
