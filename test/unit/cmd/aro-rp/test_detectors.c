#include "cmd/aro-rp/detectors.h"
#include "pkg/base/mem.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/test.h"

static void asks_in_the_tenant_of_the_service(void **state)
{
    (void)state;
    static const char *const hidden[] = { "x-ms-client-request-id", "x-ms-request-id", NULL };
    static const struct script_step steps[] = {
        { .request = "POST https://login.microsoftonline.com/diagnostics/oauth2/v2.0/token\n"
                     "Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n\n"
                     "grant_type=client_credentials&client_id=fp&scope=diag%2F.default&"
                     "client_secret=verysecret",
          .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t\"}" },
        { .request = "POST https://diagnostics.example/\nAuthorization: Bearer t\n"
                     "Accept: application/json\nx-ms-date: Sat, 03 Feb 2024 04:05:06 GMT\n"
                     "x-ms-path-query: /cluster/detectors/d\nx-ms-verb: POST\n@gzip: true\n",
          .reply = "{\"id\":\"d\"}" },
    };
    struct scripted_transport transport;
    scripted_transport_init(&transport, steps, ARRAY_LEN(steps));
    transport.hidden = hidden;
    struct fake_clock clock;
    fake_clock_init(&clock);
    cleanup_secret struct secret *secret = secret_new("verysecret", 10);
    struct first_party *first_party = first_party_new("fp", secret);
    const struct detectors_config cfg = {
        .transport = &transport.base,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .first_party = first_party,
        .url = "https://diagnostics.example/",
        .scope = "diag/.default",
        .tenant_id = "diagnostics",
        .clock = &clock.base,
        .rng = rng_system(),
    };
    struct detectors d;
    detectors_init(&d, &cfg);
    struct opctx ctx = opctx_root(&clock.base, rng_system(), NULL, NULL);
    cleanup_free char *got = NULL;

    assert_int_equal(d.base.get(&d.base, &ctx, "/cluster", "d", &got, NULL), 0);

    assert_string_equal(got, "{\"id\":\"d\"}");
    first_party_free(first_party);
    scripted_transport_check(&transport);
    scripted_transport_release(&transport);
    fake_clock_release(&clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("asks as the first-party application in the tenant of the service",
             asks_in_the_tenant_of_the_service),
    };
    return RUN_CASES("detectors of the diagnostics service", tests);
}
