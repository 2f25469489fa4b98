#include <string.h>

#include "rp/cluster/outcome.h"
#include "test/unit/support/test.h"

static void rights_that_come_late_heal(void **state)
{
    (void)state;
    static const struct {
        const char *code, *text;
        bool heals;
    } cases[] = {
        { "AADSTS700016", "", true },
        { "AADSTS7000215", "", true },
        { "AADSTS7000222", "", false },
        { "Authorization_IdentityNotFound", "", true },
        { "AuthorizationFailed", "", true },
        { "LinkedAuthorizationFailed", "", true },
        { "InvalidTemplateDeployment", "Authorization failed for template resource 'x'", true },
        { "InvalidTemplateDeployment", "the template is wrong", false },
        { "ResourceNotFound", "", false },
        { NULL, "", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_error struct error *e = NULL;
        (void)error_set(&e, ERR_FORBIDDEN, "%s", cases[i].text);
        if (cases[i].code)
            error_code(&e, cases[i].code);
        assert_int_equal(outcome_may_heal(e), cases[i].heals);
    }
}

struct judge_case {
    const char *name, *code, *text;
    const char *want_code; /* NULL: none */
    int want_status;
};
#define CREDENTIALS "InvalidServicePrincipalCredentials"
#define VNET "/subscriptions/s/resourceGroups/net/providers/x/y/z: no right"
static struct judge_case judges[] = {
    { "a wrong secret is the customer's to mend", "AADSTS7000215", "no", CREDENTIALS, 400 },
    { "an expired secret is, too", "AADSTS7000222", "no", CREDENTIALS, 400 },
    { "an unknown identity is, too", "Authorization_IdentityNotFound", "no", CREDENTIALS, 400 },
    { "so is a right that is missing on what is theirs", "AuthorizationFailed", VNET, CREDENTIALS,
      400 },
    { "in the managed group it is the service's", "AuthorizationFailed",
      "/subscriptions/s/resourcegroups/ARO-a/providers/x: no", NULL, 500 },
    { "so is it at the group itself", "LinkedAuthorizationFailed",
      "over scope '/subscriptions/s/resourceGroups/aro-a' or", NULL, 500 },
    { "a group whose name only begins alike is theirs", "AuthorizationFailed",
      "/subscriptions/s/resourcegroups/aro-a2/providers/x: no", CREDENTIALS, 400 },
    { "anything else is told as it is", "DeploymentFailed",
      "/subscriptions/s/resourcegroups/aro-a/providers/x: no", "DeploymentFailed", 400 },
};

static void check_judge(void **state)
{
    const struct judge_case *c = *state;
    cleanup_error struct error *e = NULL;
    (void)error_set(&e, ERR_INVALID, "%s", c->text);
    error_code(&e, c->code);

    outcome_judge("aro-a", &e);

    if (c->want_code)
        assert_string_equal(error_get_code(e), c->want_code);
    else
        assert_null(error_get_code(e));
    assert_int_equal(error_get_status(e), c->want_status);
    assert_non_null(strstr(error_text(e), c->text));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(judges) + 1];
    tests[0] = (struct CMUnitTest)CASE("rights that reach Azure late heal, and nothing else",
                                       rights_that_come_late_heal);
    for (size_t i = 0; i < ARRAY_LEN(judges); i++)
        tests[i + 1] = (struct CMUnitTest)CASE_OF(judges[i].name, check_judge, &judges[i]);
    return RUN_CASES("outcome", tests);
}
