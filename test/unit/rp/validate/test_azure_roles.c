#include <string.h>

#include "rp/validate/azure_roles.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define REQUEST \
    "GET https://management.azure.com/subscriptions/s/providers/Microsoft.Authorization/" \
    "permissions?api-version=2015-07-01\nAuthorization: Bearer t1\nAccept: application/json\n" \
    "@gzip: true\n"
#define ALLOWED(entries) \
    { \
        .request = REQUEST, .reply = "{\"value\":[" entries "]}" \
    }
#define OWNER "{\"actions\":[\"*\"],\"notActions\":[]}"
#define CONTRIBUTOR \
    "{\"actions\":[\"*\"],\"notActions\":[\"Microsoft.Authorization/*/Write\"," \
    "\"Microsoft.Authorization/*/Delete\"]}"
#define ACCESS_ADMINISTRATOR "{\"actions\":[\"*/read\",\"Microsoft.Authorization/*\"]}"
#define NETWORK "{\"actions\":[\"Microsoft.Network/*\"]}"

#define NEEDS "the application 'app' needs in subscription 's' the role "
#define GRANT(role) \
    ": az role assignment create --assignee app --role '" role "' --scope /subscriptions/s"
#define GROUPS "'Contributor' (for Microsoft.Resources/subscriptions/resourceGroups/write)"
#define ASSIGNS "'User Access Administrator' (for Microsoft.Authorization/roleAssignments/write)"

struct roles_case {
    const char *name;
    struct script_step answer;
    enum err_kind want_kind;
    const char *want; /* NULL: passes */
};
static struct roles_case cases[] = {
    { "an owner may all", ALLOWED(OWNER), 0, NULL },
    { "two roles together are enough", ALLOWED(CONTRIBUTOR "," ACCESS_ADMINISTRATOR), 0, NULL },
    { "a contributor may give no roles", ALLOWED(CONTRIBUTOR), ERR_FORBIDDEN,
      NEEDS ASSIGNS GRANT("User Access Administrator") },
    { "who gives roles may not make groups", ALLOWED(ACCESS_ADMINISTRATOR), ERR_FORBIDDEN,
      NEEDS GROUPS GRANT("Contributor") },
    { "a lesser role is not enough", ALLOWED(NETWORK), ERR_FORBIDDEN,
      NEEDS GROUPS " and " ASSIGNS GRANT("Contributor") },
    { "no role is not enough", ALLOWED(""), ERR_FORBIDDEN,
      NEEDS GROUPS " and " ASSIGNS GRANT("Contributor") },
    { "who may not even ask has none",
      { .request = REQUEST,
        .status = 403,
        .reply = "{\"error\":{\"code\":\"AuthorizationFailed\"}}" },
      ERR_FORBIDDEN,
      NEEDS GROUPS " and " ASSIGNS GRANT("Contributor") },
    { "a subscription that is not there is told as such",
      { .request = REQUEST,
        .status = 404,
        .reply = "{\"error\":{\"code\":\"SubscriptionNotFound\",\"message\":\"no s\"}}" },
      ERR_NOT_FOUND,
      "asking Azure for the roles of 'app': " },
};

static void check(void **state)
{
    const struct roles_case *c = *state;
    const struct script_step steps[] = { TOKEN_STEP, c->answer };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;

    int result = azure_roles_check(f.arm, &f.ctx, "app", "s", &err);

    assert_int_equal(result, c->want ? -1 : 0);
    if (c->want) {
        assert_true(error_is(err, c->want_kind));
        assert_memory_equal(error_text(err), c->want, strlen(c->want));
    }
    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("roles in Azure", tests);
}
