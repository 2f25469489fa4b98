/* sql_impl.h - what a dialect is: a table of functions over connections. Private to pkg/sql. */
#ifndef PKG_SQL_SQL_IMPL_H
#define PKG_SQL_SQL_IMPL_H

#include <pthread.h>

#include "pkg/base/map.h"
#include "pkg/sql/sql.h"

/* First member of a dialect's own connection. */
struct sql {
    struct sql_db *db;
    enum sql_use use; /* which half of the pool it belongs to */
    bool in_transaction;
    bool is_broken;    /* lost; to be closed on release */
    bool is_abandoned; /* works, and is to be closed on release all the same */
    bool is_unknown;   /* the last commit may or may not have happened */
    struct sql *next;
};

struct sql_ops {
    /* One new connection, for reading only where use says so. Zeroes are set by the pool. */
    int (*connect)(const struct opctx *ctx, struct sql_db *db, enum sql_use use, struct sql **ret,
                   struct error **err);
    void (*disconnect)(struct sql *c);
    bool (*is_alive)(struct sql *c); /* of an idle one, without waiting; NULL: always */
    int (*query)(const struct opctx *ctx, struct sql *c, const char *text,
                 const struct sql_param *params, size_t n, struct sql_rows *ret,
                 struct error **err);
    int (*next)(struct sql_rows *rows, struct error **err);
    void (*rows_end)(struct sql_rows *rows);
    int64_t (*row_int)(const struct sql_rows *rows, int column);
    bool (*row_is_null)(const struct sql_rows *rows, int column);
    const char *(*row_text)(const struct sql_rows *rows, int column, size_t *ret_len);
    int64_t (*changed)(const struct sql_rows *rows); /* after the last row */
    int (*script)(const struct opctx *ctx, struct sql *c, const char *text, struct error **err);
    int (*begin)(const struct opctx *ctx, struct sql *c, struct error **err);
    int (*commit)(const struct opctx *ctx, struct sql *c, struct error **err);
    int (*rollback)(struct sql *c); /* -1: the connection is of no more use */
    /* NULL: the dialect has none. */
    int (*listen)(const struct opctx *ctx, struct sql *c, const char *channel, struct error **err);
    int (*notified)(const struct opctx *ctx, struct sql *c, char **ret, struct error **err);
};

/* Half of a pool: connections of one use. */
struct sql_pool {
    struct sql *idle;
    size_t open, max;
    struct sql_waiter *first, *last; /* in the order of their coming */
};

struct sql_db {
    const struct sql_ops *ops;
    enum sql_dialect dialect;
    char *dsn; /* may hold a password: never printed */
    const struct clock *clock;
    int64_t busy_ms;
    const char *session; /* borrowed; NULL: none */
    pthread_mutex_t mu;
    struct sql_pool pools[2]; /* by sql_use; where one serves both, [SQL_WRITE] is unused */
    bool is_shared;           /* [SQL_READ] serves both */
};

extern const struct sql_ops sqlite_ops, postgresql_ops;

/* "sqlite:" is cut off; whether it is a database in memory. */
bool sqlite_is_memory(const char *dsn);

/* err, which may be set, is the database's own: says so of what it cannot keep. */
static inline void sql_tell_refused(struct error **err)
{
    if (err && (error_is(*err, ERR_INVALID) || error_is(*err, ERR_TOO_LARGE)))
        error_code(err, SQL_CODE_REFUSED);
}

/* err, which is set, came of a full disk: says so first. */
static inline int sql_tell_full(struct error **err)
{
    error_code(err, SQL_CODE_FULL);
    return error_wrap(err, SQL_FULL_TEXT);
}

#endif
