#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static void check_appends(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    assert_string_equal(buf_str(&b), "");

    buf_adds(&b, "one");
    buf_addc(&b, ' ');
    buf_add(&b, "two-", 3);
    buf_addf(&b, " %s %d", "three", 4);
    buf_add_int(&b, -56);

    assert_string_equal(buf_str(&b), "one two three 4-56");
    assert_int_equal(b.len, strlen("one two three 4-56"));
}

static void check_long_format(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (int i = 0; i < 300; i++) {
        size_t before = b.len;
        buf_addf(&b, "%*s", i, "x");
        assert_int_equal(b.len - before, i > 0 ? i : 1);
        assert_int_equal(strlen(b.data), b.len);
        assert_int_equal(b.data[b.len - 1], 'x');
    }
}

static void check_limit(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(4);
    cleanup_error struct error *err = NULL;
    char *text = NULL;

    buf_adds(&b, "1234");
    assert_int_equal(buf_check(&b, &err), 0);
    buf_addc(&b, '5');
    buf_clear(&b);
    buf_addf(&b, "%s", "123");
    buf_addf(&b, "%s", "45");
    buf_adds(&b, "4");

    assert_string_equal(buf_str(&b), "123");
    assert_int_equal(buf_take(&b, &text, &err), -1);
    assert_null(text);
    assert_int_equal(error_kind(err), ERR_TOO_LARGE);
    assert_string_equal(error_text(err), "more than 4 bytes");
}

static void check_clear(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(2);
    buf_adds(&b, "123");
    assert_int_equal(buf_check(&b, NULL), -1);

    buf_clear(&b);

    assert_int_equal(buf_check(&b, NULL), 0);
    buf_adds(&b, "12");
    assert_string_equal(buf_str(&b), "12");
}

static void check_take(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(10);
    char *text = NULL;

    assert_int_equal(buf_take(&b, &text, NULL), 0);
    assert_string_equal(text, "");
    free(text);
    buf_adds(&b, "abc");
    assert_int_equal(buf_take(&b, &text, NULL), 0);

    assert_string_equal(text, "abc");
    assert_int_equal(b.len, 0);
    assert_int_equal(b.max, 10);
    assert_string_equal(buf_str(&b), "");
    free(text);
}

static void check_reserve(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(5);

    char *into = buf_reserve(&b, 100);
    assert_non_null(into);
    memset(into, 'x', 100);
    buf_advance(&b, 5);
    assert_string_equal(buf_str(&b), "xxxxx");
    assert_int_equal(buf_check(&b, NULL), 0);
    assert_non_null(buf_reserve(&b, 1));
    buf_advance(&b, 1);

    assert_int_equal(buf_check(&b, NULL), -1);
    assert_null(buf_reserve(&b, 1));
    assert_string_equal(buf_str(&b), "xxxxx");
}

static void check_consume(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_consume(&b, 3);
    buf_adds(&b, "abcdef");

    buf_consume(&b, 2);
    assert_string_equal(buf_str(&b), "cdef");
    buf_consume(&b, 0);
    buf_consume(&b, 99);

    assert_string_equal(buf_str(&b), "");
    assert_int_equal(b.len, 0);
}

static void check_bytes_with_nul(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_add(&b, "a\0b", 3);
    buf_add(&b, NULL, 0);

    assert_int_equal(b.len, 3);
    assert_memory_equal(b.data, "a\0b", 4);
    buf_secure(&b);
    assert_null(b.data);
    assert_int_equal(b.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("appends of every form follow one another", check_appends),
        CASE("a formatted append grows the buffer as needed", check_long_format),
        CASE("an append beyond the maximum spoils the buffer", check_limit),
        CASE("clearing forgets the spoiling", check_clear),
        CASE("taking hands the text over and leaves an empty buffer", check_take),
        CASE("a reservation may pass the maximum, an advance may not", check_reserve),
        CASE("consuming drops bytes from the front", check_consume),
        CASE("bytes may contain NUL", check_bytes_with_nul),
    };
    return RUN_CASES("buf", tests);
}
