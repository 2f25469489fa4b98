/* sql_store.h - the document store over pkg/sql, for both dialects. Private to pkg/database. */
#ifndef PKG_DATABASE_SQL_STORE_H
#define PKG_DATABASE_SQL_STORE_H

#include <stdatomic.h>

#include "pkg/database/store_impl.h"
#include "pkg/sql/sql.h"

struct sql_store {
    struct store base;
    struct sql_db *db;
    enum sql_dialect dialect;
    const struct rng *rng;
    atomic_llong swept_s;          /* when what expired was last removed, by the server's clock */
    struct sql_listener *listener; /* NULL where the dialect sends no notifications */
};

/* PostgreSQL: the channel on which writes tell their collection. */
#define SQL_STORE_CHANNEL "aro_documents"

/* sql_listener.c: a thread that turns notifications of other processes into hints. */
int sql_listener_start(struct sql_store *st, struct sql_listener **ret, struct error **err);
void sql_listener_stop(struct sql_listener *l); /* accepts NULL */

/* sql_outcome.c: whether the write of this token was committed, after the answer to its commit was lost. Asks until the
 * server answers, the context ends (-1) or STORE_RESOLVE_MS are over (-1, ERR_UNAVAILABLE, STORE_CODE_UNKNOWN). If it was not,
 * it cannot happen any more. */
#define STORE_RESOLVE_MS 60000
int sql_outcome_find(const struct opctx *ctx, struct sql_store *st, const char *token,
                     bool *ret_happened, struct error **err);

static inline struct sql_store *sql_store_of(struct store *s)
{
    return container_of(s, struct sql_store, base);
}

/* Columns of a document in the order that sql_store_read wants, of a table named d. */
#define DOC_COLUMNS "d.id, d.part, d.etag, d.ts_s, d.body"
void sql_store_read(const struct sql_rows *rows, struct doc *ret);

/* The server's clock as an expression, in whole seconds. PostgreSQL: not now(), which stands still during a
 * transaction. */
#define NOW_SQLITE "max((SELECT now_s FROM host_clock), host_now_s())"
#define NOW_POSTGRESQL "CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)"
extern const char *const sql_store_now[SQL_DIALECTS];

/* One number of one row; dflt when there is no row. */
int sql_store_number(const struct opctx *ctx, struct sql *c, const char *text,
                     const struct sql_param *params, size_t n, int64_t dflt, int64_t *ret,
                     struct error **err);

/* sql_write.c */
int sql_store_create(const struct opctx *ctx, struct store *s, enum collection coll,
                     const struct doc_write *w, struct doc *ret, struct error **err);
int sql_store_replace(const struct opctx *ctx, struct store *s, enum collection coll,
                      const struct doc_write *w, const char *etag, struct doc *ret,
                      struct error **err);
int sql_store_remove(const struct opctx *ctx, struct store *s, enum collection coll,
                     const char *partition, const char *id, const char *etag, struct error **err);
/* sql_query.c */
int sql_store_query(const struct opctx *ctx, struct store *s, const struct store_query *q,
                    struct doc_page *ret, struct error **err);
int sql_store_count(const struct opctx *ctx, struct store *s, const struct store_query *q,
                    int64_t *ret, struct error **err);
int sql_store_changes(const struct opctx *ctx, struct store *s, enum collection coll,
                      const char *position, size_t max, struct doc_page *ret, struct error **err);

/* A store on an open database, which it owns from then on, even on failure. Listens where the dialect can. */
int sql_store_new(const struct opctx *ctx, struct sql_db *db, struct store **ret,
                  struct error **err);

#endif
