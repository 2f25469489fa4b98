#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/backend/child.h"
#include "rp/backend/report.h"
#include "test/unit/support/rp/backend/child_program.h"
#include "test/unit/support/rp/backend/child_rig.h"
#include "test/unit/support/test.h"

/* A child whose parent is the test itself. */
struct child {
    pid_t pid;
    int orders, report;
};

static void start(const struct child_rig *r, struct child *c, const char *steps, const char *trust,
                  const char *token)
{
    int orders[2], report[2];
    char *self = xstrdup("/proc/self/exe");
    char *argv[] = { self,           xstrdup(CHILD_PROGRAM_WORD), xstrdup(r->dsn), xstrdup(steps),
                     xstrdup(trust), xstrdup(RIG_KEY("a")),       xstrdup(token),  NULL };
    posix_spawn_file_actions_t actions;
    assert_int_equal(pipe(orders), 0);
    assert_int_equal(pipe(report), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, orders[0], 0);
    posix_spawn_file_actions_addclose(&actions, orders[1]);
    posix_spawn_file_actions_addclose(&actions, report[0]);
    if (report[1] != 3) {
        posix_spawn_file_actions_adddup2(&actions, report[1], 3);
        posix_spawn_file_actions_addclose(&actions, report[1]);
    }
    assert_int_equal(posix_spawn(&c->pid, self, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; argv[i]; i++)
        free(argv[i]);
    close(orders[0]);
    close(report[1]);
    c->orders = orders[1];
    c->report = report[0];
}

/* Its report (NULL: none) and exit code; negative: a signal. */
static char *give_end(struct child *c, int *ret_code)
{
    struct buf text = BUF_INIT(REPORT_MAX_BYTES);
    for (ssize_t n = 1; n > 0;) {
        char *room = buf_reserve(&text, 4096);
        n = read(c->report, room, 4096);
        if (n > 0)
            buf_advance(&text, (size_t)n);
    }
    int status;
    assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
    *ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    close(c->report);
    if (c->orders >= 0)
        close(c->orders);
    char *ret = text.len ? xstrdup(buf_str(&text)) : NULL;
    buf_release(&text);
    return ret;
}

static void assert_end(struct child *c, const char *want)
{
    int code;
    cleanup_free char *report = give_end(c, &code);
    cleanup_free char *start_of_it = xasprintf("{\"end\":\"%s\"", want);
    assert_non_null(report);
    if (!str_starts(report, start_of_it))
        fail_msg("%s instead of %s", report, want);
    assert_int_equal(code, 0);
}

/* ---- cases ---- */

static void works_and_tells(void **state)
{
    (void)state;
    cleanup_child_rig struct child_rig r;
    struct child c;
    child_rig_open(&r);

    start(&r, &c, "..", "60000", r.token);

    assert_end(&c, "done");
}

static void does_nothing_with_another_lease(void **state)
{
    (void)state;
    cleanup_child_rig struct child_rig r;
    struct child c;
    child_rig_open(&r);

    start(&r, &c, "a", "60000", "another");

    assert_end(&c, "crashed");
}

static void stops_when_the_parent_is_gone(void **state)
{
    (void)state;
    cleanup_child_rig struct child_rig r;
    struct child c;
    child_rig_open(&r);
    start(&r, &c, "w", "60000", r.token);

    close(c.orders);
    c.orders = -1;

    assert_end(&c, "lost");
}

static void ends_without_a_report_when_the_work_is_deaf(void **state)
{
    (void)state;
    cleanup_child_rig struct child_rig r;
    struct child c;
    int code;
    child_rig_open(&r);
    start(&r, &c, "h", "60000", r.token);
    char at_work;
    assert_int_equal(read(c.report, &at_work, 1), 1);

    close(c.orders);
    c.orders = -1;

    cleanup_free char *report = give_end(&c, &code);
    assert_null(report);
    assert_int_equal(code, 3);
}

static void stops_when_no_renewal_is_heard_of(void **state)
{
    (void)state;
    cleanup_child_rig struct child_rig r;
    struct child c;
    child_rig_open(&r);

    start(&r, &c, "w", "1", r.token); /* the parent is there, and silent */

    assert_end(&c, "lost");
}

static void hands_over_when_told(void **state)
{
    (void)state;
    cleanup_child_rig struct child_rig r;
    struct child c;
    child_rig_open(&r);
    start(&r, &c, "c", "60000", r.token);

    assert_int_equal(write(c.orders, "rrh", 3), 3);

    assert_end(&c, "cut");
}

static void a_signal_of_the_parent_ends_it(void **state)
{
    (void)state;
    cleanup_child_rig struct child_rig r;
    struct child c;
    child_rig_open(&r);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, NULL), 0); /* as child_run has it */
    start(&r, &c, "w", "60000", r.token);
    assert_int_equal(pthread_sigmask(SIG_UNBLOCK, &set, NULL), 0);

    assert_int_equal(kill(c.pid, SIGTERM), 0);

    assert_end(&c, "lost");
}

static void a_signal_of_others_does_not(void **state)
{
    (void)state;
    cleanup_child_rig struct child_rig r;
    struct child c;
    child_rig_open(&r);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
    start(&r, &c, "c", "60000", r.token);
    assert_int_equal(pthread_sigmask(SIG_UNBLOCK, &set, NULL), 0);
    pid_t other = fork();
    if (other == 0)
        _exit(kill(c.pid, SIGTERM) == 0 ? 0 : 1);
    int status;
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_int_equal(status, 0);

    assert_int_equal(write(c.orders, "h", 1), 1);

    assert_end(&c, "cut");
}

/* What was at descriptor 3 comes back. */
static void knows_who_called(void **state)
{
    (void)state;
    int kept = fcntl(3, F_DUPFD_CLOEXEC, 10);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int pipe_fd = fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
    int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int null_high = fcntl(null_fd, F_DUPFD_CLOEXEC, 10);

    bool by_pipe = dup2(pipe_fd, 3) == 3 && backend_child_is_called();
    bool by_device = dup2(null_high, 3) == 3 && backend_child_is_called();
    (void)close(3);
    bool by_nothing = backend_child_is_called();

    const int ours[] = { ends[0], ends[1], pipe_fd, null_fd, null_high };
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        (void)close(ours[i]);
    if (kept >= 0) {
        (void)dup2(kept, 3);
        (void)close(kept);
    }
    assert_true(by_pipe);
    assert_false(by_device);
    assert_false(by_nothing);
}

int main(int argc, char **argv)
{
    if (child_program_is(argc, argv))
        return child_program_run(argv);
    const struct CMUnitTest tests[] = {
        CASE("knows whether a backend called", knows_who_called),
        CASE("works and tells", works_and_tells),
        CASE("does nothing with another lease", does_nothing_with_another_lease),
        CASE("stops when the parent is gone", stops_when_the_parent_is_gone),
        CASE("ends without a report when the work is deaf",
             ends_without_a_report_when_the_work_is_deaf),
        CASE("stops when no renewal is heard of", stops_when_no_renewal_is_heard_of),
        CASE("hands over when told", hands_over_when_told),
        CASE("a signal of the parent ends it", a_signal_of_the_parent_ends_it),
        CASE("a signal of others does not", a_signal_of_others_does_not),
    };
    return RUN_CASES("child_main", tests);
}
