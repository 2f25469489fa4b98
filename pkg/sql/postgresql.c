/*
 * libpq without its blocking calls, so that deadlines and stops end every wait. A connection whose wait was ended is
 * closed, not cleaned: the server notices within a second and rolls back.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/sql/postgresql_impl.h"

/* A commit that was sent is waited for, whatever became of the context: to know is worth more than to be quick. */
#define COMMIT_MS 10000
#define ROLLBACK_MS 5000
#define CONNECT_MS 15000

static PGresult *result(const struct sql_rows *rows)
{
    return rows->result_;
}

static struct opctx own_context(int64_t timeout_ms)
{
    const struct opctx root = opctx_root(clock_system(), NULL, NULL, NULL);
    return opctx_with_timeout_ms(&root, timeout_ms);
}

/* ---- commands ---- */

static bool is_good(const PGresult *r)
{
    ExecStatusType s = PQresultStatus(r);
    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

/* What was sent is answered; *ret (may be NULL) gets a good result. */
static int take_answer(const struct opctx *ctx, struct postgresql *c, PGresult **ret,
                       struct error **err)
{
    PGresult *r = NULL;
    if (postgresql_answer(ctx, c, &r, err) < 0)
        return -1;
    if (!is_good(r)) {
        (void)postgresql_fail(c, r, err);
        PQclear(r);
        return -1;
    }
    if (ret)
        *ret = r;
    else
        PQclear(r);
    return 0;
}

static int run(const struct opctx *ctx, struct postgresql *c, const char *text, PGresult **ret,
               struct error **err)
{
    if (!PQsendQuery(c->conn, text))
        return postgresql_fail(c, NULL, err);
    return take_answer(ctx, c, ret, err);
}

/* ---- connections ---- */

static void postgresql_disconnect(struct sql *base)
{
    struct postgresql *c = postgresql_of(base);
    PQfinish(c->conn);
    map_free(c->statements);
    if (c->wake_fd >= 0)
        (void)close(c->wake_fd);
    free(c);
}

static int shake_hands(const struct opctx *ctx, struct postgresql *c, struct error **err)
{
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED)
            return postgresql_fail(c, NULL, err);
        if (postgresql_wait(ctx, c, next == PGRES_POLLING_WRITING, err) < 0)
            return -1;
        next = PQconnectPoll(c->conn);
    }
    return PQsetnonblocking(c->conn, 1) == 0 ? 0 : postgresql_fail(c, NULL, err);
}

/* What a connection needs whatever its DSN says: the server notices peers that vanished, even during a statement. */
static const char set_up_text[] = "SET client_connection_check_interval = 1000;"
                                  "SET default_transaction_isolation = 'read committed';"
                                  "SET bytea_output = hex";

static int set_up(const struct opctx *ctx, const struct sql_db *db, struct postgresql *c,
                  struct error **err)
{
    if (run(ctx, c, set_up_text, NULL, err) < 0)
        return -1;
    return db->session ? run(ctx, c, db->session, NULL, err) : 0;
}

/* libpq repeats pieces of what it cannot parse, and a piece may be of the password. */
static int check_dsn(const char *dsn, struct error **err)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(dsn, &why);
    PQfreemem(why);
    if (!options)
        return error_set(err, ERR_INVALID,
                         "the connection parameters cannot be parsed: they are keyword=value pairs "
                         "of libpq (values with spaces in single quotes) or a postgresql:// URL");
    PQconninfoFree(options);
    return 0;
}

/* Keywords that the DSN may override come before it. */
static int begin_connect(const struct sql_db *db, struct postgresql *c, struct error **err)
{
    static const char *const names[] = {
        "fallback_application_name", "client_encoding",  "keepalives_idle",
        "keepalives_interval",       "keepalives_count", "tcp_user_timeout",
        "target_session_attrs",      "dbname",           NULL
    };
    const char *const values[] = { "aro",   "UTF8",       "15",    "5", "3",
                                   "30000", "read-write", db->dsn, NULL };
    c->conn = PQconnectStartParams(names, values, 1);
    if (!c->conn)
        abort(); /* for lack of memory only */
    if (PQstatus(c->conn) == CONNECTION_BAD)
        return postgresql_fail(c, NULL, err);
    return 0;
}

