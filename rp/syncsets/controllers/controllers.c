#include "rp/syncsets/controllers/controllers.h"

#include <stdlib.h>
#include <unistd.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/controllers/impl.h"

#define WORKERS_DEFAULT 16
#define PROBERS_DEFAULT 8
#define REAPPLY_DEFAULT_S 7200
#define LEASE_DEFAULT_S 120
#define JOB_MAX_DEFAULT_S 120
#define SET_MAX_DEFAULT_S 300
#define TICK_DEFAULT_MS 1000
#define STANDS_STILL_NS (120 * NS_PER_S)

static void set_default(int64_t *value, int64_t dflt)
{
    if (*value == 0)
        *value = dflt;
}

static char *give_owner(const struct sets_controllers_config *cfg)
{
    char host[64] = "", uuid[UUID_LEN + 1];
    (void)gethostname(host, sizeof(host) - 1);
    rng_uuid(cfg->rng, uuid);
    return xasprintf("%s_%s", cfg->name ? cfg->name : host, uuid);
}

/* 1: it runs; 0: there are as many as there may be. Whoever stops them has set soft before, and takes the lock behind: from then on
 * there are no more. */
static int start_thread(struct sets_controllers *k, const char *name, void (*fn)(void *),
                        struct error **err)
{
    int status = 0;
    pthread_mutex_lock(&k->threads_mu);
    if (k->threads_len < k->threads_cap && !stop_is_set(k->soft))
        status = thread_start(&k->threads[k->threads_len], name, fn, k, err) < 0 ? -1 : 1;
    if (status > 0)
        k->threads_len++;
    pthread_mutex_unlock(&k->threads_mu);
    return status;
}

static int start_threads(struct sets_controllers *k, const char *name, void (*fn)(void *),
                         int64_t n, struct error **err)
{
    for (int64_t i = 0; i < n; i++)
        if (start_thread(k, name, fn, err) < 0)
            return -1;
    return 0;
}

void controllers_add_prober(struct sets_controllers *k)
{
    atomic_fetch_add(&k->resting, 1);
    if (start_thread(k, "sets-prober", prober_run, NULL) <= 0)
        atomic_fetch_sub(&k->resting, 1); /* the others come back to it */
}

static void join_threads(struct sets_controllers *k)
{
    pthread_mutex_lock(&k->threads_mu);
    size_t len = k->threads_len;
    pthread_mutex_unlock(&k->threads_mu);
    for (size_t i = 0; i < len; i++)
        pthread_join(k->threads[i], NULL);
}

static int start(struct sets_controllers *k, struct error **err)
{
    const struct sets_controllers_config *cfg = &k->cfg;
    k->threads_cap = (size_t)(1 + cfg->workers + cfg->probers * SETS_PROBERS_WAITING);
    k->threads = xcalloc(k->threads_cap, sizeof(*k->threads));
    if (keeper_start(&k->work_ctx, cfg->store, cfg->lease_s, cfg->metrics, &k->keeper, err) < 0 ||
        start_threads(k, "sets-leader", leader_run, 1, err) < 0 ||
        start_threads(k, "sets-worker", worker_run, cfg->workers, err) < 0)
        return -1;
    atomic_store(&k->resting, (int)cfg->probers);
    return start_threads(k, "sets-prober", prober_run, cfg->probers, err);
}

int sets_controllers_start(const struct sets_controllers_config *cfg, struct sets_controllers **ret,
                           struct error **err)
{
    struct sets_controllers *k = xnew(struct sets_controllers);
    k->cfg = *cfg;
    set_default(&k->cfg.workers, WORKERS_DEFAULT);
    set_default(&k->cfg.probers, PROBERS_DEFAULT);
    set_default(&k->cfg.reapply_s, REAPPLY_DEFAULT_S);
    set_default(&k->cfg.lease_s, LEASE_DEFAULT_S);
    set_default(&k->cfg.job_max_s, JOB_MAX_DEFAULT_S);
    set_default(&k->cfg.set_max_s, SET_MAX_DEFAULT_S);
    set_default(&k->cfg.tick_ms, TICK_DEFAULT_MS);
    mutex_init(&k->threads_mu);
    mutex_init(&k->scout_mu);
    k->owner = give_owner(cfg);
    k->soft = stop_new(NULL);
    k->hard = stop_new(NULL);
    k->ctx = opctx_root(cfg->clock, cfg->rng, k->soft, cfg->log);
    k->work_ctx = opctx_root(cfg->clock, cfg->rng, k->hard, cfg->log);
    k->crowd = crowd_new(k->cfg.workers);
    measures_init(&k->measures, cfg->metrics);
    atomic_store(&k->leader_ns, clock_mono_ns(cfg->clock));
    if (start(k, err) < 0) {
        sets_controllers_stop(k, 0);
        return -1;
    }
    *ret = k;
    return 0;
}

int sets_controllers_check(struct sets_controllers *k, struct error **err)
{
    int64_t now_ns = clock_mono_ns(k->cfg.clock);
    if (now_ns - atomic_load(&k->leader_ns) > STANDS_STILL_NS)
        return error_set(err, ERR_UNAVAILABLE, "the leading thread stands still");
    if (now_ns - keeper_turn_ns(k->keeper) > STANDS_STILL_NS)
        return error_set(err, ERR_UNAVAILABLE, "leases are not renewed");
    return 0;
}

/* Ends what is still under way once the grace is over. */
struct cutoff {
    struct sets_controllers *k;
    struct stop *done;
    int64_t grace_ms;
};

static void cut_off(void *arg)
{
    const struct cutoff *c = arg;
    const struct opctx ctx = opctx_root(c->k->cfg.clock, c->k->cfg.rng, c->done, c->k->cfg.log);
    if (opctx_sleep_ms(&ctx, c->grace_ms, NULL) == 0)
        stop_request(c->k->hard);
}

void sets_controllers_stop(struct sets_controllers *k, int64_t grace_ms)
{
    if (!k)
        return;
    pthread_t thread;
    struct cutoff c = { k, stop_new(NULL), grace_ms };
    bool timed = thread_start(&thread, "sets-cutoff", cut_off, &c, NULL) == 0;
    stop_request(k->soft);
    if (!timed)
        stop_request(k->hard);
    join_threads(k);
    stop_request(c.done);
    if (timed)
        pthread_join(thread, NULL);
    stop_unref(c.done);
    stop_request(k->hard);
    keeper_stop(k->keeper);
    crowd_free(k->crowd);
    stop_unref(k->soft);
    stop_unref(k->hard);
    pthread_mutex_destroy(&k->threads_mu);
    pthread_mutex_destroy(&k->scout_mu);
    free(k->threads);
    free(k->owner);
    free(k);
}
