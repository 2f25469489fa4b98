/* The end of work on a cluster: one transaction for its statuses, its ClusterSync with at most one event, and its lease. */
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/clustersync.h"
#include "rp/syncsets/controllers/impl.h"
#include "rp/syncsets/controllers/rollout.h"
#include "rp/syncsets/types/conditions.h"

struct ending {
    struct job *job;
    int64_t due_s, next_full_at;
    bool done;
    struct clustersync cs; /* as it was written */
};

/* ---- rows of a set ---- */

static int forget_set(const struct opctx *ctx, struct sql *c, const struct lease *l,
                      const struct set_state *s, struct error **err)
{
    const struct sql_param params[] = { sql_text(l->uid), sql_text(set_state_kind(s)),
                                        sql_text(s->name) };
    return sql_exec(ctx, c,
                    "DELETE FROM tracked_resources WHERE cluster_uid = $1 AND set_kind = $2 AND "
                    "set_name = $3",
                    params, ARRAY_LEN(params), NULL, err) < 0 ||
                   sql_exec(ctx, c,
                            "DELETE FROM sync_statuses WHERE cluster_uid = $1 AND kind = $2 AND "
                            "name = $3",
                            params, ARRAY_LEN(params), NULL, err) < 0
               ? -1
               : 0;
}

/* A set that was deleted meanwhile gets no new status: it may have been orphaned. Who deletes it at this moment waits, see
 * write_set. */
static int write_status(const struct opctx *ctx, struct sql *c, const struct lease *l,
                        const struct set_state *s, struct error **err)
{
#define STATUS_COLUMNS \
    "INSERT INTO sync_statuses (cluster_uid, kind, name, syncset_uid, observed_generation," \
    " applied_hash, result, failure_message, last_transition, first_success, retry_at, attempts," \
    " allows_protected) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 WHERE " \
    "EXISTS (SELECT 1 FROM "
#define STATUS_UPDATE \
    " x WHERE x.uid = $4) OR EXISTS (SELECT 1 FROM sync_statuses y WHERE y.cluster_uid = $1 AND " \
    "y.kind = $2 AND y.name = $3) ON CONFLICT (cluster_uid, kind, name) DO UPDATE SET " \
    "syncset_uid = excluded.syncset_uid, observed_generation = excluded.observed_generation, " \
    "applied_hash = excluded.applied_hash, result = excluded.result, failure_message = " \
    "excluded.failure_message, last_transition = excluded.last_transition, first_success = " \
    "excluded.first_success, retry_at = excluded.retry_at, attempts = excluded.attempts, " \
    "allows_protected = excluded.allows_protected"
    const struct sql_param none = { .type = SQL_NULL };
    const struct sql_param params[] = {
        sql_text(l->uid),
        sql_text(set_state_kind(s)),
        sql_text(s->name),
        sql_text(s->uid),
        sql_int(s->attempt.generation),
        sql_text(s->attempt.hash),
        sql_text(s->attempt.failed ? "Failure" : "Success"),
        sql_text(s->message),
        sql_int(s->last_transition),
        s->first_success ? sql_int(s->first_success) : none,
        s->attempt.failed || s->attempt.retry_at ? sql_int(s->attempt.retry_at) : none,
        sql_int(s->attempt.attempts),
        sql_int(s->allows_protected),
    };
    return sql_exec(ctx, c,
                    s->is_selector ? STATUS_COLUMNS "selectorsyncsets" STATUS_UPDATE
                                   : STATUS_COLUMNS "syncsets" STATUS_UPDATE,
                    params, ARRAY_LEN(params), NULL, err);
}

/* A set that was written while it was applied may no longer want this cluster, and nobody knew that it has anything there. */
static int check_version(const struct opctx *ctx, struct sql *c, struct job *job,
                         const struct set_state *s, struct error **err)
{
    const struct sql_param params[] = { sql_text(s->uid), sql_int(s->version) };
    int64_t n;
    if (!s->set)
        return 0;
    if (sets_number(ctx, c,
                    s->is_selector ? "SELECT count(*) FROM selectorsyncsets WHERE uid = $1 AND "
                                     "resource_version = $2"
                                   : "SELECT count(*) FROM syncsets WHERE uid = $1 AND "
                                     "resource_version = $2",
                    params, ARRAY_LEN(params), &n, err) < 0)
        return -1;
    job->is_changed = job->is_changed || n == 0;
    return 0;
}

static int write_set(const struct opctx *ctx, struct sql *c, struct job *job, struct set_state *s,
                     struct error **err)
{
    const struct lease *l = &job->held.lease;
    /* Before its other rows, in the order of who deletes it. */
    if (s->is_dirty && sets_row_keep(ctx, job->k->cfg.store, c, set_state_type(s), s->uid, err) < 0)
        return -1;
    if (s->is_finished)
        return forget_set(ctx, c, l, s, err);
    if (!s->is_dirty)
        return 0;
    return write_status(ctx, c, l, s, err) < 0 ? -1 : check_version(ctx, c, job, s, err);
}

/* ---- objects ---- */

/* Sure of it only after some failures; before, nothing more is sent until the prober has looked, whose threads may wait. */
static void edit_reachable(json *status, const struct job *job, int64_t now_ns)
{
    const char *word = job->unreachable >= UNREACHABLE_MAX ? "True" : "Unknown";
    if (job->unreachable)
        api_condition_put(status, "Unreachable", word, SETS_REASON_UNREACHABLE,
                          job->why_unreachable ? job->why_unreachable : "", now_ns);
}

