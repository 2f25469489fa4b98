#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "pkg/base/env.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "rp/cluster/installer/program.h"
#include "rp/cluster/installer/workdir.h"
#include "test/unit/support/test.h"

/* sh -c SCRIPT */
static int run_with(const struct opctx *ctx, const char *script, const struct secret *input,
                    char **ret_tail, struct error **err)
{
    cleanup_strv struct strv arguments = STRV_INIT, environment = STRV_INIT;
    strv_add(&arguments, "sh");
    strv_add(&arguments, "-c");
    strv_add(&arguments, script);
    strv_add(&environment, "COLOUR=blue");
    strv_addf(&environment, "PATH=%s", env_get(env_process(), "PATH"));
    const struct program p = {
        .folder = "/usr", .arguments = &arguments, .environment = &environment, .input = input
    };
    return program_run(ctx, &p, ret_tail, err);
}

static int run(const struct opctx *ctx, const char *script, char **ret_tail, struct error **err)
{
    return run_with(ctx, script, NULL, ret_tail, err);
}

static struct opctx give_context(void)
{
    return opctx_root(clock_system(), rng_system(), NULL, NULL);
}

static void gives_what_was_printed(void **state)
{
    (void)state;
    struct opctx ctx = give_context();
    cleanup_free char *tail = NULL;

    assert_int_equal(
        run(&ctx, "echo out $COLOUR; echo err >&2; pwd; cat; env | wc -l", &tail, NULL), 0);

    /* PWD is the shell's own. */
    assert_string_equal(tail, "out blue\nerr\n/usr\n3\n");
}

static void keeps_the_last_lines(void **state)
{
    (void)state;
    struct opctx ctx = give_context();
    cleanup_free char *tail = NULL;

    assert_int_equal(run(&ctx, "seq 100000; echo last", &tail, NULL), 0);

    assert_true(strlen(tail) <= PROGRAM_TAIL_BYTES);
    assert_true(strlen(tail) > PROGRAM_TAIL_BYTES / 2);
    assert_true(str_ends(tail, "\n99999\n100000\nlast\n"));
    long long number;
    tail[strcspn(tail, "\n")] = '\0';
    assert_true(str_to_int(tail, 10000, 99999, &number)); /* a whole one */
}

/* However long it is; what is told beside it stays where one looks for the reason of a failure. */
static void output_goes_to_a_file(void **state)
{
    (void)state;
    struct opctx ctx = give_context();
    cleanup_workdir struct workdir dir = { 0 };
    cleanup_strv struct strv arguments = STRV_INIT, environment = STRV_INIT;
    cleanup_secret struct secret *text = NULL;
    cleanup_free char *tail = NULL;
    size_t len;
    const char *tmp = env_get_or(env_process(), "TMPDIR", "/tmp");
    assert_int_equal(workdir_make(tmp, "test-program", &dir, NULL), 0);
    cleanup_free char *output = xasprintf("%s/out", dir.path);
    strv_split(&arguments, "sh -c", " ", false);
    strv_add(&arguments, "seq 100000; echo why >&2");
    strv_addf(&environment, "PATH=%s", env_get(env_process(), "PATH"));
    const struct program p = {
        .folder = dir.path, .arguments = &arguments, .environment = &environment, .output = output
    };

    assert_int_equal(program_run(&ctx, &p, &tail, NULL), 0);

    assert_int_equal(workdir_read(&dir, "out", (size_t)1 << 20, &text, NULL), 0);
    assert_memory_equal(secret_reveal(text, &len), "1\n2\n", 4);
    assert_int_equal(len, 588895);
    assert_string_equal(tail, "why\n");
}

/* Twice: from where it stands, and by name as programs do that want a file. */
static void input_is_a_private_file(void **state)
{
    (void)state;
    struct opctx ctx = give_context();
    cleanup_secret struct secret *input = secret_new("a key\n", 6);
    cleanup_free char *tail = NULL;

    assert_int_equal(
        run_with(&ctx, "stat -L -c %a /dev/stdin; cat /dev/stdin; cat", input, &tail, NULL), 0);

    assert_string_equal(tail, "600\na key\na key\n");
}

/* The number that a program writes, once it does. */
static pid_t read_pid(const char *path)
{
    long long number = 0;
    while (number == 0) {
        cleanup_free char *text = NULL;
        size_t len;
        if (file_read(path, 32, &text, &len, NULL) == 0 && len > 0 && text[len - 1] == '\n') {
            text[len - 1] = '\0';
            assert_true(str_to_int(text, 1, INT32_MAX, &number));
        } else {
            (void)poll(NULL, 0, 10);
        }
    }
    return (pid_t)number;
}

