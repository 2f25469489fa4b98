#include <string.h>

#include "pkg/base/mem.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    buf_addf(http_call_out(req->call), "%s|%s|%s", req->path, req->original_path,
             request_param(req, "rest"));
    return 0;
}
static const struct route routes[] = { { "GET", "/a/{rest}", 0, tell } };

struct path_case {
    const char *name, *target, *want;
};

static struct path_case cases[] = {
    { "drops doubled slashes", "//a///b", "200 /a/b|/a/b|b" },
    { "drops single dots", "/a/./b", "200 /a/b|/a/b|b" },
    { "goes up at double dots", "/x/../a/y/../b", "200 /a/b|/a/b|b" },
    { "does not go above the root", "/../../a/b", "200 /a/b|/a/b|b" },
    { "does not take an encoded dot segment for less", "/x/%2e%2e/a/b", "200 /a/b|/a/b|b" },
    { "leaves dots in names alone", "/a/..b.", "200 /a/..b.|/a/..b.|..b." },
};

static void check(void **state)
{
    const struct path_case *c = *state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *answer = front_give_answer(&r, "GET", c->target, NULL);

    assert_string_equal(answer, c->want);
    front_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("clean paths", tests);
}
