/*
 * manager_run's thread is the coordinator: it starts groups, waits for their readiness, for the stop
 * and for failures, and stops groups. Every runnable, and the election, has a thread of its own and
 * only reports: it sets a field under the lock and wakes the coordinator.
 *
 * A thread that does not end within grace is detached. It holds a reference of the manager, so that
 * its last report finds it, however late.
 */
#include "pkg/controller/manager.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

#define READY_TIMEOUT_MS (2 * 60 * 1000)
/* Runnables cannot tell that they got ready: they are asked, at first often. */
#define READY_POLL_MIN_MS 2
#define READY_POLL_MAX_MS 100
/* What the release of the lease gets at least, however short the grace. */
#define RELEASE_MIN_MS 5000

enum phase { PHASE_NEW, PHASE_RUNNING, PHASE_STOPPING, PHASE_OVER };

struct task {
    struct manager *m;
    struct runnable *r;
    enum manager_group group;
    pthread_t thread;
    bool started, ended;
    struct task *next;
};

struct election {
    struct stop *stop;
    pthread_t thread;
    bool started, ended, elected, lost;
};

struct manager {
    struct manager_config cfg;
    atomic_uint refs;
    atomic_size_t stragglers;
    struct stop *stops[MANAGER_GROUPS];
    pthread_mutex_t mu; /* guards everything below */
    pthread_cond_t cv;
    enum phase phase;
    uint64_t changes; /* goes up with every report, so that none is missed between look and wait */
    bool begun[MANAGER_GROUPS];
    struct task *tasks; /* only appended to while others may read */
    struct election election;
    struct error *failure;
};

static const char *const group_names[MANAGER_GROUPS] = {
    [GROUP_SERVERS] = "servers", [GROUP_CACHES] = "caches",         [GROUP_OTHERS] = "others",
    [GROUP_WARMUP] = "warm-up",  [GROUP_LEADER] = "leader-elected",
};

struct manager *manager_new(const struct manager_config *cfg)
{
    struct manager *m = xnew(struct manager);
    m->cfg = *cfg;
    if (m->cfg.ready_timeout_ms == 0)
        m->cfg.ready_timeout_ms = READY_TIMEOUT_MS;
    atomic_init(&m->refs, 1);
    atomic_init(&m->stragglers, 0);
    mutex_init(&m->mu);
    clock_cond_init(&m->cv);
    for (size_t g = 0; g < MANAGER_GROUPS; g++)
        m->stops[g] = stop_new(NULL);
    m->election.stop = stop_new(NULL);
    return m;
}

void manager_free(struct manager *m)
{
    if (!m || atomic_fetch_sub(&m->refs, 1) != 1)
        return;
    while (m->tasks) {
        struct task *t = m->tasks;
        m->tasks = t->next;
        free(t);
    }
    for (size_t g = 0; g < MANAGER_GROUPS; g++)
        stop_unref(m->stops[g]);
    stop_unref(m->election.stop);
    error_free(m->failure);
    pthread_cond_destroy(&m->cv);
    pthread_mutex_destroy(&m->mu);
    free(m);
}

size_t manager_stragglers(const struct manager *m)
{
    return atomic_load(&m->stragglers);
}

static void lock(struct manager *m)
{
    pthread_mutex_lock(&m->mu);
}

static void unlock(struct manager *m)
{
    pthread_mutex_unlock(&m->mu);
}

/* With the lock held. */
static void tell_coordinator(struct manager *m)
{
    m->changes++;
    pthread_cond_broadcast(&m->cv);
}

/* With the lock held. Takes over *e. */
static void report(struct manager *m, struct error **e)
{
    bool is_cancellation = m->phase == PHASE_STOPPING && error_is(*e, ERR_CANCELLED);
    if (is_cancellation)
        error_clear(e);
    else
        error_join(&m->failure, e);
}

/* ---- runnables ---- */

