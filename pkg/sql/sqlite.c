#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/sql/sql_impl.h"

#define PREFIX "sqlite:"
#define MEMORY ":memory:"
/* Pauses between two looks at a lock that another process holds. */
#define BUSY_PAUSE_MAX_MS 20
/* Instructions of SQLite's machine between two looks at the context: some tenths of a millisecond. */
#define PROGRESS_STEPS 20000

struct sqlite {
    struct sql base;
    sqlite3 *db;
    struct map *statements; /* text -> sqlite3_stmt */
    const struct clock *clock;
    const struct opctx *ctx; /* of the call that runs */
    int64_t busy_ms, busy_until_ns;
};

static struct sqlite *of(struct sql *c)
{
    return container_of(c, struct sqlite, base);
}

static sqlite3_stmt *statement(const struct sql_rows *rows)
{
    return rows->result_;
}

bool sqlite_is_memory(const char *dsn)
{
    return str_eq(dsn, PREFIX MEMORY);
}

/* ---- errors ---- */

static enum err_kind kind_of(int rc)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
        return ERR_EXISTS;
    default:
        break;
    }
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
        return ERR_UNAVAILABLE;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        return ERR_IO;
    case SQLITE_TOOBIG:
        return ERR_TOO_LARGE;
    case SQLITE_INTERRUPT:
        return ERR_CANCELLED;
    default:
        return ERR_INTERNAL;
    }
}

