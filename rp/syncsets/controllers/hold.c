/* Which sets a cluster does not get yet. */
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/rollout.h"

static struct set_state *find_set(const struct workload *w, const char *uid)
{
    for (size_t i = 0; i < w->len; i++)
        if (w->sets[i].set && str_eq(w->sets[i].uid, uid))
            return &w->sets[i];
    return NULL;
}

static bool has_result(const struct set_state *s)
{
    return s->attempt.is_known && s->attempt.generation == s->generation;
}

int hold_load(const struct opctx *ctx, struct sql *c, const char *cluster_uid, struct workload *w,
              struct error **err)
{
    const struct sql_param param = sql_text(cluster_uid);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    for (size_t i = 0; i < w->len; i++)
        w->sets[i].is_held = json_path(w->sets[i].set, "spec.rollout") && !has_result(&w->sets[i]);
    if (sql_query(ctx, c,
                  "SELECT set_uid, generation, admitted FROM rollout_clusters WHERE cluster_uid = "
                  "$1",
                  &param, 1, &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0) {
        struct set_state *s = find_set(w, sql_row_text(&rows, 0, NULL));
        strv_add(&w->places, sql_row_text(&rows, 0, NULL));
        if (!s || sql_row_int(&rows, 1) != s->generation)
            continue;
        s->has_place = true;
        if (sql_row_int(&rows, 2))
            s->is_held = false;
    }
    return status;
}

static int drop_places(const struct opctx *ctx, struct sql *c, const char *cluster_uid,
                       const struct workload *w, bool is_able, struct error **err)
{
    for (size_t i = 0; i < w->places.len; i++) {
        const struct set_state *s = find_set(w, w->places.v[i]);
        if (is_able && s && !has_result(s))
            continue;
        const struct sql_param params[] = { sql_text(w->places.v[i]), sql_text(cluster_uid) };
        if (sql_exec(ctx, c, "DELETE FROM rollout_clusters WHERE set_uid = $1 AND cluster_uid = $2",
                     params, ARRAY_LEN(params), NULL, err) < 0)
            return -1;
    }
    return 0;
}

static int take_place(const struct opctx *ctx, struct sql *c, const char *cluster_uid,
                      const struct set_state *s, struct error **err)
{
    const struct sql_param params[] = { sql_text(s->uid), sql_text(cluster_uid),
                                        sql_int(s->generation) };
    return sql_exec(ctx, c,
                    "INSERT INTO rollout_clusters (set_uid, cluster_uid, generation, admitted)"
                    " VALUES ($1, $2, $3, 0) ON CONFLICT (set_uid, cluster_uid) DO UPDATE SET"
                    " generation = excluded.generation, admitted = 0",
                    params, ARRAY_LEN(params), NULL, err);
}

/* Since the work began; its mark of then may be one with what the work was for. */
static int was_admitted(const struct opctx *ctx, struct sql *c, const char *cluster_uid,
                        const struct set_state *s, bool *ret, struct error **err)
{
    const struct sql_param params[] = { sql_text(s->uid), sql_text(cluster_uid) };
    int64_t n;
    if (sets_number(ctx, c,
                    "SELECT count(*) FROM rollout_clusters WHERE set_uid = $1 AND cluster_uid = $2"
                    " AND admitted = 1",
                    params, ARRAY_LEN(params), &n, err) < 0)
        return -1;
    *ret = *ret || n > 0;
    return 0;
}

int hold_write(const struct opctx *ctx, struct sql *c, const char *cluster_uid,
               const struct workload *w, bool is_able, bool *ret_admitted, struct error **err)
{
    *ret_admitted = false;
    if (drop_places(ctx, c, cluster_uid, w, is_able, err) < 0)
        return -1;
    for (size_t i = 0; is_able && i < w->len; i++) {
        const struct set_state *s = &w->sets[i];
        if (s->is_held && (s->has_place ? was_admitted(ctx, c, cluster_uid, s, ret_admitted, err)
                                        : take_place(ctx, c, cluster_uid, s, err)) < 0)
            return -1;
    }
    return 0;
}
