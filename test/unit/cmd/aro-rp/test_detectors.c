#include "cmd/aro-rp/detectors.h"
#include "pkg/base/mem.h"
#include "test/unit/support/cmd/aro-rp/first_party_rig.h"
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
          .reply = FIRST_PARTY_TOKEN },
        { .request = "POST https://diagnostics.example/\nAuthorization: Bearer t\n"
                     "Accept: application/json\nx-ms-date: Sat, 03 Feb 2024 04:05:06 GMT\n"
                     "x-ms-path-query: /cluster/detectors/d\nx-ms-verb: POST\n@gzip: true\n",
          .reply = "{\"id\":\"d\"}" },
    };
    struct first_party_rig r;
    first_party_rig_init(&r, steps, ARRAY_LEN(steps));
    r.transport.hidden = hidden;
    const struct detectors_config cfg = {
        .transport = &r.transport.base,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .first_party = r.first_party,
        .url = "https://diagnostics.example/",
        .scope = "diag/.default",
        .tenant_id = "diagnostics",
        .clock = &r.clock.base,
        .rng = rng_system(),
    };
    struct detectors d;
    detectors_init(&d, &cfg);
    cleanup_free char *got = NULL;

    assert_int_equal(d.base.get(&d.base, &r.ctx, "/cluster", "d", &got, NULL), 0);

    assert_string_equal(got, "{\"id\":\"d\"}");
    first_party_rig_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("asks as the first-party application in the tenant of the service",
             asks_in_the_tenant_of_the_service),
    };
    return RUN_CASES("detectors of the diagnostics service", tests);
}
