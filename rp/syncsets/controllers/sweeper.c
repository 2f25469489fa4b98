/* What was left lying: leases of processes that died, hints that a broker lost, clusters that kill who works on them. */
#include <inttypes.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/work.h"
#include "rp/syncsets/types/conditions.h"

/* ---- quarantine ---- */

struct sentence {
    int64_t now_s, until_s, attempts;
};

static void set_aside(json *status, const json *object, void *arg)
{
    const struct sentence *s = arg;
    char until[TIME_TEXT_MAX];
    (void)object;
    time_rfc3339(s->until_s * NS_PER_S, until);
    cleanup_free char *message =
        xasprintf("work on this cluster did not end %" PRId64
                  " times in a row; it is tried again at %s, or after :requeue",
                  s->attempts, until);
    api_condition_put(status, "Quarantined", "True", "WorkNeverEnded", message,
                      s->now_s * NS_PER_S);
}

static int find_cluster(const struct opctx *ctx, struct sql *c, const char *uid, char **ret_nspace,
                        char **ret_name, struct error **err)
{
    const struct sql_param param = sql_text(uid);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, "SELECT namespace, name FROM clusters WHERE uid = $1", &param, 1, &rows,
                  err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status > 0) {
        *ret_nspace = xstrdup(sql_row_text(&rows, 0, NULL));
        *ret_name = xstrdup(sql_row_text(&rows, 1, NULL));
    }
    return status;
}

static int quarantine(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                      const char *uid, int64_t attempts, struct sets_changes *ch,
                      struct error **err)
{
    cleanup_free char *nspace = NULL, *name = NULL;
    struct sentence s = { .attempts = attempts };
    if (work_now_s(ctx, st, c, &s.now_s, err) < 0)
        return -1;
    s.until_s = s.now_s + work_quarantine_s(attempts);
    const struct sql_param params[] = { sql_text(uid), sql_int(s.until_s), sql_int(attempts) };
    int found = find_cluster(ctx, c, uid, &nspace, &name, err);
    if (found < 0 ||
        sql_exec(ctx, c,
                 "UPDATE cluster_work SET quarantined = $2, due_at = $2, attempts = $3,"
                 " queued_at = NULL, lease_owner = NULL, lease_until = NULL"
                 " WHERE cluster_uid = $1",
                 params, ARRAY_LEN(params), NULL, err) < 0)
        return -1;
    return found ? sets_status_put(ctx, st, c, &api_types[TYPE_CLUSTERS], nspace, name, set_aside,
                                   &s, ch, NULL, err)
                 : 0;
}

#define SENTENCES_MAX (SETS_CHANGES_MAX - 1) /* in one transaction */

/* ---- leases ---- */

#define EXPIRED_TEXT(now) \
    "SELECT cluster_uid, attempts FROM cluster_work WHERE lease_until <= " now \
    " AND attempts >= $1 ORDER BY cluster_uid LIMIT $2"
static const char *const expired_texts[SQL_DIALECTS] = {
    [SQL_SQLITE] = EXPIRED_TEXT(WORK_NOW_SQLITE),
    [SQL_POSTGRESQL] = EXPIRED_TEXT(WORK_NOW_POSTGRESQL) " FOR UPDATE",
};
#define FREE_TEXT(now) \
    "UPDATE cluster_work SET lease_owner = NULL, lease_until = NULL WHERE lease_until <= " now \
    " AND attempts < $1"
static const char *const free_texts[SQL_DIALECTS] = WORK_BOTH(FREE_TEXT);
#define FORGET_TEXT(now) \
    "UPDATE cluster_work SET queued_at = NULL WHERE queued_at IS NOT NULL AND queued_at < " now \
    " - $1"
static const char *const forget_texts[SQL_DIALECTS] = WORK_BOTH(FORGET_TEXT);

