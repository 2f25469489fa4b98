#include <string.h>

#include "pkg/base/mem.h"
#include "test/harness/faultproxy/rules.h"
#include "test/unit/support/test.h"

static json *give(const char *text)
{
    json *j = NULL;
    assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
    return j;
}

struct fit_case {
    const char *name, *rules;
    struct asked asked;
    int status; /* of the fault; 0: none fits */
};
static struct fit_case fits[] = {
    { "no rule fits nothing", "[]", { "GET", "/a", NULL, NULL }, 0 },
    { "a rule without patterns fits everything",
      "[{'status':500}]",
      { "PUT", "/a", "x=1", "u" },
      500 },
    { "the method must fit", "[{'method':'PUT','status':500}]", { "GET", "/a", NULL, NULL }, 0 },
    { "a pattern may stand for several methods",
      "[{'method':'P*','status':409}]",
      { "PATCH", "/a", NULL, NULL },
      409 },
    { "a star crosses slashes",
      "[{'path':'*/leases/*','status':503}]",
      { "GET", "/apis/x/leases/y", NULL, NULL },
      503 },
    { "the path must fit as a whole",
      "[{'path':'/a','status':503}]",
      { "GET", "/a/b", NULL, NULL },
      0 },
    { "the query must fit",
      "[{'query':'*watch=*','status':410}]",
      { "GET", "/a", "watch=1", NULL },
      410 },
    { "a pattern for the query wants a query",
      "[{'query':'?*','status':410}]",
      { "GET", "/a", NULL, NULL },
      0 },
    { "the agent must fit",
      "[{'agent':'kubectl*','status':418}]",
      { "GET", "/a", NULL, "aro/1" },
      0 },
    { "the first rule that fits counts",
      "[{'path':'/b','status':1},{'status':2},{'status':3}]",
      { "GET", "/a", NULL, NULL },
      2 },
};

static void check_fit(void **state)
{
    const struct fit_case *c = *state;
    struct rules *r = rules_new();
    cleanup_free char *text = xstrdup(c->rules);
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    cleanup_json json *list = give(text);
    assert_int_equal(rules_set(r, list, NULL), 0);

    struct fault f = rules_take(r, &c->asked);

    assert_int_equal(f.status, c->status);
    assert_int_equal(f.found, c->status != 0);
    fault_release(&f);
    rules_free(r);
}

static const struct asked any = { "GET", "/", NULL, NULL };

static int next_status(struct rules *r)
{
    struct fault f = rules_take(r, &any);
    int status = f.status;
    fault_release(&f);
    return status;
}

static void check_times(void **state)
{
    (void)state;
    struct rules *r = rules_new();
    cleanup_json json *list =
        give("[{\"status\":1},{\"status\":2,\"times\":2},{\"status\":3,\"times\":-1}]");
    assert_int_equal(rules_set(r, list, NULL), 0);
    const int want[] = { 1, 2, 2, 3, 3, 3 };

    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(next_status(r), want[i]);

    cleanup_json json *left = rules_give(r);
    assert_int_equal(json_path_int(left, "[0].times", -9), 0);
    assert_int_equal(json_path_int(left, "[1].times", -9), 0);
    assert_int_equal(json_path_int(list, "[1].times", -9), 2); /* the caller's is its own */
    rules_free(r);
}

static void check_fields(void **state)
{
    (void)state;
    struct rules *r = rules_new();
    cleanup_json json *list =
        give("[{\"delay_ms\":7,\"stall\":true,\"pad\":9,\"cut_after\":0,\"end_after\":2,"
             "\"stall_after\":3,\"status\":429,\"headers\":{\"Retry-After\":\"1\"},"
             "\"body\":{\"a\":1}}]");
    assert_int_equal(rules_set(r, list, NULL), 0);

    struct fault f = rules_take(r, &any);
    struct fault none = rules_take(r, &any);

    assert_int_equal(f.delay_ms, 7);
    assert_true(f.stall);
    assert_int_equal(f.pad, 9);
    assert_int_equal(f.cut_after, 0);
    assert_int_equal(f.end_after, 2);
    assert_int_equal(f.stall_after, 3);
    assert_string_equal(f.body, "{\"a\":1}");
    assert_string_equal(f.headers, "{\"Retry-After\":\"1\"}");
    assert_false(none.found);
    assert_int_equal(none.cut_after, -1);
    fault_release(&f);
    fault_release(&none);
    rules_free(r);
}

static void check_refused(void **state)
{
    (void)state;
    struct rules *r = rules_new();
    cleanup_json json *object = give("{}"), *numbers = give("[1]"),
                      *good = give("[{\"status\":1}]");
    cleanup_error struct error *err = NULL;

    assert_int_equal(rules_set(r, good, NULL), 0);
    assert_int_equal(rules_set(r, object, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_int_equal(rules_set(r, numbers, NULL), -1);

    assert_int_equal(next_status(r), 1); /* the former rules stay */
    rules_free(r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(fits) + 3];
    for (size_t i = 0; i < ARRAY_LEN(fits); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(fits[i].name, check_fit, &fits[i]);
    size_t n = ARRAY_LEN(fits);
    tests[n++] =
        (struct CMUnitTest){ .name = "a rule counts down its times, -1 never ends", check_times };
    tests[n++] = (struct CMUnitTest)CASE("every field of a rule is read", check_fields);
    tests[n++] =
        (struct CMUnitTest){ .name = "anything but an array of objects is refused", check_refused };
    return _cmocka_run_group_tests("rules", tests, n, NULL, NULL);
}
