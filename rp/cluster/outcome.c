#include "rp/cluster/outcome.h"

#include <string.h>

#include "pkg/base/strv.h"

bool outcome_may_heal(const struct error *e)
{
    static const char *const codes[] = {
        "AADSTS700016",  /* the application is not known in the tenant, yet */
        "AADSTS7000215", /* a new secret is not known, yet */
        "AuthorizationFailed",
        "LinkedAuthorizationFailed",
    };
    const char *code = error_get_code(e);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (str_eq(code, codes[i]))
            return true;
    return str_eq(code, "InvalidTemplateDeployment") &&
           strstr(error_text(e), "Authorization failed for template resource") != NULL;
}
