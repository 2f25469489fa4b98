#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/signals.h"
#include "test/unit/support/test.h"

/* The tested function changes a whole process: each case has one of its own. Its status, -1 when it did not exit. */
static int status_of(int (*child)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)alarm(60); /* a child that waits in vain does not outlive the test for long */
        _exit(child());
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void await_stop(const struct stop *s)
{
    while (!stop_is_set(s))
        (void)sched_yield();
}

static int stop_twice_then_exit(void)
{
    struct stop *stops[] = { stop_new(NULL), stop_new(NULL) };
    if (signals_start(stops, 2, SIGNALS_REST_EXIT, NULL) < 0)
        return 2;
    (void)kill(getpid(), SIGTERM);
    await_stop(stops[0]);
    if (stop_is_set(stops[1]))
        return 3;
    (void)kill(getpid(), SIGINT);
    await_stop(stops[1]);
    (void)kill(getpid(), SIGTERM);
    for (;;)
        (void)pause();
}

static void check_exit(void **state)
{
    (void)state;
    assert_int_equal(status_of(stop_twice_then_exit), 1);
}

static int stop_and_ignore(void)
{
    struct stop *stop = stop_new(NULL);
    sigset_t pending;
    if (signals_start(&stop, 1, SIGNALS_REST_IGNORE, NULL) < 0)
        return 2;
    (void)kill(getpid(), SIGINT);
    await_stop(stop);
    (void)kill(getpid(), SIGTERM);
    (void)sigpending(&pending);
    return sigismember(&pending, SIGTERM) ? 7 : 3; /* nobody takes it */
}

static void check_ignore(void **state)
{
    (void)state;
    assert_int_equal(status_of(stop_and_ignore), 7);
}

static int write_to_nobody(void)
{
    int ends[2];
    struct stop *stop = stop_new(NULL);
    if (pipe(ends) < 0 || signals_start(&stop, 1, SIGNALS_REST_EXIT, NULL) < 0)
        return 2;
    (void)close(ends[0]);
    return write(ends[1], "x", 1) < 0 ? 7 : 3;
}

static void check_pipe(void **state)
{
    (void)state;
    assert_int_equal(status_of(write_to_nobody), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("each signal requests the next stop, one more ends the process", check_exit),
        CASE("signals beyond the stops can be ignored", check_ignore),
        CASE("a pipe without a reader is an error of write, not the end", check_pipe),
    };
    return RUN_CASES("signals", tests);
}