/* rc came from a call on c->db. The context's own end explains locks and interrupts better. */
static int fail(struct sqlite *c, int rc, struct error **err)
{
    bool gave_up = (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_INTERRUPT;
    if (gave_up && c->ctx && opctx_check(c->ctx, err) < 0)
        return error_wrap(err, "SQLite");
    const char *what = sqlite3_errmsg(c->db), *class = sqlite3_errstr(rc);
    if (str_eq(what, class))
        (void)error_set(err, kind_of(rc), "SQLite: %s", what);
    else
        (void)error_set(err, kind_of(rc), "SQLite: %s (%s)", what, class);
    sql_tell_refused(err);
    if ((rc & 0xff) == SQLITE_FULL)
        sql_tell_full(err);
    return -1;
}

/* ---- waiting ---- */

/* Another process holds the lock. The real clock waits, whatever the clock of the test says. */
static int on_busy(void *arg, int count)
{
    struct sqlite *c = arg;
    const struct clock *clock = clock_system();
    int64_t now_ns = clock_mono_ns(clock);
    if (count == 0)
        c->busy_until_ns = now_ns + c->busy_ms * NS_PER_MS;
    if (now_ns >= c->busy_until_ns || (c->ctx && opctx_check(c->ctx, NULL) < 0))
        return 0;
    struct opctx ctx = opctx_root(clock, NULL, c->ctx ? c->ctx->stop : NULL, NULL);
    int64_t pause_ms = count + 1 < BUSY_PAUSE_MAX_MS ? count + 1 : BUSY_PAUSE_MAX_MS;
    return opctx_sleep_ms(&ctx, pause_ms, NULL) == 0;
}

static int on_progress(void *arg)
{
    struct sqlite *c = arg;
    return c->ctx && opctx_check(c->ctx, NULL) < 0;
}

static void host_now_s(sqlite3_context *call, int argc, sqlite3_value **argv)
{
    (void)argc;
    (void)argv;
    const struct clock *clock = sqlite3_user_data(call);
    sqlite3_result_int64(call, clock_wall_ns(clock) / NS_PER_S);
}

/* ---- connections ---- */

static void finalize(void *stmt)
{
    (void)sqlite3_finalize(stmt);
}

static void sqlite_disconnect(struct sql *base)
{
    struct sqlite *c = of(base);
    map_free(c->statements);
    (void)sqlite3_close_v2(c->db);
    free(c);
}

/* SQLite would make the file for everybody to read. It is not opened here: closing any descriptor of a file drops every
 * lock that this process has on it, also those of its other connections, and another process would then take
 * itself for the last one and remove the log under them. (sqlite.org: How To Corrupt An SQLite Database File, 2.2) */
static int make_file(const char *path, struct error **err)
{
    if (mknod(path, S_IFREG | 0600, 0) == 0 || errno == EEXIST)
        return 0;
    return error_set_errno(err, errno, "the database %s", path);
}

static int run_script(struct sqlite *c, const char *text, struct error **err)
{
    int rc = sqlite3_exec(c->db, text, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : fail(c, rc, err);
}

/* Processes that open a new file at the same moment refuse each other the change to WAL without asking the busy
 * handler; one of them gets it. */
static int enter_wal(struct sqlite *c, struct error **err)
{
    int rc;
    for (int count = 0;; count++) {
        rc = sqlite3_exec(c->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_BUSY || !on_busy(c, count))
            break;
    }
    return rc == SQLITE_OK ? 0 : fail(c, rc, err);
}

static int set_up(struct sqlite *c, enum sql_use use, bool is_memory, struct error **err)
{
    (void)sqlite3_extended_result_codes(c->db, 1);
    (void)sqlite3_busy_handler(c->db, on_busy, c);
    sqlite3_progress_handler(c->db, PROGRESS_STEPS, on_progress, c);
    (void)sqlite3_create_function(c->db, "host_now_s", 0, SQLITE_UTF8, (void *)(uintptr_t)c->clock,
                                  host_now_s, NULL, NULL);
    if (!is_memory && enter_wal(c, err) < 0)
        return -1;
    if (run_script(c,
                   "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                   "PRAGMA trusted_schema = OFF; PRAGMA case_sensitive_like = ON;",
                   err) < 0)
        return -1;
    return use == SQL_READ && !is_memory ? run_script(c, "PRAGMA query_only = ON", err) : 0;
}

static int sqlite_connect(const struct opctx *ctx, struct sql_db *db, enum sql_use use,
                          struct sql **ret, struct error **err)
{
    const char *path = db->dsn + strlen(PREFIX);
    bool is_memory = sqlite_is_memory(db->dsn);
    if (!*path)
        return error_set(err, ERR_INVALID, "sqlite: the path is missing");
    if (!is_memory && make_file(path, err) < 0)
        return -1;
    struct sqlite *c = xnew(struct sqlite);
    c->clock = db->clock;
    c->busy_ms = db->busy_ms;
    c->ctx = ctx;
    c->statements = map_new(finalize);
    /* A connection is used by one thread at a time: no mutex inside. */
    int rc = sqlite3_open_v2(
        path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    int status = rc == SQLITE_OK ? set_up(c, use, is_memory, err) : fail(c, rc, err);
    c->ctx = NULL;
    if (status < 0) {
        sqlite_disconnect(&c->base);
        return error_wrap(err, "opening the database %s", path);
    }
    *ret = &c->base;
    return 0;
}

/* ---- statements ---- */

static int prepare(struct sqlite *c, const char *text, sqlite3_stmt **ret, struct error **err)
{
    sqlite3_stmt *stmt = map_get(c->statements, text);
    if (!stmt) {
        int rc = sqlite3_prepare_v3(c->db, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
        if (rc != SQLITE_OK)
            return fail(c, rc, err);
        map_set(c->statements, text, stmt);
    }
    *ret = stmt;
    return 0;
}

/* $1 is a name to SQLite, numbered by where it first stands. */
static int bind(struct sqlite *c, sqlite3_stmt *stmt, size_t i, const struct sql_param *p,
                struct error **err)
{
    char name[8] = "$";
    name[1] = (char)('1' + i);
    if (i >= 9) {
        name[1] = (char)('0' + (i + 1) / 10);
        name[2] = (char)('0' + (i + 1) % 10);
    }
    int at = sqlite3_bind_parameter_index(stmt, name);
    if (at == 0)
        return error_set(err, ERR_INTERNAL, "the statement has no parameter %s", name);
    int rc = SQLITE_OK;
    if (p->type == SQL_INT)
        rc = sqlite3_bind_int64(stmt, at, p->number);
    else if (p->type == SQL_TEXT)
        rc = sqlite3_bind_text64(stmt, at, p->text, p->len, SQLITE_STATIC, SQLITE_UTF8);
    else
        rc = sqlite3_bind_null(stmt, at);
    return rc == SQLITE_OK ? 0 : fail(c, rc, err);
}

static void reset(struct sqlite *c, sqlite3_stmt *stmt)
{
    (void)sqlite3_reset(stmt); /* repeats the error of the step, which was told */
    (void)sqlite3_clear_bindings(stmt);
    c->ctx = NULL;
}

static int sqlite_query(const struct opctx *ctx, struct sql *base, const char *text,
                        const struct sql_param *params, size_t n, struct sql_rows *ret,
                        struct error **err)
{
    struct sqlite *c = of(base);
    c->ctx = ctx;
    sqlite3_stmt *stmt = NULL;
    if (prepare(c, text, &stmt, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (bind(c, stmt, i, &params[i], err) < 0) {
            reset(c, stmt);
            return -1;
        }
    }
    ret->result_ = stmt;
    return 0;
}

static int sqlite_next(struct sql_rows *rows, struct error **err)
{
    int rc = sqlite3_step(statement(rows));
    if (rc == SQLITE_ROW)
        return 1;
    return rc == SQLITE_DONE ? 0 : fail(of(rows->c), rc, err);
}

static void sqlite_rows_end(struct sql_rows *rows)
{
    reset(of(rows->c), statement(rows));
}

static int64_t sqlite_row_int(const struct sql_rows *rows, int column)
{
    return sqlite3_column_int64(statement(rows), column);
}

static bool sqlite_row_is_null(const struct sql_rows *rows, int column)
{
    return sqlite3_column_type(statement(rows), column) == SQLITE_NULL;
}

static const char *sqlite_row_text(const struct sql_rows *rows, int column, size_t *ret_len)
{
    const char *text = (const char *)sqlite3_column_text(statement(rows), column);
    *ret_len = text ? (size_t)sqlite3_column_bytes(statement(rows), column) : 0;
    return text ? text : "";
}

static int64_t sqlite_changed(const struct sql_rows *rows)
{
    return sqlite3_changes64(of(rows->c)->db);
}

static int sqlite_script(const struct opctx *ctx, struct sql *base, const char *text,
                         struct error **err)
{
    struct sqlite *c = of(base);
    c->ctx = ctx;
    int status = run_script(c, text, err);
    c->ctx = NULL;
    return status;
}

/* ---- transactions ---- */

static int run(const struct opctx *ctx, struct sql *base, const char *text, struct error **err)
{
    struct sql_rows rows = { .c = base, .ctx = ctx };
    if (sqlite_query(ctx, base, text, NULL, 0, &rows, err) < 0)
        return -1;
    int status = sqlite_next(&rows, err);
    sqlite_rows_end(&rows);
    return status;
}

static int sqlite_begin(const struct opctx *ctx, struct sql *base, struct error **err)
{
    /* Immediate: a reader that turns writer in the middle could be refused without a wait. */
    return run(ctx, base,
               base->use == SQL_READ && !base->db->is_shared ? "BEGIN" : "BEGIN IMMEDIATE", err);
}

static int sqlite_commit(const struct opctx *ctx, struct sql *base, struct error **err)
{
    return run(ctx, base, "COMMIT", err);
}

static int sqlite_rollback(struct sql *base)
{
    struct sqlite *c = of(base);
    if (sqlite3_get_autocommit(c->db)) /* SQLite did it by itself, as after a full disk */
        return 0;
    return sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

const struct sql_ops sqlite_ops = {
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .query = sqlite_query,
    .next = sqlite_next,
    .rows_end = sqlite_rows_end,
    .row_int = sqlite_row_int,
    .row_is_null = sqlite_row_is_null,
    .row_text = sqlite_row_text,
    .changed = sqlite_changed,
    .script = sqlite_script,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
};