/* Notices are the server's talk; nobody reads them. */
static void drop_notice(void *arg, const PGresult *r)
{
    (void)arg;
    (void)r;
}

static int postgresql_connect(const struct opctx *ctx, struct sql_db *db, enum sql_use use,
                              struct sql **ret, struct error **err)
{
    (void)use;
    struct opctx limited = opctx_with_timeout_ms(ctx, CONNECT_MS);
    struct postgresql *c = xnew(struct postgresql);
    c->statements = map_new(free);
    c->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int status = c->wake_fd < 0 ? error_set_errno(err, errno, "eventfd") : 0;
    if (status == 0)
        status = check_dsn(db->dsn, err);
    if (status == 0)
        status = begin_connect(db, c, err);
    if (status == 0) {
        (void)PQsetNoticeReceiver(c->conn, drop_notice, NULL);
        status = shake_hands(&limited, c, err);
    }
    if (status == 0)
        status = set_up(&limited, db, c, err);
    if (status < 0) {
        postgresql_disconnect(&c->base);
        return error_wrap(err, "connecting to PostgreSQL");
    }
    *ret = &c->base;
    return 0;
}

/* An idle connection has nothing to say but that it ends. */
static bool postgresql_is_alive(struct sql *base)
{
    struct postgresql *c = postgresql_of(base);
    struct pollfd fd = { .fd = PQsocket(c->conn), .events = POLLIN };
    if (poll(&fd, 1, 0) > 0 && !PQconsumeInput(c->conn))
        return false;
    if (fd.revents & (POLLERR | POLLHUP | POLLNVAL))
        return false;
    /* A farewell of the server's is read as a notice; its end of file comes with the next look. */
    if (fd.revents && poll(&fd, 1, 0) > 0 && !PQconsumeInput(c->conn))
        return false;
    return PQstatus(c->conn) == CONNECTION_OK;
}

/* ---- statements ---- */

static int prepare(const struct opctx *ctx, struct postgresql *c, const char *text,
                   const char **ret_name, struct error **err)
{
    const char *known = map_get(c->statements, text);
    if (known) {
        *ret_name = known;
        return 0;
    }
    cleanup_free char *name = xasprintf("s%zu", c->statements_len);
    if (!PQsendPrepare(c->conn, name, text, 0, NULL))
        return postgresql_fail(c, NULL, err);
    if (take_answer(ctx, c, NULL, err) < 0)
        return -1;
    c->statements_len++;
    map_set(c->statements, text, take(name));
    *ret_name = map_get(c->statements, text);
    return 0;
}

#define NUMBER_MAX 24

/* Values as text; numbers are written into room. A text is followed by its NUL or by whatever its owner has there, so it is
 * copied when it is a piece. */
static int send_values(struct postgresql *c, const char *name, const struct sql_param *params,
                       size_t n)
{
    char room[SQL_PARAMS_MAX][NUMBER_MAX];
    const char *values[SQL_PARAMS_MAX] = { 0 };
    char *copies[SQL_PARAMS_MAX] = { 0 };
    for (size_t i = 0; i < n; i++) {
        const struct sql_param *p = &params[i];
        if (p->type == SQL_INT) {
            (void)snprintf(room[i], NUMBER_MAX, "%" PRId64, p->number);
            values[i] = room[i];
        } else if (p->type == SQL_TEXT) {
            values[i] = copies[i] = xstrndup(p->text, p->len);
        }
    }
    int sent = PQsendQueryPrepared(c->conn, name, (int)n, values, NULL, NULL, 0);
    for (size_t i = 0; i < n; i++)
        free(copies[i]);
    return sent;
}

static int postgresql_query(const struct opctx *ctx, struct sql *base, const char *text,
                            const struct sql_param *params, size_t n, struct sql_rows *ret,
                            struct error **err)
{
    struct postgresql *c = postgresql_of(base);
    const char *name = NULL;
    PGresult *r = NULL;
    if (prepare(ctx, c, text, &name, err) < 0)
        return -1;
    if (!send_values(c, name, params, n))
        return postgresql_fail(c, NULL, err);
    if (take_answer(ctx, c, &r, err) < 0)
        return -1;
    ret->result_ = r;
    ret->at_ = -1;
    return 0;
}

