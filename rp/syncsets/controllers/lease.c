#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/controllers/work.h"

static int lost(const struct lease *l, struct error **err)
{
    (void)error_set(err, ERR_CONFLICT, "the lease on cluster %s is lost", l->uid);
    error_code(err, FENCE_LOST);
    return -1;
}

#define TAKE_TEXT(now) \
    "UPDATE cluster_work SET fence = fence + 1, lease_owner = $2, lease_until = " now \
    " + $3, queued_at = NULL, attempts = attempts + 1 WHERE cluster_uid = $1 AND due_at <= " now \
    " AND (quarantined IS NULL OR quarantined <= " now \
    ") AND (lease_until IS NULL OR (lease_until <= " now " AND attempts < $4))" \
    " RETURNING fence, dirty_revision, next_full_at, attempts, namespace"
static const char *const take_texts[SQL_DIALECTS] = WORK_BOTH(TAKE_TEXT);

int lease_take(const struct opctx *ctx, struct sets_store *st, const char *owner, const char *uid,
               int64_t lease_s, struct lease *ret, struct error **err)
{
    const struct sql_param params[] = { sql_text(uid), sql_text(owner), sql_int(lease_s),
                                        sql_int(WORK_ATTEMPTS_MAX) };
    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int64_t asked_ns = clock_mono_ns(ctx->clock);
    if (sql_acquire(ctx, st->cfg.db, SQL_WRITE, &c, err) < 0 ||
        sql_query(ctx, c, take_texts[st->dialect], params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status <= 0)
        return status;
    *ret = (struct lease){ .owner = owner,
                           .fence = sql_row_int(&rows, 0),
                           .until_ns = asked_ns + lease_s * NS_PER_S,
                           .dirty_revision = sql_row_int(&rows, 1),
                           .next_full_at = sql_row_int(&rows, 2),
                           .attempts = sql_row_int(&rows, 3) };
    (void)snprintf(ret->uid, sizeof(ret->uid), "%s", uid);
    (void)snprintf(ret->nspace, sizeof(ret->nspace), "%s", sql_row_text(&rows, 4, NULL));
    return sql_next(&rows, err) < 0 ? -1 : 1;
}

#define OURS(now) \
    " WHERE cluster_uid = $1 AND fence = $2 AND lease_owner = $3 AND lease_until > " now
#define RENEW_TEXT(now) "UPDATE cluster_work SET lease_until = " now " + $4" OURS(now)
/* Locks the row and leaves it as it is: each set of a cluster asks for it, and an update would leave a dead row each time. */
#define GUARD_TEXT(now) "SELECT 1 FROM cluster_work" OURS(now)
/* A mark of the meantime has set due_at to its own time, and a class: both are kept. What comes by time alone waits behind
 * what somebody changed. */
#define END_TEXT(now) \
    "UPDATE cluster_work SET lease_owner = NULL, lease_until = NULL, attempts = 0," \
    " quarantined = NULL, next_full_at = CASE WHEN next_full_at = $6 THEN $5 ELSE next_full_at " \
    "END," \
    " done_revision = CASE WHEN $8 = 1 THEN $7 ELSE done_revision END," \
    " class = CASE WHEN dirty_revision = $7 AND next_full_at = $6 THEN 'slow' ELSE class END," \
    " due_at = CASE WHEN dirty_revision = $7 AND next_full_at = $6 THEN $4 ELSE " now \
    " END" OURS(now)
#define DROP_TEXT(now) \
    "UPDATE cluster_work SET lease_owner = NULL, lease_until = NULL, attempts = attempts - " \
    "1" OURS(now)
#define FAIL_TEXT(now) \
    "UPDATE cluster_work SET lease_owner = NULL, lease_until = NULL," \
    " due_at = CASE WHEN dirty_revision = $4 AND next_full_at = $5 THEN " now " + $6 ELSE " now \
    " END" OURS(now)
static const char *const renew_texts[SQL_DIALECTS] = WORK_BOTH(RENEW_TEXT);
static const char *const guard_texts[SQL_DIALECTS] = {
    [SQL_SQLITE] = GUARD_TEXT(WORK_NOW_SQLITE), /* one writes */
    [SQL_POSTGRESQL] = GUARD_TEXT(WORK_NOW_POSTGRESQL) " FOR UPDATE",
};
static const char *const end_texts[SQL_DIALECTS] = WORK_BOTH(END_TEXT);
static const char *const drop_texts[SQL_DIALECTS] = WORK_BOTH(DROP_TEXT);
static const char *const fail_texts[SQL_DIALECTS] = WORK_BOTH(FAIL_TEXT);

#define MORE_MAX 5
/* A statement on the row while it is ours; its parameters behind the three that say so follow in more. */
static int run(const struct opctx *ctx, struct sql *c, const char *text, const struct lease *l,
               const struct sql_param *more, size_t n, struct error **err)
{
    struct sql_param params[3 + MORE_MAX] = { sql_text(l->uid), sql_int(l->fence),
                                              sql_text(l->owner) };
    int64_t changed;
    for (size_t i = 0; i < n; i++)
        params[3 + i] = more[i];
    if (sql_exec(ctx, c, text, params, 3 + n, &changed, err) < 0)
        return -1;
    return changed == 1 ? 0 : lost(l, err);
}

int lease_renew(const struct opctx *ctx, struct sets_store *st, struct lease *l, int64_t lease_s,
                struct error **err)
{
    const struct sql_param more = sql_int(lease_s);
    cleanup_sql struct sql *c = NULL;
    int64_t asked_ns = clock_mono_ns(ctx->clock);
    if (sql_acquire(ctx, st->cfg.db, SQL_WRITE, &c, err) < 0 ||
        run(ctx, c, renew_texts[st->dialect], l, &more, 1, err) < 0)
        return -1;
    l->until_ns = asked_ns + lease_s * NS_PER_S;
    return 0;
}

int lease_guard(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                const struct lease *l, struct error **err)
{
    const struct sql_param params[] = { sql_text(l->uid), sql_int(l->fence), sql_text(l->owner) };
    int64_t is_ours;
    if (sets_number(ctx, c, guard_texts[st->dialect], params, ARRAY_LEN(params), &is_ours, err) < 0)
        return -1;
    return is_ours ? 0 : lost(l, err);
}

int lease_end(const struct opctx *ctx, struct sets_store *st, struct sql *c, const struct lease *l,
              int64_t due_s, int64_t next_full_at, bool done, struct error **err)
{
    const struct sql_param more[] = { sql_int(due_s), sql_int(next_full_at),
                                      sql_int(l->next_full_at), sql_int(l->dirty_revision),
                                      sql_int(done) };
    return run(ctx, c, end_texts[st->dialect], l, more, ARRAY_LEN(more), err);
}

int lease_drop(const struct opctx *ctx, struct sets_store *st, const struct lease *l,
               struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_WRITE, &c, err) < 0)
        return -1;
    return run(ctx, c, drop_texts[st->dialect], l, NULL, 0, err);
}

int lease_fail(const struct opctx *ctx, struct sets_store *st, const struct lease *l,
               int64_t again_s, struct error **err)
{
    const struct sql_param more[] = { sql_int(l->dirty_revision), sql_int(l->next_full_at),
                                      sql_int(again_s) };
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_WRITE, &c, err) < 0)
        return -1;
    return run(ctx, c, fail_texts[st->dialect], l, more, ARRAY_LEN(more), err);
}
