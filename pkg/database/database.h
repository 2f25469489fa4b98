/*
 * database.h - documents of the resource provider, as trees, above the store (store.h).
 *
 * Each collection has a file pair with its verbs (openshiftclusters.h, asyncoperations.h, subscriptions.h, billing.h,
 * ...); this header holds what they share. A document is its whole envelope as one JSON tree, without the server's
 * system fields. The tree is the truth: members that nobody here knows survive at every depth, as do literals of
 * numbers and sealed values. Absent means zero: known members that are zero are left out when a document is written
 * (fields.h).
 *
 * Writes. There is no write over somebody else's: every one is made against the etag that was read. A patch reads, lets
 * the caller mutate the tree, writes, and begins again when another writer was first (5 tries with growing, random
 * pauses). So a mutator has to be pure: it may run up to five times, each time on a fresh tree, and an error of its own
 * ends the patch with nothing written.
 *
 * Leases. A dequeue hands out one document at a time under a lease: 60 s on the server's clock, under a token that is new
 * for each dequeue. Writes "with lease" fail with the code DATABASE_LOST_LEASE, and are not retried, once the document
 * carries another token: also when this very process dequeued it again. The holder renews (x_lease) every 10 s and
 * takes its lease for lost when that did not succeed for 50 s by its own monotonic clock.
 *
 * Errors, beside those of store.h: ERR_INVALID for an id, key or prefix that is not in lower case and for a document
 * without what its collection needs; ERR_PRECONDITION when five tries were not enough, and for what create finds
 * taken (see each collection); ERR_CONFLICT with DATABASE_LOST_LEASE; a document that is there but is no JSON that we can
 * hold: ERR_INTERNAL with DATABASE_CORRUPT. Such a document never stands in the way of others: dequeues, lists and
 * change feeds pass over it and say so.
 *
 * Ownership: strings in are borrowed for the call; documents, pages and tokens out are the caller's. ret arguments are
 * written on success only, and may be NULL where that is said. Threads: any number on one database; a tree belongs
 * to one thread.
 * Source: Azure/ARO-RP, pkg/database.
 */
#ifndef PKG_DATABASE_DATABASE_H
#define PKG_DATABASE_DATABASE_H

#include <stddef.h>
#include <stdint.h>

#include "pkg/base/json.h"
#include "pkg/base/opctx.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"

struct aead;
struct database;
struct store;

/* Codes of errors (error_get_code). */
#define DATABASE_LOST_LEASE "LostLease" /* kind ERR_CONFLICT */
#define DATABASE_CORRUPT "Corrupt"      /* kind ERR_INTERNAL, or ERR_INVALID for a sealed value */

#define DATABASE_PATCH_TRIES 5
#define DATABASE_LEASE_MS 60000 /* as the server gives it, unless store_set_leases said otherwise */
#define DATABASE_RENEW_MS 10000 /* how often the holder renews it */
#define DATABASE_LEASE_TRUST_MS 50000 /* how long after a renewal the holder may believe in it */
#define DATABASE_DEQUEUES_MAX 5       /* a document that was dequeued more often is given up */

/* store and aead are consumed; aead may be NULL for programs that neither open nor seal. */
struct database *database_new(struct store *store, struct aead *aead);
void database_close(struct database *db); /* no call may be running; accepts NULL */
DEFINE_RELEASE(struct database *, database_close)
#define cleanup_database CLEANUP_WITH(database_close_slot)

/* Borrowed: for hints (store_hint_wait) and the server's time (store_now_s). */
struct store *database_store(struct database *db);

/* ---- documents ---- */
struct document {
    json *tree; /* the envelope; NULL: there is none */
    char *etag;
    int64_t ts_s; /* the server's time of the last write */
};
void document_release(struct document *d); /* leaves an empty one */
static inline void document_release_slot(struct document *d)
{
    document_release(d);
}
#define cleanup_document CLEANUP_WITH(document_release_slot)

/* next: where the next page begins (for a change feed: the next position); NULL: that was the last. A page may be empty
 * and yet have a next. corrupt: the ids of documents that were passed over. */
struct document_page {
    struct document *docs;
    size_t len;
    char *next;
    struct strv corrupt;
};
void document_page_release(struct document_page *p);
static inline void document_page_release_slot(struct document_page *p)
{
    document_page_release(p);
}
#define cleanup_document_page CLEANUP_WITH(document_page_release_slot)

/* Changes the tree; pure, since it may run up to DATABASE_PATCH_TRIES times. -1 ends the patch with that error. */
typedef int (*document_mutate)(json *tree, void *arg, struct error **err);

/* ---- leases ---- */
/* Whether the document carries this lease. */
bool document_has_lease(const json *tree, const char *lease);

/* ---- sealed values ---- (Without an aead: ERR_INTERNAL.) */
/* A value as it stands in a tree, opened. A value that no key opens: ERR_INVALID with DATABASE_CORRUPT. */
int database_open_sealed(const struct opctx *ctx, struct database *db, const char *sealed,
                         struct secret **ret, struct error **err);
int database_seal(const struct opctx *ctx, struct database *db, const struct secret *plain,
                  char **ret, struct error **err);
/* Puts a secret at a path. What is sealed there already stays byte for byte if it is that secret; plain NULL removes it. */
int database_put_sealed(const struct opctx *ctx, struct database *db, json *tree, const char *path,
                        const struct secret *plain, struct error **err);
/* Seals anew, under the key that seals now, what another one sealed in a cluster's document; the rest stays byte for byte.
 * Before a version of a key may be deleted, every document is patched so. */
int database_reseal_cluster(const struct opctx *ctx, struct database *db, json *tree,
                            struct error **err);
/* Whether that would change anything. */
bool database_is_stale(const struct opctx *ctx, struct database *db, const json *tree);
/* Learns of new versions of the keys. ERR_INTERNAL without an aead. */
int database_refresh_keys(const struct opctx *ctx, struct database *db, struct error **err);
bool database_has_keys(const struct database *db);

#endif