static int postgresql_next(struct sql_rows *rows, struct error **err)
{
    (void)err;
    return ++rows->at_ < PQntuples(result(rows));
}

static void postgresql_rows_end(struct sql_rows *rows)
{
    PQclear(result(rows));
}

static int64_t postgresql_row_int(const struct sql_rows *rows, int column)
{
    long long n = 0;
    (void)str_to_int(PQgetvalue(result(rows), rows->at_, column), INT64_MIN, INT64_MAX, &n);
    return n;
}

static bool postgresql_row_is_null(const struct sql_rows *rows, int column)
{
    return PQgetisnull(result(rows), rows->at_, column);
}

static const char *postgresql_row_text(const struct sql_rows *rows, int column, size_t *ret_len)
{
    *ret_len = (size_t)PQgetlength(result(rows), rows->at_, column);
    return PQgetvalue(result(rows), rows->at_, column);
}

static int64_t postgresql_changed(const struct sql_rows *rows)
{
    long long n = 0;
    (void)str_to_int(PQcmdTuples(result(rows)), 0, INT64_MAX, &n);
    return n;
}

static int postgresql_script(const struct opctx *ctx, struct sql *base, const char *text,
                             struct error **err)
{
    return run(ctx, postgresql_of(base), text, NULL, err);
}

/* ---- transactions ---- */

static int postgresql_begin(const struct opctx *ctx, struct sql *base, struct error **err)
{
    return run(ctx, postgresql_of(base), "BEGIN", NULL, err);
}

static int postgresql_commit(const struct opctx *ctx, struct sql *base, struct error **err)
{
    (void)ctx;
    struct postgresql *c = postgresql_of(base);
    struct opctx own = own_context(COMMIT_MS);
    PGresult *r = NULL;
    if (run(&own, c, "COMMIT", &r, err) < 0) {
        base->is_unknown = base->is_broken;
        return -1;
    }
    /* The server answers ROLLBACK where an earlier statement had failed. */
    bool done = str_eq(PQcmdStatus(r), "COMMIT");
    PQclear(r);
    return done ? 0 : error_set(err, ERR_INTERNAL, "PostgreSQL: the transaction had failed before");
}

static int postgresql_rollback(struct sql *base)
{
    struct postgresql *c = postgresql_of(base);
    if (base->is_broken)
        return -1;
    if (PQtransactionStatus(c->conn) == PQTRANS_IDLE)
        return 0;
    struct opctx own = own_context(ROLLBACK_MS);
    return run(&own, c, "ROLLBACK", NULL, NULL);
}

/* ---- notifications ---- */

static int postgresql_listen(const struct opctx *ctx, struct sql *base, const char *channel,
                             struct error **err)
{
    struct postgresql *c = postgresql_of(base);
    cleanup_free char *text = xasprintf("LISTEN %s", channel);
    return run(ctx, c, text, NULL, err);
}

static int postgresql_notified(const struct opctx *ctx, struct sql *base, char **ret,
                               struct error **err)
{
    struct postgresql *c = postgresql_of(base);
    for (;;) {
        if (!PQconsumeInput(c->conn))
            return postgresql_fail(c, NULL, err);
        PGnotify *n = PQnotifies(c->conn);
        if (n) {
            *ret = xstrdup(n->extra);
            PQfreemem(n);
            return 0;
        }
        if (postgresql_wait(ctx, c, false, err) < 0)
            return -1;
    }
}

const struct sql_ops postgresql_ops = {
    .connect = postgresql_connect,
    .disconnect = postgresql_disconnect,
    .is_alive = postgresql_is_alive,
    .query = postgresql_query,
    .next = postgresql_next,
    .rows_end = postgresql_rows_end,
    .row_int = postgresql_row_int,
    .row_is_null = postgresql_row_is_null,
    .row_text = postgresql_row_text,
    .changed = postgresql_changed,
    .script = postgresql_script,
    .begin = postgresql_begin,
    .commit = postgresql_commit,
    .rollback = postgresql_rollback,
    .listen = postgresql_listen,
    .notified = postgresql_notified,
};
