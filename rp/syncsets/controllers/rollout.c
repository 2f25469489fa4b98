/* The leader's part of roll-outs: who is next, and whether somebody is at all. */
#include "rp/syncsets/controllers/rollout.h"

#include <inttypes.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/rollout.h"
#include "rp/syncsets/store/statement.h"
#include "rp/syncsets/types/conditions.h"

/* ---- decisions ---- */

bool rollout_must_pause(const struct rollout_state *s)
{
    if (s->percent < 0 || s->is_paused || s->waiting == 0)
        return false;
    return (s->failed - s->forgiven) * 100 > s->percent * s->reached;
}

int64_t rollout_room(const struct rollout_state *s)
{
    if (s->is_paused || s->waiting == 0 || rollout_must_pause(s))
        return 0;
    int64_t room = s->max ? s->max - s->in_flight : ROLLOUT_BATCH;
    if (room > s->waiting)
        room = s->waiting;
    return room < 0 ? 0 : room < ROLLOUT_BATCH ? room : ROLLOUT_BATCH;
}

/* ---- how a set stands ---- */

struct rollout {
    const struct api_type *type; /* NULL: the set is gone */
    char *uid, *nspace, *name;
    json *object;
    int64_t generation;
    bool tells_paused, has_canaries;
    bool has_healed; /* of what was forgiven less fails now */
    struct selector canaries;
    struct rollout_state state;
};

static void rollout_release(struct rollout *r)
{
    free(r->uid);
    free(r->nspace);
    free(r->name);
    json_free(r->object);
    selector_release(&r->canaries);
    *r = (struct rollout){ 0 };
}
#define cleanup_rollout CLEANUP_WITH(rollout_release)

static int find_set(const struct opctx *ctx, struct sql *c, struct rollout *r, struct error **err)
{
    const struct sql_param param = sql_text(r->uid);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c,
                  "SELECT 'syncsets', namespace, name FROM syncsets WHERE uid = $1 UNION ALL SELECT"
                  " 'selectorsyncsets', namespace, name FROM selectorsyncsets WHERE uid = $1",
                  &param, 1, &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status <= 0)
        return status;
    r->type = api_type_find(sql_row_text(&rows, 0, NULL));
    r->nspace = xstrdup(sql_row_text(&rows, 1, NULL));
    r->name = xstrdup(sql_row_text(&rows, 2, NULL));
    return 0;
}

/* for_update: for who writes its status. */
static int read_set(const struct opctx *ctx, struct sets_store *st, struct sql *c, bool for_update,
                    struct rollout *r, struct error **err)
{
    cleanup_row struct sets_row row = { 0 };
    struct error *why = NULL;
    if (find_set(ctx, c, r, err) < 0)
        return -1;
    if (!r->type)
        return 0;
    if (sets_row_find(ctx, st, c, r->type, r->nspace, r->name, for_update, &row, &why) < 0) {
        if (!error_is(why, ERR_NOT_FOUND))
            return error_move(err, &why);
        error_free(why);
        r->type = NULL;
        return 0;
    }
    if (sets_row_give_object(r->type, &row, &r->object, err) < 0)
        return -1;
    r->generation = row.generation;
    r->tells_paused =
        api_condition_is(json_get(r->object, "status"), CONDITION_ROLLOUT_PAUSED, "True");
    const json *spec = json_path(r->object, "spec.rollout");
    const json *canaries = json_get(spec, "canarySelector");
    r->state.max = json_path_int(spec, "maxConcurrentClusters", 0);
    r->state.percent = json_path_int(spec, "pauseOnFailedPercent", -1);
    r->has_canaries = canaries != NULL;
    cleanup_causes struct api_causes none; /* it was judged when it was written */
    api_causes_init(&none);
    selector_decode(canaries, "", &none, &r->canaries);
    return 0;
}

static int read_row(const struct opctx *ctx, struct sql *c, struct rollout *r, bool *ret_resumed,
                    struct error **err)
{
    const struct sql_param params[] = { sql_text(r->uid), sql_int(r->generation) };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c,
                  "SELECT paused, resumed, forgiven FROM rollouts WHERE set_uid = $1 AND "
                  "generation = $2",
                  params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status <= 0)
        return status;
    r->state.is_paused = sql_row_int(&rows, 0) != 0;
    *ret_resumed = sql_row_int(&rows, 1) != 0;
    r->state.forgiven = sql_row_int(&rows, 2);
    return 0;
}

