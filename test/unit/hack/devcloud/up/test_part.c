#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hack/devcloud/up/part.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

struct rig {
    char *dir, *log;
    struct part part;
};

static int set_up(void **state)
{
    struct rig *r = xnew(struct rig);
    r->dir = temp_dir_give();
    r->log = path_give_joined(r->dir, "log");
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *r = *state;
    part_release(&r->part);
    temp_dir_free(r->dir);
    free(r->log);
    free(r);
    return 0;
}

static void start(struct rig *r, const char *script)
{
    cleanup_part_command struct part_command cmd = { .dir = r->dir };
    strv_add(&cmd.args, "/bin/sh");
    strv_add(&cmd.args, "-c");
    strv_add(&cmd.args, script);
    strv_add(&cmd.env, "WHAT=world");
    assert_int_equal(part_start(&r->part, "the part", xstrdup(r->log), &cmd, NULL), 0);
}

/* It is left for part_runs to collect. */
static void await_end(const struct rig *r)
{
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)r->part.pid, &info, WEXITED | WNOWAIT), 0);
}

static void check_story(const struct rig *r, const char *how, const char *end)
{
    cleanup_free char *story = part_give_story(&r->part);
    cleanup_free char *text =
        xasprintf("the part %s; the end of its log, %s:\n%s", how, r->log, end);
    assert_string_equal(story, text);
}

static void tells_how_it_ended(void **state)
{
    struct rig *r = *state;
    start(r, "echo \"hello $WHAT\"; pwd -P >where; exit 3");
    await_end(r);

    assert_false(part_runs(&r->part));

    check_story(r, "ended with status 3", "hello world\n");
    cleanup_free char *where = path_give_joined(r->dir, "where");
    assert_int_equal(access(where, F_OK), 0);
}

static void tells_the_last_lines(void **state)
{
    struct rig *r = *state;
    start(r, "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i >&2; done; kill -9 $$");
    await_end(r);

    assert_false(part_runs(&r->part));

    check_story(r, "was ended by signal 9", "3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
}

static void tells_of_an_empty_log(void **state)
{
    struct rig *r = *state;
    start(r, "exit 0");
    await_end(r);

    assert_false(part_runs(&r->part));

    check_story(r, "ended with status 0", "(it is empty)");
}

static void is_signalled(void **state)
{
    struct rig *r = *state;
    start(r, "exec tail -f /dev/null");
    assert_true(part_runs(&r->part));
    assert_int_equal(getpgid(r->part.pid), r->part.pid); /* away from the terminal's Ctrl-C */

    part_signal(&r->part, SIGTERM);
    await_end(r);

    assert_false(part_runs(&r->part));
    part_signal(&r->part, SIGTERM); /* nobody */
}

static void needs_an_executable(void **state)
{
    struct rig *r = *state;
    cleanup_error struct error *err = NULL;
    cleanup_part_command struct part_command cmd = { .dir = r->dir };
    strv_add(&cmd.args, "/nowhere/program");

    assert_int_equal(part_start(&r->part, "the part", xstrdup(r->log), &cmd, &err), -1);

    assert_string_equal(error_text(err),
                        "the part: running /nowhere/program: No such file or directory");
    assert_false(part_runs(&r->part));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "tells how it ended", tells_how_it_ended, set_up, tear_down, NULL },
        { "tells the last lines of its log", tells_the_last_lines, set_up, tear_down, NULL },
        { "tells of an empty log", tells_of_an_empty_log, set_up, tear_down, NULL },
        { "is signalled alone", is_signalled, set_up, tear_down, NULL },
        { "needs an executable", needs_an_executable, set_up, tear_down, NULL },
    };
    return RUN_CASES("parts", tests);
}
