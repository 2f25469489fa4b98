#include "cmd/aro-rp/azure_checks.h"
#include "test/unit/support/cmd/aro-rp/first_party_rig.h"
#include "test/unit/support/test.h"

static const char *const hidden[] = { "User-Agent",
                                      "x-ms-client-request-id",
                                      "x-ms-return-client-request-id",
                                      "return-client-request-id",
                                      "client-request-id",
                                      NULL };
#define TOKEN_REQUEST \
    "POST https://login.microsoftonline.com/customer/oauth2/v2.0/token\n" \
    "Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n\n" \
    "grant_type=client_credentials&client_id=fp&scope=https%3A%2F%2F" \
    "management.azure.com%2F%2F.default&client_secret=verysecret"

static struct azure_checks *make_checks(struct first_party_rig *r)
{
    const struct azure_checks_config cfg = {
        .transport = &r->transport.base,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .first_party = r->first_party,
        .location = "eastus",
        .clock = &r->clock.base,
        .rng = rng_system(),
    };
    r->transport.hidden = hidden;
    return azure_checks_new(&cfg);
}

/* Whom it asks as, and where, is what is its own. */
static void asks_in_the_customers_tenant(void **state)
{
    static const struct script_step steps[] = {
        { .request = TOKEN_REQUEST, .reply = FIRST_PARTY_TOKEN },
        { .reply = "{\"value\":[]}" },
    };
    (void)state;
    struct first_party_rig r;
    first_party_rig_init(&r, steps, ARRAY_LEN(steps));
    struct azure_checks *c = make_checks(&r);
    struct create_checks *base = azure_checks_base(c);
    cleanup_json json *cluster = json_make("{'properties':{'masterProfile':{'vmSize':'M'}}}");
    cleanup_error struct error *err = NULL;

    assert_int_equal(base->check(base, &r.ctx, cluster, "s", "customer", &err), -1);

    assert_string_equal(error_text(err), "The selected SKU 'M' is unavailable in region 'eastus'");
    azure_checks_free(c);
    first_party_rig_finish(&r);
}

static int send_once(struct arm *arm, void *arg, struct error **err)
{
    const struct arm_call call = { .method = "GET", .path = "/x", .api_version = "v" };
    return arm_send(arm, arg, &call, NULL, err);
}

static void works_for_administrators(void **state)
{
    static const struct script_step steps[] = {
        { .request = TOKEN_REQUEST, .reply = FIRST_PARTY_TOKEN },
        { .request = "GET https://management.azure.com/x?api-version=v\n"
                     "Authorization: Bearer t\nAccept: application/json\n"
                     "@gzip: true\n",
          .reply = "{}" },
    };
    (void)state;
    struct first_party_rig r;
    first_party_rig_init(&r, steps, ARRAY_LEN(steps));
    struct azure_checks *c = make_checks(&r);
    struct admin_azure *admin = azure_checks_admin(c);

    assert_int_equal(admin->run(admin, &r.ctx, "customer", send_once, &r.ctx, NULL), 0);

    azure_checks_free(c);
    first_party_rig_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("works for administrators", works_for_administrators),
        CASE("asks as the first-party application in the customer's tenant",
             asks_in_the_customers_tenant),
    };
    return RUN_CASES("questions to Azure", tests);
}
