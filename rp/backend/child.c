/* The parent's side: posix_spawn, because forking a process with threads is unsafe. */
#include "rp/backend/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/backend/report.h"

#define REPORT_FD 3
#define SLICE_MS 100 /* how often the parent looks around */

struct child {
    const struct backend_config *cfg;
    const struct heartbeat *beat;
    const struct operation_watch *watch;
    pid_t pid;
    int orders;  /* write end of its descriptor 0 */
    int report;  /* read end of its descriptor 3; -1: at its end */
    int process; /* becomes readable when it ends */
    struct buf text;
    unsigned renewals; /* that it was told of */
    bool told_to_hand_over, told_to_end, killed;
    int64_t kill_ns; /* once told to end */
};

/* SIGTERM and SIGINT wait for the child's own thread; it is in a group of its own, away from the terminal. */
static void set_attributes(posix_spawnattr_t *attr)
{
    sigset_t blocked, all;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawnattr_init(attr);
    posix_spawnattr_setsigmask(attr, &blocked);
    posix_spawnattr_setsigdefault(attr, &all);
    posix_spawnattr_setpgroup(attr, 0);
    posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                       POSIX_SPAWN_SETPGROUP);
}

/* Returns an errno value. */
static int spawn(const struct backend_config *cfg, const char *key, const char *token, int orders,
                 int report, pid_t *ret)
{
    cleanup_strv struct strv argv = STRV_INIT;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    for (size_t i = 0; cfg->child[i]; i++)
        strv_add(&argv, cfg->child[i]);
    strv_add(&argv, key);
    strv_add(&argv, token);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, orders, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, report, REPORT_FD);
    set_attributes(&attr);
    int rc = posix_spawn(ret, argv.v[0], &actions, &attr, argv.v, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

/* A pipe none of whose ends is a descriptor that the child gets: dup2 onto another end would cut it off. */
static int make_pipe(int ret[2], struct error **err)
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) < 0)
        return error_set_errno(err, errno, "pipe");
    for (int i = 0; i < 2; i++) {
        ret[i] = fcntl(low[i], F_DUPFD_CLOEXEC, REPORT_FD + 1);
        (void)close(low[i]);
    }
    if (ret[0] >= 0 && ret[1] >= 0)
        return 0;
    int saved = errno;
    for (int i = 0; i < 2; i++)
        if (ret[i] >= 0)
            (void)close(ret[i]);
    return error_set_errno(err, saved, "pipe");
}

static int start(struct child *c, const char *key, const char *token, struct error **err)
{
    int orders[2], report[2];
    if (make_pipe(orders, err) < 0)
        return -1;
    if (make_pipe(report, err) < 0) {
        (void)close(orders[0]);
        (void)close(orders[1]);
        return -1;
    }
    int rc = spawn(c->cfg, key, token, orders[0], report[1], &c->pid);
    (void)close(orders[0]);
    (void)close(report[1]);
    c->orders = orders[1];
    c->report = report[0];
    c->process = rc == 0 ? pidfd_open(c->pid, 0) : -1;
    if (c->process >= 0) {
        (void)fcntl(c->report, F_SETFL, O_NONBLOCK);
        (void)fcntl(c->orders, F_SETFL, O_NONBLOCK);
        return 0;
    }
    int saved = rc != 0 ? rc : errno;
    if (rc == 0) {
        (void)kill(c->pid, SIGKILL);
        (void)waitpid(c->pid, NULL, 0);
    }
    (void)close(c->orders);
    (void)close(c->report);
    return error_set_errno(err, saved, "running %s", c->cfg->child[0]);
}

/* Takes what is there. */
static void drain(struct child *c)
{
    while (c->report >= 0) {
        char *room = buf_reserve(&c->text, 4096);
        ssize_t n = room ? read(c->report, room, 4096) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n > 0) {
            buf_advance(&c->text, (size_t)n);
            continue;
        }
        (void)close(c->report);
        c->report = -1;
    }
}

/* A child that does not read its orders has enough of them. */
static void order(const struct child *c, char letter)
{
    while (write(c->orders, &letter, 1) < 0 && errno == EINTR)
        ;
}

static void end_lost(struct child *c)
{
    int64_t now_ns = clock_mono_ns(c->cfg->clock);
    if (!c->told_to_end) {
        c->told_to_end = true;
        c->kill_ns = now_ns + c->cfg->settings.child_grace_ms * NS_PER_MS;
        (void)kill(c->pid, SIGTERM);
    } else if (!c->killed && now_ns >= c->kill_ns) {
        c->killed = true;
        (void)kill(c->pid, SIGKILL);
    }
}

static void look_around(struct child *c)
{
    unsigned renewals = heartbeat_renewals(c->beat);
    enum operation_end end = c->watch->look(c->watch->arg);
    if (renewals != c->renewals)
        order(c, 'r');
    c->renewals = renewals;
    if (end == OPERATION_LOST)
        end_lost(c);
    if (end == OPERATION_CUT && !c->told_to_hand_over) {
        c->told_to_hand_over = true;
        order(c, 'h');
    }
}

static void await(struct child *c)
{
    for (bool ended = false; !ended;) {
        struct pollfd fds[2] = { { .fd = c->process, .events = POLLIN },
                                 { .fd = c->report, .events = POLLIN } };
        (void)poll(fds, 2, SLICE_MS);
        ended = fds[0].revents != 0;
        drain(c);
        look_around(c);
    }
}

static enum operation_end conclude(struct child *c, int status, struct error **err)
{
    enum operation_end end;
    struct error *reported = NULL;
    cleanup_error struct error *why = NULL;
    if (c->watch->look(c->watch->arg) == OPERATION_LOST) {
        (void)error_set(err, ERR_CANCELLED, "the lease is lost");
        return OPERATION_LOST;
    }
    if (buf_check(&c->text, &why) == 0 &&
        report_parse(buf_str(&c->text), c->text.len, &end, &reported, &why) == 0) {
        if (reported)
            error_move(err, &reported);
        return end;
    }
    if (WIFSIGNALED(status))
        (void)error_set(err, ERR_INTERNAL, "the cluster's process was ended by signal %d",
                        WTERMSIG(status));
    else
        (void)error_set(err, ERR_INTERNAL,
                        "the cluster's process ended with code %d, without a report",
                        WEXITSTATUS(status));
    return OPERATION_CRASHED;
}

enum operation_end child_run(const struct backend_config *cfg, const struct heartbeat *beat,
                             const char *key, const char *token,
                             const struct operation_watch *watch, struct error **err)
{
    struct child c = { .cfg = cfg, .beat = beat, .watch = watch };
    int status = 0;
    buf_init(&c.text, REPORT_MAX_BYTES);
    if (start(&c, key, token, err) < 0)
        return OPERATION_CRASHED;
    log_info(heartbeat_ctx(beat)->log, "working in process %ld", (long)c.pid);
    await(&c);
    while (waitpid(c.pid, &status, 0) < 0 && errno == EINTR)
        ;
    drain(&c);
    enum operation_end end = conclude(&c, status, err);
    (void)close(c.process);
    (void)close(c.orders);
    if (c.report >= 0)
        (void)close(c.report);
    buf_release(&c.text);
    return end;
}
