#include <string.h>

#include "pkg/base/strv.h"
#include "rp/env/variables.h"
#include "test/unit/support/test.h"

static void names_are_unique(void **state)
{
    (void)state;
    cleanup_strv struct strv seen = STRV_INIT;
    for (int i = 0; i < ENV_VARIABLES; i++) {
        assert_false(strv_has(&seen, rp_variables[i].name));
        strv_add(&seen, rp_variables[i].name);
    }
}

static void secrets_have_no_default(void **state)
{
    (void)state;
    for (int i = 0; i < ENV_VARIABLES; i++) {
        const struct rp_variable_info *v = &rp_variables[i];
        assert_true(v->type != VAR_SECRET || (!*v->dflt && !*v->dflt_development));
        assert_true(strlen(v->doc) > 10);
    }
}

/* Who set it would be asked to set it. */
static void nothing_is_needed_and_forbidden(void **state)
{
    (void)state;
    for (int i = 0; i < ENV_VARIABLES; i++)
        assert_false((rp_variables[i].need & NEED_PROD) && (rp_variables[i].need & NOT_PROD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("no variable stands in the table twice", names_are_unique),
        CASE("secrets have no default, and everything is explained", secrets_have_no_default),
        CASE("nothing is both needed and forbidden", nothing_is_needed_and_forbidden),
    };
    return RUN_CASES("variables of the resource provider", tests);
}
