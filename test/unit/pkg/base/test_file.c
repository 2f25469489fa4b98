#include <dirent.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static bool is_file(const struct dirent *e)
{
    return !str_eq(e->d_name, ".") && !str_eq(e->d_name, "..");
}

static int setup(void **state)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = xasprintf("%s/test-file.XXXXXX", tmp ? tmp : "/tmp");
    *state = mkdtemp(dir);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    cleanup_free char *dir = *state;
    DIR *d = opendir(dir);
    if (!d)
        return -1;
    for (const struct dirent *e = readdir(d); e; e = readdir(d)) {
        if (!is_file(e))
            continue;
        cleanup_free char *path = path_give_joined(dir, e->d_name);
        (void)remove(path);
    }
    closedir(d);
    return rmdir(dir);
}

static void check_round_trip(void **state)
{
    cleanup_free char *path = path_give_joined(*state, "f");
    cleanup_free char *got = NULL;
    size_t len = 0;

    assert_int_equal(file_write_atomic(path, "a\0b", 3, 0640, NULL), 0);
    assert_int_equal(file_read(path, 100, &got, &len, NULL), 0);

    assert_int_equal(len, 3);
    assert_memory_equal(got, "a\0b", 4);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
}

/* A kill before the rename would leave it. */
static void check_hidden(void **state)
{
    cleanup_free char *path = path_give_joined(*state, "key");
    union {
        struct inotify_event event;
        char room[4096];
    } made;
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    assert_true(watch >= 0);
    assert_true(inotify_add_watch(watch, *state, IN_CREATE) >= 0);

    assert_int_equal(file_write_atomic(path, "x", 1, 0600, NULL), 0);

    assert_true(read(watch, &made, sizeof(made)) > 0);
    assert_memory_equal(made.event.name, ".key.", strlen(".key."));
    (void)close(watch);
}

static size_t count_files(const char *dir)
{
    size_t n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (const struct dirent *e = readdir(d); e; e = readdir(d))
        n += is_file(e);
    closedir(d);
    return n;
}

static void check_replace(void **state)
{
    cleanup_free char *path = path_give_joined(*state, "f");
    cleanup_free char *got = NULL;
    size_t len = 0;
    assert_int_equal(file_write_atomic(path, "long old text", 13, 0600, NULL), 0);
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);

    assert_int_equal(file_write_atomic(path, "new", 3, 0600, NULL), 0);
    assert_int_equal(file_read(path, 100, &got, &len, NULL), 0);

    assert_string_equal(got, "new");
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_ino != after.st_ino); /* another file: readers of the old one keep it */
    assert_int_equal(count_files(*state), 1);
}

static void check_write_fails(void **state)
{
    cleanup_error struct error *err = NULL;
    cleanup_free char *missing = path_give_joined(*state, "no/f");
    cleanup_free char *taken = path_give_joined(*state, "dir");
    assert_int_equal(mkdir(taken, 0700), 0);

    assert_int_equal(file_write_atomic(missing, "x", 1, 0600, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_non_null(strstr(error_text(err), missing));
    assert_int_equal(file_write_atomic(taken, "x", 1, 0600, &err), -1);

    assert_int_equal(count_files(*state), 1); /* no temporary file is left */
}

static void check_limit(void **state)
{
    cleanup_error struct error *err = NULL;
    cleanup_free char *path = path_give_joined(*state, "f");
    cleanup_free char *got = NULL;
    size_t len = 0;
    size_t size = 300000;
    cleanup_free char *big = xcalloc(1, size);
    memset(big, 'x', size);
    assert_int_equal(file_write_atomic(path, big, size, 0600, NULL), 0);

    assert_int_equal(file_read(path, size - 1, &got, &len, &err), -1);
    assert_null(got);
    assert_int_equal(error_kind(err), ERR_TOO_LARGE);
    assert_non_null(strstr(error_text(err), path));
    assert_int_equal(file_read(path, size, &got, &len, NULL), 0);

    assert_int_equal(len, size);
    assert_memory_equal(got, big, size);
}

static void check_read_fails(void **state)
{
    cleanup_error struct error *err = NULL;
    char *got = NULL;
    size_t len = 0;
    cleanup_free char *missing = path_give_joined(*state, "missing");

    assert_int_equal(file_read(missing, 10, &got, &len, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_int_equal(file_read(*state, 10, &got, &len, &err), -1);
    assert_int_equal(error_kind(err), ERR_IO);

    assert_null(got);
}

static void check_sizeless_file(void **state)
{
    (void)state;
    cleanup_free char *got = NULL;
    size_t len = 0;

    assert_int_equal(file_read("/proc/self/status", 1 << 20, &got, &len, NULL), 0);

    assert_true(len > 100);
    assert_int_equal(strlen(got), len);
}

static void check_paths(void **state)
{
    (void)state;
    static const struct {
        const char *dir, *name, *want;
    } joins[] = {
        { "a", "b", "a/b" }, { "a/", "b", "a/b" }, { "", "b", "b" }, { "a", "/b", "/b" }
    };
    for (size_t i = 0; i < ARRAY_LEN(joins); i++) {
        cleanup_free char *got = path_give_joined(joins[i].dir, joins[i].name);
        assert_string_equal(got, joins[i].want);
    }
    static const struct {
        const char *path, *want;
    } dirs[] = { { "/usr/lib", "/usr" }, { "/usr/", "/" }, { "usr", "." }, { "a/b/", "a" },
                 { "/", "/" },           { "", "." },      { "a//b", "a" } };
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
        cleanup_free char *got = path_give_dir(dirs[i].path);
        assert_string_equal(got, dirs[i].want);
    }
}

static void check_removal(void **state)
{
    cleanup_error struct error *err = NULL;
    cleanup_free char *top = path_give_joined(*state, "top"), *deep = path_give_joined(top, "deep");
    cleanup_free char *inner = path_give_joined(deep, "file"),
                      *link = path_give_joined(top, "link");
    cleanup_free char *outer = path_give_joined(*state, "outer");
    assert_int_equal(mkdir(top, 0700), 0);
    assert_int_equal(mkdir(deep, 0700), 0);
    assert_int_equal(file_write_atomic(inner, "x", 1, 0600, NULL), 0);
    assert_int_equal(file_write_atomic(outer, "x", 1, 0600, NULL), 0);
    assert_int_equal(symlink(outer, link), 0);

    assert_int_equal(dir_remove(top, &err), 0);
    assert_int_equal(access(top, F_OK), -1);
    assert_int_equal(access(outer, F_OK), 0); /* a link led there */
    assert_int_equal(dir_remove(top, &err), 0);
    cleanup_free char *below = path_give_joined(outer, "none");
    assert_int_equal(dir_remove(below, &err), -1);
    assert_non_null(strstr(error_text(err), below));
    assert_int_equal(unlink(outer), 0);
}

#define FOLDER_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_CASE("what is written is read, with its mode", check_round_trip),
        FOLDER_CASE("writing again replaces the file as a whole", check_replace),
        FOLDER_CASE("a failed write leaves nothing behind", check_write_fails),
        FOLDER_CASE("a file over the limit is refused", check_limit),
        FOLDER_CASE("a missing file and a folder are told apart", check_read_fails),
        FOLDER_CASE("an unfinished file is hidden", check_hidden),
        FOLDER_CASE("a folder goes with all that is in it", check_removal),
        CASE("a file of unknown size is read to its end", check_sizeless_file),
        CASE("paths are joined and cut", check_paths),
    };
    return RUN_CASES("file", tests);
}