static void ends_with_a_killed_process(void **state)
{
    (void)state;
    struct opctx ctx = give_context();
    cleanup_workdir struct workdir dir = { 0 };
    const char *tmp = env_get_or(env_process(), "TMPDIR", "/tmp");
    assert_int_equal(workdir_make(tmp, "test-program", &dir, NULL), 0);
    cleanup_free char *path = xasprintf("%s/pid", dir.path);
    cleanup_free char *script = xasprintf("echo $$ >%s; exec sleep 1000", path);
    pid_t child = fork();
    if (child == 0) {
        char *tail;
        (void)run(&ctx, script, &tail, NULL);
        _exit(0);
    }
    struct pollfd program = { .fd = pidfd_open(read_pid(path), 0), .events = POLLIN };
    assert_true(program.fd >= 0);

    assert_int_equal(kill(child, SIGKILL), 0);

    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(poll(&program, 1, 60000), 1);
    (void)close(program.fd);
}

struct bad_case {
    const char *name, *script, *want, *tail;
};
static struct bad_case bad_cases[] = {
    { "another exit code than 0 is told", "echo why; exit 3", "sh ended with exit code 3",
      "why\n" },
    { "a signal is told", "echo why; kill -9 $$", "sh was ended by signal 9", "why\n" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    struct opctx ctx = give_context();
    cleanup_free char *tail = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(run(&ctx, c->script, &tail, &err), -1);

    assert_true(error_is(err, ERR_IO));
    assert_string_equal(error_text(err), c->want);
    assert_string_equal(tail, c->tail);
}

static void is_ended_with_the_context(void **state)
{
    (void)state;
    struct opctx root = give_context(), ctx = opctx_with_timeout_ms(&root, 200);
    cleanup_free char *tail = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(run(&ctx, "echo begun; trap '' TERM; sleep 1000", &tail, &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
    assert_non_null(tail);
}

/* Whoever holds the output open would keep us, if we waited for its end. */
static void takes_children_with_it(void **state)
{
    (void)state;
    struct opctx ctx = give_context();
    cleanup_free char *tail = NULL;

    assert_int_equal(run(&ctx, "sleep 1000 & echo done", &tail, NULL), 0);

    assert_string_equal(tail, "done\n");
}

static void does_not_begin_when_it_is_over(void **state)
{
    (void)state;
    struct stop *stop = stop_new(NULL);
    struct opctx ctx = opctx_root(clock_system(), rng_system(), stop, NULL);
    cleanup_free char *tail = NULL;
    cleanup_error struct error *err = NULL;
    stop_request(stop);

    assert_int_equal(run(&ctx, "echo begun", &tail, &err), -1);

    assert_true(error_is(err, ERR_CANCELLED));
    assert_null(tail);
    stop_unref(stop);
}

static void names_what_there_is_not(void **state)
{
    (void)state;
    struct opctx ctx = give_context();
    cleanup_strv struct strv arguments = STRV_INIT, environment = STRV_INIT;
    strv_add(&arguments, "no-such-program");
    strv_add(&environment, "PATH=/usr/bin");
    struct program p = { .folder = "/", .arguments = &arguments, .environment = &environment };
    char *tail = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(program_run(&ctx, &p, &tail, &err), -1);

    assert_true(error_is(err, ERR_NOT_FOUND));
    assert_non_null(strstr(error_text(err), "no-such-program"));
    assert_null(tail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what it prints is given, and it gets what it is given", gives_what_was_printed),
        CASE("the last lines are kept, whole", keeps_the_last_lines),
        CASE("its output goes to a file, however long it is", output_goes_to_a_file),
        CASE("its input is a file that its owner alone reads", input_is_a_private_file),
        CASE("it ends with the process that is killed amid its run", ends_with_a_killed_process),
        CASE_OF(bad_cases[0].name, check_bad, &bad_cases[0]),
        CASE_OF(bad_cases[1].name, check_bad, &bad_cases[1]),
        CASE("it is ended with the context, whatever it does", is_ended_with_the_context),
        CASE("its children end with it", takes_children_with_it),
        CASE("it does not begin when the context has ended", does_not_begin_when_it_is_over),
        CASE("a program that there is not is named", names_what_there_is_not),
    };
    return RUN_CASES("program", tests);
}
