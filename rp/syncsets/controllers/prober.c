/*
 * Whether clusters can be reached, on threads of their own: one that cannot holds no worker up. Who looks is decided by rows
 * of cluster_probes, so that several processes share the work.
 *
 * One of the threads at a time asks for the next cluster that is due; it leaves that to another before it goes on with its own. When
 * nobody is left for it, because all wait for clusters that do not answer, there is one more thread: they do nothing but wait,
 * and a hundred frozen clusters must not hold back the look at the next one.
 */
#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/gate.h"
#include "rp/syncsets/controllers/impl.h"
#include "rp/syncsets/types/conditions.h"

#define LOOK_MS 1000
/* A look, its writing with it, ends within so long, and for longer nobody else has the cluster: it is never looked at twice at a
 * time. */
#define LOOK_MAX_MS (SETS_PROBE_MAX_MS + 15000)
#define CLAIM_S (LOOK_MAX_MS / 1000 + 15)
#define GIVE_BACK_MS 5000
#define GIVEN_BACK_AGAIN_S 2
#define REACHABLE_AGAIN_S 7200
#define UNREACHABLE_AGAIN_S 60
#define UNAUTHORIZED_AGAIN_S 1000
_Static_assert(LOOK_MAX_MS + GIVE_BACK_MS < CLAIM_S * 1000,
               "what is given back is still one's own");
#define UNAUTHORIZED "Unauthorized" /* reason of KubeconfigValid */

struct look {
    struct sets_controllers *k;
    struct opctx ctx;
    char *uid, *nspace, *name;
    json *cluster;
    int64_t failures, generation;
    struct sets_probe probe;
    char *flaw; /* of the kubeconfig: it was not tried; with flaw_reason */
    const char *flaw_reason;
    int64_t expiry_s;
    bool became_reachable;
};
static void look_release(struct look *l)
{
    free(l->uid);
    free(l->nspace);
    free(l->name);
    free(l->flaw);
    json_free(l->cluster);
    sets_probe_release(&l->probe);
}
#define cleanup_look CLEANUP_WITH(look_release)

/* ---- whose turn it is ---- */

#define DUE_TEXT(now) "SELECT count(*) FROM cluster_probes WHERE due_at <= " now
static const char *const due_texts[SQL_DIALECTS] = WORK_BOTH(DUE_TEXT);
static const char *const claim_texts[SQL_DIALECTS] = {
    [SQL_SQLITE] =
        "UPDATE cluster_probes SET due_at = host_now_s() + $1 WHERE cluster_uid = (SELECT "
        "cluster_uid FROM cluster_probes WHERE due_at <= host_now_s() ORDER BY due_at LIMIT 1)"
        " RETURNING cluster_uid, generation, failures",
    [SQL_POSTGRESQL] =
        "UPDATE cluster_probes SET due_at = extract(epoch FROM clock_timestamp())::bigint + $1"
        " WHERE cluster_uid = (SELECT cluster_uid FROM cluster_probes WHERE due_at <= extract("
        "epoch FROM clock_timestamp())::bigint ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING cluster_uid, generation, failures",
};

static int is_any_due(const struct opctx *ctx, struct sets_store *st, int64_t *ret,
                      struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0)
        return -1;
    return sets_number(ctx, c, due_texts[st->dialect], NULL, 0, ret, err);
}