static void run_task(void *arg)
{
    struct task *t = arg;
    struct manager *m = t->m;
    struct opctx ctx = opctx_root(m->cfg.clock, m->cfg.rng, m->stops[t->group], m->cfg.log);
    struct error *e = NULL;
    int rcode = t->r->run(t->r, &ctx, &e);
    if (rcode < 0)
        error_wrap(&e, "%s", t->r->name);

    lock(m);
    if (rcode < 0)
        report(m, &e);
    t->ended = true;
    tell_coordinator(m);
    unlock(m);
    manager_free(m);
}

/* With the lock held. A thread that cannot start is a failure like any other. */
static void start_task(struct manager *m, struct task *t)
{
    struct error *e = NULL;
    atomic_fetch_add(&m->refs, 1);
    t->started = true;
    if (thread_start(&t->thread, t->r->name, run_task, t, &e) == 0)
        return;
    t->started = false;
    t->ended = true;
    atomic_fetch_sub(&m->refs, 1);
    report(m, &e);
}

int manager_add(struct manager *m, enum manager_group group, struct runnable *r, struct error **err)
{
    lock(m);
    struct task **at = &m->tasks;
    while (*at && !str_eq((*at)->r->name, r->name))
        at = &(*at)->next;
    int rcode = 0;
    if (*at) {
        rcode = error_set(err, ERR_EXISTS, "%s: there is a runnable of that name", r->name);
    } else if (m->phase >= PHASE_STOPPING) {
        rcode = error_set(err, ERR_CANCELLED, "%s: the manager stops", r->name);
    } else {
        *at = xnew(struct task);
        **at = (struct task){ .m = m, .r = r, .group = group };
        if (m->begun[group])
            start_task(m, *at);
    }
    unlock(m);
    return rcode;
}

/* ---- election ---- */

/* Hands over the outcome of acquire. */
static void tell_elected(struct manager *m)
{
    lock(m);
    m->election.elected = true;
    tell_coordinator(m);
    unlock(m);
}

static void run_election(void *arg)
{
    struct manager *m = arg;
    struct leader *l = m->cfg.leader;
    struct opctx ctx = opctx_root(m->cfg.clock, m->cfg.rng, m->election.stop, m->cfg.log);
    struct error *e = NULL;
    bool lost = false;
    int rcode = l->acquire(l, &ctx, &e);
    if (rcode < 0) {
        error_wrap(&e, "leader election");
    } else {
        tell_elected(m);
        lost = l->hold(l, &ctx, &e) < 0;
        rcode = lost ? error_wrap(&e, "leadership lost") : 0;
    }

    lock(m);
    m->election.lost = lost;
    m->election.ended = true;
    if (rcode < 0)
        report(m, &e);
    tell_coordinator(m);
    unlock(m);
    manager_free(m);
}

/* ---- starting ---- */

/* With the lock held. */
static bool is_interrupted(const struct manager *m, const struct stop *stop)
{
    return stop_is_set(stop) || m->failure;
}

static void begin_group(struct manager *m, enum manager_group group)
{
    lock(m);
    m->begun[group] = true;
    for (struct task *t = m->tasks; t; t = t->next)
        if (t->group == group)
            start_task(m, t);
    unlock(m);
    log_debug(m->cfg.log, "started group %s", group_names[group]);
}

/* What warms up has done so when it is over. */
static bool is_ready(const struct task *t)
{
    return t->r->is_ready ? t->r->is_ready(t->r) : t->group != GROUP_WARMUP;
}

/* The first of the group that is not ready; asked without the lock, since a runnable has its own. */
static const char *find_unready(struct manager *m, enum manager_group group)
{
    lock(m);
    struct task *t = m->tasks;
    while (t) {
        bool asks = t->group == group && !t->ended;
        unlock(m);
        if (asks && !is_ready(t))
            return t->r->name;
        lock(m);
        t = t->next;
    }
    unlock(m);
    return NULL;
}

static int64_t after_ms(const struct manager *m, int64_t ms)
{
    int64_t ns;
    if (ms < 0 || __builtin_mul_overflow(ms, NS_PER_MS, &ns) ||
        __builtin_add_overflow(clock_mono_ns(m->cfg.clock), ns, &ns))
        return CLOCK_NEVER;
    return ns;
}

