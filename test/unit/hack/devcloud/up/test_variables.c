#include "hack/devcloud/up/variables.h"
#include "test/unit/support/test.h"

static void has_what_env_example_names(void **state)
{
    static const char *const names[] = {
        "RP_MODE",
        "AZURE_TENANT_ID",
        "AZURE_SUBSCRIPTION_ID",
        "AZURE_CLIENT_ID",
        "LOCATION",
        "AZURE_CLIENT_SECRET",
        "RP_RESOURCEGROUP",
        "COSMOSDB_ACCOUNT",
        "DOMAIN",
        "DOMAIN_RESOURCEGROUP",
        "PULL_SECRET",
        "CLUSTER",
        "AZURE_FP_CLIENT_ID",
    };
    cleanup_strv struct strv env = STRV_INIT;
    (void)state;

    variables_add(&env, "s3cret");

    assert_int_equal(env.len, ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        bool found = false;
        for (size_t k = 0; k < env.len; k++)
            found |= str_starts(env.v[k], names[i]) && env.v[k][strlen(names[i])] == '=';
        assert_true(found);
    }
    assert_true(strv_has(&env, "AZURE_CLIENT_SECRET=s3cret"));
    assert_true(strv_has(&env, "PULL_SECRET=" VARIABLES_PULL_SECRET));
}

static void takes_no_other_settings(void **state)
{
    char *surroundings[] = { (char[]){ "PATH=/bin" },
                             (char[]){ "COSMOSDB_KEY=x" },
                             (char[]){ "ARO_RP_BACKEND_TICK_MS=1" },
                             (char[]){ "ARO_CONNECT_TO=/x" },
                             (char[]){ "AZURE_RP_CLIENT_ID=x" },
                             (char[]){ "HOMEPAGE=x" },
                             NULL };
    cleanup_strv struct strv env = STRV_INIT;
    (void)state;

    variables_inherit(&env, surroundings);

    cleanup_free char *all = strv_give_joined(&env, " ");
    assert_string_equal(all, "PATH=/bin ARO_RP_BACKEND_TICK_MS=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("has what env.example names", has_what_env_example_names),
        CASE("takes no settings of another cloud over", takes_no_other_settings),
    };
    return RUN_CASES("variables", tests);
}
