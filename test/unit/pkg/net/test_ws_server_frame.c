#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/net/ws_server_frame.h"
#include "test/unit/support/test.h"

/* Frames as a client sends them, with the mask 00 00 00 00 unless the case is about masks; each case
 * runs with all bytes at once and byte by byte. */
struct frame_case {
    const char *name;
    const char *in;
    size_t in_len;
    const char *want; /* T:text B:binary C8:.. C9:.. (controls) or !code, each ended by a space */
};
#define BYTES(s) (s), sizeof(s) - 1
#define MASK "\0\0\0\0"
#define LIMIT 200

static struct frame_case cases[] = {
    { "takes a text message", BYTES("\x81\x82" MASK "hi"), "T:hi " },
    { "takes a binary message", BYTES("\x82\x82" MASK "hi"), "B:hi " },
    { "removes the mask of RFC 6455's example",
      BYTES("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "T:Hello " },
    { "takes an empty message", BYTES("\x81\x80" MASK), "T: " },
    { "joins fragments",
      BYTES("\x01\x82" MASK "ab"
            "\x00\x81" MASK "c"
            "\x80\x82" MASK "de"),
      "T:abcde " },
    { "takes controls between fragments",
      BYTES("\x01\x82" MASK "ab"
            "\x89\x81" MASK "p"
            "\x80\x81" MASK "c"),
      "C9:p T:abc " },
    { "takes UTF-8 cut between fragments",
      BYTES("\x01\x81" MASK "\xc3"
            "\x80\x81" MASK "\xa9"),
      "T:\xc3\xa9 " },
    { "takes messages one after the other",
      BYTES("\x81\x81" MASK "a"
            "\x82\x81" MASK "b"
            "\x8a\x80" MASK),
      "T:a B:b C10: " },
    { "takes a close frame", BYTES("\x88\x82" MASK "\x03\xe8"), "C8:\x03\xe8 " },
    { "refuses an unmasked frame", BYTES("\x81\x02hi"), "!1002 " },
    { "refuses a reserved bit", BYTES("\xc1\x82" MASK "hi"), "!1002 " },
    { "refuses a reserved data opcode", BYTES("\x83\x82" MASK "hi"), "!1002 " },
    { "refuses a reserved control opcode", BYTES("\x8b\x82" MASK "hi"), "!1002 " },
    { "refuses a fragmented control", BYTES("\x09\x82" MASK "hi"), "!1002 " },
    { "refuses a long control", BYTES("\x89\xfe\x00\x7e" MASK), "!1002 " },
    { "refuses a continuation of nothing", BYTES("\x80\x82" MASK "hi"), "!1002 " },
    { "refuses a new message inside another",
      BYTES("\x01\x81" MASK "a"
            "\x81\x81" MASK "b"),
      "!1002 " },
    { "refuses a length longer than needed", BYTES("\x81\xfe\x00\x05" MASK "hello"), "!1002 " },
    { "refuses a message above the limit", BYTES("\x82\xfe\x00\xc9" MASK), "!1009 " },
    { "refuses fragments above the limit together",
      BYTES("\x02\xfe\x00\xc0" MASK
            "0123456789012345678901234567890123456789012345678901234567890123"
            "0123456789012345678901234567890123456789012345678901234567890123"
            "0123456789012345678901234567890123456789012345678901234567890123"
            "\x80\x89" MASK),
      "!1009 " },
    { "refuses an absurd length", BYTES("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff" MASK),
      "!1009 " },
    { "refuses text that is no UTF-8", BYTES("\x81\x82" MASK "\xc3\x28"), "!1007 " },
};

static char *give_events(const char *in, size_t len, size_t piece)
{
    struct ws_parser p;
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    enum ws_event event = WS_EVENT_NONE;

    ws_parser_init(&p, LIMIT);
    for (size_t at = 0; at < len && event != WS_EVENT_BAD;) {
        cleanup_free char *copy = xmemdup(in + at, len - at < piece ? len - at : piece);
        at += ws_parser_feed(&p, copy, len - at < piece ? len - at : piece, &event);
        if (event == WS_EVENT_MESSAGE)
            buf_addf(&out, "%c:%s ", p.opcode == WS_OP_TEXT ? 'T' : 'B', buf_str(&p.message));
        else if (event == WS_EVENT_CONTROL)
            buf_addf(&out, "C%d:%.*s ", (int)p.opcode, (int)p.control_len, p.control);
        else if (event == WS_EVENT_BAD)
            buf_addf(&out, "!%d ", p.code);
    }
    ws_parser_release(&p);
    return buf_give(&out);
}

static void check_frames(void **state)
{
    const struct frame_case *c = *state;

    cleanup_free char *whole = give_events(c->in, c->in_len, c->in_len);
    cleanup_free char *bytes = give_events(c->in, c->in_len, 1);

    assert_string_equal(whole, c->want);
    assert_string_equal(bytes, c->want);
}

static void takes_a_message_of_the_limit(void **state)
{
    (void)state;
    char in[8 + LIMIT] = "\x82\xfe\x00\xc8";
    memset(in + 8, 'x', LIMIT);

    cleanup_free char *got = give_events(in, sizeof(in), sizeof(in));

    assert_int_equal(strlen(got), LIMIT + 3);
}

static void judges_close_codes(void **state)
{
    (void)state;
    const struct {
        const char *payload;
        size_t len;
        int want;
    } codes
        [] = {
            { BYTES(""), 1005 },
            { BYTES("\x03"), 1002 },
            { BYTES("\x03\xe8"), 1000 },
            { BYTES("\x03\xe9ok"), 1001 },
            { BYTES("\x03\xe9\xff"), 1002 }, /* a reason that is no UTF-8 */
            { BYTES("\x03\xed"), 1002 },     /* 1005 is never on the wire */
            { BYTES("\x03\xf7"), 1002 },     /* 1015 neither */
            { BYTES("\x03\xe7"), 1002 },     /* 999 */
            { BYTES("\x0b\xb8"), 3000 },
            { BYTES("\x13\x88"), 1002 }, /* 5000 */
        };

    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        assert_int_equal(ws_parse_close((const unsigned char *)codes[i].payload, codes[i].len),
                         codes[i].want);
}

static void writes_heads_of_each_size(void **state)
{
    (void)state;
    unsigned char out[WS_FRAME_HEAD_MAX];

    assert_int_equal(ws_frame_head(WS_OP_TEXT, 125, out), 2);
    assert_memory_equal(out, "\x81\x7d", 2);
    assert_int_equal(ws_frame_head(WS_OP_BINARY, 126, out), 4);
    assert_memory_equal(out, "\x82\x7e\x00\x7e", 4);
    assert_int_equal(ws_frame_head(WS_OP_BINARY, 65535, out), 4);
    assert_memory_equal(out, "\x82\x7e\xff\xff", 4);
    assert_int_equal(ws_frame_head(WS_OP_BINARY, 65536, out), 10);
    assert_memory_equal(out, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10);
}

static void writes_close_frames(void **state)
{
    (void)state;
    unsigned char out[4];

    assert_int_equal(ws_frame_close(1001, out), 4);
    assert_memory_equal(out, "\x88\x02\x03\xe9", 4);
    assert_int_equal(ws_frame_close(WS_CODE_NO_STATUS, out), 2);
    assert_memory_equal(out, "\x88\x00", 2);
}

static const struct CMUnitTest more[] = {
    CASE("takes a message of just the limit", takes_a_message_of_the_limit),
    CASE("judges close codes", judges_close_codes),
    CASE("writes heads of each size", writes_heads_of_each_size),
    CASE("writes close frames", writes_close_frames),
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(more)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_frames, &cases[i]);
    memcpy(tests + ARRAY_LEN(cases), more, sizeof(more));
    return RUN_CASES("WebSocket frames", tests);
}
