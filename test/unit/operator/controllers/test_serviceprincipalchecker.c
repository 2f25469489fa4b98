#include <string.h>

#include "operator/controllers/serviceprincipalchecker.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/operator_fixture.h"
#include "test/unit/support/test.h"

#define SPEC \
    "'operatorflags':{'aro.checker.enabled':'true'},'azEnvironment':'AzurePublicCloud'," \
    "'resourceId':'/subscriptions/s/resourceGroups/g/providers/P/c/n','vnetId':'/subscriptions/s/" \
    "resourceGroups/net/providers/" \
    "Microsoft.Network/virtualNetworks/v'"
#define SECRET \
    "{\"data\":{\"azure_client_id\":\"YXBw\",\"azure_client_secret\":\"cyZjcmV0\",\"azure_tenant_" \
    "id\":\"dGVuYW50\"}}"
#define NO_ITEMS "{\"items\":[]}"
#define MASTER \
    "{\"items\":[{\"metadata\":{\"name\":\"m0\",\"labels\":{\"machine.openshift.io/" \
    "cluster-api-machine-role\":\"master\"}}," \
    "\"spec\":{\"providerSpec\":{\"value\":{\"networkResourceGroup\":\"net\",\"vnet\":\"v\"," \
    "\"subnet\":\"n\"}}}}]}"
#define TOKEN(payload) "{\"expires_in\":3599,\"access_token\":\"e30." payload ".\"}"
#define PLAIN_TOKEN TOKEN("e30") /* {} */
#define ROLE_TOKEN \
    TOKEN("eyJyb2xlcyI6WyJBcHBsaWNhdGlvbi5SZWFkV3JpdGUuT3duZWRCeSJdfQ") /* the forbidden role */
#define ALL "{\"value\":[{\"actions\":[\"*\"],\"notActions\":[]}]}"
#define READ_ONLY "{\"value\":[{\"actions\":[\"*/read\"],\"notActions\":[]}]}"
#define REFUSED(code) "{\"error\":\"x\",\"error_description\":\"" code ": no.\"}"

