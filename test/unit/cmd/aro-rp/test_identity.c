#include <string.h>

#include "cmd/aro-rp/identity.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/test.h"

#define TENANT "00000000-0000-0000-0000-00000000000a"
#define APP "00000000-0000-0000-0000-00000000000b"

struct fixture {
    struct fake_env env;
    struct rp_env *rp_env;
    struct scripted_transport transport;
    struct fake_clock clock;
    struct opctx ctx;
    struct identity *identity;
};

static void set_production(struct fake_env *env)
{
    for (int v = 0; v < ENV_VARIABLES; v++)
        if (rp_variables[v].need & NEED_PROD)
            fake_env_set(env, rp_variables[v].name,
                         rp_variables[v].type == VAR_UUID ? TENANT : "x");
    fake_env_set(env, "KEYVAULT_PREFIX", "aro");
    fake_env_set(env, "CLUSTER_MDSD_ACCOUNT", "AROClusterLogs");
    fake_env_set(env, "CLUSTER_MDSD_NAMESPACE", "AROClusterLogs");
    fake_env_set(env, "MDSD_ENVIRONMENT", "Test");
}

static void begin(struct fixture *f, const char *mode, const struct script_step *steps, size_t len)
{
    *f = (struct fixture){ 0 };
    fake_env_init(&f->env);
    set_production(&f->env);
    fake_env_set(&f->env, "RP_MODE", mode);
    fake_env_set(&f->env, "DATABASE_ACCOUNT_NAME", "acc");
    fake_clock_init(&f->clock);
    f->ctx = opctx_root(&f->clock.base, rng_system(), NULL, NULL);
    scripted_transport_init(&f->transport, steps, len);
}

static int make(struct fixture *f, struct error **err)
{
    if (rp_env_load(&f->env.base, &f->rp_env, err) < 0)
        return -1;
    const struct identity_config cfg = {
        .env = f->rp_env,
        .transport = &f->transport.base,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .clock = &f->clock.base,
        .rng = rng_system(),
    };
    return identity_new(&cfg, &f->identity, err);
}

static void end(struct fixture *f)
{
    scripted_transport_check(&f->transport);
    scripted_transport_release(&f->transport);
    identity_free(f->identity);
    rp_env_free(f->rp_env);
    fake_clock_release(&f->clock);
    fake_env_release(&f->env);
}

struct variable {
    const char *name, *value;
};
struct good_case {
    const char *name, *mode;
    struct variable set[3];
    const char *want_request; /* of a token for the account, whole or its beginning */
};
#define IMDS \
    "GET http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" \
    "https%3A%2F%2Facc.documents.azure.com"
#define AAD \
    "POST https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/token\n" \
    "Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n\n" \
    "grant_type=client_credentials&client_id=" APP \
    "&scope=https%3A%2F%2Facc.documents.azure.com%2F.default&"
static struct good_case good[] = {
    { "production acts as its machine",
      "production",
      { { 0 } },
      IMDS "\nMetadata: true\nAccept: application/json\n@no_proxy: true\n" },
    { "production acts as one of the machine's identities",
      "production",
      { { "AZURE_RP_CLIENT_ID", APP } },
      IMDS "&client_id=" APP "\n" },
    { "production acts with a federated token",
      "production",
      { { "ARO_RP_WORKLOAD_IDENTITY", "true" },
        { "AZURE_FEDERATED_TOKEN_FILE", "/dev/null" },
        { "AZURE_CLIENT_ID", APP } },
      AAD "client_assertion_type=urn" },
    { "development acts as a service principal",
      "test",
      { { "AZURE_RP_CLIENT_ID", APP }, { "AZURE_RP_CLIENT_SECRET", "verysecret" } },
      AAD "client_secret=verysecret" },
};

static void check_good(void **state)
{
    const struct good_case *c = *state;
    static const struct script_step steps[] = {
        { .reply = "{\"access_token\":\"t\",\"expires_in\":\"3599\"}" },
        { .reply = "{\"access_token\":\"u\",\"expires_in\":\"3599\"}" },
    };
    struct fixture f;
    begin(&f, c->mode, steps, ARRAY_LEN(steps));
    for (size_t i = 0; i < ARRAY_LEN(c->set) && c->set[i].name; i++)
        fake_env_set(&f.env, c->set[i].name, c->set[i].value);
    cleanup_error struct error *err = NULL;
    struct secret *tokens[3] = { 0 };
    if (make(&f, &err) < 0)
        fail_msg("%s", error_text(err));
    struct cosmos_tokens *cosmos = identity_cosmos(f.identity);

    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) /* the second is kept, the third another */
        if (cosmos->get(cosmos, &f.ctx, i == 2, &tokens[i], &err) < 0)
            fail_msg("%s", error_text(err));

    const char *sent = f.transport.requests.v[0];
    if (strncmp(sent, c->want_request, strlen(c->want_request)) != 0)
        fail_msg("%s", sent);
    assert_string_equal(secret_reveal(tokens[1], NULL), "t");
    assert_string_equal(secret_reveal(tokens[2], NULL), "u");
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++)
        secret_unref(tokens[i]);
    end(&f);
}

struct bad_case {
    const char *name, *mode;
    struct variable set[2];
    const char *want;
};
static struct bad_case bad[] = {
    { "a federated identity needs its file",
      "production",
      { { "ARO_RP_WORKLOAD_IDENTITY", "true" } },
      "AZURE_FEDERATED_TOKEN_FILE is not set" },
    { "a federated identity needs its name",
      "test",
      { { "ARO_RP_WORKLOAD_IDENTITY", "true" }, { "AZURE_FEDERATED_TOKEN_FILE", "/dev/null" } },
      "neither AZURE_RP_CLIENT_ID nor AZURE_CLIENT_ID is set" },
    { "a service principal needs its secret",
      "test",
      { { "AZURE_RP_CLIENT_ID", APP } },
      "AZURE_RP_CLIENT_SECRET is not set" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    struct fixture f;
    begin(&f, c->mode, NULL, 0);
    for (size_t i = 0; i < ARRAY_LEN(c->set) && c->set[i].name; i++)
        fake_env_set(&f.env, c->set[i].name, c->set[i].value);
    cleanup_error struct error *err = NULL;

    assert_int_equal(make(&f, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    assert_non_null(strstr(error_text(err), c->want));
    end(&f);
}

static void nobody(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "test", NULL, 0);

    assert_int_equal(make(&f, NULL), 0);

    assert_null(f.identity);
    assert_null(identity_tokens(f.identity));
    assert_null(identity_cosmos(f.identity));
    end(&f);
}

static void without_account(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "production", NULL, 0);
    fake_env_set(&f.env, "DATABASE_ACCOUNT_NAME", "");
    fake_env_set(&f.env, "ARO_RP_DATABASE", "sqlite::memory:");

    assert_int_equal(make(&f, NULL), 0);

    assert_non_null(identity_tokens(f.identity));
    assert_null(identity_cosmos(f.identity));
    end(&f);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        CASE("development without a service principal is nobody", nobody),
        CASE("without an account there are no tokens for it", without_account),
    };
    struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(good) + ARRAY_LEN(bad)];
    memcpy(tests, plain, sizeof(plain));
    size_t n = ARRAY_LEN(plain);
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(good[i].name, check_good, &good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(bad[i].name, check_bad, &bad[i]);
    return RUN_CASES("identity of the resource provider", tests);
}
