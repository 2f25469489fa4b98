#include <string.h>

#include "pkg/base/json.h"
#include "test/unit/support/test.h"

static json *give_tree(const char *text)
{
    json *j = NULL;
    if (text)
        assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
    return j;
}

struct merge_case {
    const char *name, *target, *patch, *want;
};

/* The table of RFC 7396, appendix A, and a few more. */
static struct merge_case merge_cases[] = {
    { "replaces a member", "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
    { "adds a member", "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}" },
    { "removes the only member", "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
    { "removes one member of two", "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}" },
    { "replaces an array by a string", "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
    { "replaces a string by an array", "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
    { "merges a nested object", "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
      "{\"a\":{\"b\":\"d\"}}" },
    { "replaces an array of objects whole", "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}",
      "{\"a\":[1]}" },
    { "replaces an array as document", "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]" },
    { "replaces an object by an array", "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]" },
    { "replaces an object by null", "{\"a\":\"foo\"}", "null", "null" },
    { "replaces an object by a string", "{\"a\":\"foo\"}", "\"bar\"", "\"bar\"" },
    { "keeps a null that was there", "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}" },
    { "replaces an array by an object without its nulls", "[1,2]", "{\"a\":\"b\",\"c\":null}",
      "{\"a\":\"b\"}" },
    { "makes nested objects without their nulls", "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}",
      "{\"a\":{\"bb\":{}}}" },
    { "makes a document from nothing", NULL, "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}" },
    { "an empty patch changes nothing", "{\"a\":[1,{\"b\":null}]}", "{}",
      "{\"a\":[1,{\"b\":null}]}" },
    { "nulls in arrays stay", "{}", "{\"a\":[null,{\"b\":null}]}", "{\"a\":[null,{\"b\":null}]}" },
};

static void check_merge(void **state)
{
    const struct merge_case *c = *state;
    cleanup_json json *patch = give_tree(c->patch);

    cleanup_json json *result = json_give_merged(give_tree(c->target), patch);

    cleanup_free char *text = json_give_text(result), *patch_text = json_give_text(patch);
    assert_string_equal(text, c->want);
    assert_string_equal(patch_text, c->patch);
}

static void check_merge_shares_nothing(void **state)
{
    (void)state;
    cleanup_json json *patch = give_tree("{\"a\":{\"b\":[1]}}");
    cleanup_json json *result = json_give_merged(NULL, patch);

    json_append(json_path(result, "a.b"), json_new_int(2));

    assert_int_equal(json_len(json_path(patch, "a.b")), 1);
}

struct diff_case {
    const char *name, *from, *to, *want; /* want: NULL when there is nothing to do */
};

static struct diff_case diff_cases[] = {
    { "equal trees need no patch", "{\"a\":{\"b\":[1,2.0]},\"c\":null}",
      "{\"c\":null,\"a\":{\"b\":[1.0,2]}}", NULL },
    { "a new member is added", "{}", "{\"a\":1}", "{\"a\":1}" },
    { "an empty object is added", "{}", "{\"a\":{}}", "{\"a\":{}}" },
    { "a missing member is removed", "{\"a\":1,\"b\":2}", "{\"b\":2}", "{\"a\":null}" },
    { "a null that is gone is removed", "{\"a\":null}", "{}", "{\"a\":null}" },
    { "a new null cannot be stored", "{}", "{\"a\":null}", NULL },
    { "a value that became null is removed", "{\"a\":{\"b\":1}}", "{\"a\":null}", "{\"a\":null}" },
    { "only the changed leaf is sent", "{\"a\":{\"b\":1,\"c\":2},\"d\":3}",
      "{\"a\":{\"b\":1,\"c\":4},\"d\":3}", "{\"a\":{\"c\":4}}" },
    { "an array is sent whole", "{\"a\":[1,2,3]}", "{\"a\":[1,3]}", "{\"a\":[1,3]}" },
    { "an object takes the place of a string", "{\"a\":\"s\"}", "{\"a\":{\"b\":1}}",
      "{\"a\":{\"b\":1}}" },
    { "a string takes the place of an object", "{\"a\":{\"b\":1}}", "{\"a\":\"s\"}",
      "{\"a\":\"s\"}" },
    { "false differs from absent", "{}", "{\"a\":false}", "{\"a\":false}" },
};

static void check_diff(void **state)
{
    const struct diff_case *c = *state;
    cleanup_json json *from = give_tree(c->from), *to = give_tree(c->to);

    cleanup_json json *patch = json_give_merge_patch(from, to);

    if (!c->want) {
        assert_null(patch);
        return;
    }
    cleanup_free char *text = json_give_text(patch);
    assert_string_equal(text, c->want);
    if (!strstr(c->to, "null")) {
        cleanup_json json *result = json_give_merged(json_give_copy(from), patch);
        assert_true(json_equal(result, to));
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(merge_cases) + ARRAY_LEN(diff_cases) + 1];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(merge_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(merge_cases[i].name, check_merge, &merge_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(diff_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(diff_cases[i].name, check_diff, &diff_cases[i]);
    tests[n++] = (struct CMUnitTest)CASE("the result shares nothing with the patch",
                                         check_merge_shares_nothing);
    return RUN_CASES("json_patch", tests);
}