struct run_case {
    const char *name;
    struct script_step kube[3]; /* before the status is read and written */
    size_t kube_len;
    struct script_step azure[7];
    size_t azure_len;
    const char *want_status, *want_reason, *want_message; /* part of the message */
};
static struct run_case runs[] = {
    { "good credentials with all rights are valid",
      { { .reply = SECRET }, { .reply = NO_ITEMS }, { .reply = NO_ITEMS } },
      3,
      { { .reply = PLAIN_TOKEN }, { .reply = PLAIN_TOKEN }, { .reply = ALL } },
      3,
      "True",
      "Validation Successful",
      "Service Principal is valid" },
    { "a wrong secret is invalid",
      { { .reply = SECRET } },
      1,
      { { .status = 401, .reply = REFUSED("AADSTS7000215") } },
      1,
      "False",
      "Service Principal invalid",
      "AADSTS7000215" },
    { "an expired secret is invalid",
      { { .reply = SECRET } },
      1,
      { { .status = 401, .reply = REFUSED("AADSTS7000222") } },
      1,
      "False",
      "Service Principal invalid",
      "AADSTS7000222" },
    { "an unknown application is invalid",
      { { .reply = SECRET } },
      1,
      { { .status = 400, .reply = REFUSED("AADSTS700016") } },
      1,
      "False",
      "Service Principal invalid",
      "AADSTS700016" },
    { "another refusal tells nothing about the service principal",
      { { .reply = SECRET } },
      1,
      { { .status = 400, .reply = REFUSED("AADSTS7000161") } },
      1,
      "Unknown",
      "Validation Unavailable",
      "Unable to validate: " },
    { "a sign-in that cannot be reached tells nothing",
      { { .reply = SECRET } },
      1,
      { { .fail = ERR_CONN }, { .fail = ERR_CONN }, { .fail = ERR_CONN }, { .fail = ERR_CONN } },
      4,
      "Unknown",
      "Validation Unavailable",
      "Unable to validate: " },
    { "a role that may change applications is invalid",
      { { .reply = SECRET } },
      1,
      { { .reply = ROLE_TOKEN } },
      1,
      "False",
      "Service Principal invalid",
      "Application.ReadWrite.OwnedBy" },
    { "a token without claims tells nothing",
      { { .reply = SECRET } },
      1,
      { { .reply = "{\"expires_in\":1,\"access_token\":\"opaque\"}" } },
      1,
      "Unknown",
      "Validation Unavailable",
      "not a JWT" },
    { "missing rights on the network are invalid",
      { { .reply = SECRET } },
      1,
      { { .reply = PLAIN_TOKEN }, { .reply = PLAIN_TOKEN }, { .reply = READ_ONLY } },
      3,
      "False",
      "Service Principal invalid",
      "does not have required permissions on vnet '/subscriptions/s" },
    { "not even being allowed to ask is invalid",
      { { .reply = SECRET } },
      1,
      { { .reply = PLAIN_TOKEN }, { .reply = PLAIN_TOKEN }, { .status = 403, .reply = "{}" } },
      3,
      "False",
      "Service Principal invalid",
      "does not have required permissions" },
    { "a secret that goes bad during the check is told as that",
      { { .reply = SECRET } },
      1,
      { { .reply = PLAIN_TOKEN }, { .status = 401, .reply = REFUSED("AADSTS7000215") } },
      2,
      "False",
      "Service Principal invalid",
      "AADSTS7000215" },
    { "a network that is gone tells nothing",
      { { .reply = SECRET } },
      1,
      { { .reply = PLAIN_TOKEN }, { .reply = PLAIN_TOKEN }, { .status = 404, .reply = "{}" } },
      3,
      "Unknown",
      "Validation Unavailable",
      "Unable to validate" },
    { "the route table of a subnet is checked, too",
      { { .reply = SECRET }, { .reply = NO_ITEMS }, { .reply = MASTER } },
      3,
      { { .reply = PLAIN_TOKEN },
        { .reply = PLAIN_TOKEN },
        { .reply = ALL },
        { .reply = "{\"properties\":{\"routeTable\":{\"id\":\"/rt\"}}}" },
        { .reply = READ_ONLY } },
      5,
      "False",
      "Service Principal invalid",
      "on route table '/rt'" },
    { "a secret without a key tells which",
      { { .reply = "{\"data\":{\"azure_client_id\":\"YXBw\"}}" } },
      1,
      { { 0 } },
      0,
      "Unknown",
      "Validation Unavailable",
      "azure_client_secret does not exist in the secret" },
};

static void check_run(void **state)
{
    const struct run_case *c = *state;
    cleanup_free char *cluster = operator_fixture_give_cluster(SPEC, "");
    struct script_step kube[5];
    memcpy(kube, c->kube, c->kube_len * sizeof(kube[0]));
    kube[c->kube_len] = (struct script_step){ .reply = cluster };
    kube[c->kube_len + 1] = (struct script_step){ .reply = "{}" };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, kube, c->kube_len + 2);
    operator_fixture_expect(&f.azure, c->azure, c->azure_len);

    int rcode = operator_fixture_run(&f, &serviceprincipalchecker_controller, "cluster");

    assert_int_equal(rcode, strcmp(c->want_status, "True") == 0 ? 0 : -1);
    const char *body =
        strstr(f.kube.transport.requests.v[f.kube.transport.requests.len - 1], "\n\n");
    cleanup_json json *written = give_tree(body + 2);
    json *condition = condition_find(written, "ServicePrincipalValid");
    assert_string_equal(json_path_str(condition, "status"), c->want_status);
    assert_string_equal(json_path_str(condition, "reason"), c->want_reason);
    assert_non_null(strstr(json_path_str(condition, "message"), c->want_message));
    operator_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(runs)];
    for (size_t i = 0; i < ARRAY_LEN(runs); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(runs[i].name, check_run, &runs[i]);
    return RUN_CASES("serviceprincipalchecker", tests);
}