/* [[uid, attempts]] */
static int find_expired(const struct opctx *ctx, const struct sets_store *st, struct sql *c,
                        json *ret, struct error **err)
{
    const struct sql_param params[] = { sql_int(WORK_ATTEMPTS_MAX), sql_int(SENTENCES_MAX) };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    if (sql_query(ctx, c, expired_texts[st->dialect], params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0)
        json_append(ret,
                    json_make("[%s,%ld]", sql_row_text(&rows, 0, NULL), sql_row_int(&rows, 1)));
    return status;
}

static int sweep(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                 struct error **err)
{
    struct sweep *s = arg;
    const struct sql_param max = sql_int(WORK_ATTEMPTS_MAX), age = sql_int(WORK_QUEUED_MAX_S);
    cleanup_changes struct sets_changes ch = { 0 };
    cleanup_json json *expired = json_new_array();
    *s = (struct sweep){ 0 };
    if (sql_exec(ctx, c, free_texts[st->dialect], &max, 1, &s->lost, err) < 0 ||
        sql_exec(ctx, c, forget_texts[st->dialect], &age, 1, &s->forgotten, err) < 0 ||
        find_expired(ctx, st, c, expired, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(expired); i++) {
        int64_t attempts = 0;
        (void)json_int(json_at(json_at(expired, i), 1), &attempts);
        if (quarantine(ctx, st, c, json_str(json_at(json_at(expired, i), 0)), attempts, &ch, err) <
            0)
            return -1;
    }
    s->quarantined = (int64_t)json_len(expired);
    s->lost += s->quarantined;
    return sets_changes_publish(ctx, st, c, &ch, NULL, err);
}

/* Most looks find nothing: they must not wait for, nor be, the one writer. */
static int is_anything_left(const struct opctx *ctx, const struct sets_store *st, bool *ret,
                            struct error **err)
{
#define LEFT_TEXT(now) \
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM cluster_work WHERE lease_until <= " now \
    " LIMIT 1) x) + (SELECT count(*) FROM (SELECT 1 FROM cluster_work" \
    " WHERE queued_at IS NOT NULL AND queued_at < " now " - $1 LIMIT 1) y)"
    static const char *const texts[SQL_DIALECTS] = WORK_BOTH(LEFT_TEXT);
    const struct sql_param age = sql_int(WORK_QUEUED_MAX_S);
    cleanup_sql struct sql *c = NULL;
    int64_t n;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        sets_number(ctx, c, texts[st->dialect], &age, 1, &n, err) < 0)
        return -1;
    *ret = n > 0;
    return 0;
}

int sweep_rows(const struct opctx *ctx, struct sets_store *st, struct sweep *ret,
               struct error **err)
{
    bool any;
    *ret = (struct sweep){ 0 };
    if (is_anything_left(ctx, st, &any, err) < 0 ||
        (any && sets_transact(ctx, st, sweep, ret, err) < 0))
        return error_wrap(err, "sweeping the work on clusters");
    return 0;
}

/* ---- dead letters ---- */

/* Whose lease stands is not dead: its hint came again because somebody else lost it. Nor is who is done, or never had a lease
 * that was not given back: then the database was away, not the cluster to blame, and the dispatcher puts another hint. */
#define BLAMED_TEXT(now) \
    "SELECT attempts + 1 FROM cluster_work WHERE cluster_uid = $1 AND lease_until IS NULL AND" \
    " attempts > 0 AND due_at <= " now " AND (quarantined IS NULL OR quarantined <= " now ")"
static const char *const blamed_texts[SQL_DIALECTS] = {
    [SQL_SQLITE] = BLAMED_TEXT(WORK_NOW_SQLITE),
    [SQL_POSTGRESQL] =
        BLAMED_TEXT(WORK_NOW_POSTGRESQL) " FOR UPDATE", /* or it is taken behind our look */
};

static int set_one_aside(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                         struct error **err)
{
    cleanup_changes struct sets_changes ch = { 0 };
    const struct sql_param uid = sql_text(arg);
    int64_t attempts;
    if (sets_number(ctx, c, blamed_texts[st->dialect], &uid, 1, &attempts, err) < 0)
        return -1;
    if (attempts == 0)
        return 0;
    if (attempts < WORK_ATTEMPTS_MAX)
        attempts = WORK_ATTEMPTS_MAX;
    if (quarantine(ctx, st, c, arg, attempts, &ch, err) < 0)
        return -1;
    return sets_changes_publish(ctx, st, c, &ch, NULL, err);
}

int sweep_quarantine(const struct opctx *ctx, struct sets_store *st, const char *uid,
                     struct error **err)
{
    cleanup_free char *copy = xstrdup(uid);
    return sets_transact(ctx, st, set_one_aside, copy, err);
}
