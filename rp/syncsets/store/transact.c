#include "rp/syncsets/store/transact.h"

#include "pkg/base/strv.h"

#define TRIES 5
#define PAUSE_MS 20

static int try_once(const struct opctx *ctx, struct sets_store *st, sets_work work, void *arg,
                    bool *ret_again, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    struct error *why = NULL;
    *ret_again = false;
    if (sql_acquire(ctx, st->cfg.db, SQL_WRITE, &c, err) < 0)
        return -1;
    if (sql_begin(ctx, c, &why) == 0 && work(ctx, st, c, arg, &why) == 0 &&
        sql_commit(ctx, c, &why) == 0)
        return 0;
    bool is_ours = str_eq(error_get_code(why), CONFLICT_CODE);
    *ret_again = !sql_is_unknown(c) && ((error_is(why, ERR_CONFLICT) && !is_ours) ||
                                        (sql_is_broken(c) && error_is(why, ERR_UNAVAILABLE)));
    return error_move(err, &why);
}

int sets_transact_quietly(const struct opctx *ctx, struct sets_store *st, sets_work work, void *arg,
                          struct error **err)
{
    for (int try = 1;; try++) {
        struct error *why = NULL;
        bool again;
        if (try_once(ctx, st, work, arg, &again, &why) == 0)
            return 0;
        if (!again || try == TRIES || opctx_sleep_ms(ctx, PAUSE_MS << try, NULL) < 0) {
            if (!again || !error_is(why, ERR_CONFLICT))
                return error_move(err, &why);
            error_free(why);
            return error_set(err, ERR_UNAVAILABLE,
                             "the database is too busy with this object: try again");
        }
        error_free(why);
    }
}

int sets_transact(const struct opctx *ctx, struct sets_store *st, sets_work work, void *arg,
                  struct error **err)
{
    if (sets_transact_quietly(ctx, st, work, arg, err) < 0)
        return -1;
    if (st->cfg.on_commit)
        st->cfg.on_commit(st->cfg.arg);
    return 0;
}