static uint64_t count_changes(struct manager *m)
{
    lock(m);
    uint64_t changes = m->changes;
    unlock(m);
    return changes;
}

/* One wait of the coordinator, unless something changed since `seen`; -1 when it has to stop. */
static int wait_unless_interrupted(struct manager *m, const struct stop *stop, uint64_t seen,
                                   int64_t until_ns)
{
    lock(m);
    bool interrupted = is_interrupted(m, stop);
    if (!interrupted && m->changes == seen) {
        clock_wait(m->cfg.clock, &m->cv, &m->mu, until_ns);
        interrupted = is_interrupted(m, stop);
    }
    unlock(m);
    return interrupted ? -1 : 0;
}

static int wait_ready(struct manager *m, enum manager_group group, const struct stop *stop)
{
    int64_t deadline_ns = after_ms(m, m->cfg.ready_timeout_ms);
    int64_t poll_ms = READY_POLL_MIN_MS;
    uint64_t seen = count_changes(m);
    for (const char *name; (name = find_unready(m, group)); seen = count_changes(m)) {
        if (clock_mono_ns(m->cfg.clock) >= deadline_ns) {
            struct error *e = NULL;
            error_set(&e, ERR_TIMEOUT, "%s: not ready within %lld ms", name,
                      (long long)m->cfg.ready_timeout_ms);
            lock(m);
            report(m, &e);
            unlock(m);
            return -1;
        }
        int64_t until_ns = after_ms(m, poll_ms);
        if (until_ns > deadline_ns)
            until_ns = deadline_ns;
        if (wait_unless_interrupted(m, stop, seen, until_ns) < 0)
            return -1;
        poll_ms = poll_ms * 2 < READY_POLL_MAX_MS ? poll_ms * 2 : READY_POLL_MAX_MS;
    }
    lock(m);
    bool interrupted = is_interrupted(m, stop);
    unlock(m);
    return interrupted ? -1 : 0;
}

static int wait_elected(struct manager *m, const struct stop *stop)
{
    if (!m->cfg.leader)
        return 0;
    lock(m);
    struct error *e = NULL;
    atomic_fetch_add(&m->refs, 1);
    m->election.started = true;
    if (thread_start(&m->election.thread, "election", run_election, m, &e) < 0) {
        m->election.started = false;
        atomic_fetch_sub(&m->refs, 1);
        report(m, &e);
    }
    unlock(m);
    for (;;) {
        lock(m);
        bool elected = m->election.elected;
        uint64_t seen = m->changes;
        unlock(m);
        if (elected)
            return 0;
        if (wait_unless_interrupted(m, stop, seen, CLOCK_NEVER) < 0)
            return -1;
    }
}

/* Returns when all has to stop. */
static void start_and_watch(struct manager *m, const struct stop *stop)
{
    for (enum manager_group g = 0; g < MANAGER_GROUPS; g++) {
        if (g == GROUP_LEADER && wait_elected(m, stop) < 0)
            return;
        lock(m);
        bool interrupted = is_interrupted(m, stop);
        unlock(m);
        if (interrupted)
            return;
        begin_group(m, g);
        if (wait_ready(m, g, stop) < 0)
            return;
    }
    while (wait_unless_interrupted(m, stop, count_changes(m), CLOCK_NEVER) == 0)
        ;
}

/* ---- stopping ---- */

/* With the lock held. */
static bool has_ended(const struct manager *m, enum manager_group group)
{
    for (const struct task *t = m->tasks; t; t = t->next)
        if (t->group == group && t->started && !t->ended)
            return false;
    return true;
}

/* Losing the lease, even now, leaves no time: another leader may be at work. */
static bool may_wait(const struct manager *m, int64_t deadline_ns)
{
    return !m->election.lost && clock_mono_ns(m->cfg.clock) < deadline_ns;
}

static void stop_groups(struct manager *m, enum manager_group a, enum manager_group b,
                        int64_t deadline_ns)
{
    stop_request(m->stops[a]);
    stop_request(m->stops[b]);
    lock(m);
    while (!(has_ended(m, a) && has_ended(m, b)) && may_wait(m, deadline_ns))
        clock_wait(m->cfg.clock, &m->cv, &m->mu, deadline_ns);
    unlock(m);
}

