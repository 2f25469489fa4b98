#include <string.h>

#include "hack/devcloud/cluster/wire.h"
#include "test/unit/support/test.h"

static void writes_what_it_reads(void **state)
{
    (void)state;
    char text[301];
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    wire_put_int(&b, 1, 300);
    wire_put_int(&b, 2, UINT64_MAX);
    wire_put_text(&b, 200, text);
    wire_put_bytes(&b, 3, "", 0);

    struct wire_reader r = wire_read(b.data, b.len);
    struct wire_field f;
    assert_int_equal(wire_next(&r, &f, NULL), 1);
    assert_true(f.number == 1 && f.type == WIRE_VARINT && f.v == 300);
    assert_int_equal(wire_next(&r, &f, NULL), 1);
    assert_true(f.number == 2 && f.v == UINT64_MAX);
    assert_int_equal(wire_next(&r, &f, NULL), 1);
    assert_true(f.number == 200 && f.type == WIRE_BYTES && f.len == 300);
    assert_memory_equal(f.data, text, 300);
    assert_int_equal(wire_next(&r, &f, NULL), 1);
    assert_true(f.number == 3 && f.len == 0);
    assert_int_equal(wire_next(&r, &f, NULL), 0);
}

static void has_the_format_of_the_specification(void **state)
{
    (void)state;
    /* The examples of the encoding's documentation. */
    const char want[] = "\x08\x96\x01\x12\x07testing";
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    wire_put_int(&b, 1, 150);
    wire_put_text(&b, 2, "testing");

    assert_int_equal(b.len, sizeof(want) - 1);
    assert_memory_equal(b.data, want, b.len);
}

static void reads_fixed_numbers(void **state)
{
    (void)state;
    const char bytes[] = "\x0d\x01\x02\x00\x00\x11\x01\x00\x00\x00\x00\x00\x00\x80";
    struct wire_reader r = wire_read(bytes, sizeof(bytes) - 1);
    struct wire_field f;

    assert_int_equal(wire_next(&r, &f, NULL), 1);
    assert_true(f.number == 1 && f.type == WIRE_FIXED32 && f.v == 0x201);
    assert_int_equal(wire_next(&r, &f, NULL), 1);
    assert_true(f.number == 2 && f.type == WIRE_FIXED64 && f.v == UINT64_C(0x8000000000000001));
    assert_int_equal(wire_next(&r, &f, NULL), 0);
}

struct broken {
    const char *name, *bytes;
    size_t len;
};
static struct broken broken[] = {
    { "a key without value", "\x08", 1 },
    { "a number without end", "\x08\x80\x80", 3 },
    { "a number longer than 64 bits", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12 },
    { "a length beyond the end", "\x12\x05xy", 4 },
    { "a length beyond all memory", "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11 },
    { "a fixed number cut off", "\x0d\x01\x02", 3 },
    { "a group", "\x0b\x0c", 2 },
};

static void refuses(void **state)
{
    const struct broken *c = *state;
    cleanup_error struct error *err = NULL;
    struct wire_reader r = wire_read(c->bytes, c->len);
    struct wire_field f;

    assert_int_equal(wire_next(&r, &f, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
}

int main(void)
{
    struct CMUnitTest tests[3 + ARRAY_LEN(broken)] = {
        CASE("reads what it writes", writes_what_it_reads),
        CASE("writes as the specification says", has_the_format_of_the_specification),
        CASE("reads fixed numbers", reads_fixed_numbers),
    };
    for (size_t i = 0; i < ARRAY_LEN(broken); i++)
        tests[3 + i] = (struct CMUnitTest)CASE_OF(broken[i].name, refuses, &broken[i]);
    return RUN_CASES("wire", tests);
}
