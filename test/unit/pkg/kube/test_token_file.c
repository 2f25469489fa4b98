#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/kube/token_file.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/test.h"

struct fixture {
    struct fake_clock clock;
    struct log_capture capture;
    struct log log;
    char *dir;
    char *path;
    struct token_file *file;
};

static void write_token(struct fixture *f, const char *text)
{
    assert_int_equal(file_write_atomic(f->path, text, strlen(text), 0600, NULL), 0);
}

static int setup(void **state)
{
    struct fixture *f = xnew(struct fixture);
    fake_clock_init(&f->clock);
    log_capture_init(&f->capture, &f->clock.base);
    f->log = log_root(&f->capture.base);
    f->dir = xasprintf("%s/tokenXXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(f->dir))
        return -1;
    f->path = path_give_joined(f->dir, "token");
    f->file = token_file_new(f->path, NULL, &f->clock.base, &f->log);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    token_file_free(f->file);
    (void)unlink(f->path);
    (void)rmdir(f->dir);
    free(f->dir);
    free(f->path);
    log_capture_release(&f->capture);
    fake_clock_release(&f->clock);
    free(f);
    return 0;
}

static void assert_token(struct fixture *f, const char *want)
{
    cleanup_secret struct secret *token = NULL;
    assert_int_equal(token_file_give(f->file, &token, NULL), 0);
    assert_string_equal(secret_reveal(token, NULL), want);
}

static void test_trims(void **state)
{
    struct fixture *f = *state;
    write_token(f, " \t\nabc.def\r\n\n");
    assert_token(f, "abc.def");
}

static void test_rereads_after_50_s(void **state)
{
    struct fixture *f = *state;
    write_token(f, "one");
    assert_token(f, "one");
    write_token(f, "two");
    fake_clock_advance_ms(&f->clock, 49999);
    assert_token(f, "one");
    fake_clock_advance_ms(&f->clock, 1);
    assert_token(f, "two");
}

static void test_keeps_last_good(void **state)
{
    struct fixture *f = *state;
    write_token(f, "one");
    assert_token(f, "one");
    static const char *const bad[] = { "", " \n", "two\nlines" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        write_token(f, bad[i]);
        fake_clock_advance_ms(&f->clock, 60000);
        assert_token(f, "one");
    }
    assert_int_equal(unlink(f->path), 0);
    fake_clock_advance_ms(&f->clock, 60000);
    assert_token(f, "one");
    assert_token(f, "one");
    /* The two empty forms share a text; each other fault is told once. */
    assert_int_equal(log_capture_len(&f->capture), 3);
    assert_false(log_capture_has(&f->capture, "two"));
    write_token(f, "three");
    assert_token(f, "three");
}

static void test_first_read_must_succeed(void **state)
{
    struct fixture *f = *state;
    cleanup_error struct error *err = NULL;
    struct secret *token = NULL;
    assert_int_equal(token_file_give(f->file, &token, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_null(token);
    write_token(f, "one");
    assert_token(f, "one");
}

static void test_initial_token(void **state)
{
    struct fixture *f = *state;
    cleanup_secret struct secret *initial = secret_new("given", 5);
    token_file_free(f->file);
    f->file = token_file_new(f->path, initial, &f->clock.base, &f->log);
    assert_token(f, "given");
    write_token(f, "file");
    assert_token(f, "file");
}

static void test_refusal_rereads_older_only(void **state)
{
    struct fixture *f = *state;
    write_token(f, "one");
    assert_token(f, "one");
    int64_t before = clock_mono_ns(&f->clock.base);
    write_token(f, "two");
    token_file_expire(f->file, before); /* that request may have used an older token */
    assert_token(f, "one");
    fake_clock_advance_ms(&f->clock, 1);
    token_file_expire(f->file, clock_mono_ns(&f->clock.base));
    assert_token(f, "two");
}

static void test_symlink_swap(void **state)
{
    struct fixture *f = *state;
    cleanup_free char *other = path_give_joined(f->dir, "data");
    assert_int_equal(file_write_atomic(other, "linked", 6, 0600, NULL), 0);
    write_token(f, "plain");
    assert_token(f, "plain");
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(symlink(other, f->path), 0);
    fake_clock_advance_ms(&f->clock, 60000);
    assert_token(f, "linked");
    assert_int_equal(unlink(other), 0);
}

static void give_many(void *arg)
{
    struct fixture *f = arg;
    for (int i = 0; i < 100; i++) {
        cleanup_secret struct secret *token = NULL;
        if (token_file_give(f->file, &token, NULL) < 0)
            abort();
        token_file_expire(f->file, INT64_MAX);
    }
}

static void test_threads(void **state)
{
    struct fixture *f = *state;
    write_token(f, "one");
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(thread_start(&threads[i], "token", give_many, f, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    assert_token(f, "one");
}

#define FILE_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_CASE("white space around the token is dropped", test_trims),
        FILE_CASE("a copy older than 50 s is read again", test_rereads_after_50_s),
        FILE_CASE("an empty, odd or missing file keeps the last good token and is logged once",
                  test_keeps_last_good),
        FILE_CASE("the first read must succeed", test_first_read_must_succeed),
        FILE_CASE("a given token serves until the file can be read", test_initial_token),
        FILE_CASE("a 401 has only an older copy read again", test_refusal_rereads_older_only),
        FILE_CASE("a file swapped by symlink is followed", test_symlink_swap),
        FILE_CASE("many threads may ask at once", test_threads),
    };
    return RUN_CASES("token_file", tests);
}
