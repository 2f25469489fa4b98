#include <string.h>

#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    reply_status(req, 204);
    return 0;
}
static const struct route routes[] = {
    { "GET", "/a", 0, tell, NULL },
    { "GET", "/admin/a", 0, tell, NULL },
    { "GET", "/open", ROUTE_OPEN, tell, NULL },
};

static int refuse(struct authorizer *a, const struct opctx *ctx, struct http_call *call,
                  struct error **err)
{
    (void)a;
    (void)ctx;
    (void)call;
    return error_set(err, ERR_FORBIDDEN, "a stranger");
}

struct auth_case {
    const char *name, *target;
    bool arm_refuses, admin_refuses;
    int want;
};
static struct auth_case cases[] = {
    { "asks ARM's authorizer", "/a", true, false, 403 },
    { "does not ask the administrators' for ARM", "/a", false, true, 204 },
    { "asks the administrators' for their paths", "/ADMIN/a", false, true, 403 },
    { "does not ask ARM's for those", "/admin/a", true, false, 204 },
    { "asks the administrators' for their version", "/a?api-version=admin", false, true, 403 },
    { "asks ARM's for one that only looks like it", "/a?api-version=Admin", true, false, 403 },
    { "finds an encoded admin path", "/%61dmin/a", false, true, 403 },
    { "finds an admin path behind dots", "/x/../admin/a", false, true, 403 },
    { "takes the first of two versions", "/a?api-version=admin&api-version=x", false, true, 403 },
    { "asks nobody about open routes", "/open", true, true, 204 },
};

static void check(void **state)
{
    const struct auth_case *c = *state;
    struct authorizer no = *authorizer_allow_all();
    no.check = refuse;
    struct front r;
    front_init(&r);
    r.cfg.arm = c->arm_refuses ? &no : authorizer_allow_all();
    r.cfg.admin = c->admin_refuses ? &no : authorizer_allow_all();
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *got = c->want == 403 ? front_give_error(&r, "GET", c->target, NULL)
                                            : front_give_answer(&r, "GET", c->target, NULL);

    assert_string_equal(got, c->want == 403 ? "403 Forbidden: Forbidden." : "204 ");
    assert_int_equal(log_capture_has(&r.capture, "not authorised: a stranger"), c->want == 403);
    front_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("authentication", tests);
}
