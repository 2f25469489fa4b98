#include "rp/frontend/referer.h"
#include "test/unit/support/test.h"

struct referer_case {
    const char *name, *referer, *want_path, *want_parameter;
};
static struct referer_case cases[] = {
    { "replaces a path and keeps the query", "https://h:1/A/b?api-version=x&y",
      "https://h:1/new?api-version=x&y", "https://h:1/A/b?api-version=x&y&$skipToken=a%2Bb%3D" },
    { "adds to a URL without path or query", "https://h", "https://h/new",
      "https://h?$skipToken=a%2Bb%3D" },
    { "drops a fragment", "https://h/a?b#c", "https://h/new?b",
      "https://h/a?b&$skipToken=a%2Bb%3D" },
    { "replaces a former value", "https://h/a?$skipToken=old&b=1",
      "https://h/new?$skipToken=old&b=1", "https://h/a?b=1&$skipToken=a%2Bb%3D" },
    { "replaces an encoded one", "https://h/a?b=1&%24skipToken=old",
      "https://h/new?b=1&%24skipToken=old", "https://h/a?b=1&$skipToken=a%2Bb%3D" },
    { "finds no host in a query", "/a?b=x://h/c", "/new?b=x://h/c",
      "/a?b=x://h/c&$skipToken=a%2Bb%3D" },
    { "finds a host without a path", "https://h?b=x://i/c", "https://h/new?b=x://i/c",
      "https://h?b=x://i/c&$skipToken=a%2Bb%3D" },
    { "takes what is only a path", "/a?b=1", "/new?b=1", "/a?b=1&$skipToken=a%2Bb%3D" },
};

static void check(void **state)
{
    const struct referer_case *c = *state;

    cleanup_free char *path = referer_give_with_path(c->referer, "/new");
    cleanup_free char *parameter = referer_give_with_parameter(c->referer, "$skipToken", "a+b=");

    assert_string_equal(path, c->want_path);
    assert_string_equal(parameter, c->want_parameter);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("outer URLs", tests);
}
