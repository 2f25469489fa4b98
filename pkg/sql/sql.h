/*
 * sql.h - SQLite and PostgreSQL behind one small interface: connections from a pool, statements with bound parameters,
 * transactions, migrations.
 *
 * Texts are constants of the program and are prepared once per connection. Parameters are $1, $2, ... in both
 * dialects. Where the dialects differ, the caller chooses the text by sql_dialect.
 *
 * Connections: sql_acquire waits for one, sql_release gives it back. A connection is for one thread at a time and for
 * one cursor at a time. On SQLite one connection of a database writes and the others read (SQL_WRITE, SQL_READ), so that
 * writers of a process queue up in order instead of polling a lock; ":memory:" has one connection for both.
 *
 * Transactions: sql_begin (SQLite: BEGIN IMMEDIATE on a writer; PostgreSQL: READ COMMITTED), sql_commit or
 * sql_rollback. Releasing a connection rolls an open transaction back. A connection that broke is closed and opened
 * anew by the next sql_acquire.
 *
 * Errors: ERR_EXISTS a unique constraint; ERR_CONFLICT a deadlock or serialisation failure (the transaction is gone: repeat
 * it); ERR_UNAVAILABLE no connection, server going down or coming up, database locked or not to be used by us; ERR_CANCELLED, ERR_TIMEOUT
 * the context ended (PostgreSQL: the connection is given up with it); ERR_TOO_LARGE; ERR_INVALID a bad DSN; else
 * ERR_INTERNAL. Texts never hold parameters or passwords.
 * Ownership: parameters are borrowed until sql_rows_end; texts of a row until the next call on the cursor.
 * Source: SQLite 3.40 C interface; libpq 15.
 */
#ifndef PKG_SQL_SQL_H
#define PKG_SQL_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/error.h"
#include "pkg/base/opctx.h"

enum sql_dialect { SQL_SQLITE, SQL_POSTGRESQL, SQL_DIALECTS };

/* Code of the ERR_UNAVAILABLE (error_get_code) that tells of a full disk of the database: trying again helps nobody before
 * there is room. Its text begins with what is wrong and what to do, for logs. */
#define SQL_CODE_FULL "DatabaseDiskFull"
#define SQL_FULL_TEXT "the disk of the database is full, make room there"

/* Code of the ERR_INVALID and ERR_TOO_LARGE that a database itself gave: something is beyond what it can keep. Their texts tell
 * of its tables and differ between databases: for logs, not for who asked. */
#define SQL_CODE_REFUSED "DatabaseRefused"

struct sql_db; /* a pool of connections to one database; for any number of threads */
struct sql;    /* one connection */

/* ---- databases ---- */
struct sql_config {
    const char *
        dsn; /* "sqlite:PATH", "sqlite::memory:", "postgresql://...", "postgres://..." or "host=... user=..." (libpq's forms) */
    /* At most so many connections; 0 = 8. On SQLite these are the readers, beside one writer. */
    size_t connections;
    /* SQLite only: the clock that the SQL function host_now_s() reads, in whole seconds; NULL: the system's. */
    const struct clock *clock;
    int64_t busy_ms; /* SQLite only: how long to wait for another process' lock; 0 = 5000 */
    const char
        *session; /* PostgreSQL only: what each connection runs first, a constant; NULL: nothing */
};
/* Opens one connection, so that a wrong DSN is known at once. A SQLite file is made if absent (mode 0600). */
int sql_open(const struct opctx *ctx, const struct sql_config *cfg, struct sql_db **ret,
             struct error **err);
void sql_close(struct sql_db *db); /* every connection was released; accepts NULL */
enum sql_dialect sql_dialect(const struct sql_db *db);
/* The dialect that a DSN names; false for none. */
bool sql_dsn_dialect(const char *dsn, enum sql_dialect *ret);

DEFINE_RELEASE(struct sql_db *, sql_close)
#define cleanup_sql_db CLEANUP_WITH(sql_close_slot)

/* ---- connections ---- */
enum sql_use { SQL_READ, SQL_WRITE };
int sql_acquire(const struct opctx *ctx, struct sql_db *db, enum sql_use use, struct sql **ret,
                struct error **err);
void sql_release(struct sql *c); /* accepts NULL */
void sql_abandon(
    struct sql *c); /* its release will close it: it has state that others must not have */

DEFINE_RELEASE(struct sql *, sql_release)
#define cleanup_sql CLEANUP_WITH(sql_release_slot)

