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
    { "in the service's own group it is never theirs", "AuthorizationFailed",
      "/subscriptions/s/resourceGroups/RP/providers/x: no", NULL, 500 },
    { "what fails in the service's own group is never told", "DeploymentFailed",
      "/subscriptions/s/resourceGroups/dns/providers/x: no", NULL, 500 },
    { "what Azure or a cluster says otherwise is ours to understand", "NotFound",
      "Service router-default: not found", NULL, 500 },
    { "what customers can mend is told as it is", "DeploymentFailed",
      "/subscriptions/s/resourcegroups/aro-a/providers/x: no", "DeploymentFailed", 400 },
};

static void check_judge(void **state)
{
    const struct judge_case *c = *state;
    cleanup_error struct error *e = NULL;
    (void)error_set(&e, ERR_INVALID, "%s", c->text);
    error_code(&e, c->code);

    static const char *const service[] = { "rp", "dns", NULL };
    const struct outcome_place place = { "aro-a", service, true };
    outcome_judge(&place, &e);

    if (c->want_code)
        assert_string_equal(error_get_code(e), c->want_code);
    else
        assert_null(error_get_code(e));
    assert_int_equal(error_get_status(e), c->want_status);
    assert_non_null(strstr(error_text(e), c->text));
}

static void an_action_blames_nobody(void **state)
{
    (void)state;
    static const char *const none[] = { NULL };
    const struct outcome_place place = { "aro-a", none, false };
    cleanup_error struct error *credentials = NULL, *lock = NULL;
    (void)error_set(&credentials, ERR_UNAUTHORIZED, "no");
    error_code(&credentials, "AADSTS7000215");
    (void)error_set(&lock, ERR_CONFLICT, "/subscriptions/s/resourceGroups/aro-a: locked");
    error_code(&lock, "ScopeLocked");

    outcome_judge(&place, &credentials);
    outcome_judge(&place, &lock);

    assert_null(error_get_code(credentials));
    assert_string_equal(error_get_code(lock), "ScopeLocked");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(judges) + 2];
    tests[0] = (struct CMUnitTest)CASE("rights that reach Azure late heal, and nothing else",
                                       rights_that_come_late_heal);
    tests[1] = (struct CMUnitTest)CASE("a step that is not tried again blames nobody's credentials",
                                       an_action_blames_nobody);
    for (size_t i = 0; i < ARRAY_LEN(judges); i++)
        tests[i + 2] = (struct CMUnitTest)CASE_OF(judges[i].name, check_judge, &judges[i]);
    return RUN_CASES("outcome", tests);
}
