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
    { "GET", "/subscriptions/{sub}/resourcegroups/{rg}/providers/{ns}/{type}/{name}", 0, tell,
      NULL },
    { "GET", "/subscriptions/{sub}/providers/{ns}/locations/{loc}/operationsstatus/{operationid}",
      0, tell, NULL },
};

#define NS "/providers/Microsoft.RedHatOpenShift"
#define SUB "/subscriptions/" FRONT_SUB
#define LONG_90 \
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiii"
#define OP "/operationsstatus/" FRONT_SUB

struct url_case {
    const char *name, *target, *want; /* NULL: 204 */
};
static struct url_case cases[] = {
    { "takes a cluster", FRONT_CLUSTER, NULL },
    { "takes all that names may hold", SUB "/resourcegroups/-a_(b).c)" NS "/openshiftclusters/_",
      NULL },
    { "takes a name of ninety", SUB "/resourcegroups/" LONG_90 NS "/openshiftclusters/c", NULL },
    { "takes a location in any case", SUB NS "/locations/EastUS" OP, NULL },
    { "refuses a subscription that is no UUID",
      "/subscriptions/moon/resourcegroups/g" NS "/openshiftclusters/c",
      "400 InvalidSubscriptionID: The provided subscription identifier 'moon' is malformed or "
      "invalid." },
    { "refuses a group that ends in a dot", SUB "/resourcegroups/G." NS "/openshiftclusters/c",
      "400 ResourceGroupNotFound: Resource group 'g.' could not be found." },
    { "refuses a group of ninety-one", SUB "/resourcegroups/x" LONG_90 NS "/openshiftclusters/c",
      "400 ResourceGroupNotFound: Resource group 'x" LONG_90 "' could not be found." },
    { "refuses a group with other letters", SUB "/resourcegroups/g%C3%A4" NS "/openshiftclusters/c",
      "400 ResourceGroupNotFound: Resource group 'g\xc3\xa4' could not be found." },
    { "refuses another namespace", FRONT_GROUP "/providers/Microsoft.Moon/openshiftclusters/c",
      "400 InvalidResourceNamespace: The resource namespace 'microsoft.moon' is invalid." },
    { "refuses another type", FRONT_GROUP NS "/moons/c?api-version=2020-04-30",
      "400 InvalidResourceType: The resource type 'moons' could not be found in the namespace "
      "'microsoft.redhatopenshift' for api version '2020-04-30'." },
    { "refuses a bad name", FRONT_GROUP NS "/openshiftclusters/a%20b",
      "400 ResourceNotFound: The Resource 'microsoft.redhatopenshift/openshiftclusters/a b' under "
      "resource group 'group' was not found." },
    { "refuses another location", SUB NS "/locations/moon" OP,
      "400 InvalidLocation: The provided location 'moon' is malformed or invalid." },
    { "refuses an operation that is no UUID", SUB NS "/locations/eastus/operationsstatus/1",
      "400 InvalidOperationID: The provided operation identifier '1' is malformed or invalid." },
};

static void check(void **state)
{
    const struct url_case *c = *state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *got = c->want ? front_give_error(&r, "GET", c->target, NULL)
                                     : front_give_answer(&r, "GET", c->target, NULL);

    assert_string_equal(got, c->want ? c->want : "204 ");
    front_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("parts of the URL", tests);
}
