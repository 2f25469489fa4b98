/*
 * One cluster: what is due there is done, set by set, and how that went is written in one transaction.
 *
 * A set that fails is no failure of the work: its next try is in its status, also when the database is there and refuses what
 * is to be kept of it. The work fails when the database is away, or refuses what is written for the whole cluster.
 */
#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/clustersync.h"
#include "rp/syncsets/controllers/gate.h"
#include "rp/syncsets/controllers/impl.h"
#include "rp/syncsets/remote/scrub.h"
#include "rp/syncsets/types/conditions.h"

#define CLEANUP_MAX_S (30 * 60) /* for the objects of a cluster that is deleted with cleanup=sync */
#define CLEANUP_AGAIN_S 60
#define INVALID_AGAIN_S 1000

int64_t job_now_s(const struct job *job)
{
    return job->w.now_s + (clock_mono_ns(job->ctx.clock) - job->began_ns) / NS_PER_S;
}

/* ---- one set ---- */

static void record(struct job *job, struct set_state *s, const char *hash, bool failed,
                   const char *message)
{
    struct attempt *a = &s->attempt;
    int64_t generation = s->set ? s->generation : a->generation;
    bool is_other = !a->is_known || a->generation != generation || !str_eq(a->hash, hash);
    bool is_changed = is_other || a->failed != failed || !str_eq(s->message, message);
    int64_t now_s = job_now_s(job);
    char *old_hash = (char *)(uintptr_t)a->hash;
    *a = (struct attempt){ .is_known = true,
                           .failed = failed,
                           .generation = generation,
                           .hash = xstrdup(hash),
                           .attempts = failed ? (is_other ? 1 : a->attempts + 1) : 0 };
    free(old_hash);
    a->retry_at = failed ? now_s + decide_backoff_s(a->attempts, job->ctx.rng) : 0;
    free(s->message);
    s->message = message ? xstrndup(message, MESSAGE_MAX) : NULL;
    if (is_changed)
        s->last_transition = now_s;
    s->is_first = !failed && !s->first_success;
    if (s->is_first)
        s->first_success = now_s;
    s->is_dirty = true;
    job->applied++;
}

/* Takes what a result says of the connection: true when it is of no use to go on. */
static bool judge_connection(struct job *job, const struct apply_result *result)
{
    job->unreachable = result->unreachable ? job->unreachable + 1 : 0;
    job->is_refused = result->refused;
    if (!result->unreachable)
        return false;
    free(job->why_unreachable);
    job->why_unreachable = xstrdup(result->message);
    return job->unreachable >= UNREACHABLE_MAX;
}

static int send(struct job *job, struct set_state *s, struct apply_result *ret, struct error **err)
{
    struct tracking tracking = { job, s, clock_mono_ns(job->ctx.clock), false };
    const struct apply_tracker tracker = track_give(&tracking);
    size_t n;
    cleanup_free struct apply_object *tracked = workload_give_tracked(s, &n);
    const struct apply_state state = { .tracked = tracked,
                                       .tracked_len = n,
                                       .applied_hash = s->attempt.failed ? NULL : s->attempt.hash };
    int64_t began_ns = clock_mono_ns(job->ctx.clock);
    int status = s->set ? apply_set(&job->ctx, job->remote, s->plan, &state, &tracker, ret, err)
                        : apply_delete(&job->ctx, job->remote, !s->allows_protected, &state,
                                       &tracker, ret, err);
    if (status == 0 && s->plan)
        metric_observe(
            job->k->measures.apply_s, (double)(clock_mono_ns(job->ctx.clock) - began_ns) / NS_PER_S,
            METRIC_LABELS(apply_plan_behavior(s->plan), ret->failed ? "error" : "success"));
    return status;
}

static bool is_due(const struct job *job, const struct set_state *s)
{
    const struct attempt *a = &s->attempt;
    if (s->is_held)
        return false;
    if (s->set)
        return decide_needs(a, job->is_full, s->generation,
                            s->plan ? apply_plan_hash(s->plan) : NULL, job_now_s(job));
    return job->is_full || !a->failed || a->retry_at <= job_now_s(job);
}

/* It took too long: no sooner again than others had as much time. */
static void leave(struct job *job, struct set_state *s, const char *why)
{
    cleanup_free char *hash = xstrdup(s->plan ? apply_plan_hash(s->plan) : s->attempt.hash);
    record(job, s, hash, true, why);
    int64_t soonest = job_now_s(job) + job->k->cfg.set_max_s;
    if (s->attempt.retry_at < soonest)
        s->attempt.retry_at = soonest;
}

