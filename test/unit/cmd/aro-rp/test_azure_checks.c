#include <string.h>

#include "cmd/aro-rp/azure_checks.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/test.h"

/* Whom it asks as, and where, is what is its own. */
static void asks_in_the_customers_tenant(void **state)
{
    static const char *const hidden[] = { "User-Agent",
                                          "x-ms-client-request-id",
                                          "x-ms-return-client-request-id",
                                          "return-client-request-id",
                                          "client-request-id",
                                          NULL };
    static const struct script_step steps[] = {
        { .request = "POST https://login.microsoftonline.com/customer/oauth2/v2.0/token\n"
                     "Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n\n"
                     "grant_type=client_credentials&client_id=fp&scope=https%3A%2F%2F"
                     "management.azure.com%2F%2F.default&client_secret=verysecret",
          .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t\"}" },
        { .reply = "{\"value\":[]}" },
    };
    (void)state;
    struct scripted_transport transport;
    scripted_transport_init(&transport, steps, ARRAY_LEN(steps));
    transport.hidden = hidden;
    struct fake_clock clock;
    fake_clock_init(&clock);
    cleanup_secret struct secret *secret = secret_new("verysecret", 10);
    struct first_party *first_party = first_party_new("fp", secret);
    const struct azure_checks_config cfg = {
        .transport = &transport.base,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .first_party = first_party,
        .location = "eastus",
        .clock = &clock.base,
        .rng = rng_system(),
    };
    struct azure_checks *c = azure_checks_new(&cfg);
    struct create_checks *base = azure_checks_base(c);
    struct opctx ctx = opctx_root(&clock.base, rng_system(), NULL, NULL);
    cleanup_json json *cluster = json_make("{'properties':{'masterProfile':{'vmSize':'M'}}}");
    cleanup_error struct error *err = NULL;

    assert_int_equal(base->check(base, &ctx, cluster, "s", "customer", &err), -1);

    assert_string_equal(error_text(err), "The selected SKU 'M' is unavailable in region 'eastus'");
    azure_checks_free(c);
    first_party_free(first_party);
    scripted_transport_check(&transport);
    scripted_transport_release(&transport);
    fake_clock_release(&clock);
}

static int send_once(struct arm *arm, void *arg, struct error **err)
{
    const struct arm_call call = { .method = "GET", .path = "/x", .api_version = "v" };
    return arm_send(arm, arg, &call, NULL, err);
}

static void works_for_administrators(void **state)
{
    static const struct script_step steps[] = {
        { .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t\"}" },
        { .reply = "{}" },
    };
    (void)state;
    struct scripted_transport transport;
    scripted_transport_init(&transport, steps, ARRAY_LEN(steps));
    struct fake_clock clock;
    fake_clock_init(&clock);
    cleanup_secret struct secret *secret = secret_new("verysecret", 10);
    struct first_party *first_party = first_party_new("fp", secret);
    const struct azure_checks_config cfg = {
        .transport = &transport.base,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .first_party = first_party,
        .location = "eastus",
        .clock = &clock.base,
        .rng = rng_system(),
    };
    struct azure_checks *c = azure_checks_new(&cfg);
    struct admin_azure *admin = azure_checks_admin(c);
    struct opctx ctx = opctx_root(&clock.base, rng_system(), NULL, NULL);

    assert_int_equal(admin->run(admin, &ctx, "customer", send_once, &ctx, NULL), 0);

    assert_non_null(strstr(transport.requests.v[0], "/customer/oauth2/v2.0/token\n"));
    assert_non_null(
        strstr(transport.requests.v[1], "GET https://management.azure.com/x?api-version=v\n"));
    azure_checks_free(c);
    first_party_free(first_party);
    scripted_transport_release(&transport);
    fake_clock_release(&clock);
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
