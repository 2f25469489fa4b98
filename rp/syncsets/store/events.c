/* The log of changes, its cursors and its compaction. */
#include <inttypes.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"

static const char *text_or_null(const struct sql_rows *rows, int column)
{
    return sql_row_is_null(rows, column) ? NULL : sql_row_text(rows, column, NULL);
}

#define COLUMNS \
    "SELECT revision, prev, type, op, uid, namespace, name, generation, old_labels, labels, " \
    "object, status_only FROM events"

static int gone(int64_t after, struct error **err)
{
    return error_set(err, ERR_GONE, "resourceVersion %" PRId64 " is too old: list again", after);
}

/* Nothing behind after: is that all, or was what followed dropped? */
static int check_end(const struct opctx *ctx, struct sql *c, int64_t after, struct error **err)
{
    int64_t floor;
    if (sets_number(ctx, c, "SELECT revision FROM cursors WHERE name = 'floor'", NULL, 0, &floor,
                    err) < 0)
        return -1;
    return floor > after ? gone(after, err) : 0;
}

int sets_events(const struct opctx *ctx, struct sets_store *st, int64_t after, size_t limit,
                sets_visit visit, void *arg, int64_t *ret_last, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    const struct sql_param params[] = { sql_int(after), sql_int((int64_t)limit) };
    *ret_last = after;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        sql_query(ctx, c, COLUMNS " WHERE revision > $1 ORDER BY revision LIMIT $2", params,
                  ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    int status;
    while ((status = sql_next(&rows, err)) > 0) {
        struct sets_event e = {
            .revision = sql_row_int(&rows, 0),
            .prev = sql_row_int(&rows, 1),
            .type = sql_row_text(&rows, 2, NULL),
            .op = sql_row_text(&rows, 3, NULL),
            .uid = sql_row_text(&rows, 4, NULL),
            .nspace = sql_row_text(&rows, 5, NULL),
            .name = sql_row_text(&rows, 6, NULL),
            .generation = sql_row_int(&rows, 7),
            .old_labels = text_or_null(&rows, 8),
            .labels = text_or_null(&rows, 9),
        };
        e.status_only = sql_row_int(&rows, 11) != 0;
        e.object = sql_row_text(&rows, 10, &e.object_len);
        /* Revisions are taken one by one, within the writes: a gap is what compaction dropped. */
        if (e.revision != *ret_last + 1)
            return gone(*ret_last, err);
        int visited = visit(arg, &e, err);
        if (visited < 0)
            return -1;
        *ret_last = e.revision;
        if (visited > 0)
            return 0;
    }
    if (status < 0 || *ret_last > after)
        return status;
    sql_rows_end(&rows);
    rows = (struct sql_rows){ 0 };
    return check_end(ctx, c, after, err);
}

int sets_cursor_get(const struct opctx *ctx, struct sets_store *st, const char *name, int64_t *ret,
                    struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    const struct sql_param p = sql_text(name);
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0)
        return -1;
    return sets_number(ctx, c, "SELECT revision FROM cursors WHERE name = $1", &p, 1, ret, err);
}

int sets_cursor_set(const struct opctx *ctx, struct sets_store *st, const char *name,
                    int64_t revision, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    const struct sql_param params[] = { sql_int(revision), sql_text(name) };
    if (sql_acquire(ctx, st->cfg.db, SQL_WRITE, &c, err) < 0)
        return -1;
    return sql_exec(ctx, c, "UPDATE cursors SET revision = $1 WHERE name = $2 AND revision < $1",
                    params, ARRAY_LEN(params), NULL, err);
}

int sets_cursor_lag(const struct opctx *ctx, struct sets_store *st, const char *name, int64_t *ret,
                    struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    const struct sql_param p = sql_text(name);
    int64_t at;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        sets_number(ctx, c,
                    "SELECT created_at FROM events WHERE revision >"
                    " (SELECT revision FROM cursors WHERE name = $1) ORDER BY revision LIMIT 1",
                    &p, 1, &at, err) < 0)
        return -1;
    int64_t age = sets_now_s(ctx) - at;
    *ret = at && age > 0 ? age : 0;
    return 0;
}

int sets_floor(const struct opctx *ctx, struct sets_store *st, int64_t *ret, struct error **err)
{
    return sets_cursor_get(ctx, st, "floor", ret, err);
}

#define IDEMPOTENCY_S (24 * 3600)

/* Up to the first event that is young: clocks of several processes differ, so that an older time may stand behind it. */
static const char old_text[] =
    "SELECT coalesce((SELECT min(revision) - 1 FROM events WHERE created_at >= $1),"
    " (SELECT max(revision) FROM events), 0)";

/* The floor rises with the deletion, in one transaction: a reader sees both or neither. */
int sets_compact(const struct opctx *ctx, struct sets_store *st, int64_t keep_s, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    const struct sql_param old = sql_int(sets_now_s(ctx) - keep_s);
    const struct sql_param old_key = sql_int(sets_now_s(ctx) - IDEMPOTENCY_S);
    int64_t last, passed;
    if (sql_acquire(ctx, st->cfg.db, SQL_WRITE, &c, err) < 0 || sql_begin(ctx, c, err) < 0 ||
        sets_number(ctx, c, old_text, &old, 1, &last, err) < 0 ||
        sets_number(ctx, c, "SELECT min(revision) FROM cursors WHERE name <> 'floor'", NULL, 0,
                    &passed, err) < 0)
        return -1;
    const struct sql_param to = sql_int(last < passed ? last : passed);
    if (sql_exec(ctx, c, "DELETE FROM events WHERE revision <= $1", &to, 1, NULL, err) < 0 ||
        sql_exec(ctx, c, "UPDATE cursors SET revision = $1 WHERE name = 'floor' AND revision < $1",
                 &to, 1, NULL, err) < 0 ||
        sql_exec(ctx, c, "DELETE FROM idempotency WHERE created_at < $1", &old_key, 1, NULL, err) <
            0)
        return -1;
    return sql_commit(ctx, c, err);
}
