#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "pkg/controller/controller.h"
#include "pkg/controller/crash.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

#define OUTPUT_MAX 65536

/* Runs fn in a child of its own, whose report comes back; the wait status is returned. */
static int run_child(void (*fn)(void), char output[OUTPUT_MAX])
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit no_core = { 0, 0 };
        (void)getrlimit(RLIMIT_CORE, &no_core);
        no_core.rlim_cur = 0;
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)close(fds[0]);
        crash_report_install(fds[1]);
        fn();
        _exit(0);
    }
    (void)close(fds[1]);
    size_t len = 0;
    for (ssize_t n;
         len < OUTPUT_MAX - 1 && (n = read(fds[0], output + len, OUTPUT_MAX - 1 - len)) > 0;)
        len += (size_t)n;
    output[len] = '\0';
    (void)close(fds[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static int break_down(void *arg, const struct opctx *ctx, const char *key, struct result *ret,
                      struct error **err)
{
    (void)arg, (void)ctx, (void)key, (void)ret, (void)err;
    abort();
}

static void reconcile_and_break(void)
{
    struct fake_clock clock;
    struct fake_rng rng;
    fake_clock_init(&clock);
    fake_rng_init(&rng, 1);
    struct source *timer = source_timer_new("timer", "ns/a \"key\"\n", 0);
    struct controller *c = controller_new(&(struct controller_config){
        .name = "Banner",
        .reconcile = break_down,
        .sources = &timer,
        .sources_len = 1,
        .clock = &clock.base,
        .rng = &rng.base,
    });
    const struct opctx ctx = opctx_root(&clock.base, &rng.base, NULL, NULL);
    (void)controller_run(c, &ctx, NULL);
}

static void check_reconcile(void **state)
{
    (void)state;
    static char output[OUTPUT_MAX];

    int status = run_child(reconcile_and_break, output);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    const char *line = "level=fatal msg=\"crashed\" signal=\"SIGABRT\" controller=\"Banner\" "
                       "key=\"ns/a ?key??\"\n";
    assert_int_equal(strncmp(output, line, strlen(line)), 0);
    assert_non_null(strstr(output + strlen(line), "[0x")); /* frames */
}

static void note_and_break(void)
{
    crash_note_set("Banner", "cluster");
    crash_note_clear();
    abort();
}

static void check_elsewhere(void **state)
{
    (void)state;
    static char output[OUTPUT_MAX];

    int status = run_child(note_and_break, output);

    assert_true(WIFSIGNALED(status));
    const char *line = "level=fatal msg=\"crashed\" signal=\"SIGABRT\"\n";
    assert_int_equal(strncmp(output, line, strlen(line)), 0);
}

static void note_long_and_break(void)
{
    static char key[5000];
    memset(key, 'k', sizeof(key) - 1);
    crash_note_set("Banner", key);
    abort();
}

static void check_long_key(void **state)
{
    (void)state;
    static char output[OUTPUT_MAX];

    int status = run_child(note_long_and_break, output);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(strcspn(output, "\n"), 1023);
}

static void end_well(void)
{
    crash_note_set("Banner", "cluster");
    crash_note_clear();
}

static void check_no_crash(void **state)
{
    (void)state;
    static char output[OUTPUT_MAX];

    int status = run_child(end_well, output);

    assert_true(WIFEXITED(status));
    assert_string_equal(output, "");
}

static void forbid_dumps(void)
{
    struct rlimit core = { 1, 1 };
    crash_forbid_dumps();
    if (getrlimit(RLIMIT_CORE, &core) < 0 || core.rlim_cur != 0 || core.rlim_max != 0 ||
        prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        _exit(1);
    abort();
}

static void check_dumps(void **state)
{
    (void)state;
    static char output[OUTPUT_MAX];

    int status = run_child(forbid_dumps, output);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_false(WCOREDUMP(status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a crash in a reconcile tells controller and key, and ends the process",
             check_reconcile),
        CASE("a crash elsewhere tells neither", check_elsewhere),
        CASE("a long key is cut", check_long_key),
        CASE("without a crash nothing is written", check_no_crash),
        CASE("where dumps are forbidden, a crash leaves none", check_dumps),
    };
    return RUN_CASES("crash", tests);
}