/*
 * A cluster that went down without a word keeps whoever asks it waiting for a minute: a tenth of a fleet would hold all workers
 * for a quarter of an hour. So a worker waits a moment for its first answer; whether the cluster is gone is for the
 * prober to say. One that is merely slow gets twice the time at each try.
 */
#define ANSWER_MS 3000
#define ANSWER_MAX_MS 60000
static bool is_silent(struct job *job, const struct set_state *s, struct apply_result *ret)
{
    cleanup_error struct error *why = NULL;
    int64_t ms = ANSWER_MS;
    for (int64_t i = 0; i < s->attempt.attempts && ms < ANSWER_MAX_MS; i++)
        ms *= 2;
    const struct opctx soon = opctx_with_timeout_ms(&job->ctx, ms);
    job->has_answered = job->has_answered || sets_remote_knock(job->remote, &soon, &why) == 0;
    if (job->has_answered)
        return false;
    ret->failed = ret->unreachable = true;
    cleanup_free char *text = xasprintf("the cluster does not answer: %s", error_text(why));
    ret->message = sets_give_scrubbed(text);
    return true;
}

/* Whether it may pass without any change of what was to be done. Of all others the next try fails just so. */
static bool may_pass(const struct error *why)
{
    return error_is_retriable(why) || error_is(why, ERR_CONFLICT) || error_is(why, ERR_CANCELLED) ||
           error_is(why, ERR_IO);
}

/* 0: an error that ended a set alone is dealt with; -1: it ends the work, and is moved to err. */
static int settle(struct job *job, struct set_state *s, struct error *why, struct error **err)
{
    cleanup_error struct error *owned = why;
    if (str_eq(error_get_code(why), SET_TOO_LONG)) {
        leave(job, s, error_text(why));
        return 0;
    }
    /* Deleted while it was applied: the next look sees that. */
    if (error_is(why, ERR_NOT_FOUND)) {
        job->is_changed = true;
        return 0;
    }
    if (may_pass(why))
        return error_move(err, &owned);
    log_error(job->ctx.log, "%s %s: %s", set_state_kind(s), s->name, error_text(why));
    cleanup_free char *hash = xstrdup(s->plan ? apply_plan_hash(s->plan) : s->attempt.hash);
    record(job, s, hash, true,
           "the service's database refuses what is to be kept of this set, nothing more of it was "
           "applied; the log of the controllers has the reason");
    return 0;
}

/* 1: it is of no use to go on; -1: the work ends here. */
static int do_set(struct job *job, struct set_state *s, struct error **err)
{
    cleanup_apply_result struct apply_result result = { 0 };
    struct error *why = NULL;
    if (!is_due(job, s))
        return 0;
    if (s->flaw) {
        record(job, s, NULL, true, s->flaw);
        return 0;
    }
    bool is_lost = is_silent(job, s, &result);
    if (!is_lost && send(job, s, &result, &why) < 0)
        return settle(job, s, why, err);
    s->blocked = take(result.deletions_blocked);
    /* What may not be deleted stays tracked, and its set listed: else nobody would know of it any more. */
    if (!s->set && !result.failed && json_len(s->blocked) == 0) {
        s->is_finished = true;
        job->applied++;
        return judge_connection(job, &result);
    }
    cleanup_free char *hash = xstrdup(s->plan ? apply_plan_hash(s->plan) : s->attempt.hash);
    record(job, s, hash, result.failed, result.message);
    return judge_connection(job, &result) || is_lost;
}

/* A cluster whose sets take long shares its worker with others. One set is always done. */
static bool is_time_up(const struct job *job)
{
    int64_t took_ns = clock_mono_ns(job->ctx.clock) - job->began_ns;
    return job->applied > 0 && took_ns > job->k->cfg.job_max_s * NS_PER_S;
}

/* Of a full pass that ends early: the next job goes on, instead of beginning again. */
static void owe_rest(struct job *job)
{
    for (size_t i = job->reached; i < job->w.len; i++) {
        struct set_state *s = &job->w.sets[i];
        if (!s->set || !s->attempt.is_known || s->attempt.failed)
            continue;
        s->attempt.retry_at = job_now_s(job);
        s->is_dirty = true;
    }
}

static int do_all(struct job *job, struct error **err)
{
    for (size_t i = 0; i < job->w.len; i++) {
        job->reached = i;
        if (stop_is_set(job->k->soft) || is_time_up(job)) {
            job->is_stopped = true;
            return 0;
        }
        int status = do_set(job, &job->w.sets[i], err);
        if (status)
            return status < 0 ? -1 : 0;
    }
    job->reached = job->w.len;
    return 0;
}

