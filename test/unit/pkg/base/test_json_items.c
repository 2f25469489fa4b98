#include <string.h>

#include "pkg/base/json_items.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static int add_item(void *arg, const char *text, size_t len, struct error **err)
{
    (void)err;
    struct buf *out = arg;
    buf_add(out, text, len);
    buf_addc(out, '|');
    return 0;
}

static int add_member(void *arg, const char *key, const char *text, size_t len, struct error **err)
{
    buf_addf(arg, "%s=", key);
    return add_item(arg, text, len, err);
}

/* Each piece in memory of its own size, so that a read beyond it is caught. */
static int feed(struct json_items *l, const char *text, size_t n, struct error **err)
{
    size_t len = strlen(text);
    for (size_t at = 0; at < len; at += n) {
        size_t piece = len - at < n ? len - at : n;
        cleanup_free char *copy = xmalloc(piece);
        memcpy(copy, text + at, piece);
        if (json_items_feed(l, copy, piece, err) < 0)
            return -1;
    }
    return 0;
}

static struct items_case {
    const char *name, *text, *want; /* NULL: refused */
    bool has_array, is_whole;
} cases[] = {
    { "items and members are told apart", "{\"a\":\"]}\",\"list\":[{\"b\":[1]},\"x\"],\"c\":{}}",
      "a=\"]}\"|{\"b\":[1]}|\"x\"|c={}|", true, true },
    { "an array of another name is a member", "{\"other\":[1,2]}", "other=[1,2]|", false, true },
    { "one that is no array is a member", "{\"list\":null}", "list=null|", false, true },
    { "an array may be empty", "{\"list\":[]}", "", true, true },
    { "the object, too", "{}", "", false, true },
    { "a byte order mark is skipped", "\xEF\xBB\xBF{\"list\":[\"y\"]}", "\"y\"|", true, true },
    { "one that has not ended is not whole", "{\"list\":[\"y\"]", "\"y\"|", true, false },
    { "an array alone is refused", "[1]", NULL, false, false },
    { "text behind it is refused", "{}{}", NULL, false, false },
};

static void check(void **state)
{
    const struct items_case *c = *state;
    for (size_t n = 1; n <= strlen(c->text); n++) {
        cleanup_buf struct buf out = BUF_INIT(1000);
        cleanup_error struct error *err = NULL;
        const struct json_items_config cfg = { "list", 100, add_item, add_member, &out };
        struct json_items l;
        json_items_init(&l, &cfg);

        int rcode = feed(&l, c->text, n, &err);

        assert_int_equal(rcode, c->want ? 0 : -1);
        if (c->want) {
            assert_string_equal(buf_str(&out), c->want);
            assert_int_equal(l.has_array, c->has_array);
            assert_int_equal(json_items_is_whole(&l), c->is_whole);
        } else {
            assert_true(error_is(err, ERR_INVALID));
        }
        json_items_release(&l);
    }
}

static void a_reset_forgets(void **state)
{
    (void)state;
    cleanup_buf struct buf out = BUF_INIT(1000);
    const struct json_items_config cfg = { "list", 100, add_item, add_member, &out };
    struct json_items l;
    json_items_init(&l, &cfg);

    assert_int_equal(feed(&l, "{\"list\":[{\"a\":", 4, NULL), 0);
    json_items_reset(&l);
    assert_false(l.has_array);
    assert_int_equal(feed(&l, "{\"b\":2}", 3, NULL), 0);

    assert_string_equal(buf_str(&out), "b=2|");
    assert_true(json_items_is_whole(&l));
    json_items_release(&l);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("a reset forgets", a_reset_forgets);
    return RUN_CASES("items of an object", tests);
}
