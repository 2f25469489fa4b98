#include "test/unit/support/rp/validate/validate_rig.h"
#include "test/unit/support/test.h"

#define FORM(client, audience) \
    "POST https://login.microsoftonline.com/tenant/oauth2/v2.0/token\n" \
    "Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n\n" \
    "grant_type=client_credentials&client_id=" client "&scope=https%3A%2F%2F" audience \
    "%2F%2F.default&client_secret=secret"
#define ARM_FORM(client) FORM(client, "management.azure.com")
#define GRAPH_FORM(client) FORM(client, "graph.microsoft.com")
#define GIVES(payload) \
    .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"e30." payload \
             ".c2ln\"}"
#define OID "eyJvaWQiOiJjIn0"             /* {"oid":"c"} */
#define PUID "eyJwdWlkIjoicCJ9"           /* {"puid":"p"} */
#define ALTSECID "eyJhbHRzZWNpZCI6InAifQ" /* {"altsecid":"p"} */
#define APPID "eyJhcHBpZCI6ImEifQ"        /* {"appid":"a"} */
/* {"oid":"c","roles":["X","Application.ReadWrite.OwnedBy"]}, and without the second role */
#define OWNER "eyJvaWQiOiJjIiwicm9sZXMiOlsiWCIsIkFwcGxpY2F0aW9uLlJlYWRXcml0ZS5Pd25lZEJ5Il19"
#define HARMLESS "eyJvaWQiOiJjIiwicm9sZXMiOlsiWCJdfQ"
#define SAYS(http_status, description) \
    .status = (http_status), \
    .reply = "{\"error\":\"invalid_client\",\"error_description\":\"" description "\"}"
#define UNKNOWN SAYS(400, "AADSTS700016: Application not found. Trace ID: 1 Timestamp: 2")
#define TARGET "properties.servicePrincipalProfile"
#define INVALID_CREDENTIALS "InvalidServicePrincipalCredentials"

struct claims_case {
    const char *name;
    enum who who;
    int (*check)(struct validation *v, enum who who, struct error **err);
    struct script_step script[5];
    size_t len;
    struct refusal want;
};
static struct claims_case cases[] = {
    { "a token with an object ID is good",
      WHO_CLUSTER,
      check_claims,
      { { .request = ARM_FORM("app"), GIVES(OID) } },
      1,
      { 0 } },
    { "so is one with a PUID", WHO_CLUSTER, check_claims, { { GIVES(PUID) } }, 1, { 0 } },
    { "and one with another's ID", WHO_CLUSTER, check_claims, { { GIVES(ALTSECID) } }, 1, { 0 } },
    { "one that says nobody is asked for again",
      WHO_CLUSTER,
      check_claims,
      { { GIVES(APPID) }, { .request = ARM_FORM("app"), GIVES(OID) } },
      2,
      { 0 } },
    { "but not for ever",
      WHO_CLUSTER,
      check_claims,
      { { GIVES(APPID) }, { GIVES(APPID) }, { GIVES(APPID) }, { GIVES(APPID) } },
      4,
      { "InvalidServicePrincipalClaims", TARGET,
        "The provided service principal does not give an access token with at least one of the "
        "claims 'altsecid', 'oid' or 'puid'." } },
    { "the provider's own is told apart",
      WHO_PROVIDER,
      check_claims,
      { { .request = ARM_FORM("first-party"), GIVES(APPID) },
        { GIVES(APPID) },
        { GIVES(APPID) },
        { GIVES(APPID) } },
      4,
      { "InvalidServicePrincipalClaims", TARGET,
        "The Azure Red Hat Openshift resource provider service principal has been removed from "
        "your tenant. To restore, please unregister and then re-register the Azure Red Hat "
        "OpenShift resource provider." } },
    { "a new application may not be known yet",
      WHO_CLUSTER,
      check_claims,
      { { UNKNOWN }, { UNKNOWN }, { GIVES(OID) } },
      3,
      { 0 } },
    { "what is told in the end is the last error, not that time is over",
      WHO_CLUSTER,
      check_claims,
      { { GIVES(APPID) }, { UNKNOWN }, { UNKNOWN }, { UNKNOWN } },
      4,
      { INVALID_CREDENTIALS, TARGET,
        "The provided service principal credentials are invalid: AADSTS700016: Application not "
        "found." } },
    { "a new secret may not be known yet",
      WHO_CLUSTER,
      check_claims,
      { { SAYS(401, "AADSTS7000215: Invalid client secret provided.") }, { GIVES(OID) } },
      2,
      { 0 } },
    { "a secret that has expired stays so",
      WHO_CLUSTER,
      check_claims,
      { { SAYS(401, "AADSTS7000222: The provided client secret keys are expired.") } },
      1,
      { INVALID_CREDENTIALS, TARGET,
        "The provided service principal credentials are invalid: AADSTS7000222: The provided "
        "client secret keys are expired." } },
    { "a token that cannot be read is refused",
      WHO_CLUSTER,
      check_claims,
      { { GIVES("!") } },
      1,
      { "InvalidServicePrincipalToken", TARGET,
        "The provided service principal generated an invalid token." } },
    { "roles in the directory are looked at in the directory's token",
      WHO_CLUSTER,
      check_directory_roles,
      { { .request = GRAPH_FORM("app"), GIVES(HARMLESS) } },
      1,
      { 0 } },
    { "no roles are fine", WHO_CLUSTER, check_directory_roles, { { GIVES(OID) } }, 1, { 0 } },
    { "who may change applications is refused",
      WHO_CLUSTER,
      check_directory_roles,
      { { GIVES(OWNER) } },
      1,
      { INVALID_CREDENTIALS, TARGET,
        "The provided service principal must not have the Application.ReadWrite.OwnedBy "
        "permission." } },
    { "who gets no token there is refused",
      WHO_CLUSTER,
      check_directory_roles,
      { { SAYS(401, "AADSTS7000222: expired.") } },
      1,
      { INVALID_CREDENTIALS, TARGET,
        "The provided service principal credentials are invalid: AADSTS7000222: expired." } },
};

static void check(void **state)
{
    const struct claims_case *c = *state;
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r, "{}", c->script, c->len);

    int result = c->check(&r.v, c->who, &err);

    validate_rig_assert(result, err, &c->want);
}

/* Whose credential it is decides whose fault it is. */
static void the_providers_own_credential_is_nobody_elses_to_mend(void **state)
{
    (void)state;
    static const struct script_step script[] = { { SAYS(
        401, "AADSTS7000222: The provided client secret keys are expired.") } };
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(check_claims(&r.v, WHO_PROVIDER, &err), -1);

    assert_true(error_is(err, ERR_UNAUTHORIZED));
    assert_string_equal(error_get_code(err), "AADSTS7000222");
}

static void an_outage_is_told_as_such(void **state)
{
    (void)state;
    static const struct script_step script[] = { { .status = 400, .reply = "{\"error\":\"x\"}" } };
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(check_claims(&r.v, WHO_CLUSTER, &err), -1);

    assert_null(error_get_code(err));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("the provider's own credential is nobody else's to mend",
                                the_providers_own_credential_is_nobody_elses_to_mend);
    tests[ARRAY_LEN(cases) + 1] =
        (struct CMUnitTest)CASE("what is no refusal is told as it is", an_outage_is_told_as_such);
    return RUN_CASES("tokens of principals", tests);
}
