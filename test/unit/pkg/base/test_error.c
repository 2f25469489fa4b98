#include <errno.h>
#include <string.h>

#include "pkg/base/error.h"
#include "test/unit/support/test.h"

static void check_wrap(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;

    assert_int_equal(error_set(&err, ERR_NOT_FOUND, "no %s", "pod"), -1);
    error_code(&err, "NotFound");
    error_target(&err, "spec.x");
    error_body(&err, "{}");
    error_retry_after(&err, 1500);
    assert_int_equal(error_wrap(&err, "reading %d", 7), -1);

    assert_string_equal(error_text(err), "reading 7: no pod");
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_string_equal(error_get_code(err), "NotFound");
    assert_string_equal(error_get_target(err), "spec.x");
    assert_string_equal(error_get_body(err), "{}");
    assert_int_equal(error_get_retry_after(err), 1500);
    assert_int_equal(error_get_status(err), 404);
    error_status(&err, 418);
    assert_int_equal(error_get_status(err), 418);
}

static void check_wrap_of_nothing(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;

    error_wrap(&err, "doing it");

    assert_string_equal(error_text(err), "doing it");
    assert_int_equal(error_kind(err), ERR_INTERNAL);
}

static void check_replacing(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;
    error_set(&err, ERR_CONN, "reset");
    error_code(&err, "Old");

    error_set(&err, ERR_INVALID, "bad: %s", error_text(err));

    assert_string_equal(error_text(err), "bad: reset");
    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_null(error_get_code(err));
}

static void check_careless_caller(void **state)
{
    (void)state;
    struct error *src = NULL;
    error_set(&src, ERR_IO, "x");

    assert_int_equal(error_set(NULL, ERR_IO, "x"), -1);
    assert_int_equal(error_set_errno(NULL, EIO, "x"), -1);
    assert_int_equal(error_wrap(NULL, "x"), -1);
    error_code(NULL, "x");
    error_mark_terminal(NULL);
    error_clear(NULL);
    assert_int_equal(error_move(NULL, &src), -1);
    assert_null(src);
    assert_int_equal(error_kind(NULL), ERR_INTERNAL);
    assert_string_equal(error_text(NULL), "");
    assert_null(error_get_code(NULL));
    assert_int_equal(error_get_status(NULL), 0);
    assert_int_equal(error_get_retry_after(NULL), -1);
    assert_false(error_is(NULL, ERR_INTERNAL));
    assert_false(error_is_retriable(NULL));
    assert_false(error_is_terminal(NULL));
    assert_null(error_give_copy(NULL));
}

static void check_errno(void **state)
{
    (void)state;
    static const struct {
        int errnum;
        enum err_kind kind;
    } cases[] = {
        { ENOENT, ERR_NOT_FOUND },  { EACCES, ERR_FORBIDDEN }, { EEXIST, ERR_EXISTS },
        { ECONNREFUSED, ERR_CONN }, { EPIPE, ERR_CONN },       { ETIMEDOUT, ERR_TIMEOUT },
        { ENOSPC, ERR_IO },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_error struct error *err = NULL;
        assert_int_equal(error_set_errno(&err, cases[i].errnum, "open %s", "f"), -1);
        assert_int_equal(error_kind(err), cases[i].kind);
        assert_memory_equal(error_text(err), "open f: ", 8);
    }
    cleanup_error struct error *err = NULL;
    error_set_errno(&err, ENOENT, "f");
    assert_string_equal(error_text(err), "f: No such file or directory");
}

