/* The audit does not grow for ever: its oldest rows go. */
#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"

#define BATCH 5000
#define BATCHES 4

/* Rows are numbered in the order of their writes, with gaps at most. */
#define BATCH_TEXT(which) \
    "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE " which " LIMIT $2)"
static const char old_text[] = BATCH_TEXT("at < $1 ORDER BY at");
static const char beyond_text[] = BATCH_TEXT("id <= (SELECT max(id) FROM audit) - $1 ORDER BY id");

/* Each batch is a transaction of its own. */
static int trim(const struct opctx *ctx, struct sql *c, const char *text, int64_t limit,
                bool *ret_more, struct error **err)
{
    const struct sql_param params[] = { sql_int(limit), sql_int(BATCH) };
    int64_t gone = BATCH;
    for (int i = 0; i < BATCHES && gone == BATCH; i++)
        if (sql_exec(ctx, c, text, params, ARRAY_LEN(params), &gone, err) < 0)
            return -1;
    *ret_more = *ret_more || gone == BATCH;
    return 0;
}

int sets_audit_trim(const struct opctx *ctx, struct sets_store *st, int64_t keep_s, int64_t rows,
                    bool *ret_more, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    bool more = false;
    if (sql_acquire(ctx, st->cfg.db, SQL_WRITE, &c, err) < 0 ||
        trim(ctx, c, old_text, sets_now_s(ctx) - keep_s, &more, err) < 0 ||
        trim(ctx, c, beyond_text, rows, &more, err) < 0)
        return -1;
    if (ret_more)
        *ret_more = more;
    return 0;
}
