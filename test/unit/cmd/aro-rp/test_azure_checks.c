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
    const struct azure_checks_config cfg = {
        .transport = &transport.base,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .client_id = "fp",
        .location = "eastus",
        .client_secret = secret,
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
    scripted_transport_check(&transport);
    scripted_transport_release(&transport);
    fake_clock_release(&clock);
}

static void signs_with_the_newest_certificate(void **state)
{
    (void)state;
    static const struct script_step steps[] = { { .status = 400 }, { .status = 400 } };
    struct pair first = pair_make("first", NULL, true, true);
    struct pair second = pair_make("second", NULL, true, true);
    struct scripted_transport transport;
    scripted_transport_init(&transport, steps, ARRAY_LEN(steps));
    const struct azure_checks_config cfg = {
        .transport = &transport.base,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .client_id = "fp",
        .location = "eastus",
        .cert_pem = first.cert,
        .key_pem = first.key,
        .clock = clock_system(),
        .rng = rng_system(),
    };
    struct azure_checks *c = azure_checks_new(&cfg);
    struct create_checks *base = azure_checks_base(c);
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    cleanup_json json *cluster = json_make("{'properties':{'masterProfile':{'vmSize':'M'}}}");
    const struct pair *const in_use[] = { &first, &second };

    assert_int_equal(base->check(base, &ctx, cluster, "s", "customer", NULL), -1);
    azure_checks_set_cert(c, second.cert, second.key);
    assert_int_equal(base->check(base, &ctx, cluster, "s", "customer", NULL), -1);

    for (size_t i = 0; i < ARRAY_LEN(in_use); i++) {
        const char *jwt = strstr(transport.requests.v[i], "client_assertion=");
        assert_non_null(jwt);
        assert_int_equal(jwt_verify(jwt + strlen("client_assertion="), in_use[i]->cert, NULL), 0);
    }
    azure_checks_free(c);
    pair_release(&first);
    pair_release(&second);
    scripted_transport_check(&transport);
    scripted_transport_release(&transport);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("asks as the first-party application in the customer's tenant",
             asks_in_the_customers_tenant),
        CASE("signs with the newest certificate", signs_with_the_newest_certificate),
    };
    return RUN_CASES("questions to Azure", tests);
}
