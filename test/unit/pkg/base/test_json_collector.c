#include <string.h>

#include "pkg/base/json_collector.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

/* Feeds text in pieces of n bytes, each in memory of its own size; values are joined by '|'. */
static int collect(struct json_collector *c, const char *text, size_t n, struct buf *out,
                   struct error **err)
{
    size_t len = strlen(text);
    for (size_t at = 0; at < len; at += n) {
        size_t piece = len - at < n ? len - at : n;
        cleanup_free char *copy = xmalloc(piece);
        memcpy(copy, text + at, piece);
        const char *p = copy, *value;
        size_t value_len;
        int status;
        while ((status = json_collector_feed(c, &p, copy + piece, &value, &value_len, err)) == 1) {
            buf_add(out, value, value_len);
            buf_addc(out, '|');
        }
        if (status < 0)
            return -1;
        assert_ptr_equal(copy + piece, p);
    }
    return 0;
}

static void pieces(void **state)
{
    (void)state;
    const char *text = "{\"a\":\"}{\\\"\"}\n[1,[2]]\n\n \"s\"{}\n";
    for (size_t n = 1; n <= strlen(text); n++) {
        struct json_collector c;
        cleanup_buf struct buf out = BUF_INIT(1000);
        json_collector_init(&c, 1000);

        assert_int_equal(0, collect(&c, text, n, &out, NULL));

        assert_string_equal("{\"a\":\"}{\\\"\"}|[1,[2]]|\"s\"|{}|", buf_str(&out));
        json_collector_release(&c);
    }
}

static void whole(void **state)
{
    (void)state;
    const char *text = "{\"a\":1}{\"b\":2}", *p = text, *value;
    struct json_collector c;
    size_t len;
    json_collector_init(&c, 1000);

    assert_int_equal(1, json_collector_feed(&c, &p, text + strlen(text), &value, &len, NULL));
    assert_ptr_equal(text, value); /* not copied */
    assert_int_equal(7, len);
    assert_int_equal(1, json_collector_feed(&c, &p, text + strlen(text), &value, &len, NULL));
    assert_ptr_equal(text + 7, value);
    json_collector_release(&c);
}

static void limit(void **state)
{
    (void)state;
    struct json_collector c;
    cleanup_buf struct buf out = BUF_INIT(1000);
    cleanup_error struct error *err = NULL;
    json_collector_init(&c, 8);

    assert_int_equal(0, collect(&c, "{\"a\":12}", 3, &out, &err));
    assert_int_equal(-1, collect(&c, "{\"a\":1234567}", 3, &out, &err));
    assert_true(error_is(err, ERR_TOO_LARGE));
    json_collector_reset(&c);
    error_clear(&err);
    assert_int_equal(0, collect(&c, "{\"a\":34}", 3, &out, &err));
    assert_string_equal("{\"a\":12}|{\"a\":34}|", buf_str(&out));
    json_collector_release(&c);
}

static void memory(void **state)
{
    (void)state;
    struct json_collector c;
    cleanup_buf struct buf out = BUF_INIT((size_t)1 << 20);
    size_t len = 300000;
    cleanup_free char *text = xmalloc(len + 1);
    memset(text, 'x', len);
    text[0] = text[len - 1] = '"';
    text[len] = '\0';
    json_collector_init(&c, 1000000);

    assert_int_equal(0, collect(&c, text, 4096, &out, NULL));
    assert_int_equal(0, collect(&c, "{\"a\":1}", 2, &out, NULL));
    assert_true(c.carry.cap < 1000); /* what the large value needed was given back */
    json_collector_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("values are found however the stream is cut", pieces),
        CASE("a value inside one piece is not copied", whole),
        CASE("a value beyond the limit is an error", limit),
        CASE("the memory of a large value is given back", memory),
    };
    return RUN_CASES("json_collector", tests);
}