/* ---- the cluster ---- */

static int open_remote(struct job *job, struct error **err)
{
    const json *cluster = job->w.cluster;
    cleanup_json_wiped json *secrets = NULL;
    if (!gate_is_fake(cluster) &&
        sets_reveal(&job->ctx, job->k->cfg.store, &api_types[TYPE_CLUSTERS], job->w.nspace,
                    job->w.name, &secrets, err) < 0)
        return -1;
    const json *kubeconfig = json_get(secrets, "kubeconfig");
    const struct sets_target target = {
        .uid = job->held.lease.uid,
        .kubeconfig = kubeconfig ? json_str(kubeconfig) : "",
        .kubeconfig_len = kubeconfig ? json_str_len(kubeconfig) : 0,
        .api_url_override = json_path_str(cluster, "spec.apiURLOverride"),
        .api_server_ip_override = json_path_str(cluster, "spec.apiServerIPOverride"),
        .ca_bundle = json_path_str(cluster, "spec.caBundle"),
        .use_secondary =
            api_condition_is(json_get(cluster, "status"), "ActiveAPIURLOverride", "False"),
        .fake = gate_is_fake(cluster),
    };
    return sets_remotes_get(job->k->cfg.remotes, &target, &job->remote, err);
}

static int64_t earliest_due(const struct job *job, int64_t next_full_at)
{
    int64_t due_s = next_full_at;
    for (size_t i = 0; i < job->w.len; i++) {
        const struct set_state *s = &job->w.sets[i];
        bool is_owed = s->attempt.failed || s->attempt.retry_at;
        if (s->attempt.is_known && is_owed && !s->is_finished && !s->is_held &&
            s->attempt.retry_at < due_s)
            due_s = s->attempt.retry_at;
    }
    return due_s;
}

static int end_closed(struct job *job, int64_t again_s, struct error **err)
{
    return finish_job(job, job_now_s(job) + again_s, job->held.lease.next_full_at, true, err);
}

static int end_open(struct job *job, struct error **err)
{
    int64_t now_s = job_now_s(job), next = job->held.lease.next_full_at;
    int64_t interval_s = decide_interval_s(job->w.cluster, job->k->cfg.reapply_s);
    if (job->is_stopped) {
        if (job->is_full) {
            owe_rest(job);
            next = decide_next_full_s(now_s, interval_s, job->ctx.rng);
        }
        return finish_job(job, now_s, next, false, err);
    }
    bool gave_up = job->unreachable >= UNREACHABLE_MAX;
    /* Drawn once; again only when the cluster wants a shorter interval than what was drawn. */
    if ((job->is_full && !gave_up) || next > now_s + interval_s + interval_s / 10)
        next = decide_next_full_s(now_s, interval_s, job->ctx.rng);
    int64_t due_s = gave_up ? now_s + job->k->cfg.reapply_s : earliest_due(job, next);
    return finish_job(job, job->is_changed ? now_s : due_s, next, true, err);
}

/* Nothing applies to a cluster that is being deleted. */
static void forsake_all(struct job *job)
{
    for (size_t i = 0; i < job->w.len; i++) {
        struct set_state *s = &job->w.sets[i];
        json_free(take(s->set));
        apply_plan_free(take(s->plan));
        free(take(s->flaw));
        s->is_finished = s->tracked_len == 0;
    }
}

static int end_deletion(struct job *job, struct error **err)
{
    bool is_over = job_now_s(job) - gate_deletion_s(job->w.cluster) >= CLEANUP_MAX_S;
    bool is_clean = true;
    for (size_t i = 0; i < job->w.len; i++) {
        const struct set_state *s = &job->w.sets[i];
        is_clean = is_clean && (s->is_finished || (json_len(s->blocked) && !s->attempt.failed));
    }
    if (end_closed(job, CLEANUP_AGAIN_S, err) < 0)
        return -1;
    if (!is_clean && !is_over)
        return 0;
    const struct sets_write w = { .type = &api_types[TYPE_CLUSTERS],
                                  .nspace = job->w.nspace,
                                  .name = job->w.name,
                                  .if_uid = json_path_str(job->w.cluster, "metadata.uid"),
                                  .actor = job->k->owner };
    struct error *why = NULL;
    if (sets_delete(&job->ctx, job->k->cfg.store, &w, NULL, &why) == 0 ||
        error_is(why, ERR_NOT_FOUND)) {
        error_free(why);
        return 0;
    }
    return error_move(err, &why);
}

