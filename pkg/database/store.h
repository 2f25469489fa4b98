/*
 * store.h - the document store: text plus a small header, over SQLite, PostgreSQL and Cosmos DB.
 *
 * A document is one JSON object (its body) in one collection and one partition. The store reads of it what the
 * collection's table entry names (collection.h) and what its queries compare, and otherwise keeps the text: members that
 * nobody knows, their order, literals of numbers and sealed values come back byte for byte, white space between
 * them aside. Never trees: those are the collections' business (database.h).
 *
 * System fields (_rid, _self, _etag, _ts, _attachments, _lsn, _metadata at the top of a body) belong to the server: no
 * body that is handed out has them; from bodies that are handed in they are left out.
 *
 * What every driver promises, and the conformance suite checks:
 *   - A write that returned 0 is durable and seen by every later read, of any process.
 *   - Replace and delete compare the etag and write in one step. There is no replace without one.
 *   - Time (ts_s, triggers, expiry, leases in queries) is the server's, never the caller's.
 *   - A document that has expired is absent from everything, at once: get, replace, delete, query, count, changes,
 *     and the check of unique keys.
 *   - A write whose answer was lost is looked up by a token before the call returns, so that 0, EXISTS and
 *     PRECONDITION are the truth. Only when the server stays away for the call's whole time does
 *     ERR_UNAVAILABLE with the code STORE_CODE_UNKNOWN come back: then the write may have happened.
 *
 * Errors, the same from each driver:
 *   ERR_NOT_FOUND     get, replace, delete: no such document
 *   ERR_EXISTS        create: the id is taken; create and replace: a unique key is taken in the partition
 *   ERR_PRECONDITION  replace, delete: the document has another etag
 *   ERR_INVALID       an empty etag; a body that is no JSON object, or whose id or partition differs from the
 *                     header; a continuation or position of another query or driver; a trigger or query that the
 *                     collection does not have (terminal: a defect of the caller)
 *   ERR_TOO_LARGE     a body above STORE_BODY_MAX_BYTES
 *   ERR_THROTTLED     the server's limit, after the driver's own retries (error_get_retry_after)
 *   ERR_UNAVAILABLE   no connection, server starting or failing over, database locked by another process
 *   ERR_CANCELLED, ERR_TIMEOUT   the context ended; a write may have happened then, as after a crash
 *   ERR_IO            SQLite: the disk
 *   ERR_INTERNAL      a corrupt row or an answer that makes no sense
 *
 * Ownership: strings in are borrowed for the call; doc and doc_page out are owned and released by the caller.
 * ret arguments are written on success only. Threads: a store is for any number of threads at once.
 * Source: Azure Cosmos DB SQL API, whose guarantees the other drivers keep.
 */
#ifndef PKG_DATABASE_STORE_H
#define PKG_DATABASE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/error.h"
#include "pkg/base/opctx.h"
#include "pkg/database/collection.h"
#include "pkg/database/query.h"

struct store; /* opaque */

/* Bytes of a body, as Cosmos DB has it. */
#define STORE_BODY_MAX_BYTES ((size_t)2 * 1024 * 1024)
/* Bytes of an id, which is also free of '/', '\\', '?', '#' and control characters; of a partition key. */
#define STORE_ID_MAX 255
#define STORE_PARTITION_MAX 2048
/* Documents of a page at most; a page size of 0 asks for STORE_PAGE_DEFAULT. */
#define STORE_PAGE_MAX 1000
#define STORE_PAGE_DEFAULT 100

/* In place of an etag: whatever is there now. For the few writes that may overwrite. */
#define STORE_ANY_ETAG "*"

/* error_get_code of an ERR_UNAVAILABLE after which nobody knows whether the write happened. */
#define STORE_CODE_UNKNOWN "UnknownOutcome"

/*
 * A document as stored. partition is the value of the collection's partition member (for collections partitioned by id:
 * the id). etag is opaque and changes with each write. ts_s is the server's time of the last write, in
 * seconds since the epoch. body is body_len bytes and a NUL, an object, without system fields.
 */
struct doc {
    char *id, *partition, *etag;
    int64_t ts_s;
    char *body;
    size_t body_len;
};
void doc_release(struct doc *d); /* accepts an empty one, leaves one */

/* next: where the next page begins; NULL = that was the last. A page may be empty and yet have a next. */
struct doc_page {
    struct doc *docs;
    size_t len;
    char *next;
};
void doc_page_release(struct doc_page *p);

static inline void doc_release_slot(struct doc *d)
{
    doc_release(d);
}
#define cleanup_doc CLEANUP_WITH(doc_release_slot)
static inline void doc_page_release_slot(struct doc_page *p)
{
    doc_page_release(p);
}
#define cleanup_doc_page CLEANUP_WITH(doc_page_release_slot)

/*
 * Edits that the server makes to the incoming body, by its own clock, in this order. A collection allows some
 * (collection.h). now = whole seconds since the epoch.
 */
enum trigger {
    TRIGGER_RENEW_LEASE = 1 << 0,   /* leaseExpires = now + lease_s */
    TRIGGER_RETRY_LATER = 1 << 1,   /* leaseExpires = now + retry_later_s: last, so it wins */
    TRIGGER_CREATION_TIME = 1 << 2, /* billing.creationTime = now, if absent, null or 0 */
    TRIGGER_DELETION_TIME = 1 << 3, /* billing.deletionTime = now, if absent, null or 0 */
};
#define STORE_LEASE_S 60
#define STORE_RETRY_LATER_S 600
/*
 * Other lengths than these, for a server whose clock cannot be made to run faster. Right after the store was opened, before
 * any other call, and the same for every process. On Cosmos DB its triggers hold them, so there they count for
 * store_cosmos_create_schema alone.
 */