/* "o" of canaries: "FROM ... WHERE ..." */
static int add_canaries(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                        const struct rollout *r, struct statement *s, struct error **err)
{
    const struct api_type *clusters = &api_types[TYPE_CLUSTERS];
    const struct requirement *driver;
    if (statement_choose_driver(ctx, st, c, clusters, &r->canaries, &driver, err) < 0)
        return -1;
    statement_from(s, st->dialect, clusters, &r->canaries, driver);
    buf_adds(&s->text, " AND o.deletion_at IS NULL");
    if (r->type->global)
        return 0;
    buf_adds(&s->text, " AND o.namespace = ");
    statement_param(s, sql_text(r->nspace));
    return 0;
}

/* Canaries among the set's clusters that have not succeeded with this generation, reachable or not. */
static int count_canaries(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                          struct rollout *r, struct error **err)
{
    cleanup_statement struct statement s = STATEMENT_INIT;
    cleanup_selector struct selector selector = { 0 };
    cleanup_causes struct api_causes none;
    const json *selects = json_path(r->object, "spec.clusterDeploymentSelector");
    api_causes_init(&none);
    selector_decode(selects, "", &none, &selector);
    buf_adds(&s.text, "SELECT count(*) ");
    if (add_canaries(ctx, st, c, r, &s, err) < 0)
        return -1;
    buf_adds(&s.text, " AND NOT EXISTS (SELECT 1 FROM sync_statuses t WHERE t.cluster_uid = o.uid"
                      " AND t.result = 'Success' AND t.syncset_uid = ");
    statement_param(&s, sql_text(r->uid));
    buf_adds(&s.text, " AND t.observed_generation = ");
    statement_param(&s, sql_int(r->generation));
    buf_adds(&s.text, ") AND (EXISTS (SELECT 1 FROM syncset_targets t WHERE t.namespace = "
                      "o.namespace AND t.cluster_name = o.name AND t.syncset_uid = ");
    statement_param(&s, sql_text(r->uid));
    buf_adds(&s.text, ")");
    if (selects) {
        buf_adds(&s.text, " OR o.uid IN (SELECT o.uid ");
        statement_from(&s, st->dialect, &api_types[TYPE_CLUSTERS], &selector, NULL);
        buf_adds(&s.text, ")");
    }
    buf_adds(&s.text, ")");
    return sets_number(ctx, c, buf_str(&s.text), s.params, s.n, &r->state.canaries, err);
}

#define IN_FLIGHT_TEXT(now) \
    "SELECT count(*) FROM rollout_clusters r WHERE r.set_uid = $1 AND r.admitted = 1 AND NOT " \
    "EXISTS (SELECT 1 FROM cluster_work w WHERE w.cluster_uid = r.cluster_uid AND w.quarantined " \
    "> " now ")"
static const char *const in_flight_texts[SQL_DIALECTS] = WORK_BOTH(IN_FLIGHT_TEXT);

static int count_clusters(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                          struct rollout *r, struct error **err)
{
    struct rollout_state *s = &r->state;
    const struct sql_param params[] = { sql_text(r->uid), sql_int(r->generation) };
    int64_t succeeded = 0;
    if (sets_number(ctx, c,
                    "SELECT count(*) FROM rollout_clusters WHERE set_uid = $1 AND generation = $2 "
                    "AND admitted = 0",
                    params, 2, &s->waiting, err) < 0)
        return -1;
    if (s->waiting == 0)
        return 0;
    if (s->max &&
        sets_number(ctx, c, in_flight_texts[st->dialect], params, 1, &s->in_flight, err) < 0)
        return -1;
    if (s->percent < 0)
        return 0;
    if (sets_rollout_count(ctx, c, r->uid, r->generation, "Success", &succeeded, err) < 0 ||
        sets_rollout_count(ctx, c, r->uid, r->generation, "Failure", &s->failed, err) < 0)
        return -1;
    s->reached = succeeded + s->failed;
    r->has_healed = s->forgiven > s->failed;
    if (r->has_healed)
        s->forgiven = s->failed;
    return 0;
}