static int do_open(struct job *job, bool is_deletion, struct error **err)
{
    struct error *why = NULL;
    if (open_remote(job, &why) < 0) {
        if (!error_is(why, ERR_INVALID)) /* a kubeconfig that no key opens is ERR_INVALID, too */
            return error_move(err, &why);
        log_warning(job->ctx.log, "%s", error_text(why));
        error_free(why);
        return is_deletion ? end_deletion(job, err) : end_closed(job, INVALID_AGAIN_S, err);
    }
    if (!is_deletion && workload_render(&job->ctx, job->k->cfg.store, &job->w, err) < 0)
        return -1;
    job->is_rendered = !is_deletion;
    job->is_tried = true;
    if (do_all(job, &why) < 0) {
        /* Cut off with the process: what was done until then is written. */
        job->is_stopped = job->is_stopped || stop_is_set(job->k->soft);
        if (!job->is_stopped)
            return error_move(err, &why);
        error_free(why);
    }
    return is_deletion ? end_deletion(job, err) : end_open(job, err);
}

static int do_cluster(struct job *job, struct error **err)
{
    if (workload_load(&job->ctx, job->k->cfg.store, job->held.lease.uid, &job->w, err) < 0)
        return -1;
    job->began_ns = clock_mono_ns(job->ctx.clock);
    if (!job->w.cluster)
        return finish_gone(job, err);
    job->is_full = decide_is_full(job->held.lease.next_full_at, job->w.now_s);
    bool is_deletion = gate_deletion_s(job->w.cluster) > 0;
    enum gate gate = gate_of(job->w.cluster);
    if (is_deletion)
        forsake_all(job);
    if (gate == GATE_OPEN)
        return do_open(job, is_deletion, err);
    job->is_paused = gate == GATE_PAUSED;
    return is_deletion ? end_deletion(job, err) : end_closed(job, job->k->cfg.reapply_s, err);
}

static void measure(const struct job *job)
{
    const char *outcome = job->applied == 0 ? "no-op" : job->is_full ? "full-sync" : "unspecified";
    if (job->w.cluster && gate_of(job->w.cluster) != GATE_OPEN)
        outcome = "skipped-sync";
    metric_observe(job->k->measures.reconcile_s,
                   (double)(clock_mono_ns(job->ctx.clock) - job->began_ns) / NS_PER_S,
                   METRIC_LABELS("clustersync", outcome));
}

static int work_under(struct sets_controllers *k, const struct lease *lease, struct error **err)
{
    struct error *why = NULL;
    struct job job = { .k = k, .began_ns = clock_mono_ns(k->cfg.clock) };
    const struct log log = log_with(k->cfg.log, "cluster", lease->uid);
    keeper_add(k->keeper, &job.held, lease, k->hard);
    job.ctx = opctx_with_stop(&k->work_ctx, job.held.stop);
    job.ctx.log = &log;
    int status = do_cluster(&job, &why);
    measure(&job);
    sets_remote_put(job.remote);
    workload_release(&job.w);
    free(job.why_unreachable);
    bool is_lost = keeper_remove(k->keeper, &job.held);
    if (status < 0 && (is_lost || error_is(why, ERR_CONFLICT))) {
        log_warning(&log, "the lease is lost: somebody else goes on");
        error_free(why);
        return 0;
    }
    if (status < 0) {
        const struct opctx last = job_ending_ctx(&job);
        if (may_pass(why))
            (void)lease_drop(&last, k->cfg.store, lease, NULL);
        else /* not at once: nothing else would get this worker */
            (void)lease_fail(&last, k->cfg.store, lease,
                             decide_backoff_s(lease->attempts, k->cfg.rng), NULL);
        return error_move(err, &why);
    }
    return 0;
}

int reconcile(struct sets_controllers *k, const char *uid, struct error **err)
{
    struct lease lease;
    int taken = lease_take(&k->work_ctx, k->cfg.store, k->owner, uid, k->cfg.lease_s, &lease, err);
    if (taken <= 0)
        return taken;
    /* Its turn comes by the dispatcher once others of its namespace have ended. */
    if (!crowd_enter(k->crowd, lease.nspace))
        return lease_drop(&k->work_ctx, k->cfg.store, &lease, err);
    int status = work_under(k, &lease, err);
    crowd_leave(k->crowd, lease.nspace);
    return status;
}
