#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/env/env.h"
#include "staticresources/embedded.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

#define ID "00000000-0000-0000-0000-00000000000a"

/* What development needs, by the names of the first quick start. */
static void set_development(struct fake_env *env)
{
    fake_env_init(env);
    fake_env_set(env, "RP_MODE", "Development");
    fake_env_set(env, "AZURE_TENANT_ID", ID);
    fake_env_set(env, "AZURE_SUBSCRIPTION_ID", ID);
    fake_env_set(env, "AZURE_CLIENT_ID", ID);
    fake_env_set(env, "AZURE_CLIENT_SECRET", "verysecret");
    fake_env_set(env, "DOMAIN", "aro.example");
    fake_env_set(env, "RP_RESOURCEGROUP", "rg");
    fake_env_set(env, "PULL_SECRET", "{}");
}

static void loads_the_first_quick_start(void **state)
{
    (void)state;
    struct fake_env env;
    set_development(&env);
    cleanup_rp_env struct rp_env *e = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(rp_env_load(&env.base, &e, &err), 0);

    assert_true(rp_env_is_development(e));
    assert_string_equal(rp_env_text(e, ENV_LOCATION), "eastus");
    assert_string_equal(rp_env_text(e, ENV_DOMAIN), "aro.example");
    assert_string_equal(rp_env_text(e, ENV_RESOURCE_GROUP), "rg");
    assert_string_equal(rp_env_text(e, ENV_FP_CLIENT_ID), ID);
    assert_string_equal(secret_reveal(rp_env_secret(e, ENV_CLIENT_SECRET), NULL), "verysecret");
    assert_null(rp_env_text(e, ENV_CLIENT_SECRET));
    assert_null(rp_env_text(e, ENV_MISE_ADDRESS));
    assert_true(rp_env_has(e, FEATURE_REQUIRE_D2S_WORKERS));
    assert_false(rp_env_has(e, FEATURE_ENABLE_MISE));
    assert_int_equal(rp_env_ms(e, INTERVAL_STOP_DELAY), 80000);
    fake_env_release(&env);
}

static void prefers_the_name_of_today(void **state)
{
    (void)state;
    struct fake_env env;
    set_development(&env);
    fake_env_set(&env, "DOMAIN_NAME", "today.example");
    fake_env_set(&env, "RESOURCEGROUP", "of-a-cluster"); /* in the shells of quick starts */
    cleanup_rp_env struct rp_env *e = NULL;

    assert_int_equal(rp_env_load(&env.base, &e, NULL), 0);

    assert_string_equal(rp_env_text(e, ENV_DOMAIN), "today.example");
    assert_string_equal(rp_env_text(e, ENV_RESOURCE_GROUP), "rg");
    fake_env_release(&env);
}

static void needs_nothing_in_test_mode(void **state)
{
    (void)state;
    struct fake_env env;
    fake_env_init(&env);
    fake_env_set(&env, "RP_MODE", "test");
    fake_env_set(&env, "RP_FEATURES",
                 "EnableClusterExpandedAvailabilityZones,-DisableSignedCertificates");
    cleanup_rp_env struct rp_env *e = NULL;

    assert_int_equal(rp_env_load(&env.base, &e, NULL), 0);

    assert_true(rp_env_is_development(e));
    assert_true(rp_env_has(e, FEATURE_ENABLE_EXPANDED_ZONES));
    assert_false(rp_env_has(e, FEATURE_DISABLE_SIGNED_CERTIFICATES));
    assert_true(rp_env_has(e, FEATURE_DISABLE_DENY_ASSIGNMENTS));
    fake_env_release(&env);
}

static void set_logs(struct fake_env *env)
{
    fake_env_set(env, "CLUSTER_MDSD_ACCOUNT", "AROClusterLogs");
    fake_env_set(env, "CLUSTER_MDSD_NAMESPACE", "AROClusterLogsPROD");
    fake_env_set(env, "MDSD_ENVIRONMENT", "Test");
}