/* Whoever fails next is not forgiven in the place of one that has healed. */
static int note_healing(const struct opctx *ctx, struct sql *c, const struct rollout *r,
                        struct error **err)
{
    const struct sql_param params[] = { sql_text(r->uid), sql_int(r->state.forgiven) };
    return sql_exec(ctx, c, "UPDATE rollouts SET forgiven = $2 WHERE set_uid = $1", params,
                    ARRAY_LEN(params), NULL, err);
}

/* Of one that is paused nothing is counted. */
static int look(const struct opctx *ctx, struct sets_store *st, struct sql *c, bool for_update,
                struct rollout *r, struct error **err)
{
    bool is_resumed = false;
    if (read_set(ctx, st, c, for_update, r, err) < 0)
        return -1;
    if (!r->type)
        return 0;
    if (read_row(ctx, c, r, &is_resumed, err) < 0)
        return -1;
    if (r->state.is_paused)
        return 0;
    if (count_clusters(ctx, st, c, r, err) < 0)
        return -1;
    return rollout_room(&r->state) > 0 && r->has_canaries && !is_resumed
               ? count_canaries(ctx, st, c, r, err)
               : 0;
}

/* ---- what is done ---- */

static int forget(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                  struct error **err)
{
    static const char *const texts[] = { "DELETE FROM rollouts WHERE set_uid = $1",
                                         "DELETE FROM rollout_clusters WHERE set_uid = $1" };
    const struct sql_param uid = sql_text(arg);
    (void)st;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (sql_exec(ctx, c, texts[i], &uid, 1, NULL, err) < 0)
            return -1;
    return 0;
}

struct telling {
    const struct rollout *r;
    bool is_paused;
    int64_t now_ns;
};

static void edit_status(json *status, const json *object, void *arg)
{
    const struct telling *t = arg;
    const struct rollout_state *s = &t->r->state;
    (void)object;
    if (!t->is_paused) {
        api_condition_put(status, CONDITION_ROLLOUT_PAUSED, "False", "NewGeneration",
                          "the set has changed since", t->now_ns);
        return;
    }
    cleanup_free char *why =
        xasprintf("generation %" PRId64 " failed in %" PRId64 " of the %" PRId64
                  " clusters that it has reached, more than %" PRId64
                  " percent: change the set, or say to go on (:resume)",
                  t->r->generation, s->failed - s->forgiven, s->reached, s->percent);
    api_condition_put(status, CONDITION_ROLLOUT_PAUSED, "True", "TooManyFailures", why, t->now_ns);
}

/* Pauses it, or tells that what was paused is another generation. */
static int tell(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                struct error **err)
{
    cleanup_rollout struct rollout r = { .uid = xstrdup(arg) };
    cleanup_changes struct sets_changes ch = { 0 };
    if (look(ctx, st, c, true, &r, err) < 0)
        return -1;
    struct telling t = { &r, rollout_must_pause(&r.state), clock_wall_ns(ctx->clock) };
    if (!r.type || r.state.is_paused || (!t.is_paused && !r.tells_paused))
        return 0; /* otherwise by now */
    const struct sql_param params[] = { sql_text(r.uid), sql_int(t.is_paused) };
    if (sets_rollout_begin(ctx, c, r.uid, r.generation, err) < 0 ||
        sql_exec(ctx, c, "UPDATE rollouts SET paused = $2 WHERE set_uid = $1", params,
                 ARRAY_LEN(params), NULL, err) < 0 ||
        sets_status_put(ctx, st, c, r.type, r.nspace, r.name, edit_status, &t, &ch, NULL, err) < 0)
        return -1;
    return sets_changes_publish(ctx, st, c, &ch, NULL, err);
}

