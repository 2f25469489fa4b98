#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/net/health.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

static int pass(void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    return 0;
}

static int fail_check(void *arg, struct error **err)
{
    return error_set(err, ERR_TIMEOUT, "%s is silent", (const char *)arg);
}

static const char peer[] = "the leader";
static const struct health_check good[] = { { "caches", pass, NULL }, { "leader", pass, NULL } };
static const struct health_check mixed[] = {
    { "caches", pass, NULL },
    { "leader", fail_check, (void *)(uintptr_t)peer },
};
static const struct health_set sets[] = {
    { "/healthz", good, ARRAY_LEN(good) },
    { "/readyz", mixed, ARRAY_LEN(mixed) },
    { "/livez", NULL, 0 },
};

static int answer(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(sets); i++)
        if (strncmp(http_call_path(c), sets[i].root, strlen(sets[i].root)) == 0)
            return health_answer(c, &sets[i], err);
    return error_set(err, ERR_NOT_FOUND, "no such path");
}

static const struct http_route routes[] = { { "GET", NULL, answer, true } };

struct health_case {
    const char *name, *path, *want; /* status and body */
};
#define LEADER_FAILED "[-]leader failed: the leader is silent\n"
static struct health_case cases[] = {
    { "says ok in short", "/healthz", "200 ok" },
    { "says ok with a slash behind", "/healthz/", "200 ok" },
    { "lists the checks when asked", "/healthz?verbose=true",
      "200 [+]caches ok\n[+]leader ok\nhealthz check passed\n" },
    { "lists the checks when one fails", "/readyz",
      "500 [+]caches ok\n" LEADER_FAILED "readyz check failed\n" },
    { "leaves out what is excluded", "/readyz?exclude=leader", "200 ok" },
    { "shows what is excluded", "/readyz?verbose&exclude=leader&exclude=caches",
      "200 [+]caches excluded: ok\n[+]leader excluded: ok\nreadyz check passed\n" },
    { "only notes an unknown exclusion", "/healthz?verbose=1&exclude=mo%6fn",
      "200 [+]caches ok\n[+]leader ok\nwarn: some health checks cannot be excluded: no matches "
      "for \"moon\"\nhealthz check passed\n" },
    { "answers a single check", "/readyz/caches", "200 ok" },
    { "answers a single check that fails", "/readyz/leader",
      "500 " LEADER_FAILED "readyz/leader check failed\n" },
    { "knows no check of another name", "/healthz/moon", "404 no such check\n" },
    { "knows no longer root", "/healthzz", "404 no such check\n" },
    { "pings when there are no checks", "/livez?verbose=true",
      "200 [+]ping ok\nlivez check passed\n" },
    { "answers the implicit ping alone", "/livez/ping", "200 ok" },
};

static void check_health(void **state)
{
    const struct health_case *c = *state;
    struct http_server_config cfg = fixture_config(routes, 1, NULL);
    cleanup_server struct http_server *s = fixture_start(&cfg);

    cleanup_free char *reply = fixture_give_answer(s, c->path);

    cleanup_free char *got = xasprintf("%.3s %s", reply + 9, strstr(reply, "\r\n\r\n") + 4);
    assert_string_equal(got, c->want);
    assert_non_null(strstr(reply, "\r\nX-Content-Type-Options: nosniff\r\n"));
    if (strncmp(got, "404", 3) != 0)
        assert_non_null(strstr(reply, "\r\nCache-Control: no-cache, no-store\r\n"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_health, &cases[i]);
    return RUN_CASES("health", tests);
}
