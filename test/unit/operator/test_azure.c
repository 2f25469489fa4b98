#include <string.h>

#include "operator/azure.h"
#include "test/unit/support/operator/operator_fixture.h"
#include "test/unit/support/test.h"

#define PUBLIC "{'spec':{'azEnvironment':'azurepubliccloud'}}"
#define SECRET \
    "{\"data\":{\"azure_client_id\":\"YXBw\",\"azure_client_secret\":\"c2VjcmV0\",\"azure_tenant_" \
    "id\":\"dGVuYW50\"}}"

struct session_case {
    const char *name, *cluster;
    const char *env[4][2];
    struct script_step steps[1];
    size_t steps_len;
    const char *want_error; /* NULL: a session */
    enum azure_credential_type want_type;
};
static struct session_case cases[] = {
    { "without a choice the cluster's own secret is used",
      PUBLIC,
      { { NULL } },
      { { .reply = SECRET } },
      1,
      NULL,
      AZURE_CLIENT_SECRET },
    { "the environment's secret is used when it is chosen",
      PUBLIC,
      { { "AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential" },
        { "AZURE_CLIENT_ID", "app" },
        { "AZURE_TENANT_ID", "t" },
        { "AZURE_CLIENT_SECRET", "s" } },
      { { 0 } },
      0,
      NULL,
      AZURE_CLIENT_SECRET },
    { "a federated token is used when it is chosen",
      PUBLIC,
      { { "AZURE_TOKEN_CREDENTIALS", "WorkloadIdentityCredential" },
        { "AZURE_CLIENT_ID", "app" },
        { "AZURE_TENANT_ID", "t" },
        { "AZURE_FEDERATED_TOKEN_FILE", "/f" } },
      { { 0 } },
      0,
      NULL,
      AZURE_FEDERATED_TOKEN },
    { "a missing variable is named",
      PUBLIC,
      { { "AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential" }, { "AZURE_CLIENT_ID", "app" } },
      { { 0 } },
      0,
      "AZURE_TENANT_ID",
      0 },
    { "an unknown choice is told",
      PUBLIC,
      { { "AZURE_TOKEN_CREDENTIALS", "magic" } },
      { { 0 } },
      0,
      "'magic'",
      0 },
    { "a missing key of the secret is named",
      PUBLIC,
      { { NULL } },
      { { .reply = "{\"data\":{}}" } },
      1,
      "azure_client_id does not exist in the secret",
      0 },
    { "a key that is no base64 is named",
      PUBLIC,
      { { NULL } },
      { { .reply = "{\"data\":{\"azure_client_id\":\"***\"}}" } },
      1,
      "azure_client_id",
      0 },
    { "an unknown cloud is told",
      "{'spec':{'azEnvironment':'Moon'}}",
      { { NULL } },
      { { 0 } },
      0,
      "cloud environment \"Moon\" is unsupported by ARO",
      0 },
    { "a Cluster without a cloud is told",
      "{}",
      { { NULL } },
      { { 0 } },
      0,
      "spec.azEnvironment",
      0 },
};

static void check_session(void **state)
{
    const struct session_case *c = *state;
    cleanup_json json *cluster = json_make(c->cluster);
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, NULL);
    operator_fixture_expect(&f.kube.transport, c->steps, c->steps_len);
    for (size_t i = 0; i < ARRAY_LEN(c->env); i++)
        if (c->env[i][0])
            fake_env_set(&f.kube.env, c->env[i][0], c->env[i][1]);
    cleanup_azure_session struct azure_session *s = NULL;
    cleanup_error struct error *err = NULL;

    int rcode = azure_session_open(&f.sv, &f.kube.ctx, cluster, &s, &err);

    assert_int_equal(rcode, c->want_error ? -1 : 0);
    if (c->want_error)
        assert_non_null(strstr(error_text(err), c->want_error));
    else
        assert_int_equal(s->credential->type, c->want_type);
    operator_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_session, &cases[i]);
    return RUN_CASES("azure", tests);
}
