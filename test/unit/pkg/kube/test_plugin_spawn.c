/* Credential plugins as real processes: small shell scripts in a private folder. */
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/kube/plugin.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

/* A clock on which every look takes 10 s. */
static atomic_llong looks;

static int64_t hasty_mono_ns(const struct clock *c)
{
    (void)c;
    return (int64_t)atomic_fetch_add(&looks, 1) * 10 * NS_PER_S;
}

struct fixture {
    char *dir;
    char *script;
    struct fake_rng rng;
    struct kube_exec_config exec;
};

static int setup(void **state)
{
    struct fixture *f = xnew(struct fixture);
    const char *tmp = getenv("TMPDIR");
    f->dir = xasprintf("%s/pluginXXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(f->dir))
        return -1;
    f->script = path_give_joined(f->dir, "plugin");
    f->exec.command = f->script;
    fake_rng_init(&f->rng, 1);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    (void)unlink(f->script);
    (void)rmdir(f->dir);
    free(f->dir);
    strv_release(&f->exec.args);
    strv_release(&f->exec.env_names);
    strv_release(&f->exec.env_values);
    free(f->script);
    free(f);
    return 0;
}

static void write_script(struct fixture *f, const char *body)
{
    cleanup_free char *text = xasprintf("#!/bin/sh\n%s\n", body);
    assert_int_equal(file_write_atomic(f->script, text, strlen(text), 0700, NULL), 0);
}

static int run(struct fixture *f, const struct opctx *ctx, char **ret, struct error **err)
{
    size_t len = 0;
    int rc = plugin_spawn(NULL, ctx, &f->exec, "the-info", ret, &len, err);
    if (rc == 0)
        assert_int_equal(len, strlen(*ret));
    return rc;
}

static struct opctx plain_context(struct fixture *f)
{
    return opctx_root(clock_system(), &f->rng.base, NULL, NULL);
}

static void assert_output(struct fixture *f, const char *want)
{
    struct opctx ctx = plain_context(f);
    cleanup_free char *output = NULL;
    cleanup_error struct error *err = NULL;
    int rc = run(f, &ctx, &output, &err);
    if (rc < 0)
        fail_msg("%s", error_text(err));
    assert_string_equal(output, want);
}

static void assert_failure(struct fixture *f, enum err_kind kind, const char *text)
{
    struct opctx ctx = plain_context(f);
    cleanup_free char *output = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(run(f, &ctx, &output, &err), -1);
    assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(kind));
    assert_non_null(strstr(error_text(err), text));
    assert_null(output);
}

static void test_arguments_and_environment(void **state)
{
    struct fixture *f = *state;
    strv_add(&f->exec.args, "a b");
    strv_add(&f->exec.args, "");
    strv_add(&f->exec.env_names, "HOME");
    strv_add(&f->exec.env_values, "/else where");
    write_script(f, "printf '%s|%s|%s|%s|%s|' \"$#\" \"$1\" \"$HOME\" \"$KUBERNETES_EXEC_INFO\" "
                    "\"${PATH:+path}\"\nenv | grep -c ^HOME=");
    assert_output(f, "2|a b|/else where|the-info|path|1\n");
}

static void test_no_input(void **state)
{
    struct fixture *f = *state;
    write_script(f, "cat; echo end");
    assert_output(f, "end\n");
}

static void test_signals_are_reset(void **state)
{
    struct fixture *f = *state;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    void (*old_pipe)(int) = signal(SIGPIPE, SIG_IGN);
    /* The last seven digits: beyond them are the C library's own. */
    write_script(f, "sed -nE 's/^(Sig(Blk|Ign):).*(.{7})$/\\1\\3/p' /proc/self/status");
    assert_output(f, "SigBlk:0000000\nSigIgn:0000000\n");
    (void)signal(SIGPIPE, old_pipe);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void test_child_that_stays(void **state)
{
    struct fixture *f = *state;
    write_script(f, "sleep 1000 & echo $! >\"$0.pid\"; echo done");
    assert_output(f, "done\n");
    cleanup_free char *pid_path = xasprintf("%s.pid", f->script);
    cleanup_free char *pid = NULL;
    size_t len;
    assert_int_equal(file_read(pid_path, 64, &pid, &len, NULL), 0);
    (void)kill((pid_t)strtol(pid, NULL, 10), SIGKILL);
    (void)unlink(pid_path);
}

static void test_exit_code(void **state)
{
    struct fixture *f = *state;
    write_script(f, "echo s3cret; exit 7");
    assert_failure(f, ERR_IO, "exit code 7");
}

static void test_signal(void **state)
{
    struct fixture *f = *state;
    write_script(f, "kill -TERM $$");
    assert_failure(f, ERR_IO, "signal 15");
}

static void test_missing_command(void **state)
{
    struct fixture *f = *state;
    assert_failure(f, ERR_NOT_FOUND, "plugin");
}

static void test_not_executable(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(file_write_atomic(f->script, "#!/nonexistent/sh\n", 18, 0700, NULL), 0);
    assert_failure(f, ERR_NOT_FOUND, "plugin");
}

static void test_too_much_output(void **state)
{
    struct fixture *f = *state;
    write_script(f, "head -c 1048577 /dev/zero | tr '\\0' x; sleep 1000");
    assert_failure(f, ERR_TOO_LARGE, "plugin");
}

static void test_as_much_as_allowed(void **state)
{
    struct fixture *f = *state;
    write_script(f, "head -c 1048576 /dev/zero | tr '\\0' x");
    struct opctx ctx = plain_context(f);
    cleanup_free char *output = NULL;
    assert_int_equal(run(f, &ctx, &output, NULL), 0);
    assert_int_equal(strlen(output), 1048576);
}

static void test_stop(void **state)
{
    struct fixture *f = *state;
    write_script(f, "sleep 1000");
    struct stop *stop = stop_new(NULL);
    struct opctx ctx = plain_context(f);
    ctx.stop = stop;
    stop_request(stop);
    cleanup_free char *output = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(run(f, &ctx, &output, &err), -1);
    assert_int_equal(error_kind(err), ERR_CANCELLED);
    stop_unref(stop);
}

static void test_time_limit(void **state)
{
    struct fixture *f = *state;
    write_script(f, "sleep 1000");
    const struct clock hasty = { .mono_ns = hasty_mono_ns };
    struct opctx ctx = opctx_root(&hasty, &f->rng.base, NULL, NULL);
    cleanup_free char *output = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(run(f, &ctx, &output, &err), -1);
    assert_int_equal(error_kind(err), ERR_TIMEOUT);
}

#define SPAWN_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPAWN_CASE("arguments, own environment entries and the info arrive",
                   test_arguments_and_environment),
        SPAWN_CASE("standard input is empty", test_no_input),
        SPAWN_CASE("blocked and ignored signals are not inherited", test_signals_are_reset),
        SPAWN_CASE("a child that the plugin leaves behind is not waited for",
                   test_child_that_stays),
        SPAWN_CASE("an exit code is told", test_exit_code),
        SPAWN_CASE("a signal is told", test_signal),
        SPAWN_CASE("a missing command is not found", test_missing_command),
        SPAWN_CASE("a command without its interpreter is not found", test_not_executable),
        SPAWN_CASE("more than 1 MiB of output is refused, and the plugin ended",
                   test_too_much_output),
        SPAWN_CASE("1 MiB of output is accepted", test_as_much_as_allowed),
        SPAWN_CASE("a stop ends the plugin", test_stop),
        SPAWN_CASE("a plugin that takes longer than a minute is ended", test_time_limit),
    };
    return RUN_CASES("plugin_spawn", tests);
}