/* ---- statements ---- */
enum sql_type { SQL_NULL, SQL_INT, SQL_TEXT };
struct sql_param {
    enum sql_type type;
    int64_t number;
    const char *text; /* UTF-8 without NUL */
    size_t len;
};
struct sql_param sql_int(int64_t v);
struct sql_param sql_text(const char *s); /* NULL: SQL NULL */
struct sql_param sql_text_n(const char *s, size_t len);

#define SQL_PARAMS_MAX 24

/*
 * Runs one statement and steps through its rows:
 *     struct sql_rows rows;
 *     if (sql_query(ctx, c, "SELECT a, b FROM t WHERE id = $1", params, 1, &rows, err) < 0)
 *         return -1;
 *     while ((status = sql_next(&rows, err)) > 0)
 *         ... sql_row_int(&rows, 0) ... sql_row_text(&rows, 1, &len) ...
 *     sql_rows_end(&rows);
 * sql_next: 1 = a row, 0 = no more, -1 = error. sql_rows_end is always due after a successful sql_query.
 */
struct sql_rows {
    struct sql *c;
    const struct opctx *ctx;
    void *result_;
    int at_;
};
int sql_query(const struct opctx *ctx, struct sql *c, const char *text,
              const struct sql_param *params, size_t n, struct sql_rows *ret, struct error **err);
int sql_next(struct sql_rows *rows, struct error **err);
void sql_rows_end(struct sql_rows *rows);
int64_t sql_row_int(const struct sql_rows *rows, int column); /* NULL: 0 */
bool sql_row_is_null(const struct sql_rows *rows, int column);
/* Borrowed until the next call on the cursor; "" for NULL. ret_len may be NULL. */
const char *sql_row_text(const struct sql_rows *rows, int column, size_t *ret_len);

static inline void sql_rows_end_slot(struct sql_rows *rows)
{
    if (rows->c)
        sql_rows_end(rows);
}
/* Initialise with { 0 }. */
#define cleanup_sql_rows CLEANUP_WITH(sql_rows_end_slot)

/* A statement without rows; ret_changed (may be NULL) = rows that it inserted, updated or deleted. */
int sql_exec(const struct opctx *ctx, struct sql *c, const char *text,
             const struct sql_param *params, size_t n, int64_t *ret_changed, struct error **err);
/* Several statements in one text, without parameters; not prepared: for schemas. */
int sql_script(const struct opctx *ctx, struct sql *c, const char *text, struct error **err);

/* ---- transactions ---- */
int sql_begin(const struct opctx *ctx, struct sql *c, struct error **err);
/* On an error the transaction was rolled back, unless sql_is_unknown says that nobody knows: the connection broke
 * while the server was committing. */
int sql_commit(const struct opctx *ctx, struct sql *c, struct error **err);
void sql_rollback(struct sql *c); /* never fails: a connection that cannot is closed */
bool sql_is_unknown(const struct sql *c);

bool sql_is_broken(const struct sql *c); /* it was lost: whatever is asked of it next fails, too */

/* ---- notifications ---- (PostgreSQL; ERR_UNSUPPORTED on SQLite) */
/* A hint: NOTIFY of other sessions on this channel (a name, a constant of the program) reach this connection from
 * now on. */
int sql_listen(const struct opctx *ctx, struct sql *c, const char *channel, struct error **err);
/* Waits for the next one; *ret = its payload, owned by the caller. */
int sql_notified(const struct opctx *ctx, struct sql *c, char **ret, struct error **err);

/* ---- schemas ---- */
/*
 * A schema is a list of migrations, applied in order; its version is how many of them are. The table schema_versions
 * holds it, one row a schema, so that several share a database. All steps of a call are one transaction, and calls of
 * several processes wait for one another. A database of a later version than the program knows is left as it is:
 * migrations must leave the program before them working, so that versions can run beside each other.
 */
struct sql_migration {
    const char *name;
    const char *up[SQL_DIALECTS], *down[SQL_DIALECTS]; /* scripts */
};
struct sql_schema {
    const char *name;
    const struct sql_migration *migrations;
    size_t len;
};
/* Up, unless the version is that or later already. SQL_LATEST: all that the program knows. */
#define SQL_LATEST SIZE_MAX
int sql_migrate_up(const struct opctx *ctx, struct sql_db *db, const struct sql_schema *schema,
                   size_t version, struct error **err);
/* Down, unless the version is that or earlier; ERR_UNSUPPORTED when steps are in the way that the program does not know. */
int sql_migrate_down(const struct opctx *ctx, struct sql_db *db, const struct sql_schema *schema,
                     size_t version, struct error **err);
int sql_schema_version(const struct opctx *ctx, struct sql_db *db, const struct sql_schema *schema,
                       size_t *ret, struct error **err);

#endif
