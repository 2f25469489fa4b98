/* Roll-outs, as the API and controllers see them both. */
#include "rp/syncsets/store/rollout.h"

#include "pkg/base/mem.h"
#include "rp/syncsets/store/transact.h"
#include "rp/syncsets/types/conditions.h"

#define KEPT(column) \
    column " = CASE WHEN rollouts.generation = excluded.generation THEN rollouts." column \
           " ELSE 0 END"

int sets_rollout_begin(const struct opctx *ctx, struct sql *c, const char *uid, int64_t generation,
                       struct error **err)
{
    const struct sql_param params[] = { sql_text(uid), sql_int(generation) };
    return sql_exec(ctx, c,
                    "INSERT INTO rollouts (set_uid, generation) VALUES ($1, $2) ON CONFLICT "
                    "(set_uid) DO UPDATE SET " KEPT("paused") ", " KEPT("resumed") ", " KEPT(
                        "forgiven") ", generation = excluded.generation",
                    params, ARRAY_LEN(params), NULL, err);
}

int sets_rollout_count(const struct opctx *ctx, struct sql *c, const char *uid, int64_t generation,
                       const char *result, int64_t *ret, struct error **err)
{
    const struct sql_param params[] = { sql_text(uid), sql_int(generation), sql_text(result) };
    return sets_number(ctx, c,
                       "SELECT count(*) FROM sync_statuses WHERE syncset_uid = $1 AND "
                       "observed_generation = $2 AND result = $3",
                       params, ARRAY_LEN(params), ret, err);
}

/* ---- somebody says to go on ---- */

struct resumption {
    const struct api_type *type;
    const char *nspace, *name, *actor;
};

static void edit_resumed(json *status, const json *object, void *arg)
{
    const struct opctx *ctx = arg;
    (void)object;
    if (api_condition_is(status, CONDITION_ROLLOUT_PAUSED, "True"))
        api_condition_put(status, CONDITION_ROLLOUT_PAUSED, "False", "Resumed",
                          "somebody said to go on", sets_now_s(ctx) * NS_PER_S);
}

static int note_resumption(const struct opctx *ctx, struct sql *c, const struct sets_row *row,
                           struct error **err)
{
    int64_t failed;
    if (sets_rollout_begin(ctx, c, row->uid, row->generation, err) < 0 ||
        sets_rollout_count(ctx, c, row->uid, row->generation, "Failure", &failed, err) < 0)
        return -1;
    const struct sql_param params[] = { sql_text(row->uid), sql_int(failed) };
    return sql_exec(ctx, c,
                    "UPDATE rollouts SET paused = 0, resumed = 1, forgiven = $2 WHERE set_uid = $1",
                    params, ARRAY_LEN(params), NULL, err);
}

static int resume(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                  struct error **err)
{
    const struct resumption *r = arg;
    cleanup_row struct sets_row row = { 0 };
    cleanup_json json *object = NULL;
    cleanup_changes struct sets_changes ch = { 0 };
    struct opctx now = *ctx;
    if (sets_row_find(ctx, st, c, r->type, r->nspace, r->name, true, &row, err) < 0 ||
        sets_row_give_object(r->type, &row, &object, err) < 0)
        return -1;
    if (!json_path(object, "spec.rollout"))
        return error_set(err, ERR_UNPROCESSABLE, "%s \"%s\" has no spec.rollout: nothing holds it",
                         r->type->plural, r->name);
    if (note_resumption(ctx, c, &row, err) < 0 ||
        sets_status_put(ctx, st, c, r->type, r->nspace, r->name, edit_resumed, &now, &ch, NULL,
                        err) < 0 ||
        sets_audit(ctx, c, r->type, &row, "resume", r->actor, err) < 0)
        return -1;
    return sets_changes_publish(ctx, st, c, &ch, NULL, err);
}

int sets_rollout_resume(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
                        const char *nspace, const char *name, const char *actor, struct error **err)
{
    struct resumption r = { type, nspace, name, actor };
    return sets_transact(ctx, st, resume, &r, err);
}
