/*
 * What one process does for all: matching, dispatching, sweeping, measuring. The lock of a session says who; it ends with the
 * session, and all that is done here may be done twice without harm.
 */
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "rp/syncsets/controllers/impl.h"
#include "rp/syncsets/controllers/rollout.h"
#include "rp/syncsets/store/locks.h"

#define STANDBY_MS 2000
#define PAUSE_MS \
    20 /* at least between two turns: what comes in quick succession is taken together */
#define SWEEP_NS NS_PER_S
#define MEASURE_NS (120 * NS_PER_S)

struct leader {
    struct sets_controllers *k;
    struct sql *session; /* holds the lock; NULL: another leads */
    int64_t sweep_ns, measure_ns, seen;
};

/* ---- who leads ---- */

static void step_down(struct leader *l)
{
    if (!l->session)
        return;
    sql_abandon(l->session); /* the lock goes with the session */
    sql_release(take(l->session));
    l->measure_ns = 0;
    gauges_forget(l->k->cfg.metrics);
}

static int step_up(struct leader *l, struct error **err)
{
    const struct opctx *ctx = &l->k->ctx;
    struct sets_store *st = l->k->cfg.store;
    if (st->dialect == SQL_SQLITE) /* one process has the file */
        return 1;
    int64_t one;
    if (l->session)
        return sets_number(ctx, l->session, "SELECT 1", NULL, 0, &one, err) < 0 ? -1 : 1;
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0)
        return -1;
    int leads = sets_try_lead(ctx, c, SETS_LEAD_CONTROLLERS, err);
    if (leads <= 0)
        return leads;
    l->session = take(c);
    log_info(l->k->cfg.log, "this process leads");
    return 1;
}

/* ---- what it does ---- */

#define GIVE_BACK_MS 3000

/* The queue is away, or we are to stop: whoever leads next puts the rest, and need not wait until these hints are believed lost. */
static void give_back(struct sets_controllers *k, const json *chosen, size_t from)
{
    const struct opctx last = opctx_with_timeout_ms(&k->work_ctx, GIVE_BACK_MS);
    cleanup_error struct error *err = NULL;
    if (dispatch_give_back(&last, k->cfg.store, chosen, from, &err) < 0)
        controllers_warn(k, "giving hints back", err);
}

static int dispatch(struct leader *l, struct error **err)
{
    struct sets_controllers *k = l->k;
    cleanup_json json *chosen = NULL;
    if (dispatch_choose(&k->ctx, k->cfg.store, (size_t)k->cfg.workers, &chosen, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(chosen); i++) {
        const json *one = json_at(chosen, i);
        struct sets_hint h = { .dirty_revision = json_path_int(one, "revision", 0),
                               .slow = json_path_bool(one, "slow", false) };
        (void)snprintf(h.uid, sizeof(h.uid), "%s", json_path_str(one, "uid"));
        if (sets_queue_put(&k->ctx, k->cfg.queue, &h, err) < 0) {
            give_back(k, chosen, i);
            return error_wrap(err, "putting hints of work");
        }
    }
    return 0;
}

static int sweep(struct leader *l, int64_t now_ns, struct error **err)
{
    struct sweep s;
    if (now_ns < l->sweep_ns)
        return 0;
    l->sweep_ns = now_ns + SWEEP_NS;
    if (sweep_rows(&l->k->ctx, l->k->cfg.store, &s, err) < 0)
        return -1;
    if (s.lost || s.forgotten)
        log_warning(l->k->cfg.log,
                    "%lld leases ran out, %lld clusters are set aside, %lld hints were lost",
                    (long long)s.lost, (long long)s.quarantined, (long long)s.forgotten);
    return 0;
}

static int turn(struct leader *l, struct error **err)
{
    struct sets_controllers *k = l->k;
    int64_t now_ns = clock_mono_ns(k->cfg.clock);
    bool more = true;
    while (more && !stop_is_set(k->soft))
        if (match_events(&k->ctx, k->cfg.store, &more, err) < 0)
            return -1;
    if (sweep(l, now_ns, err) < 0 || rollout_step(&k->ctx, k->cfg.store, err) < 0 ||
        dispatch(l, err) < 0)
        return -1;
    if (now_ns < l->measure_ns)
        return 0;
    l->measure_ns = now_ns + MEASURE_NS;
    return gauges_measure(&k->ctx, k->cfg.store, k->cfg.metrics, err);
}

static void wait_for_news(struct leader *l)
{
    struct sets_controllers *k = l->k;
    const struct opctx soon = opctx_with_timeout_ms(&k->ctx, k->cfg.tick_ms);
    (void)opctx_sleep_ms(&k->ctx, PAUSE_MS, NULL);
    (void)sets_queue_wait_change(&soon, k->cfg.queue, &l->seen, NULL);
}

void leader_run(void *controllers)
{
    struct sets_controllers *k = controllers;
    struct leader l = { .k = k };
    while (!stop_is_set(k->soft)) {
        cleanup_error struct error *err = NULL;
        atomic_store(&k->leader_ns, clock_mono_ns(k->cfg.clock));
        int leads = step_up(&l, &err);
        if (leads > 0 && turn(&l, &err) == 0) {
            wait_for_news(&l);
            continue;
        }
        if (err && !stop_is_set(k->soft)) {
            controllers_warn(k, NULL, err);
            step_down(&l);
        }
        (void)opctx_sleep_ms(&k->ctx, STANDBY_MS, NULL);
    }
    step_down(&l);
}
