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

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("rights that reach Azure late heal, and nothing else", rights_that_come_late_heal),
    };
    return RUN_CASES("outcome", tests);
}