struct store_leases {
    int64_t lease_s, retry_later_s;
};
void store_set_leases(struct store *s, const struct store_leases *leases);

/* A write: the header repeats what the body says (ERR_INVALID where they differ). triggers: bits. */
struct doc_write {
    const char *id, *partition;
    const char *body;
    size_t body_len;
    unsigned triggers;
};

/* ret may be NULL; else the document as it was stored, triggers included. A document that expired makes way. */
int store_create(const struct opctx *ctx, struct store *s, enum collection coll,
                 const struct doc_write *w, struct doc *ret, struct error **err);
int store_get(const struct opctx *ctx, struct store *s, enum collection coll, const char *partition,
              const char *id, struct doc *ret, struct error **err);
/* etag: from a read or write of the document, or STORE_ANY_ETAG. Replacing renews the time to live. */
int store_replace(const struct opctx *ctx, struct store *s, enum collection coll,
                  const struct doc_write *w, const char *etag, struct doc *ret, struct error **err);
int store_delete(const struct opctx *ctx, struct store *s, enum collection coll,
                 const char *partition, const char *id, const char *etag, struct error **err);

/*
 * A named query (query.h). partition NULL = all partitions, where the query allows it. args: as many as the query has
 * parameters, the rest NULL. page: documents a page at most. continuation: `next` of the page before, of the same
 * query, partition and args, or NULL for the first page; good for as long as the store exists, also in another
 * process. Documents that are there throughout come exactly once, those that come or go meanwhile at most once.
 */
struct store_query {
    enum query query;
    enum collection coll; /* read only by queries that serve every collection (QUERY_ALL) */
    const char *partition;
    const char *args[QUERY_ARGS_MAX];
    size_t page;
    const char *continuation;
};
int store_query(const struct opctx *ctx, struct store *s, const struct store_query *q,
                struct doc_page *ret, struct error **err);
/* How many documents all pages together would have; page and continuation are not read. */
int store_count(const struct opctx *ctx, struct store *s, const struct store_query *q, int64_t *ret,
                struct error **err);

/*
 * The change feed: documents of all partitions that were written since a position, each with its latest state, in the
 * order of their commits (within a partition; drivers on SQL: in the collection). No deletes, no expiries, no
 * states in between. position NULL: from the beginning. max: documents at most, 0 = STORE_PAGE_DEFAULT.
 * ret->next is the position for the next call, never NULL; ret->len 0 = nothing new. A document that is written
 * again between two calls comes again; none is missed. Positions are good across restarts.
 */
int store_changes(const struct opctx *ctx, struct store *s, enum collection coll,
                  const char *position, size_t max, struct doc_page *ret, struct error **err);

/* The server's clock, in whole seconds since the epoch; it never runs backwards as seen through writes. */
int store_now_s(const struct opctx *ctx, struct store *s, int64_t *ret, struct error **err);

/*
 * Hints: something may have changed in coll. Take store_hint before looking for work; having found none, wait until
 * another write was noticed or the time is over. A hint can be lost (another process, another host), so timeout_ms
 * stays the tick of a poll. Returns 0 in either case; ERR_CANCELLED, ERR_TIMEOUT: the context ended.
 */
uint64_t store_hint(struct store *s, enum collection coll);
int store_hint_wait(const struct opctx *ctx, struct store *s, enum collection coll, uint64_t seen,
                    int64_t timeout_ms, struct error **err);

/*
 * store_open_sqlite - a store in a file, or in memory for as long as the store is open.
 *
 * dsn     "sqlite:PATH" (made if absent, mode 0600) or "sqlite::memory:".
 * clock   the host's clock, which is the server's here; kept from running backwards by a row of the file.
 * Returns 0; ERR_INVALID for another dsn, ERR_UNAVAILABLE or ERR_IO when the file cannot be opened or made,
 *         ERR_INTERNAL when it is no database.
 * One host only: the file must not lie on a network file system. Several processes may share it.
 */
int store_open_sqlite(const struct opctx *ctx, const char *dsn, struct store **ret,
                      struct error **err);

/*
 * store_open_postgresql - a store in a PostgreSQL database (13 or later), whose clock is the server's.
 *
 * dsn     libpq's URI, "postgresql://USER[:PASSWORD]@HOST[:PORT]/DATABASE[?sslmode=verify-full&sslrootcert=FILE...]". Several
 *         hosts may be named: the one that takes writes is used.
 * Returns 0; ERR_INVALID for another dsn; ERR_UNAVAILABLE, ERR_UNAUTHORIZED, ERR_NOT_FOUND (no such database),
 *         ERR_FORBIDDEN (the tables cannot be made).
 * The store keeps up to nine connections, one of which listens for writes of other processes, on a thread of its own.
 */
int store_open_postgresql(const struct opctx *ctx, const char *dsn, struct store **ret,
                          struct error **err);

/* No call may be running. Accepts NULL. */
void store_close(struct store *s);

DEFINE_RELEASE(struct store *, store_close)
#define cleanup_store CLEANUP_WITH(store_close_slot)

#endif