static void check_behaviour(void **state)
{
    (void)state;
    static const struct {
        enum err_kind kind;
        bool retriable, terminal;
    } cases[] = {
        { ERR_INVALID, false, true },   { ERR_UNPROCESSABLE, false, true },
        { ERR_THROTTLED, true, false }, { ERR_UNAVAILABLE, true, false },
        { ERR_TIMEOUT, true, false },   { ERR_CONN, true, false },
        { ERR_CONFLICT, false, false }, { ERR_CANCELLED, false, false },
        { ERR_INTERNAL, false, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_error struct error *err = NULL;
        error_set(&err, cases[i].kind, "x");
        assert_int_equal(error_is_retriable(err), cases[i].retriable);
        assert_int_equal(error_is_terminal(err), cases[i].terminal);
        error_mark_terminal(&err);
        assert_false(error_is_retriable(err));
        assert_true(error_is_terminal(err));
    }
}

static void check_statuses(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum err_kind kind;
    } cases[] = {
        { 400, ERR_INVALID },      { 401, ERR_UNAUTHORIZED }, { 404, ERR_NOT_FOUND },
        { 409, ERR_CONFLICT },     { 410, ERR_GONE },         { 408, ERR_TIMEOUT },
        { 429, ERR_THROTTLED },    { 502, ERR_UNAVAILABLE },  { 503, ERR_UNAVAILABLE },
        { 504, ERR_TIMEOUT },      { 500, ERR_INTERNAL },     { 418, ERR_INVALID },
        { 302, ERR_INTERNAL },     { 0, ERR_INTERNAL },       { 422, ERR_UNPROCESSABLE },
        { 412, ERR_PRECONDITION },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(err_kind_from_http_status(cases[i].status), cases[i].kind);
}

static void check_every_kind_is_described(void **state)
{
    (void)state;
    for (int kind = 0; kind < ERR_KINDS; kind++) {
        assert_non_null(err_kind_name((enum err_kind)kind));
        int status = err_kind_http_status((enum err_kind)kind);
        assert_in_range(status, 400, 599);
    }
}

static void check_copy(void **state)
{
    (void)state;
    struct error *err = NULL;
    error_set(&err, ERR_GONE, "old");
    error_code(&err, "Expired");
    error_status(&err, 410);
    error_mark_terminal(&err);

    cleanup_error struct error *copy = error_give_copy(err);
    error_clear(&err);

    assert_null(err);
    assert_string_equal(error_text(copy), "old");
    assert_string_equal(error_get_code(copy), "Expired");
    assert_true(error_is_terminal(copy));
}

static void check_join(void **state)
{
    (void)state;
    cleanup_error struct error *all = NULL;
    struct error *one = NULL;

    error_join(&all, &one);
    assert_null(all);
    error_set(&one, ERR_INVALID, "first");
    error_join(&all, &one);
    error_set(&one, ERR_IO, "second");
    error_join(&all, &one);

    assert_null(one);
    assert_string_equal(error_text(all), "first\nsecond");
    assert_int_equal(error_kind(all), ERR_INVALID);
    error_set(&one, ERR_IO, "unwanted");
    error_join(NULL, &one);
    assert_null(one);
}

static void check_move(void **state)
{
    (void)state;
    cleanup_error struct error *dst = NULL;
    struct error *src = NULL;
    error_set(&dst, ERR_IO, "old");
    error_set(&src, ERR_CONN, "new");

    assert_int_equal(error_move(&dst, &src), -1);

    assert_null(src);
    assert_string_equal(error_text(dst), "new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a wrap prepends and keeps the details", check_wrap),
        CASE("a wrap of nothing is an internal error", check_wrap_of_nothing),
        CASE("a new error replaces the old one, which may be in its text", check_replacing),
        CASE("NULL errors and NULL slots are harmless", check_careless_caller),
        CASE("errno gives a kind and its text", check_errno),
        CASE("kinds tell what to retry, and a mark overrides them", check_behaviour),
        CASE("HTTP statuses give kinds", check_statuses),
        CASE("every kind has a name and an HTTP status", check_every_kind_is_described),
        CASE("a copy outlives the original", check_copy),
        CASE("a join collects texts under the first kind", check_join),
        CASE("a move replaces the destination", check_move),
    };
    return RUN_CASES("error", tests);
}
