/* What is tracked is noted before it is written into a cluster, so that no crash leaves an object that nobody knows of. */
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/impl.h"

struct intention {
    const struct tracking *t;
    const struct apply_object *objects;
    size_t len;
};

/* A status without result, so that what is tracked can be found by its set from now on; not for a set that is gone, or
 * about to go: it may be orphaned, and whoever does that must see these rows. */
static int note_set(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                    const struct lease *l, const struct set_state *s, struct error **err)
{
    const struct sql_param params[] = { sql_text(l->uid), sql_text(set_state_kind(s)),
                                        sql_text(s->name), sql_text(s->uid) };
    int64_t n;
    if (sets_row_keep(ctx, st, c, set_state_type(s), s->uid, err) < 0)
        return -1;
    if (sql_exec(
            ctx, c,
            s->is_selector
                ? "INSERT INTO sync_statuses (cluster_uid, kind, name, syncset_uid, "
                  "observed_generation) SELECT $1, $2, $3, uid, 0 FROM selectorsyncsets WHERE uid "
                  "= $4 ON CONFLICT (cluster_uid, kind, name) DO UPDATE SET syncset_uid = "
                  "excluded.syncset_uid"
                : "INSERT INTO sync_statuses (cluster_uid, kind, name, syncset_uid, "
                  "observed_generation) SELECT $1, $2, $3, uid, 0 FROM syncsets WHERE uid = $4 ON "
                  "CONFLICT (cluster_uid, kind, name) DO UPDATE SET syncset_uid = "
                  "excluded.syncset_uid",
            params, ARRAY_LEN(params), &n, err) < 0)
        return -1;
    return n ? 0 : error_set(err, ERR_NOT_FOUND, "%s %s was deleted", set_state_kind(s), s->name);
}

/* ---- rows ---- */

/*
 * Objects go to the database as one parameter, [[set kind, set name, group, kind, namespace, name, version]]: with a statement for
 * each, a set of four objects on a cluster spends most of the database's time in them.
 */
static void add_row(json *rows, const struct set_state *s, const struct apply_object *o)
{
    json_append(rows, json_make("[%s,%s,%s,%s,%s,%s,%s]", set_state_kind(s), s->name, o->group,
                                o->kind, o->nspace, o->name, o->version));
}

#define AT_SQLITE(n) "r.value ->> '$[" #n "]'"
#define AT_POSTGRESQL(n) "r ->> " #n
#define ROWS_SQLITE "json_each($2) r"
#define ROWS_POSTGRESQL "jsonb_array_elements($2::jsonb) r"
#define KEY_COLUMNS "set_kind, set_name, api_group, kind, namespace, name"
#define KEY(at) at(0) ", " at(1) ", " at(2) ", " at(3) ", " at(4) ", " at(5)
#define OF_BOTH(text) \
    { \
        [SQL_SQLITE] = text(AT_SQLITE, ROWS_SQLITE), [SQL_POSTGRESQL] = \
                                                         text(AT_POSTGRESQL, ROWS_POSTGRESQL) \
    }
#define NOTE_TEXT(at, rows) \
    "INSERT INTO tracked_resources (cluster_uid, " KEY_COLUMNS \
    ", version, state) SELECT $1, " KEY(at) ", " at( \
        6) ", 'Intended' FROM " rows " WHERE 1 = 1 ON CONFLICT (cluster_uid, " KEY_COLUMNS \
           ") DO UPDATE SET version = excluded.version"
#define AMONG(at, rows) \
    " WHERE cluster_uid = $1 AND (" KEY_COLUMNS ") IN (SELECT " KEY(at) " FROM " rows ")"
#define APPLIED_TEXT(at, rows) "UPDATE tracked_resources SET state = 'Applied'" AMONG(at, rows)
#define GONE_TEXT(at, rows) "DELETE FROM tracked_resources" AMONG(at, rows)
static const char *const note_texts[SQL_DIALECTS] = OF_BOTH(NOTE_TEXT);
static const char *const applied_texts[SQL_DIALECTS] = OF_BOTH(APPLIED_TEXT);
static const char *const gone_texts[SQL_DIALECTS] = OF_BOTH(GONE_TEXT);

static int write_rows(const struct opctx *ctx, struct sql *c, const char *text, const char *uid,
                      const json *rows, struct error **err)
{
    if (json_len(rows) == 0)
        return 0;
    cleanup_free char *rows_text = json_give_text(rows);
    const struct sql_param params[] = { sql_text(uid), sql_text(rows_text) };
    return sql_exec(ctx, c, text, params, ARRAY_LEN(params), NULL, err);
}

/* Templates may give two objects of a set one name; a row is written once. */
static bool is_among(const struct apply_object *objects, size_t len, const struct apply_object *o)
{
    for (size_t i = 0; i < len; i++)
        if (apply_same_object(&objects[i], o, false))
            return true;
    return false;
}