/* 1: a cluster is claimed. */
static int claim(struct look *l, struct error **err)
{
    struct sets_store *st = l->k->cfg.store;
    int64_t lease_s = l->k->cfg.lease_s; /* whoever dies over it */
    const struct sql_param param = sql_int(lease_s > CLAIM_S ? lease_s : CLAIM_S);
    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int64_t n;
    if (is_any_due(&l->ctx, st, &n, err) < 0)
        return -1;
    if (n == 0)
        return 0;
    if (sql_acquire(&l->ctx, st->cfg.db, SQL_WRITE, &c, err) < 0 ||
        sql_query(&l->ctx, c, claim_texts[st->dialect], &param, 1, &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status <= 0)
        return status;
    l->uid = xstrdup(sql_row_text(&rows, 0, NULL));
    l->generation = sql_row_int(&rows, 1);
    l->failures = sql_row_int(&rows, 2);
    return sql_next(&rows, err) < 0 ? -1 : 1;
}

/* ---- the look ---- */

static void fail_kubeconfig(struct look *l, const char *reason, const char *why)
{
    l->flaw_reason = reason;
    free(l->flaw);
    l->flaw = xstrdup(why);
}

static int try_it(struct look *l, const json *secrets, struct error **err)
{
    const json *kubeconfig = json_get(secrets, "kubeconfig");
    const struct sets_target target = {
        .uid = l->uid,
        .kubeconfig = kubeconfig ? json_str(kubeconfig) : "",
        .kubeconfig_len = kubeconfig ? json_str_len(kubeconfig) : 0,
        .api_url_override = json_path_str(l->cluster, "spec.apiURLOverride"),
        .api_server_ip_override = json_path_str(l->cluster, "spec.apiServerIPOverride"),
        .ca_bundle = json_path_str(l->cluster, "spec.caBundle"),
        /* A worker may be using the same remote: where it sends to changes only with what is found out. */
        .use_secondary =
            api_condition_is(json_get(l->cluster, "status"), "ActiveAPIURLOverride", "False"),
        .fake = gate_is_fake(l->cluster),
    };
    cleanup_sets_remote struct sets_remote *remote = NULL;
    struct error *why = NULL;
    if (sets_remotes_get(l->k->cfg.remotes, &target, &remote, &why) < 0) {
        if (!error_is(why, ERR_INVALID))
            return error_move(err, &why);
        fail_kubeconfig(l, "Invalid", error_text(why));
        error_free(why);
        return 0;
    }
    l->expiry_s = sets_remote_credential_expiry(remote);
    return sets_remote_probe(remote, &l->ctx, &l->probe, err);
}

static int look_at(struct look *l, struct error **err)
{
    cleanup_json_wiped json *secrets = NULL;
    struct error *why = NULL;
    if (gate_is_fake(l->cluster))
        return try_it(l, NULL, err);
    if (sets_reveal(&l->ctx, l->k->cfg.store, &api_types[TYPE_CLUSTERS], l->nspace, l->name,
                    &secrets, &why) < 0) {
        if (!str_eq(error_get_code(why), "DecryptFailed"))
            return error_move(err, &why);
        error_free(why);
        fail_kubeconfig(l, "DecryptFailed", "no key of this service opens the kubeconfig");
        return 0;
    }
    /* What else is wrong with it is judged anew, for overrides and settings have a part in it. */
    if (!json_get(secrets, "kubeconfig")) {
        fail_kubeconfig(l, "Missing", "there is no kubeconfig");
        return 0;
    }
    return try_it(l, secrets, err);
}

/* ---- what it means ---- */

static void edit(json *status, const json *object, void *arg)
{
    struct look *l = arg;
    int64_t now_ns = clock_wall_ns(l->ctx.clock);
    (void)object;
    l->became_reachable = false;
    if (l->flaw_reason) {
        api_condition_put(status, "KubeconfigValid", "False", l->flaw_reason,
                          l->flaw ? l->flaw : "", now_ns);
        return;
    }
    const struct sets_probe *p = &l->probe;
    bool refused = p->reachable && p->access == SETS_ACCESS_UNAUTHORIZED;
    bool was_refused = str_eq(
        json_path_str(api_condition_find(status, "KubeconfigValid"), "reason"), UNAUTHORIZED);
    bool was_usable = api_condition_is(status, "Unreachable", "False") &&
                      api_condition_is(status, "KubeconfigValid", "True");
    api_condition_put(status, "Unreachable", p->reachable ? "False" : "True", p->reason,
                      p->message ? p->message : "", now_ns);
    if (refused)
        api_condition_put(status, "KubeconfigValid", "False", UNAUTHORIZED,
                          "the API server refuses these credentials", now_ns);
    else if (p->reachable || !was_refused)
        api_condition_put(status, "KubeconfigValid", "True", "Valid", "the kubeconfig can be used",
                          now_ns);
    if (p->has_override)
        api_condition_put(status, "ActiveAPIURLOverride", p->override_answers ? "True" : "False",
                          p->override_answers ? SETS_REASON_REACHABLE : SETS_REASON_UNREACHABLE, "",
                          now_ns);
    if (p->version)
        json_put(status, "version", json_new_str(p->version));
    if (l->expiry_s) {
        char text[TIME_TEXT_MAX];
        time_rfc3339(l->expiry_s * NS_PER_S, text);
        json_put(status, "credentialExpiry", json_new_str(text));
    }
    l->became_reachable = p->reachable && !refused && !was_usable;
}

static int64_t again_s(const struct look *l)
{
    int64_t s = UNREACHABLE_AGAIN_S;
    if (l->flaw_reason)
        s = str_eq(l->flaw_reason, "DecryptFailed") ? UNAUTHORIZED_AGAIN_S : REACHABLE_AGAIN_S;
    else if (l->probe.reachable)
        s = l->probe.access == SETS_ACCESS_UNAUTHORIZED ? UNAUTHORIZED_AGAIN_S : REACHABLE_AGAIN_S;
    else
        for (int64_t i = 0; i < l->failures && s < REACHABLE_AGAIN_S; i++)
            s *= 2;
    if (s > REACHABLE_AGAIN_S)
        s = REACHABLE_AGAIN_S;
    return s + (int64_t)rng_below(l->ctx.rng, (uint64_t)(s / 5) + 1) - s / 10;
}

/* First, for the order of locks (work.h): whether it is to be marked is known only behind the others. */
static int lock_work(const struct opctx *ctx, const struct sets_store *st, struct sql *c,
                     const char *uid, struct error **err)
{
    static const char *const texts[SQL_DIALECTS] = {
        [SQL_SQLITE] = "SELECT fence FROM cluster_work WHERE cluster_uid = $1", /* one writes */
        [SQL_POSTGRESQL] = "SELECT fence FROM cluster_work WHERE cluster_uid = $1 FOR UPDATE",
    };
    const struct sql_param param = sql_text(uid);
    int64_t fence;
    return sets_number(ctx, c, texts[st->dialect], &param, 1, &fence, err);
}

/* A change of the meantime has its own time, and its own look. */
static int write_look(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                      struct error **err)
{
#define AGAIN_TEXT(now) \
    "UPDATE cluster_probes SET due_at = " now \
    " + $2, failures = $3 WHERE cluster_uid = $1 AND generation = $4"
    static const char *const texts[SQL_DIALECTS] = WORK_BOTH(AGAIN_TEXT);
    struct look *l = arg;
    cleanup_changes struct sets_changes ch = { 0 };
    bool failed = !l->flaw_reason && !l->probe.reachable;
    const struct sql_param params[] = { sql_text(l->uid), sql_int(again_s(l)),
                                        sql_int(failed ? l->failures + 1 : 0),
                                        sql_int(l->generation) };
    int64_t is_current;
    if (lock_work(ctx, st, c, l->uid, err) < 0 ||
        sql_exec(ctx, c, texts[st->dialect], params, ARRAY_LEN(params), &is_current, err) < 0)
        return -1;
    if (!is_current)
        return 0;
    if (sets_status_put(ctx, st, c, &api_types[TYPE_CLUSTERS], l->nspace, l->name, edit, l, &ch,
                        NULL, err) < 0 ||
        sets_changes_publish(ctx, st, c, &ch, NULL, err) < 0)
        return -1;
    /* Behind the change, so that a worker that is at it now sees a newer revision than it began with. */
    return l->became_reachable ? match_cluster(ctx, st, c, l->uid, err) : 0;
}

static int find_cluster(struct look *l, struct error **err)
{
    cleanup_workload struct workload w = { 0 };
    if (workload_load_cluster(&l->ctx, l->k->cfg.store, l->uid, &w, err) < 0)
        return -1;
    l->cluster = take(w.cluster);
    l->nspace = take(w.nspace);
    l->name = take(w.name);
    return 0;
}

/* A look that came to nothing, as at the end of the process or of the database: anybody may have it again. */
static void give_back(const struct look *l)
{
#define BACK_TEXT(now) \
    "UPDATE cluster_probes SET due_at = " now " + $2 WHERE cluster_uid = $1 AND generation = $3"
    static const char *const texts[SQL_DIALECTS] = WORK_BOTH(BACK_TEXT);
    const struct opctx soon = opctx_with_timeout_ms(&l->k->work_ctx, GIVE_BACK_MS);
    struct sets_store *st = l->k->cfg.store;
    const struct sql_param params[] = { sql_text(l->uid), sql_int(GIVEN_BACK_AGAIN_S),
                                        sql_int(l->generation) };
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(&soon, st->cfg.db, SQL_WRITE, &c, NULL) == 0)
        (void)sql_exec(&soon, c, texts[st->dialect], params, ARRAY_LEN(params), NULL, NULL);
}