struct bad_case {
    const char *name, *variable, *value, *want;
};
static struct bad_case bad_cases[] = {
    { "refuses an unknown mode", "RP_MODE", "prod",
      "RP_MODE: 'prod' is none of production, development, test" },
    { "refuses an unknown feature", "RP_FEATURES", "EnableMoon,-EnableSun",
      "RP_FEATURES: 'EnableMoon' is no feature\nRP_FEATURES: 'EnableSun' is no feature" },
    { "names a missing variable and its older name", "DOMAIN", NULL,
      "DOMAIN_NAME or DOMAIN is not set, and development mode needs it: The DNS zone below which "
      "managed clusters get their names." },
    { "counts an empty variable as missing", "AZURE_TENANT_ID", "",
      "AZURE_TENANT_ID is not set, and development mode needs it: The tenant of the service." },
    { "refuses what is no UUID", "AZURE_SUBSCRIPTION_ID", "moon",
      "AZURE_SUBSCRIPTION_ID: 'moon' is not a UUID" },
    { "names the older name that holds a bad value", "DOMAIN", "a b",
      "DOMAIN: 'a b' may hold letters, digits, '-', '_' and '.' only" },
    { "refuses an account of logs that no cluster takes", "CLUSTER_MDSD_ACCOUNT", "logs",
      "CLUSTER_MDSD_ACCOUNT: 'logs' is none of AROClusterLogsINT AROClusterLogsPROD "
      "AROClusterLogs" },
    { "refuses an interval out of bounds", "ARO_RP_FEED_POLL_MS", "1",
      "ARO_RP_FEED_POLL_MS: '1' is not a whole number from 10 to 600000" },
    { "refuses a lease that ends before its holder knows", "ARO_RP_LEASE_MS", "50000",
      "ARO_RP_BACKEND_LEASE_TRUST_MS is not shorter than ARO_RP_LEASE_MS by a second" },
    { "refuses renewals that come when the lease is trusted no more", "ARO_RP_BACKEND_HEARTBEAT_MS",
      "50000", "ARO_RP_BACKEND_HEARTBEAT_MS is not shorter than ARO_RP_BACKEND_LEASE_TRUST_MS" },
    { "wants to know how to enter the diagnostics service", "ARO_RP_DIAGNOSTICS_URL", "https://d",
      "ARO_RP_DIAGNOSTICS_URL needs ARO_RP_DIAGNOSTICS_SCOPE and ARO_RP_DIAGNOSTICS_TENANT_ID" },
    { "wants to know where the gateway is that clusters use", "RP_FEATURES", "-DisableGateway",
      "GATEWAY_RESOURCEGROUP is not set, and clusters without DisableGateway in RP_FEATURES need "
      "it" },
    { "wants the token service's address when it is to be asked", "RP_FEATURES", "EnableMISE",
      "MISE_ADDRESS is not set, and the token service is to be asked (EnableMISE or EnforceMISE in "
      "RP_FEATURES)" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    struct fake_env env;
    set_development(&env);
    fake_env_set(&env, c->variable, c->value);
    struct rp_env *e = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(rp_env_load(&env.base, &e, &err), -1);

    assert_string_equal(error_text(err), c->want);
    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_null(e);
    fake_env_release(&env);
}

static void tells_everything_at_once_without_secrets(void **state)
{
    (void)state;
    struct fake_env env;
    set_development(&env);
    fake_env_set(&env, "RP_MODE", "production");
    cleanup_error struct error *err = NULL;

    assert_int_equal(rp_env_load(&env.base, &(struct rp_env *){ NULL }, &err), -1);

    assert_non_null(strstr(error_text(err), "PULL_SECRET must not be set in production mode"));
    assert_non_null(strstr(error_text(err), "AZURE_CLIENT_SECRET must not be set in production"));
    assert_non_null(strstr(error_text(err), "\nADMIN_API_CLIENT_CERT_COMMON_NAME is not set"));
    assert_non_null(strstr(error_text(err), "LOCATION is not set"));
    assert_null(strstr(error_text(err), "verysecret"));
    fake_env_release(&env);
}

/* There it may be the identity of the resource provider itself, which whatever starts it sets. */
static void production_needs_the_first_party_by_its_own_name(void **state)
{
    (void)state;
    struct fake_env env;
    set_development(&env);
    fake_env_set(&env, "RP_MODE", "production");
    cleanup_error struct error *err = NULL;

    assert_int_equal(rp_env_load(&env.base, &(struct rp_env *){ NULL }, &err), -1);

    assert_non_null(strstr(error_text(err), "\nAZURE_FP_CLIENT_ID is not set, and production mode "
                                            "needs it: "));
    fake_env_release(&env);
}

/* Every word of the Cluster resource's definition is taken, and there are no others. */
static void assert_choices(const char *crd, const char *member, const char *variable)
{
    cleanup_free char *before = xasprintf("%s:", member);
    const char *at = strstr(crd, before), *list = at ? strstr(at, "enum: [") : NULL;
    assert_non_null(list);
    list += strlen("enum: [");
    cleanup_free char *text = xstrndup(list, strcspn(list, "]"));
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, text, ", ", false);
    assert_true(words.len >= 3);
    for (size_t i = 0; i < words.len; i++) {
        struct fake_env env;
        set_development(&env);
        fake_env_set(&env, variable, words.v[i]);
        cleanup_rp_env struct rp_env *e = NULL;
        cleanup_error struct error *err = NULL;
        assert_int_equal(rp_env_load(&env.base, &e, &err), 0);
        fake_env_set(&env, variable, "other");
        assert_int_equal(rp_env_load(&env.base, &(struct rp_env *){ NULL }, &err), -1);
        assert_non_null(strstr(error_text(err), words.v[i]));
        fake_env_release(&env);
    }
}

