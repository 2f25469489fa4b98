/*
 * The child's side. One thread listens to the parent; the work runs on the first. Nothing that the work does can keep the
 * process alive once its lease is over: the listening thread ends it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "rp/backend/child.h"
#include "rp/backend/documents.h"
#include "rp/backend/report.h"

#define ORDERS_FD 0
#define REPORT_FD 3
#define SLICE_MS 100
#define EXIT_ABANDONED 3

struct listener {
    const struct backend_config *cfg;
    struct stop *lost;
    atomic_bool hand_over, done;
    int signals;
    _Atomic int64_t renewed_ns;
    int64_t lost_ns; /* 0: not yet */
};

static void lose(struct listener *l, const char *why)
{
    if (l->lost_ns)
        return;
    l->lost_ns = clock_mono_ns(l->cfg->clock);
    log_warning(l->cfg->log, "ending the work: %s", why);
    stop_request(l->lost);
}

static void take_orders(struct listener *l)
{
    char orders[64];
    ssize_t n = read(ORDERS_FD, orders, sizeof(orders));
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
        lose(l, "the backend that asked for it is gone");
    for (ssize_t i = 0; i < n; i++) {
        if (orders[i] == 'r')
            atomic_store(&l->renewed_ns, clock_mono_ns(l->cfg->clock));
        if (orders[i] == 'h')
            atomic_store(&l->hand_over, true);
    }
}

static void take_signal(struct listener *l)
{
    struct signalfd_siginfo info;
    if (read(l->signals, &info, sizeof(info)) != sizeof(info))
        return;
    if ((pid_t)info.ssi_pid == getppid())
        lose(l, "its lease is lost");
}

static bool is_in_time(const struct listener *l)
{
    int64_t age_ns = clock_mono_ns(l->cfg->clock) - atomic_load(&l->renewed_ns);
    return age_ns < l->cfg->settings.trust_ms * NS_PER_MS;
}

static void listen_to_parent(void *arg)
{
    struct listener *l = arg;
    while (!atomic_load(&l->done)) {
        /* Descriptor 0 at its end is always readable. */
        struct pollfd fds[2] = { { .fd = l->signals, .events = POLLIN },
                                 { .fd = l->lost_ns ? -1 : ORDERS_FD, .events = POLLIN } };
        (void)poll(fds, 2, SLICE_MS);
        if (fds[0].revents)
            take_signal(l);
        if (fds[1].revents)
            take_orders(l);
        if (!is_in_time(l))
            lose(l, "its lease was not renewed in time");
        if (l->lost_ns && clock_mono_ns(l->cfg->clock) - l->lost_ns >=
                              l->cfg->settings.child_grace_ms * NS_PER_MS)
            _exit(EXIT_ABANDONED);
    }
}

static enum operation_end look(void *arg)
{
    const struct listener *l = arg;
    if (stop_is_set(l->lost) || !is_in_time(l))
        return OPERATION_LOST;
    return atomic_load(&l->hand_over) ? OPERATION_CUT : OPERATION_DONE;
}

/* The documents are read here: what they hold may be the very poison. */
static enum operation_end work(struct listener *l, const struct opctx *ctx, const char *key,
                               const char *token, struct error **err)
{
    cleanup_document struct document cluster = { 0 }, subscription = { 0 };
    struct cluster_job job = { .db = l->cfg->db, .key = key, .lease = token };
    if (documents_cluster(ctx, l->cfg->db, key, token, &cluster, err) < 0 ||
        documents_subscription(ctx, l->cfg->db, cluster.tree, &subscription, err) < 0 ||
        documents_operation(cluster.tree, &job.operation, err) < 0)
        return stop_is_set(l->lost) ? OPERATION_LOST : OPERATION_CRASHED;
    job.cluster = cluster.tree;
    job.subscription = subscription.tree;
    const struct operation_watch watch = { look, l };
    return operation_run(l->cfg, ctx, &job, &watch, err);
}

static int write_report(enum operation_end end, const struct error *e)
{
    cleanup_free char *text = report_give_text(end, e);
    for (size_t at = 0, len = strlen(text); at < len;) {
        ssize_t n = write(REPORT_FD, text + at, len - at);
        if (n < 0 && errno != EINTR)
            return EXIT_ABANDONED;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

bool backend_child_is_called(void)
{
    struct stat st;
    return fstat(REPORT_FD, &st) == 0 && S_ISFIFO(st.st_mode);
}

int backend_child_main(const struct backend_config *cfg, const char *key, const char *token)
{
    struct listener l = { .cfg = cfg };
    pthread_t thread;
    sigset_t set;
    cleanup_stop struct stop *lost = stop_new(NULL);
    cleanup_error struct error *err = NULL;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    cleanup_close int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    l.signals = signals;
    l.lost = lost;
    atomic_init(&l.renewed_ns, clock_mono_ns(cfg->clock));
    if (signals < 0 || thread_start(&thread, "parent", listen_to_parent, &l, &err) < 0)
        return EXIT_ABANDONED;
    const struct opctx ctx = opctx_root(cfg->clock, cfg->rng, lost, cfg->log);
    enum operation_end end = work(&l, &ctx, key, token, &err);
    int rc = write_report(end, err);
    atomic_store(&l.done, true);
    pthread_join(thread, NULL);
    return rc;
}