/* Canaries alone while any of them has not succeeded. *ret: a JSON array of uids, owned. */
static int choose(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                  const struct rollout *r, char **ret, struct error **err)
{
    cleanup_json json *uids = json_new_array();
    cleanup_statement struct statement s = STATEMENT_INIT;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    buf_adds(&s.text, "SELECT r.cluster_uid FROM rollout_clusters r WHERE r.admitted = 0 AND "
                      "r.set_uid = ");
    statement_param(&s, sql_text(r->uid));
    buf_adds(&s.text, " AND r.generation = ");
    statement_param(&s, sql_int(r->generation));
    if (r->state.canaries > 0) {
        buf_adds(&s.text, " AND r.cluster_uid IN (SELECT o.uid ");
        if (add_canaries(ctx, st, c, r, &s, err) < 0)
            return -1;
        buf_adds(&s.text, ")");
    }
    buf_adds(&s.text, " ORDER BY r.cluster_uid LIMIT ");
    statement_param(&s, sql_int(rollout_room(&r->state)));
    if (sql_query(ctx, c, buf_str(&s.text), s.params, s.n, &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0)
        json_append(uids, json_new_str(sql_row_text(&rows, 0, NULL)));
    *ret = status == 0 && json_len(uids) ? json_give_text(uids) : NULL;
    return status;
}

static int admit(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                 struct error **err)
{
    static const char *const texts[SQL_DIALECTS] = {
        [SQL_SQLITE] = "UPDATE rollout_clusters SET admitted = 1 WHERE set_uid = $1 AND "
                       "generation = $3 AND cluster_uid IN (SELECT value FROM json_each($2))",
        [SQL_POSTGRESQL] =
            "UPDATE rollout_clusters SET admitted = 1 WHERE set_uid = $1 AND "
            "generation = $3 AND cluster_uid IN (SELECT jsonb_array_elements_text($2::jsonb))",
    };
    cleanup_rollout struct rollout r = { .uid = xstrdup(arg) };
    cleanup_free char *uids = NULL;
    if (read_set(ctx, st, c, false, &r, err) < 0)
        return -1;
    if (!r.type)
        return 0;
    /* Of two leaders the second one counts when the first one's are there. */
    if (sets_rollout_begin(ctx, c, r.uid, r.generation, err) < 0)
        return -1;
    rollout_release(&r);
    r.uid = xstrdup(arg);
    if (look(ctx, st, c, false, &r, err) < 0)
        return -1;
    if (!r.type || (r.has_healed && note_healing(ctx, c, &r, err) < 0))
        return r.type ? -1 : 0;
    if (rollout_room(&r.state) == 0)
        return 0;
    if (choose(ctx, st, c, &r, &uids, err) < 0)
        return -1;
    if (!uids)
        return 0;
    const struct sql_param params[] = { sql_text(r.uid), sql_text(uids), sql_int(r.generation) };
    return match_clusters(ctx, st, c, uids, err) < 0
               ? -1
               : sql_exec(ctx, c, texts[st->dialect], params, ARRAY_LEN(params), NULL, err);
}

/* ---- the whole ---- */

/* What is to be done for a set; NULL: nothing. Most looks find that, and must not be the one writer. */
static int find_work(const struct opctx *ctx, struct sets_store *st, const char *uid,
                     sets_work *ret, struct error **err)
{
    cleanup_rollout struct rollout r = { .uid = xstrdup(uid) };
    cleanup_free char *uids = NULL;
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 || look(ctx, st, c, false, &r, err) < 0)
        return -1;
    if (!r.type)
        *ret = forget;
    else if (rollout_must_pause(&r.state) || (r.tells_paused && !r.state.is_paused))
        *ret = tell;
    else if (r.has_healed)
        *ret = admit;
    else if (rollout_room(&r.state) > 0 && choose(ctx, st, c, &r, &uids, err) < 0)
        return -1;
    else if (uids)
        *ret = admit;
    return 0;
}

static int find_sets(const struct opctx *ctx, struct sets_store *st, struct strv *ret,
                     struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        sql_query(ctx, c,
                  "SELECT set_uid FROM rollout_clusters WHERE admitted = 0 UNION SELECT set_uid "
                  "FROM rollouts WHERE paused = 1",
                  NULL, 0, &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0)
        strv_add(ret, sql_row_text(&rows, 0, NULL));
    return status;
}

int rollout_step(const struct opctx *ctx, struct sets_store *st, struct error **err)
{
    cleanup_strv struct strv uids = STRV_INIT;
    if (find_sets(ctx, st, &uids, err) < 0)
        return error_wrap(err, "looking for roll-outs");
    for (size_t i = 0; i < uids.len; i++) {
        sets_work work = NULL;
        if (find_work(ctx, st, uids.v[i], &work, err) < 0)
            return error_wrap(err, "looking at the roll-out of %s", uids.v[i]);
        if (!work)
            continue;
        if ((work == tell ? sets_transact : sets_transact_quietly)(ctx, st, work, uids.v[i], err) <
            0)
            return error_wrap(err, "going on with the roll-out of %s", uids.v[i]);
    }
    return 0;
}
