#include <string.h>
#include <sys/stat.h>

#include "pkg/base/mem.h"
#include "rp/cluster/installer/workdir.h"
#include "test/unit/support/test.h"

/* A folder for the folders. */
static struct workdir base;

static int set_up(void **state)
{
    (void)state;
    cleanup_free char *id = xasprintf("test-%d", (int)getpid());
    return workdir_make("/tmp", id, &base, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    workdir_release(&base);
    return 0;
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void is_for_its_owner_alone(void **state)
{
    (void)state;
    cleanup_workdir struct workdir w = { 0 };
    cleanup_secret struct secret *text = NULL;
    mode_t before = umask(0);

    assert_int_equal(workdir_make(base.path, "id", &w, NULL), 0);
    assert_int_equal(workdir_make_folder(&w, "inner", NULL), 0);
    assert_int_equal(workdir_write(&w, "inner/file", "te\0xt", 5, NULL), 0);
    (void)umask(before);

    cleanup_free char *file = xasprintf("%s/inner/file", w.path);
    assert_int_equal(mode_of(w.path), 0700);
    assert_int_equal(mode_of(file), 0600);
    assert_int_equal(workdir_read(&w, "inner/file", 5, &text, NULL), 0);
    size_t len;
    assert_memory_equal(secret_reveal(text, &len), "te\0xt", 5);
    assert_int_equal(len, 5);
}

static void goes_with_all_it_holds(void **state)
{
    (void)state;
    struct workdir w = { 0 }, other = { 0 };
    assert_int_equal(workdir_make(base.path, "other", &other, NULL), 0);
    assert_int_equal(workdir_write(&other, "kept", "x", 1, NULL), 0);
    assert_int_equal(workdir_make(base.path, "id", &w, NULL), 0);
    assert_int_equal(workdir_make_folder(&w, "a", NULL), 0);
    assert_int_equal(workdir_make_folder(&w, "a/b", NULL), 0);
    assert_int_equal(workdir_write(&w, "a/b/.hidden", "x", 1, NULL), 0);
    cleanup_free char *link = xasprintf("%s/a/link", w.path);
    assert_int_equal(symlink(other.path, link), 0);
    cleanup_free char *path = xstrdup(w.path), *kept = xasprintf("%s/kept", other.path);

    workdir_release(&w);
    workdir_release(&w);

    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(kept, F_OK), 0); /* what a link leads to is not its own */
    workdir_release(&other);
}

/* Its process is no more, and so nobody holds it. Owned: where it is. */
static char *give_left(const char *id)
{
    struct workdir w = { 0 };
    assert_int_equal(workdir_make(base.path, id, &w, NULL), 0);
    assert_int_equal(workdir_write(&w, "secret", "x", 1, NULL), 0);
    (void)close(w.lock);
    return w.path;
}

static void removes_what_was_left(void **state)
{
    (void)state;
    cleanup_workdir struct workdir lives = { 0 }, next = { 0 };
    assert_int_equal(workdir_make(base.path, "id", &lives, NULL), 0);
    cleanup_free char *stranger = xasprintf("%s/aro-other", base.path);
    cleanup_free char *left = give_left("other");
    assert_int_equal(mkdir(stranger, 0700), 0);

    assert_int_equal(workdir_make(base.path, "id", &next, NULL), 0);

    assert_int_equal(access(left, F_OK), -1);
    assert_int_equal(access(lives.path, F_OK), 0);
    assert_int_equal(access(next.path, F_OK), 0);
    assert_int_equal(access(stranger, F_OK), 0);
    cleanup_free char *again = give_left("other");
    workdir_sweep(base.path);
    assert_int_equal(access(again, F_OK), -1);
    assert_int_equal(access(next.path, F_OK), 0);
    workdir_sweep("/nowhere");
}

static void lists_files(void **state)
{
    (void)state;
    cleanup_workdir struct workdir w = { 0 };
    cleanup_strv struct strv names = STRV_INIT, none = STRV_INIT;
    assert_int_equal(workdir_make(base.path, "id", &w, NULL), 0);
    assert_int_equal(workdir_make_folder(&w, "m", NULL), 0);
    assert_int_equal(workdir_make_folder(&w, "m/folder", NULL), 0);
    assert_int_equal(workdir_write(&w, "m/b", "x", 1, NULL), 0);
    assert_int_equal(workdir_write(&w, "m/a", "x", 1, NULL), 0);

    assert_int_equal(workdir_list(&w, "m", &names, NULL), 0);
    assert_int_equal(workdir_list(&w, "nothing", &none, NULL), 0);

    assert_int_equal(names.len, 2);
    assert_string_equal(names.v[0], "a");
    assert_string_equal(names.v[1], "b");
    assert_int_equal(none.len, 0);
}

static void tells_what_failed(void **state)
{
    (void)state;
    cleanup_workdir struct workdir w = { 0 }, none = { 0 };
    cleanup_secret struct secret *text = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(workdir_make(base.path, "id", &w, NULL), 0);
    assert_int_equal(workdir_write(&w, "file", "text", 4, NULL), 0);

    assert_int_equal(workdir_make("/nowhere", "id", &none, &err), -1);
    assert_non_null(strstr(error_text(err), "/nowhere"));
    assert_int_equal(workdir_read(&w, "missing", 9, &text, &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
    assert_int_equal(workdir_read(&w, "file", 3, &text, &err), -1);
    assert_true(error_is(err, ERR_TOO_LARGE));
    assert_int_equal(workdir_write(&w, "no/file", "x", 1, &err), -1);
    assert_non_null(strstr(error_text(err), "no/file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("only its owner reads it, whatever the umask", is_for_its_owner_alone),
        CASE("it goes with all that it holds, and nothing else", goes_with_all_it_holds),
        CASE("the next one, of whomever, removes what killed processes left",
             removes_what_was_left),
        CASE("files are listed in order", lists_files),
        CASE("what failed is told", tells_what_failed),
    };
    return _cmocka_run_group_tests("workdir", tests, ARRAY_LEN(tests), set_up, tear_down);
}
