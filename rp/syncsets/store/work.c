/* Work on clusters that somebody asks for. */
#include "rp/syncsets/store/transact.h"

struct mark {
    const char *nspace, *name, *actor;
    bool unquarantine;
};

static int mark(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                struct error **err)
{
    const struct mark *m = arg;
    cleanup_row struct sets_row row = { 0 };
    if (sets_row_find(ctx, st, c, &api_types[TYPE_CLUSTERS], m->nspace, m->name, true, &row, err) <
        0)
        return -1;
    const struct sql_param params[] = { sql_text(row.uid), sql_text(m->nspace),
                                        sql_int(sets_now_s(ctx)) };
    if (sql_exec(
            ctx, c,
            "INSERT INTO cluster_work (cluster_uid, namespace, dirty_revision, due_at, "
            "next_full_at)"
            " SELECT $1, $2, last, $3, 0 FROM revision WHERE type = ''"
            " ON CONFLICT (cluster_uid) DO UPDATE SET dirty_revision = excluded.dirty_revision,"
            " due_at = excluded.due_at, next_full_at = 0",
            params, ARRAY_LEN(params), NULL, err) < 0 ||
        sets_audit(ctx, c, &api_types[TYPE_CLUSTERS], &row, m->unquarantine ? "requeue" : "resync",
                   m->actor, err) < 0)
        return -1;
    if (!m->unquarantine)
        return 0;
    return sql_exec(
        ctx, c, "UPDATE cluster_work SET quarantined = NULL, attempts = 0 WHERE cluster_uid = $1",
        params, 1, NULL, err);
}

int sets_mark(const struct opctx *ctx, struct sets_store *st, const char *nspace, const char *name,
              bool unquarantine, const char *actor, struct error **err)
{
    struct mark m = { nspace, name, actor, unquarantine };
    return sets_transact(ctx, st, mark, &m, err);
}
