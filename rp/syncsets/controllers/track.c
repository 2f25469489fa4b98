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

static int note_object(const struct opctx *ctx, struct sql *c, const struct lease *l,
                       const struct set_state *s, const struct apply_object *o, struct error **err)
{
    const struct sql_param params[] = { sql_text(l->uid),    sql_text(set_state_kind(s)),
                                        sql_text(s->name),   sql_text(o->group),
                                        sql_text(o->kind),   sql_text(o->version),
                                        sql_text(o->nspace), sql_text(o->name) };
    return sql_exec(ctx, c,
                    "INSERT INTO tracked_resources (cluster_uid, set_kind, set_name, api_group, "
                    "kind, version, namespace, name, state)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'Intended')"
                    " ON CONFLICT (cluster_uid, set_kind, set_name, api_group, kind, namespace, "
                    "name) DO UPDATE SET version = excluded.version",
                    params, ARRAY_LEN(params), NULL, err);
}

static int note_all(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                    struct error **err)
{
    const struct intention *in = arg;
    const struct lease *l = &in->t->job->held.lease;
    if (lease_guard(ctx, st, c, l, err) < 0 || note_set(ctx, st, c, l, in->t->s, err) < 0)
        return -1;
    for (size_t i = 0; i < in->len; i++)
        if (note_object(ctx, c, l, in->t->s, &in->objects[i], err) < 0)
            return -1;
    return 0;
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
    const struct tracking *t = arg;
    if (!stop_is_set(t->job->k->soft))
        return 0;
    t->job->is_stopped = true;
    return error_set(err, ERR_CANCELLED, "the controller is stopping");
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