static void edit_cluster(json *status, const json *object, void *arg)
{
    const struct job *job = arg;
    (void)object;
    int64_t now_ns = job_now_s(job) * NS_PER_S;
    if (api_condition_is(status, "Quarantined", "True"))
        api_condition_put(status, "Quarantined", "False", "WorkEnded", "", now_ns);
    edit_reachable(status, job, now_ns);
}

static int write_objects(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                         struct ending *e, struct sets_changes *ch, struct error **err)
{
    struct job *job = e->job;
    struct error *why = NULL;
    e->cs = (struct clustersync){ .w = &job->w,
                                  .controller = job->k->owner,
                                  .is_paused = job->is_paused,
                                  .is_tried = job->is_tried,
                                  .is_rendered = job->is_rendered };
    if (sets_status_put(ctx, st, c, &api_types[TYPE_CLUSTERS], job->w.nspace, job->w.name,
                        edit_cluster, job, ch, NULL, &why) < 0 ||
        sets_status_put(ctx, st, c, &api_types[TYPE_CLUSTERSYNCS], job->w.nspace, job->w.name,
                        clustersync_edit, &e->cs, ch, NULL, &why) < 0) {
        if (!error_is(why, ERR_NOT_FOUND))
            return error_move(err, &why);
        error_free(why); /* being deleted at this moment */
    }
    return 0;
}

/* What work found out about the connection is for the prober to judge, at once unless it is certain. */
static int probe_again(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                       const struct job *job, struct error **err)
{
#define PROBE_TEXT(now) \
    "UPDATE cluster_probes SET due_at = " now " + 60, failures = 1 WHERE cluster_uid = $1"
    static const char *const texts[SQL_DIALECTS] = WORK_BOTH(PROBE_TEXT);
    const struct sql_param uid = sql_text(job->held.lease.uid);
    if (job->unreachable >= UNREACHABLE_MAX)
        return sql_exec(ctx, c, texts[st->dialect], &uid, 1, NULL, err);
    if (job->unreachable == 0 && !job->is_refused)
        return 0;
    return sql_exec(ctx, c,
                    "UPDATE cluster_probes SET due_at = 0, failures = 0 WHERE cluster_uid = $1",
                    &uid, 1, NULL, err);
}

static int write_places(const struct opctx *ctx, struct sql *c, struct job *job, struct error **err)
{
    bool is_able = job->is_tried && !job->unreachable, is_admitted;
    if (hold_write(ctx, c, job->held.lease.uid, &job->w, is_able, &is_admitted, err) < 0)
        return -1;
    job->is_changed = job->is_changed || is_admitted;
    return 0;
}

static int write_ending(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                        struct error **err)
{
    struct ending *e = arg;
    struct job *job = e->job;
    cleanup_changes struct sets_changes ch = { 0 };
    if (lease_guard(ctx, st, c, &job->held.lease, err) < 0)
        return -1;
    job->is_changed = false;
    for (size_t i = 0; i < job->w.len; i++)
        if (write_set(ctx, c, job, &job->w.sets[i], err) < 0)
            return -1;
    if (track_write(ctx, st, c, job->held.lease.uid, &job->w, err) < 0 ||
        write_places(ctx, c, job, err) < 0)
        return -1;
    if (probe_again(ctx, st, c, job, err) < 0 || write_objects(ctx, st, c, e, &ch, err) < 0)
        return -1;
    int64_t due_s = job->is_changed ? job->w.now_s : e->due_s;
    if (lease_end(ctx, st, c, &job->held.lease, due_s, e->next_full_at, e->done, err) < 0)
        return -1;
    return sets_changes_publish(ctx, st, c, &ch, NULL, err);
}

#define END_TIMEOUT_MS 10000

struct opctx job_ending_ctx(const struct job *job)
{
    const struct opctx root = opctx_root(job->ctx.clock, job->ctx.rng, NULL, job->ctx.log);
    return opctx_with_timeout_ms(&root, stop_is_set(job->k->soft) ? JOB_LAST_MS : END_TIMEOUT_MS);
}

int finish_job(struct job *job, int64_t due_s, int64_t next_full_at, bool done, struct error **err)
{
    const struct opctx ctx = job_ending_ctx(job);
    struct ending e = { .job = job, .due_s = due_s, .next_full_at = next_full_at, .done = done };
    if (sets_transact(&ctx, job->k->cfg.store, write_ending, &e, err) < 0)
        return -1;
    firsts_measure(job, e.cs.was_complete, e.cs.complete_s);
    return 0;
}

static int drop_rows(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                     struct error **err)
{
    static const char *const texts[] = { "DELETE FROM sync_statuses WHERE cluster_uid = $1",
                                         "DELETE FROM tracked_resources WHERE cluster_uid = $1",
                                         "DELETE FROM cluster_probes WHERE cluster_uid = $1",
                                         "DELETE FROM rollout_clusters WHERE cluster_uid = $1",
                                         "DELETE FROM cluster_work WHERE cluster_uid = $1" };
    const struct job *job = arg;
    const struct sql_param uid = sql_text(job->held.lease.uid);
    if (lease_guard(ctx, st, c, &job->held.lease, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (sql_exec(ctx, c, texts[i], &uid, 1, NULL, err) < 0)
            return -1;
    return 0;
}

int finish_gone(struct job *job, struct error **err)
{
    const struct opctx ctx = job_ending_ctx(job);
    return sets_transact(&ctx, job->k->cfg.store, drop_rows, job, err);
}
