#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static void check_copies(void **state)
{
    (void)state;
    cleanup_free char *whole = xstrdup("text");
    cleanup_free char *part = xstrndup("text", 2);
    cleanup_free char *longer = xstrndup("text", 99);
    cleanup_free char *raw = xmemdup("a\0b", 3);
    cleanup_free char *printed = xasprintf("%s-%d", "x", 7);

    assert_string_equal(whole, "text");
    assert_string_equal(part, "te");
    assert_string_equal(longer, "text");
    assert_memory_equal(raw, "a\0b", 4);
    assert_string_equal(printed, "x-7");
    assert_null(xstrdup(NULL));
    assert_null(xstrndup(NULL, 3));
}

static void check_zero_sizes(void **state)
{
    (void)state;
    cleanup_free char *a = xmalloc(0);
    cleanup_free char *b = xcalloc(0, 0);
    cleanup_free char *c = xrealloc(NULL, 0);
    cleanup_free char *d = xmemdup("", 0);

    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    assert_string_equal(d, "");
}

static void check_zeroed(void **state)
{
    (void)state;
    cleanup_free int64_t *numbers = xcalloc(100, sizeof(*numbers));

    for (size_t i = 0; i < 100; i++)
        assert_int_equal(numbers[i], 0);
}

static void check_overflow_aborts(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, STDERR_FILENO);
        volatile size_t half = SIZE_MAX / 2;
        free(xreallocarray(NULL, half, 4));
        _exit(0);
    }

    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("copies end in NUL and NULL gives NULL", check_copies),
        CASE("a size of zero gives memory, not NULL", check_zero_sizes),
        CASE("xcalloc zeroes", check_zeroed),
        CASE("an overflowing size aborts the process", check_overflow_aborts),
    };
    return RUN_CASES("mem", tests);
}
