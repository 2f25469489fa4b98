#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hack/devcloud/up/place.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

static int set_up(void **state)
{
    *state = temp_dir_give();
    return 0;
}

static int tear_down(void **state)
{
    temp_dir_free(*state);
    return 0;
}

static bool exists(const char *dir, const char *name)
{
    cleanup_free char *path = path_give_joined(dir, name);
    return access(path, F_OK) == 0;
}

/* Another process that has the folder until it is told to end. */
static pid_t start_holder(const char *dir, bool ready)
{
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct place p;
        if (place_take(dir, &p, NULL) < 0 || (ready && place_set_ready(&p, NULL) < 0) ||
            write(ends[1], "", 1) != 1)
            _exit(1);
        for (;;)
            (void)pause();
    }
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    (void)close(ends[0]);
    return pid;
}

static void makes_a_private_folder(void **state)
{
    cleanup_free char *dir = path_give_joined(*state, "new");
    cleanup_place struct place p = { .lock = -1 };
    struct stat st;

    assert_int_equal(place_take(dir, &p, NULL), 0);

    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(exists(dir, "log"));
}

static void begins_anew_but_for_logs(void **state)
{
    const char *dir = *state;
    cleanup_place struct place p = { .lock = -1 };
    assert_int_equal(place_take(dir, &p, NULL), 0);
    place_release(&p);
    free(temp_dir_write(dir, "rp/secrets/key", "x"));
    free(temp_dir_write(dir, "env", "x"));
    free(temp_dir_write(dir, "log/rp.log", "x"));

    assert_int_equal(place_take(dir, &p, NULL), 0);

    assert_false(exists(dir, "rp"));
    assert_false(exists(dir, "env"));
    assert_true(exists(dir, "log/rp.log"));
}

static void leaves_foreign_folders_alone(void **state)
{
    cleanup_place struct place p = { .lock = -1 };
    cleanup_error struct error *err = NULL;
    free(temp_dir_write(*state, "thesis", "x"));

    assert_int_equal(place_take(*state, &p, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    assert_non_null(strstr(error_text(err), "is no folder of a development cloud"));
    assert_true(exists(*state, "thesis"));
}

static void knows_who_has_it(void **state)
{
    const char *dir = *state;
    cleanup_place struct place p = { .lock = -1 };
    cleanup_error struct error *err = NULL;
    assert_int_equal(place_holder(dir), 0);
    pid_t pid = start_holder(dir, false);

    assert_int_equal(place_holder(dir), pid);
    assert_false(place_is_ready(dir));
    assert_int_equal(place_take(dir, &p, &err), -1);

    assert_true(error_is(err, ERR_EXISTS));
    cleanup_free char *process = xasprintf("already (process %d)", (int)pid);
    assert_non_null(strstr(error_text(err), process));
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    assert_int_equal(place_holder(dir), 0);
}

static void ends_who_has_it(void **state)
{
    cleanup_error struct error *err = NULL;
    int status;
    pid_t pid = start_holder(*state, true);
    assert_true(place_is_ready(*state));

    assert_int_equal(place_end_holder(*state, 60000, NULL), 0);

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_false(place_is_ready(*state));
    assert_int_equal(place_end_holder(*state, 60000, &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
}

static void says_that_nobody_ends(void **state)
{
    cleanup_error struct error *err = NULL;
    (void)signal(SIGTERM, SIG_IGN); /* the holder inherits it */
    pid_t pid = start_holder(*state, true);
    (void)signal(SIGTERM, SIG_DFL);

    assert_int_equal(place_end_holder(*state, 0, &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "makes a private folder", makes_a_private_folder, set_up, tear_down, NULL },
        { "begins anew, but keeps logs", begins_anew_but_for_logs, set_up, tear_down, NULL },
        { "leaves foreign folders alone", leaves_foreign_folders_alone, set_up, tear_down, NULL },
        { "knows who has it", knows_who_has_it, set_up, tear_down, NULL },
        { "ends who has it", ends_who_has_it, set_up, tear_down, NULL },
        { "says when nobody ends", says_that_nobody_ends, set_up, tear_down, NULL },
    };
    return RUN_CASES("place", tests);
}
