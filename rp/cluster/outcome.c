#include "rp/cluster/outcome.h"

#include <string.h>
#include <strings.h>

#include "pkg/azure/errors.h"
#include "pkg/base/cleanup.h"
#include "pkg/base/strv.h"

#define GROUPS "/resourcegroups/"
#define NO_IDENTITY "Authorization_IdentityNotFound" /* Graph: the caller is not known, yet */

bool outcome_may_heal(const struct error *e)
{
    return azure_error_is_authorization(e) || azure_error_is_new_credential(e) ||
           str_eq(error_get_code(e), NO_IDENTITY);
}

/* The resource group of what failed: of the URL, which stands first, else of the first resource that is named. */
static bool is_in_group(const char *text, const char *group)
{
    const char *at = strcasestr(text, GROUPS);
    if (!at)
        return false;
    at += strlen(GROUPS);
    size_t len = strcspn(at, "/?'\" \n");
    return len == strlen(group) && strncasecmp(at, group, len) == 0;
}

static bool is_of_credentials(const char *code)
{
    static const char *const codes[] = { "AADSTS700016", "AADSTS7000215", "AADSTS7000222",
                                         NO_IDENTITY };
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (str_eq(code, codes[i]))
            return true;
    return false;
}

void outcome_judge(const char *managed_group, struct error **e)
{
    bool right = azure_error_is_authorization(*e);
    if (!right && !is_of_credentials(error_get_code(*e)))
        return;
    if (right && is_in_group(error_text(*e), managed_group)) {
        (void)error_set(e, ERR_INTERNAL, "%s", error_text(*e));
        return;
    }
    (void)error_set(e, ERR_INVALID,
                    "The provided service principal application (client) ID or its secret is "
                    "invalid, has expired, or lacks a right: %s",
                    error_text(*e));
    error_code(e, "InvalidServicePrincipalCredentials");
    error_target(e, "properties.servicePrincipalProfile");
}
