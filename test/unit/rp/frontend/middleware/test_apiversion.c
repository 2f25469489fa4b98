#include <string.h>

#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    buf_addf(http_call_out(req->call), "%s", req->version ? api_version_name(req->version) : "-");
    return 0;
}
static const struct route routes[] = {
    { "GET", "/p/{ns}/t/{type}", ROUTE_API_VERSION, tell, NULL },
    { "GET", "/p/{ns}/flight", ROUTE_PREFLIGHT_VERSION, tell, NULL },
    { "GET", "/p/{ns}/any", 0, tell, NULL },
};

#define NS "/p/Microsoft.RedHatOpenShift"
#define LOST(v) \
    "400 InvalidResourceType: The resource type 'openshiftclusters' could not be found in the " \
    "namespace 'microsoft.redhatopenshift' for api version '" v "'."
struct version_case {
    const char *name, *target, *want;
};
static struct version_case cases[] = {
    { "takes the first version", NS "/t/openshiftclusters?api-version=2019-12-31-preview",
      "200 2019-12-31-preview" },
    { "takes the last version", NS "/t/openshiftclusters?api-version=2025-07-25",
      "200 2025-07-25" },
    { "decodes it", NS "/t/openshiftclusters?api-version=2025%2D07-25", "200 2025-07-25" },
    { "takes admin", NS "/t/openshiftclusters?api-version=admin", "200 admin" },
    { "wants one", NS "/t/openshiftclusters", LOST("") },
    { "refuses an unknown one", NS "/t/openshiftclusters?api-version=2018-01-01",
      LOST("2018-01-01") },
    { "refuses other letters", NS "/t/openshiftclusters?api-version=2019-12-31-PREVIEW",
      LOST("2019-12-31-PREVIEW") },
    { "has words of its own for preflight", NS "/flight?api-version=x",
      "400 InvalidResourceType: Api version \"x\" is invalid for preflight validation in resource "
      "provider \"microsoft.redhatopenshift\"." },
    { "does not look where none is needed", NS "/any?api-version=x", "200 -" },
};

static void check(void **state)
{
    const struct version_case *c = *state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *got = strncmp(c->want, "200", 3) == 0
                                 ? front_give_answer(&r, "GET", c->target, NULL)
                                 : front_give_error(&r, "GET", c->target, NULL);

    assert_string_equal(got, c->want);
    front_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("API versions", tests);
}
