#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define IDENTITY \
    RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.ManagedIdentity/" \
                     "userAssignedIdentities/ingress"
#define CREDENTIALS IDENTITY "/federatedIdentityCredentials"
#define VERSION "?api-version=2023-01-31"
#define TRUST(subject) \
    "{'properties':{'issuer':'https://oidc.example.com','subject':'" subject \
    "','audiences':['openshift']}}"

static void check_identity(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply first = { 0 }, again = { 0 }, cloud = { 0 };

    assert_int_equal(rig_call(&r, "PUT", IDENTITY VERSION, "{'location':'eastus'}", &first), 201);
    assert_int_equal(
        rig_call(&r, "PUT", IDENTITY VERSION,
                 "{'location':'eastus','tags':{'a':'b'},'properties':{'clientId':'x'}}", &again),
        200);

    const char *client = json_path_str(first.body, "properties.clientId");
    assert_string_equal(json_path_str(first.body, "properties.tenantId"), RIG_TENANT);
    assert_true(json_equal(json_get(again.body, "properties"), json_get(first.body, "properties")));
    rig_call(&r, "GET", "/_devcloud/state", NULL, &cloud);
    const json *application = json_get(json_get(cloud.body, "applications"), client);
    assert_string_equal(json_path_str(application, "objectId"),
                        json_path_str(first.body, "properties.principalId"));
    assert_int_equal(rig_call(&r, "DELETE", IDENTITY VERSION, NULL, NULL), 200);
    assert_int_equal(rig_call(&r, "DELETE", IDENTITY VERSION, NULL, NULL), 204);
    rig_call(&r, "GET", "/_devcloud/state", NULL, &cloud);
    assert_null(json_get(json_get(cloud.body, "applications"), client));
}

static void check_credentials(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_refused(&r, "PUT", CREDENTIALS "/one" VERSION, TRUST("s"), 404, "ParentResourceNotFound");
    rig_call(&r, "PUT", IDENTITY VERSION, "{'location':'eastus'}", NULL);

    assert_int_equal(rig_call(&r, "PUT", CREDENTIALS "/one" VERSION, TRUST("s"), &reply), 201);
    assert_string_equal(json_path_str(reply.body, "properties.audiences[0]"), "openshift");
    assert_int_equal(rig_call(&r, "PUT", CREDENTIALS "/one" VERSION, TRUST("t"), NULL), 200);
    rig_refused(&r, "PUT", CREDENTIALS "/two" VERSION, TRUST("t"), 409, "Conflict");
    rig_refused(&r, "PUT", CREDENTIALS "/two" VERSION, "{'properties':{'issuer':'i'}}", 400,
                "BadRequest");
    rig_refused(&r, "PUT", CREDENTIALS "/two" VERSION,
                "{'properties':{'issuer':'i','subject':'s','audiences':['a','b']}}", 400,
                "BadRequest");
    rig_call(&r, "GET", CREDENTIALS VERSION, NULL, &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
    assert_int_equal(rig_call(&r, "DELETE", CREDENTIALS "/one" VERSION, NULL, NULL), 200);
    assert_int_equal(rig_call(&r, "DELETE", CREDENTIALS "/one" VERSION, NULL, NULL), 204);
}

static void check_limit(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", IDENTITY VERSION, "{'location':'eastus'}", NULL);
    for (int i = 0; i < 20; i++) {
        cleanup_free char *path = xasprintf(CREDENTIALS "/c%d" VERSION, i);
        cleanup_free char *body = xasprintf(TRUST("%d"), i);
        assert_int_equal(rig_call(&r, "PUT", path, body, NULL), 201);
    }
    rig_refused(&r, "PUT", CREDENTIALS "/more" VERSION, TRUST("more"), 400, "BadRequest");
}

static int sign_in(struct rig *r, const char *client, const char *subject)
{
    cleanup_free char *claims =
        xasprintf("{\"iss\":\"https://oidc.example.com\",\"sub\":\"%s\",\"aud\":[\"openshift\"],"
                  "\"exp\":9999999999,\"nbf\":1}",
                  subject);
    cleanup_free char *payload = base64url_give(claims, strlen(claims));
    cleanup_free char *form = xasprintf(
        "grant_type=client_credentials&client_id=%s&client_assertion_type=urn%%3Aietf%%3Aparams%%3A"
        "oauth%%3Aclient-assertion-type%%3Ajwt-bearer&client_assertion=eyJhbGciOiJSUzI1NiJ9.%s.c2ln"
        "&scope=https%%3A%%2F%%2Fmanagement.azure.com%%2F.default",
        client, payload);
    return rig_sign_in(r, "/oauth2/v2.0/token", form, NULL);
}

/* A workload's token opens what its identity may, as long as the identity trusts it. */
static void check_sign_in(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "PUT", IDENTITY VERSION, "{'location':'eastus'}", &reply);
    const char *client = json_path_str(reply.body, "properties.clientId");
    assert_int_equal(sign_in(&r, client, "system:serviceaccount:a:b"), 401);

    rig_call(&r, "PUT", CREDENTIALS "/one" VERSION, TRUST("system:serviceaccount:a:b"), NULL);

    assert_int_equal(sign_in(&r, client, "system:serviceaccount:a:b"), 200);
    assert_int_equal(sign_in(&r, client, "system:serviceaccount:a:c"), 401);
    rig_call(&r, "DELETE", CREDENTIALS "/one" VERSION, NULL, NULL);
    assert_int_equal(sign_in(&r, client, "system:serviceaccount:a:b"), 401);
}

/* A role cannot be given to a principal that the directory does not know yet. */
static void check_propagation(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'principal_delay_ms':60000}");
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "PUT", IDENTITY VERSION, "{'location':'eastus'}", &reply);
    cleanup_free char *body = xasprintf(
        "{'properties':{'principalId':'%s','roleDefinitionId':'/providers/Microsoft.Authorization/"
        "roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7'}}",
        json_path_str(reply.body, "properties.principalId"));
    static const char path[] =
        RIG_SUBSCRIPTION "/providers/Microsoft.Authorization/roleAssignments/00000000-0000-0000-"
                         "0000-000000000001?api-version=2018-09-01-preview";

    rig_refused(&r, "PUT", path, body, 400, "PrincipalNotFound");
    rig_advance_s(&r, 61);
    assert_int_equal(rig_call(&r, "PUT", path, body, NULL), 201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an identity is a principal of the directory", check_identity),
        CASE("federated credentials name one issuer, subject and audience", check_credentials),
        CASE("an identity trusts twenty at most", check_limit),
        CASE("a workload signs in as the identity that trusts it", check_sign_in),
        CASE("a principal takes its time to be known", check_propagation),
    };
    return RUN_CASES("identity", tests);
}
