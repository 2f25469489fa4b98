#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/json_scan.h"
#include "test/unit/support/test.h"

struct split_case {
    const char *name, *text,
        *want; /* want: the values, each with a bar behind; the rest is incomplete */
};

static struct split_case cases[] = {
    { "watch lines are split where they end", "{\"a\":1}\n{\"b\":2}\n",
      "{\"a\":1}|\n{\"b\":2}|\n" },
    { "values may touch", "{}[]{}", "{}|[]|{}|" },
    { "brackets in strings do not count", "{\"a\":\"}]{[\"}", "{\"a\":\"}]{[\"}|" },
    { "an escaped quote does not end a string", "{\"a\":\"\\\"}\\\\\"}x",
      "{\"a\":\"\\\"}\\\\\"}|x" },
    { "nested values end at the outermost bracket", "[[{\"a\":[]},{}],1]2",
      "[[{\"a\":[]},{}],1]|2" },
    { "an incomplete value stays open", "{\"a\":[1", "{\"a\":[1" },
    { "a string at top level ends with its quote", "\"a{\\\"\" ", "\"a{\\\"\"| " },
    { "a number at top level ends before its delimiter", "12,", "12|,|" },
    { "a word at top level ends before a bracket", "true]", "true|]|" },
    { "long strings are split, too",
      "{\"a\":\"0123456789abcdef0123456789abcdef\\\"0123456789abcdef\"}{",
      "{\"a\":\"0123456789abcdef0123456789abcdef\\\"0123456789abcdef\"}|{" },
    { "a byte order mark belongs to the value", "\xEF\xBB\xBF {}[", "\xEF\xBB\xBF {}|[" },
    { "white space before a value belongs to it", " \t\r\n{} ", " \t\r\n{}| " },
};

/* Feeds the text in pieces of the given size; marks the ends of values. */
static void split(const char *text, size_t piece, struct buf *out)
{
    struct json_split s = { 0 };
    size_t len = strlen(text), at = 0;
    while (at < len) {
        size_t room = len - at < piece ? len - at : piece;
        bool complete = false;
        size_t n = json_split_feed(&s, text + at, room, &complete);
        assert_true(n <= room);
        assert_true(n > 0 || complete);
        buf_add(out, text + at, n);
        if (complete)
            buf_addc(out, '|');
        else
            assert_int_equal(n, room);
        at += n;
    }
}

static void check_split(void **state)
{
    const struct split_case *c = *state;
    for (size_t piece = 1; piece <= strlen(c->text); piece++) {
        cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);

        split(c->text, piece, &out);

        assert_string_equal(buf_str(&out), c->want);
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_split, &cases[i]);
    return RUN_CASES("json_split", tests);
}
