/*
 * Who is next? Fairness between namespaces is decided here, not by a long queue: few hints wait in it at a time, so that one
 * tenant's thousands are behind another's single one within the time that those few take. Workers take no more than a share
 * of one namespace at a time (crowd.h): what they would only give back gets no hint.
 */
#include "pkg/base/mem.h"
#include "rp/syncsets/controllers/crowd.h"
#include "rp/syncsets/controllers/work.h"

#define DEPTH 4 /* hints that wait, for each thread that works */

static const char *const classes[] = { "fast", "slow" };

struct room {
    int64_t hints;  /* of the class */
    int64_t shares; /* workers that one namespace may have, in all processes */
};

/* The process that dispatches works, too; the others are known by what they have. */
static int count_room(const struct opctx *ctx, struct sql *c, const char *class, size_t workers,
                      struct room *ret, struct error **err)
{
    const struct sql_param name = sql_text(class);
    int64_t owners, queued;
    if (sets_number(ctx, c,
                    "SELECT count(DISTINCT lease_owner) FROM cluster_work WHERE lease_until IS NOT "
                    "NULL",
                    NULL, 0, &owners, err) < 0 ||
        sets_number(ctx, c,
                    "SELECT count(*) FROM cluster_work WHERE class = $1 AND queued_at IS NOT NULL",
                    &name, 1, &queued, err) < 0)
        return -1;
    if (owners < 1)
        owners = 1;
    int64_t depth = DEPTH * (int64_t)workers * owners;
    *ret = (struct room){ .hints = depth > queued ? depth - queued : 0,
                          .shares = crowd_limit((int64_t)workers) * owners };
    return 0;
}

/* $1: a class */
#define DUE(now) \
    " FROM cluster_work w WHERE w.due_at <= " now \
    " AND w.lease_until IS NULL AND w.queued_at IS NULL AND w.class = $1" \
    " AND (w.quarantined IS NULL OR w.quarantined <= " now ")"
/* $3: shares, $4: hints for each of them that is free */
#define CHOOSE_TEXT(now) \
    "SELECT x.cluster_uid, x.dirty_revision FROM (SELECT w.cluster_uid, w.dirty_revision," \
    " w.due_at, w.namespace, row_number() OVER (PARTITION BY w.namespace ORDER BY w.due_at," \
    " w.cluster_uid) AS turn" DUE( \
        now) ") x LEFT JOIN (SELECT namespace, count(lease_until) AS" \
             " leased, count(queued_at) AS queued FROM cluster_work WHERE lease_until IS NOT " \
             "NULL OR" \
             " queued_at IS NOT NULL GROUP BY namespace) b ON b.namespace = x.namespace" \
             " WHERE x.turn <= $4 * ($3 - coalesce(b.leased, 0)) - coalesce(b.queued, 0)" \
             " ORDER BY x.turn, x.due_at LIMIT $2"
static const char *const choose_texts[SQL_DIALECTS] = WORK_BOTH(CHOOSE_TEXT);

static int choose(const struct opctx *ctx, const struct sets_store *st, struct sql *c,
                  const char *class, const struct room *room, json *ret, struct error **err)
{
    const struct sql_param params[] = { sql_text(class), sql_int(room->hints),
                                        sql_int(room->shares), sql_int(DEPTH) };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    if (sql_query(ctx, c, choose_texts[st->dialect], params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0)
        json_append(ret,
                    json_make("{'uid':%s,'revision':%ld,'slow':%b}", sql_row_text(&rows, 0, NULL),
                              sql_row_int(&rows, 1), class[0] == 's'));
    return status;
}

#define QUEUED_TEXT(now) \
    "UPDATE cluster_work SET queued_at = " now " WHERE cluster_uid = $1 AND queued_at IS NULL"
static const char *const queued_texts[SQL_DIALECTS] = WORK_BOTH(QUEUED_TEXT);

struct dispatch {
    size_t workers;
    json *chosen;
};

static int choose_all(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                      struct error **err)
{
    struct dispatch *d = arg;
    json_free(d->chosen);
    d->chosen = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
        struct room room;
        if (count_room(ctx, c, classes[i], d->workers, &room, err) < 0 ||
            (room.hints > 0 && choose(ctx, st, c, classes[i], &room, d->chosen, err) < 0))
            return -1;
    }
    for (size_t i = 0; i < json_len(d->chosen); i++) {
        const struct sql_param uid = sql_text(json_path_str(json_at(d->chosen, i), "uid"));
        if (sql_exec(ctx, c, queued_texts[st->dialect], &uid, 1, NULL, err) < 0)
            return -1;
    }
    return 0;
}

/* Most looks find nothing, or no room for what they find: they must not wait for, nor be, the one writer. */
static int is_anything_to_choose(const struct opctx *ctx, const struct sets_store *st,
                                 size_t workers, bool *ret, struct error **err)
{
#define ANY_TEXT(now) "SELECT count(*) FROM (SELECT 1" DUE(now) " LIMIT 1) x"
    static const char *const texts[SQL_DIALECTS] = WORK_BOTH(ANY_TEXT);
    cleanup_sql struct sql *c = NULL;
    cleanup_json json *found = json_new_array();
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(classes) && json_len(found) == 0; i++) {
        const struct sql_param class = sql_text(classes[i]);
        struct room room = { 0 };
        int64_t due;
        if (sets_number(ctx, c, texts[st->dialect], &class, 1, &due, err) < 0 ||
            (due > 0 && count_room(ctx, c, classes[i], workers, &room, err) < 0))
            return -1;
        if (room.hints == 0)
            continue;
        room.hints = 1;
        if (choose(ctx, st, c, classes[i], &room, found, err) < 0)
            return -1;
    }
    *ret = json_len(found) > 0;
    return 0;
}

int dispatch_choose(const struct opctx *ctx, struct sets_store *st, size_t workers, json **ret,
                    struct error **err)
{
    struct dispatch d = { .workers = workers };
    bool any;
    if (is_anything_to_choose(ctx, st, workers, &any, err) < 0)
        return error_wrap(err, "looking for clusters that are due");
    if (any && sets_transact_quietly(ctx, st, choose_all, &d, err) < 0) {
        json_free(d.chosen);
        return error_wrap(err, "choosing clusters that are due");
    }
    *ret = d.chosen ? d.chosen : json_new_array();
    return 0;
}

int dispatch_give_back(const struct opctx *ctx, struct sets_store *st, const json *chosen,
                       size_t from, struct error **err)
{
    static const char *const texts[SQL_DIALECTS] = {
        [SQL_SQLITE] = "UPDATE cluster_work SET queued_at = NULL WHERE cluster_uid IN"
                       " (SELECT value FROM json_each($1))",
        [SQL_POSTGRESQL] = "UPDATE cluster_work SET queued_at = NULL WHERE cluster_uid IN"
                           " (SELECT jsonb_array_elements_text($1::jsonb))",
    };
    cleanup_json json *uids = json_new_array();
    cleanup_sql struct sql *c = NULL;
    for (size_t i = from; i < json_len(chosen); i++)
        json_append(uids, json_new_str(json_path_str(json_at(chosen, i), "uid")));
    cleanup_free char *text = json_give_text(uids);
    const struct sql_param param = sql_text(text);
    if (sql_acquire(ctx, st->cfg.db, SQL_WRITE, &c, err) < 0)
        return -1;
    return sql_exec(ctx, c, texts[st->dialect], &param, 1, NULL, err);
}