/* Ends the election; true when there is a lease to give back and nobody left who relies on it. */
static bool end_election(struct manager *m, int64_t deadline_ns)
{
    stop_request(m->election.stop);
    lock(m);
    while (m->election.started && !m->election.ended && may_wait(m, deadline_ns))
        clock_wait(m->cfg.clock, &m->cv, &m->mu, deadline_ns);
    const struct election *e = &m->election;
    bool releases =
        m->cfg.leader && e->elected && e->ended && !e->lost && has_ended(m, GROUP_LEADER);
    unlock(m);
    return releases;
}

static void release_lease(struct manager *m)
{
    struct opctx ctx = opctx_root(m->cfg.clock, m->cfg.rng, NULL, m->cfg.log);
    int64_t grace_ms = m->cfg.grace_ms;
    if (grace_ms >= 0)
        ctx = opctx_with_timeout_ms(&ctx, grace_ms > RELEASE_MIN_MS ? grace_ms : RELEASE_MIN_MS);
    m->cfg.leader->release(m->cfg.leader, &ctx);
}

/* Joins who has ended (and so needs the lock no more), lets go of the others. */
static void collect_thread(pthread_t thread, bool ended, const char *name, struct strv *late)
{
    if (ended) {
        pthread_join(thread, NULL);
    } else {
        pthread_detach(thread);
        strv_add(late, name);
    }
}

static void collect_threads(struct manager *m)
{
    cleanup_strv struct strv late = STRV_INIT;
    lock(m);
    for (struct task *t = m->tasks; t; t = t->next)
        if (t->started)
            collect_thread(t->thread, t->ended, t->r->name, &late);
    if (m->election.started)
        collect_thread(m->election.thread, m->election.ended, "leader election", &late);
    atomic_store(&m->stragglers, late.len);
    if (late.len && m->cfg.grace_ms > 0 && !m->election.lost) {
        cleanup_free char *names = strv_give_joined(&late, ", ");
        struct error *e = NULL;
        error_set(&e, ERR_TIMEOUT, "not stopped within %lld ms: %s", (long long)m->cfg.grace_ms,
                  names);
        report(m, &e);
    }
    unlock(m);
}

static void stop_all(struct manager *m)
{
    lock(m);
    m->phase = PHASE_STOPPING;
    bool elected = m->election.elected;
    int64_t deadline_ns =
        m->election.lost ? clock_mono_ns(m->cfg.clock) : after_ms(m, m->cfg.grace_ms);
    unlock(m);
    if (!elected)
        stop_request(m->election.stop); /* who has not begun to lead does not begin now */
    stop_groups(m, GROUP_OTHERS, GROUP_WARMUP, deadline_ns);
    stop_groups(m, GROUP_LEADER, GROUP_LEADER, deadline_ns);
    stop_groups(m, GROUP_CACHES, GROUP_CACHES, deadline_ns);
    stop_groups(m, GROUP_SERVERS, GROUP_SERVERS, deadline_ns);
    if (end_election(m, deadline_ns))
        release_lease(m);
    collect_threads(m);
}

static void wake(void *arg)
{
    struct manager *m = arg;
    lock(m);
    tell_coordinator(m);
    unlock(m);
}

int manager_run(struct manager *m, struct stop *stop, struct error **err)
{
    lock(m);
    bool is_first = m->phase == PHASE_NEW;
    if (is_first) {
        m->phase = PHASE_RUNNING;
    }
    unlock(m);
    if (!is_first)
        return error_set(err, ERR_INTERNAL, "manager: started twice");

    struct stop_watch watch = { .fn = wake, .arg = m };
    stop_watch(stop, &watch);
    start_and_watch(m, stop);
    stop_all(m);
    stop_unwatch(stop, &watch);

    lock(m);
    m->phase = PHASE_OVER;
    struct error *failure = take(m->failure);
    unlock(m);
    return failure ? error_move(err, &failure) : 0;
}