int track_write(const struct opctx *ctx, struct sets_store *st, struct sql *c, const char *uid,
                const struct workload *w, struct error **err)
{
    cleanup_json json *gone = json_new_array(), *applied = json_new_array();
    for (size_t i = 0; i < w->len; i++) {
        const struct set_state *s = &w->sets[i];
        for (size_t j = 0; !s->is_finished && j < s->tracked_len; j++) {
            const struct tracked *t = &s->tracked[j];
            if (t->is_gone)
                add_row(gone, s, &t->o);
            else if (t->is_applied && !t->was_applied)
                add_row(applied, s, &t->o);
        }
    }
    if (write_rows(ctx, c, gone_texts[st->dialect], uid, gone, err) < 0)
        return -1;
    return write_rows(ctx, c, applied_texts[st->dialect], uid, applied, err);
}

/* ---- before applying ---- */

static int note_all(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                    struct error **err)
{
    const struct intention *in = arg;
    const struct lease *l = &in->t->job->held.lease;
    if (lease_guard(ctx, st, c, l, err) < 0 || note_set(ctx, st, c, l, in->t->s, err) < 0)
        return -1;
    cleanup_json json *rows = json_new_array();
    for (size_t i = 0; i < in->len; i++)
        if (!is_among(in->objects, i, &in->objects[i]))
            add_row(rows, in->t->s, &in->objects[i]);
    return write_rows(ctx, c, note_texts[st->dialect], l->uid, rows, err);
}

static bool is_known(const struct set_state *s, const struct apply_object *o)
{
    for (size_t i = 0; i < s->tracked_len; i++)
        if (!s->tracked[i].is_gone && apply_same_object(&s->tracked[i].o, o, false) &&
            str_eq(s->tracked[i].o.version, o->version))
            return true;
    return false;
}

static int intend(void *arg, const struct apply_object *objects, size_t len, struct error **err)
{
    struct tracking *t = arg;
    struct job *job = t->job;
    struct intention in = { t, objects, len };
    bool all_known = true;
    for (size_t i = 0; i < len; i++)
        all_known = all_known && is_known(t->s, &objects[i]);
    if (all_known)
        return 0;
    if (sets_transact_quietly(&job->ctx, job->k->cfg.store, note_all, &in, err) < 0)
        return -1;
    for (size_t i = 0; i < len; i++)
        workload_track(t->s, &objects[i])->is_gone = false;
    return 0;
}

static int applied(void *arg, const struct apply_object *o, struct error **err)
{
    struct tracking *t = arg;
    (void)err;
    workload_track(t->s, o)->is_applied = true;
    return 0;
}

static int deleted(void *arg, const struct apply_object *o, struct error **err)
{
    struct tracking *t = arg;
    (void)err;
    workload_track(t->s, o)->is_gone = true;
    return 0;
}

static int may_begin(void *arg, struct error **err)
{
    struct tracking *t = arg;
    const struct sets_controllers *k = t->job->k;
    if (stop_is_set(k->soft)) {
        t->job->is_stopped = true;
        return error_set(err, ERR_CANCELLED, "the controller is stopping");
    }
    int64_t took_ns = clock_mono_ns(t->job->ctx.clock) - t->began_ns;
    if (!t->has_begun || took_ns <= k->cfg.set_max_s * NS_PER_S) {
        t->has_begun = true;
        return 0;
    }
    (void)error_set(err, ERR_TIMEOUT,
                    "the set was left after %lld s: the cluster is too slow for what is in it",
                    (long long)k->cfg.set_max_s);
    error_code(err, SET_TOO_LONG);
    return -1;
}

static int may_mutate(void *arg, struct error **err)
{
    const struct tracking *t = arg;
    return keeper_check(t->job->k->keeper, &t->job->held, err);
}

static int64_t mutate_until_ns(void *arg)
{
    const struct tracking *t = arg;
    return keeper_until_ns(t->job->k->keeper, &t->job->held);
}

static int is_wanted_elsewhere(void *arg, const struct apply_object *o, bool global, bool *ret,
                               struct error **err)
{
    const struct tracking *t = arg;
    (void)err;
    *ret = workload_wants(&t->job->w, t->s, o, global);
    return 0;
}

static bool is_mark(void *arg, const char *mark)
{
    const struct tracking *t = arg;
    cleanup_free char *own = apply_give_mark(set_state_kind(t->s),
                                             t->s->is_selector ? "" : t->job->w.nspace, t->s->name);
    return str_eq(mark, own);
}

static void observe(void *arg, bool success)
{
    const struct tracking *t = arg;
    const char *type = t->s->plan ? apply_plan_behavior(t->s->plan) : "delete";
    metric_add(t->job->k->measures.applied, 1, METRIC_LABELS(type, success ? "success" : "error"));
}

struct apply_tracker track_give(struct tracking *t)
{
    return (struct apply_tracker){ .arg = t,
                                   .intend = intend,
                                   .applied = applied,
                                   .deleted = deleted,
                                   .may_begin = may_begin,
                                   .may_mutate = may_mutate,
                                   .mutate_until_ns = mutate_until_ns,
                                   .is_wanted_elsewhere = is_wanted_elsewhere,
                                   .is_mark = is_mark,
                                   .observe = observe };
}
