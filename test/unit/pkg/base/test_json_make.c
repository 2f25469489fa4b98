#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/json.h"
#include "test/unit/support/test.h"

static void assert_text(json *consumed, const char *want)
{
    cleanup_json json *j = consumed;
    cleanup_free char *text = json_give_text(j);
    assert_string_equal(text, want);
}

static void check_constants(void **state)
{
    (void)state;
    assert_text(json_make("{'a':'x', \"b\" : [1, -2.50, true ,false,null,[],{}]}"),
                "{\"a\":\"x\",\"b\":[1,-2.50,true,false,null,[],{}]}");
    assert_text(json_make("\n 'only text' "), "\"only text\"");
    assert_text(json_make("null"), "null");
    assert_text(json_make("['it\\'s \"quoted\"', \"it's\", '100%%', 'a\\nb\\\\c']"),
                "[\"it's \\\"quoted\\\"\",\"it's\",\"100%\",\"a\\nb\\\\c\"]");
}

static void check_arguments(void **state)
{
    (void)state;
    assert_text(
        json_make("{'metadata':{'name':%s},'spec':{'replicas':%d,'on':%b,'off':%b,'big':%ld}}",
                  "n\"1", -1, 4, 0, INT64_MIN),
        "{\"metadata\":{\"name\":\"n\\\"1\"},\"spec\":{\"replicas\":-1,\"on\":true,\"off\":false,"
        "\"big\":-9223372036854775808}}");
    assert_text(json_make("{%s:%s,'b':%s}", "a.b", "v", NULL), "{\"a.b\":\"v\",\"b\":null}");
    assert_text(json_make("%d", 7), "7");
}

static void check_subtree(void **state)
{
    (void)state;
    json *inner = json_make("[1]");
    json *outer = json_make("{'a':%j,'b':%j}", inner, NULL);

    assert_ptr_equal(json_get(outer, "a"), inner);
    assert_true(json_has(outer, "b"));
    assert_text(outer, "{\"a\":[1],\"b\":null}");
}

static struct {
    const char *name, *template;
} bad_cases[] = {
    { "text behind the template aborts", "{} x" },
    { "an open object aborts", "{'a':1" },
    { "an open string aborts", "{'a" },
    { "a missing colon aborts", "{'a' 1}" },
    { "a missing comma aborts", "[1 2]" },
    { "a trailing comma aborts", "[1,]" },
    { "a percent sign in a string aborts", "['x-%s']" },
    { "an unknown conversion aborts", "[%x]" },
    { "a duplicate key aborts", "{'a':1,'a':2}" },
    { "an unknown word aborts", "[yes]" },
    { "a number that is none aborts", "[01]" },
    { "the empty template aborts", "" },
    { "a percent sign at the end aborts", "%" },
    { "a backslash at the end aborts", "'a\\" },
};

static void check_abort(void **state)
{
    const char *template = *state;

    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)signal(SIGABRT, SIG_DFL); /* the test runner's own handler would report a failure */
        (void)close(STDERR_FILENO);
        json_free(json_make(template, "s"));
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(bad_cases) + 3];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(bad_cases[i].name, check_abort,
                                                (void *)(uintptr_t)bad_cases[i].template);
    tests[n++] = (struct CMUnitTest)CASE("constants in either quotes", check_constants);
    tests[n++] = (struct CMUnitTest)CASE("arguments take their places", check_arguments);
    tests[n++] = (struct CMUnitTest)CASE("a subtree is handed over, not copied", check_subtree);
    return RUN_CASES("json_make", tests);
}
