#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static char *give_list(const char *item, size_t n)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_addc(&b, '[');
    for (size_t i = 0; i < n; i++)
        buf_addf(&b, "%s%s", i ? "," : "", item);
    buf_addc(&b, ']');
    return buf_give(&b);
}

static const struct room_case {
    const char *text;
    size_t bytes; /* exactly what is counted */
} cases[] = {
    { "{}", 800 },          { "[]", 160 },
    { "[[],[]]", 480 },     { "\"abc\"", 91 },
    { "1.5", 91 },          { "[true,false,null]", 320 },
    { "{\"ab\":1}", 1003 }, { " { \"ab\" : [ ] } ", 1074 },
};

static void counts_what_a_tree_takes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_error struct error *err = NULL;
        size_t len = strlen(cases[i].text);
        assert_int_equal(json_check_room(cases[i].text, len, cases[i].bytes, &err), 0);
        assert_int_equal(json_check_room(cases[i].text, len, cases[i].bytes - 1, &err), -1);
        assert_true(error_is(err, ERR_TOO_LARGE));
    }
}

static void ends_where_there_is_no_more_room(void **state)
{
    (void)state;
    cleanup_free char *text = give_list("{}", 100000);
    cleanup_error struct error *err = NULL;
    assert_int_equal(json_check_room(text, strlen(text), 8160, &err), -1);
    assert_string_equal(
        error_text(err),
        "JSON text: the values up to byte 32 of 300001 take more than 8160 bytes of "
        "memory: send fewer of them");
}

static void defects_are_left_to_the_parser(void **state)
{
    (void)state;
    static const char *const defects[] = { "", "{", "[1,", "nul", "[}", "{\"a\" 1}" };
    for (size_t i = 0; i < ARRAY_LEN(defects); i++)
        assert_int_equal(json_check_room(defects[i], strlen(defects[i]), 10000, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("counts what a tree takes", counts_what_a_tree_takes),
        CASE("ends where there is no more room", ends_where_there_is_no_more_room),
        CASE("defects are left to the parser", defects_are_left_to_the_parser),
    };
    return RUN_CASES("json_bound", tests);
}