static void where_logs_go_is_what_clusters_take(void **state)
{
    const char *crd = embedded_find("operator/crds/clusters.aro.openshift.io.yaml")->data;
    (void)state;
    assert_choices(crd, "monitoringGCSAccount", "CLUSTER_MDSD_ACCOUNT");
    assert_choices(crd, "monitoringGCSNamespace", "CLUSTER_MDSD_NAMESPACE");
    assert_choices(crd, "monitoringGCSEnvironment", "MDSD_ENVIRONMENT");
}

static void production_needs_one_source_of_secrets(void **state)
{
    (void)state;
    static const struct {
        const char *variable; /* NULL: none */
        int want;
    } cases[] = { { NULL, -1 }, { "KEYVAULT_PREFIX", 0 }, { "ARO_RP_SECRETS_DIR", 0 } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake_env env;
        fake_env_init(&env);
        for (int v = 0; v < ENV_VARIABLES; v++)
            if (rp_variables[v].need & NEED_PROD)
                fake_env_set(&env, rp_variables[v].name,
                             rp_variables[v].type == VAR_UUID ? ID : "x");
        set_logs(&env);
        fake_env_set(&env, "DATABASE_ACCOUNT_NAME", "acc");
        if (cases[i].variable)
            fake_env_set(&env, cases[i].variable, "x");
        cleanup_rp_env struct rp_env *e = NULL;
        cleanup_error struct error *err = NULL;

        assert_int_equal(rp_env_load(&env.base, &e, &err), cases[i].want);

        if (cases[i].want < 0)
            assert_string_equal(error_text(err),
                                "neither KEYVAULT_PREFIX nor ARO_RP_SECRETS_DIR is set");
        fake_env_release(&env);
    }
}

static void refuses_a_pause_as_long_as_a_lease(void **state)
{
    (void)state;
    struct fake_env env;
    set_development(&env);
    fake_env_set(&env, "ARO_RP_LEASE_MS", "3000");
    fake_env_set(&env, "ARO_RP_BACKEND_LEASE_TRUST_MS", "2000");
    fake_env_set(&env, "ARO_RP_BACKEND_HEARTBEAT_MS", "1999");
    fake_env_set(&env, "ARO_RP_BACKEND_RESEAL_PAUSE_MS", "3000");
    cleanup_rp_env struct rp_env *e = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(rp_env_load(&env.base, &e, &err), -1);
    assert_string_equal(error_text(err),
                        "ARO_RP_BACKEND_RESEAL_PAUSE_MS is not shorter than ARO_RP_LEASE_MS");
    fake_env_set(&env, "ARO_RP_BACKEND_RESEAL_PAUSE_MS", "2999");
    assert_int_equal(rp_env_load(&env.base, &e, NULL), 0);
    fake_env_release(&env);
}

static const struct CMUnitTest more[] = {
    CASE("loads the names of the first quick start", loads_the_first_quick_start),
    CASE("prefers a name of today", prefers_the_name_of_today),
    CASE("needs nothing in test mode", needs_nothing_in_test_mode),
    CASE("needs the first-party application by its own name in production",
         production_needs_the_first_party_by_its_own_name),
    CASE("needs one source of secrets in production", production_needs_one_source_of_secrets),
    CASE("takes for logs what clusters take", where_logs_go_is_what_clusters_take),
    CASE("refuses a pause between documents as long as a lease",
         refuses_a_pause_as_long_as_a_lease),
    CASE("tells everything at once and no secret", tells_everything_at_once_without_secrets),
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(bad_cases) + ARRAY_LEN(more)];
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(bad_cases[i].name, check_bad, &bad_cases[i]);
    memcpy(tests + ARRAY_LEN(bad_cases), more, sizeof(more));
    return RUN_CASES("environment of the resource provider", tests);
}
