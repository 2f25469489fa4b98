#include "pkg/azure/azure.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

struct allow_case {
    const char *name, *permissions, *action;
    bool want;
};
static struct allow_case cases[] = {
    { "an exact action is allowed", "[{'actions':['a/read']}]", "a/read", true },
    { "letter case does not matter", "[{'actions':['A/Read']}]", "a/rEAD", true },
    { "a star spans slashes", "[{'actions':['Microsoft.Network/*']}]",
      "Microsoft.Network/x/y/write", true },
    { "a star in the middle matches", "[{'actions':['*/read']}]", "a/b/read", true },
    { "a star does not match a different end", "[{'actions':['*/read']}]", "a/read/all", false },
    { "a not-action takes away", "[{'actions':['*'],'notActions':['a/write']}]", "a/write", false },
    { "a not-action of one entry leaves another's grant",
      "[{'actions':['*'],'notActions':['a/write']},{'actions':['a/*']}]", "a/write", true },
    { "nothing granted is nothing allowed", "[]", "a/read", false },
    { "null lists are empty lists", "[{'actions':null,'notActions':null}]", "a/read", false },
    { "numbers among the actions are skipped", "[{'actions':[7,'a/read']}]", "a/read", true },
};

static void check_allow(void **state)
{
    const struct allow_case *c = *state;
    cleanup_json json *permissions = json_make(c->permissions);

    assert_int_equal(arm_permissions_allow(permissions, c->action), c->want);
}

static void check_list(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .request =
              "GET https://management.azure.com/subscriptions/s/providers/Microsoft.Authorization/"
              "permissions?api-version=2015-07-01\nAuthorization: Bearer t1\nAccept: "
              "application/json\n@gzip: true\n",
          .reply = "{\"value\":[{\"actions\":[\"a\"]}],\"nextLink\":\"https://management.azure.com/"
                   "next?x=1\"}" },
        { .request = "GET https://management.azure.com/next?x=1\nAuthorization: Bearer t1\nAccept: "
                     "application/json\n@gzip: "
                     "true\n",
          .reply = "{\"value\":[{\"actions\":[\"b\"]}],\"nextLink\":null}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_json json *permissions = NULL;

    assert_int_equal(arm_permissions_list(f.arm, &f.ctx, "/subscriptions/s", &permissions, NULL),
                     0);

    assert_true(arm_permissions_allow(permissions, "a"));
    assert_true(arm_permissions_allow(permissions, "b"));
    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_allow, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("all pages of the list are read", check_list);
    return RUN_CASES("permissions", tests);
}
