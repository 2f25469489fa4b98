/* What an update changes, as people read it. */
#include <string.h>

#include "operator/deploy/ensure.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "test/unit/support/test.h"

struct diff_case {
    const char *name, *live, *result, *want;
};
static struct diff_case cases[] = {
    { "equal objects differ in nothing", "{a: 1, b: {c: x}}", "{b: {c: x}, a: 1}", "" },
    { "a changed value", "{spec: {replicas: 1}}", "{spec: {replicas: 2}}",
      "spec.replicas: 1 -> 2" },
    { "added and removed members", "{m: {a: x}}", "{m: {b: y}}",
      "m.a: \"x\" -> none; m.b: none -> \"y\"" },
    { "a null is a value", "{a: null}", "{a: 1}", "a: null -> 1" },
    { "keys with dots and slashes", "{m: {a.b/c: x}}", "{m: {a.b/c: y}}",
      "m[\"a.b/c\"]: \"x\" -> \"y\"" },
    { "an element of a list", "{l: [{a: 1}, {a: 2}]}", "{l: [{a: 1}, {a: 3}]}", "l[1].a: 2 -> 3" },
    { "a list of another length", "{l: [1]}", "{l: [1, 2]}", "l: [1] -> [1,2]" },
    { "another kind of value", "{a: [1]}", "{a: {b: 1}}", "a: [1] -> {\"b\":1}" },
    { "what the server counts is no difference",
      "{metadata: {resourceVersion: '1', generation: 1, managedFields: [1]}, status: {a: 1}}",
      "{metadata: {resourceVersion: '2', generation: 2}, status: {a: 2}}", "" },
    { "long values are cut",
      "{a: '01234567890123456789012345678901234567890123456789012345678901234567890'}", "{a: b}",
      "a: \"01234567890123456789012345678901234567890123456789012345678... -> \"b\"" },
    { "a cut leaves whole characters",
      "{a: \"0123456789012345678901234567890123456789012345678901234567éé\"}", "{a: b}",
      "a: \"0123456789012345678901234567890123456789012345678901234567... -> \"b\"" },
    { "many differences are counted",
      "{a: {b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1, m: 1, n: 1, o: 1}}",
      "{a: {}}",
      "a.b: 1 -> none; a.c: 1 -> none; a.d: 1 -> none; a.e: 1 -> none; a.f: 1 -> none; "
      "a.g: 1 -> none; a.h: 1 -> none; a.i: 1 -> none; a.j: 1 -> none; a.k: 1 -> none; "
      "a.l: 1 -> none; a.m: 1 -> none; and 2 more" },
    { "a Secret shows no value", "{kind: Secret, data: {a: b2xk}}",
      "{kind: Secret, data: {a: bmV3, b: eA==}}",
      "data.a: <scrubbed> -> <scrubbed>; data.b: none -> <scrubbed>" },
};

static json *give_tree(const char *text)
{
    json *tree = NULL;
    struct error *err = NULL;
    if (yaml_parse(text, strlen(text), &tree, &err) < 0)
        fail_msg("%s: %s", text, error_text(err));
    return tree;
}

static void check_diff(void **state)
{
    const struct diff_case *c = *state;
    cleanup_json json *live = give_tree(c->live);
    cleanup_json json *result = give_tree(c->result);

    cleanup_free char *got = ensure_give_diff(live, result);

    assert_string_equal(got, c->want);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_diff, &cases[i]);
    return RUN_CASES("diff", tests);
}
