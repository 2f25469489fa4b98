/*
 * Each write of PostgreSQL leaves its token in the table writes, within its own transaction. Whoever lost the answer to a commit
 * puts a fence there under the same token: if the transaction is still running, the unique key makes this wait for its
 * end; if it was committed, the token is there; if not, the fence is, and the transaction, should it still be alive
 * somewhere, cannot commit any more.
 */
#include "pkg/database/sql_store.h"

#define PAUSE_MIN_MS 50
#define PAUSE_MAX_MS 2000

/* One look. -1: it could not be had; the kind tells why. */
static int look(const struct opctx *ctx, struct sql_store *st, const char *token,
                int64_t *ret_fence, struct error **err)
{
    const struct sql_param param = sql_text(token);
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->db, SQL_WRITE, &c, err) < 0 ||
        sql_exec(ctx, c,
                 "INSERT INTO writes (token, ts_s, fence) VALUES ($1, " NOW_POSTGRESQL ", 1)"
                 " ON CONFLICT (token) DO NOTHING",
                 &param, 1, NULL, err) < 0)
        return -1;
    return sql_store_number(ctx, c, "SELECT fence FROM writes WHERE token = $1", &param, 1, 1,
                            ret_fence, err);
}

int sql_outcome_find(const struct opctx *ctx, struct sql_store *st, const char *token,
                     bool *ret_happened, struct error **err)
{
    struct opctx limited = opctx_with_timeout_ms(ctx, STORE_RESOLVE_MS);
    int64_t pause_ms = PAUSE_MIN_MS;
    int64_t fence;
    struct error *why = NULL;
    while (look(&limited, st, token, &fence, &why) < 0) {
        if (opctx_check(ctx, err) < 0) {
            error_free(why);
            return error_wrap(err, "asking whether a write happened");
        }
        if (opctx_sleep_ms(&limited, pause_ms, NULL) < 0) {
            (void)error_move(err, &why);
            error_code(err, STORE_CODE_UNKNOWN);
            return error_wrap(err, "nobody knows whether the write happened");
        }
        error_clear(&why);
        pause_ms = pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS;
    }
    *ret_happened = fence == 0;
    return 0;
}
