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
    { "GET", "/one", 0, tell, NULL },
    { "POST", "/admin/one", ROUTE_ADMIN, tell, NULL },
    { "GET", "/versioned", ROUTE_API_VERSION, tell, NULL },
};

#define BROKEN(name) \
    "400 InvalidParameter: The query parameter '" name "' could not be decoded. @" name

struct query_case {
    const char *name, *method, *target, *want;
};
static struct query_case cases[] = {
    { "takes what decodes", "GET", "/one?a=%41+x&b&%24c=", "204 " },
    { "refuses a broken filter", "GET", "/one?state=%zz", BROKEN("state") },
    { "refuses a NUL", "GET", "/one?%24skipToken=%00%ff", BROKEN("$skipToken") },
    { "refuses a broken name", "GET", "/one?a=1&%zz=1", BROKEN("%zz") },
    { "refuses it where it would change something", "POST", "/admin/one?csrName=%zz",
      BROKEN("csrName") },
    { "refuses a broken version as such", "GET", "/versioned?api-version=%zz",
      BROKEN("api-version") },
    { "does not look where there is no route", "GET", "/moon?a=%zz",
      "404 NotFound: The requested path could not be found." },
};

static void check(void **state)
{
    const struct query_case *c = *state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *got = strcmp(c->want, "204 ") == 0
                                 ? front_give_answer(&r, c->method, c->target, NULL)
                                 : front_give_error(&r, c->method, c->target, NULL);

    assert_string_equal(got, c->want);
    front_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("query", tests);
}
