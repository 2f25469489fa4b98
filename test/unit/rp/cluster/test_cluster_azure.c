#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

#define TOKEN_REQUEST(tenant, client, secret) \
    "POST https://login.microsoftonline.com/" tenant "/oauth2/v2.0/token\n" \
    "Content-Type: application/x-www-form-urlencoded\n" \
    "Accept: application/json\n" \
    "\n" \
    "grant_type=client_credentials&client_id=" client \
    "&scope=https%3A%2F%2Fmanagement.azure.com%2F%2F.default&client_secret=" secret
#define TOKEN_STEP(tenant, client, secret) \
    { \
        .request = TOKEN_REQUEST(tenant, client, secret), \
        .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t\"}" \
    }
#define SERVICE_TENANT "66666666-6666-6666-6666-666666666666"

static int ask(struct cluster_rig *r, enum cluster_identity who, struct error **err)
{
    const struct arm_call call = { .method = "GET", .path = "/x", .api_version = "1" };
    struct arm *arm;
    if (cluster_arm(r->c, &r->ctx, who, &arm, err) < 0)
        return -1;
    return arm_send(arm, &r->ctx, &call, NULL, err);
}

static void each_identity_signs_in_as_itself(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        TOKEN_STEP(RIG_TENANT, "first-party", "secret"),     { .reply = "{}" },
        TOKEN_STEP(SERVICE_TENANT, "first-party", "secret"), { .reply = "{}" },
        TOKEN_STEP(RIG_TENANT, "cluster-app", "s%26cret"),   { .reply = "{}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(ask(&r, AS_FIRST_PARTY, NULL), 0);
    assert_int_equal(ask(&r, AS_SERVICE, NULL), 0);
    assert_int_equal(ask(&r, AS_CLUSTER, NULL), 0);
}

static void dropped_tokens_are_asked_for_again(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        TOKEN_STEP(RIG_TENANT, "first-party", "secret"), { .reply = "{}" }, { .reply = "{}" },
        TOKEN_STEP(RIG_TENANT, "first-party", "secret"), { .reply = "{}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(ask(&r, AS_FIRST_PARTY, NULL), 0);
    assert_int_equal(ask(&r, AS_FIRST_PARTY, NULL), 0);
    cluster_drop_tokens(r.c);
    assert_int_equal(ask(&r, AS_FIRST_PARTY, NULL), 0);
}

static void a_cluster_without_a_service_principal_cannot_act(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open(&r, "{'servicePrincipalProfile':{'clientId':null}}", NULL, 0);

    assert_int_equal(ask(&r, AS_CLUSTER, &err), -1);

    assert_string_equal(error_get_code(err), "InvalidServicePrincipalCredentials");
    assert_string_equal(error_get_target(err), "properties.servicePrincipalProfile");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("each identity signs in as itself", each_identity_signs_in_as_itself),
        CASE("dropped tokens are asked for again", dropped_tokens_are_asked_for_again),
        CASE("a cluster without a service principal cannot act as one",
             a_cluster_without_a_service_principal_cannot_act),
    };
    return RUN_CASES("cluster_azure", tests);
}
