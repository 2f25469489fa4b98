/* A backend whose steps write what they do into the cluster, under its lease. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/controller/crash.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/backend/backend.h"
#include "rp/backend/child.h"
#include "rp/cluster/billing.h"
#include "test/rpcrash/rp_crash.h"

#define INSTALL "openShiftCluster.properties.install"
#define STEP_MAX_MS 3000

/* ---- steps ---- */

struct manager {
    struct cluster_job job;
    char *key, *lease;
    json *cluster;
};

struct entry {
    const char *lease;
    int64_t step;
    bool ends_phase;
};

static int write_entry(json *tree, void *arg, struct error **err)
{
    const struct entry *e = arg;
    json *journal = json_path(tree, JOURNAL);
    if (!json_is_array(journal)) {
        if (json_path_put(tree, JOURNAL, json_new_array(), err) < 0)
            return -1;
        journal = json_path(tree, JOURNAL);
    }
    json_append(journal, json_make("{'lease':%s,'step':%ld}", e->lease, e->step));
    if (!e->ends_phase)
        return 0;
    if (json_path_int(tree, INSTALL ".phase", 0) == 0)
        return json_path_put(tree, INSTALL ".phase", json_new_int(1), err);
    (void)json_path_del(tree, INSTALL);
    return 0;
}

static int step(const struct manager *m, int64_t i, const struct opctx *ctx, struct error **err)
{
    const struct entry e = { m->lease, i, m->job.operation == CLUSTER_INSTALL && i == STEPS - 1 };
    struct entry copy = e;
    /* Deaf to a lost lease: nothing but the database keeps a late writer out. */
    const struct opctx deaf = opctx_root(ctx->clock, ctx->rng, NULL, ctx->log);
    bool first = i == 0, second = i == 1;
    if (first && m->job.operation == CLUSTER_INSTALL &&
        cluster_billing_ensure(ctx, m->job.db, m->cluster, "tenant", err) < 0)
        return -1;
    if (opctx_sleep_ms(&deaf, (int64_t)rng_below(ctx->rng, STEP_MAX_MS), err) < 0 ||
        openshiftclusters_patch_with_lease(&deaf, m->job.db, m->key, m->lease, write_entry, &copy,
                                           NULL, err) < 0)
        return -1;
    if (second && m->job.operation == CLUSTER_INSTALL && strstr(m->key, "/" NAME_POISON))
        abort();
    if (second && m->job.operation == CLUSTER_UPDATE && strstr(m->key, "/" NAME_BAD)) {
        (void)error_set(err, ERR_INVALID, "The subnet is too small.");
        error_code(err, "InvalidLinkedVNet");
        return -1;
    }
    return 0;
}

static int step_0(void *arg, const struct opctx *ctx, struct error **err)
{
    return step(arg, 0, ctx, err);
}
static int step_1(void *arg, const struct opctx *ctx, struct error **err)
{
    return step(arg, 1, ctx, err);
}
static int step_2(void *arg, const struct opctx *ctx, struct error **err)
{
    return step(arg, 2, ctx, err);
}

static const struct step steps[STEPS] = {
    { .kind = STEP_RETRYING, .name = "zero", .act = step_0 },
    { .kind = STEP_RETRYING, .name = "one", .act = step_1 },
    { .kind = STEP_RETRYING, .name = "two", .act = step_2 },
};

static int open_manager(void *arg, const struct opctx *ctx, const struct cluster_job *job,
                        void **ret, struct error **err)
{
    (void)arg;
    (void)ctx;
    (void)err;
    struct manager *m = xnew(struct manager);
    *m = (struct manager){ *job, xstrdup(job->key), xstrdup(job->lease),
                           json_give_copy(job->cluster) };
    *ret = m;
    return 0;
}

static int give_steps(void *manager, const struct step **ret, size_t *ret_len, struct error **err)
{
    (void)manager;
    (void)err;
    *ret = steps;
    *ret_len = STEPS;
    return 0;
}

static void close_manager(void *manager)
{
    struct manager *m = manager;
    json_free(m->cluster);
    free(m->key);
    free(m->lease);
    free(m);
}

static const struct cluster_manager_ops ops = { .open = open_manager,
                                                .steps = give_steps,
                                                .close = close_manager };

/* ---- processes ---- */

static const struct backend_settings settings = {
    .workers = 6,
    .child_after = 2,
    .tick_ms = 10000,
    .heartbeat_ms = 10000,
    .trust_ms = 50000,
    .retry_ms = 1000,
    .child_grace_ms = 5000,
    .delete_delay_ms = 20000,
    .queue_length_ms = 60000,
};

struct process {
    struct log_fd_sink sink;
    struct log log;
    struct stop *stop;
    struct opctx ctx;
    struct backend *backend;
};

static void wait_for_signals(void *arg)
{
    const struct process *p = arg;
    sigset_t set;
    int sig;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    (void)sigwait(&set, &sig);
    stop_request(p->stop);
    (void)sigwait(&set, &sig);
    backend_hand_over(p->backend);
}

static void process_init(struct process *p, const struct setup *s)
{
    log_fd_sink_init(&p->sink, STDERR_FILENO, LOG_INFO, LOG_TEXT, &s->clock.base);
    p->log = log_root(&p->sink.base);
    p->stop = stop_new(NULL);
    p->ctx = opctx_root(&s->clock.base, rng_system(), p->stop, &p->log);
    crash_report_install(STDERR_FILENO);
}

int worker_main(const struct setup *s)
{
    const char *const child[] = { "/proc/self/exe", "child",      s->dsn, s->speed_text,
                                  s->mono_text,     s->wall_text, NULL };
    static struct process p; /* the thread of signals lives as long as the process */
    cleanup_error struct error *err = NULL;
    cleanup_database struct database *db = NULL;
    pthread_t thread;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a run that is broken off leaves nobody */
    process_init(&p, s);
    if (setup_open(&p.ctx, s, &db, &err) < 0) {
        log_error(&p.log, "%s", error_text(err));
        return 1;
    }
    const struct backend_config cfg = { .db = db,
                                        .clock = &s->clock.base,
                                        .rng = rng_system(),
                                        .log = &p.log,
                                        .settings = settings,
                                        .manager = &ops,
                                        .child = child };
    p.backend = backend_new(&cfg);
    if (thread_start(&thread, "signals", wait_for_signals, &p, &err) < 0 ||
        backend_run(p.backend, &p.ctx, &err) < 0) {
        log_error(&p.log, "%s", error_text(err));
        return 1;
    }
    return 0; /* without freeing the backend: a second signal may come at any moment */
}

int worker_child_main(const struct setup *s, const char *key, const char *lease)
{
    struct process p;
    cleanup_database struct database *db = NULL;
    process_init(&p, s);
    if (setup_open(&p.ctx, s, &db, NULL) < 0)
        return 1;
    const struct backend_config cfg = { .db = db,
                                        .clock = &s->clock.base,
                                        .rng = rng_system(),
                                        .log = &p.log,
                                        .settings = settings,
                                        .manager = &ops };
    return backend_child_main(&cfg, key, lease);
}