static int drop(const struct look *l, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    const struct sql_param uid = sql_text(l->uid);
    if (sql_acquire(&l->ctx, l->k->cfg.store->cfg.db, SQL_WRITE, &c, err) < 0)
        return -1;
    return sql_exec(&l->ctx, c, "DELETE FROM cluster_probes WHERE cluster_uid = $1", &uid, 1, NULL,
                    err);
}

/* Nothing is sent to it, and nothing told. The generation is one that it never has, so that any change of the cluster, its
 * annotations among them, makes it due: a resumption in between is seen here or by the matcher. */
static int put_off(struct look *l, struct error **err)
{
#define OFF_TEXT(now) \
    "UPDATE cluster_probes SET due_at = " now \
    " + $2, generation = -1 WHERE cluster_uid = $1 AND generation = $3"
    static const char *const texts[SQL_DIALECTS] = WORK_BOTH(OFF_TEXT);
    const struct sql_param params[] = { sql_text(l->uid), sql_int(REACHABLE_AGAIN_S),
                                        sql_int(l->generation) };
    cleanup_look struct look after = { .k = l->k, .ctx = l->ctx, .uid = xstrdup(l->uid) };
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(&l->ctx, l->k->cfg.store->cfg.db, SQL_WRITE, &c, err) < 0 ||
        sql_exec(&l->ctx, c, texts[l->k->cfg.store->dialect], params, ARRAY_LEN(params), NULL,
                 err) < 0)
        return -1;
    sql_release(take(c));
    if (find_cluster(&after, err) < 0)
        return -1;
    if (after.cluster && gate_of(after.cluster) != GATE_PAUSED) {
        after.generation = -1;
        give_back(&after);
    }
    return 0;
}

/* Waits for a cluster whose turn it is; false: it is over. */
static bool find_turn(struct look *l)
{
    struct sets_controllers *k = l->k;
    int claimed = 0;
    pthread_mutex_lock(&k->scout_mu);
    while (claimed <= 0 && !stop_is_set(k->soft)) {
        cleanup_error struct error *err = NULL;
        l->ctx = opctx_with_timeout_ms(&k->ctx, LOOK_MAX_MS); /* before the claim begins */
        claimed = claim(l, &err);
        if (claimed < 0 && !stop_is_set(k->soft))
            controllers_warn(k, "looking for clusters to look at", err);
        if (claimed <= 0) {
            free(take(l->uid)); /* of a claim that broke down */
            (void)opctx_sleep_ms(&k->ctx, LOOK_MS, NULL);
        }
    }
    pthread_mutex_unlock(&k->scout_mu);
    return claimed > 0;
}

static int look(struct look *l, struct error **err)
{
    if (find_cluster(l, err) == 0 && !l->cluster)
        return drop(l, err);
    if (l->cluster && gate_of(l->cluster) == GATE_PAUSED)
        return put_off(l, err);
    if (l->cluster && look_at(l, err) == 0 &&
        sets_transact(&l->ctx, l->k->cfg.store, write_look, l, err) == 0)
        return 0;
    give_back(l);
    return -1;
}

void prober_run(void *controllers)
{
    struct sets_controllers *k = controllers;
    for (;;) {
        cleanup_look struct look l = { .k = k };
        cleanup_error struct error *err = NULL;
        if (!find_turn(&l))
            break;
        if (atomic_fetch_sub(&k->resting, 1) == 1)
            controllers_add_prober(k);
        if (look(&l, &err) < 0 && !stop_is_set(k->soft) && !error_is(err, ERR_NOT_FOUND)) {
            controllers_warn(k, "looking at clusters", err);
            (void)opctx_sleep_ms(&k->ctx, LOOK_MS, NULL);
        }
        atomic_fetch_add(&k->resting, 1);
    }
}
