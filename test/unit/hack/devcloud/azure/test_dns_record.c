#include "hack/devcloud/azure/dns.h"
#include "test/unit/hack/devcloud/azure/dns_rig.h"

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char *const bodies[] = {
        "{'properties':{}}",
        "{'properties':{'TTL':0}}",
        "{'properties':{'TTL':2147483648}}",
        "{'properties':{'ttl':300}}",
        "{'properties':{'TTL':300,'ARecords':[{'ipv4Address':'1.2.3'}]}}",
        "{'properties':{'TTL':300,'ARecords':[7]}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        compute_refused(&r, "PUT", PUBLIC_ZONE "/A/x", bodies[i], 400, "BadRequest");
}

static void check_apex(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", PUBLIC_ZONE "/A/@", "{'properties':{'TTL':1}}", NULL);

    assert_text(&r, PUBLIC_ZONE "/A/@", "properties.fqdn", "aro.example.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a record set needs a time to live and readable addresses", check_refusals),
        CASE("the apex is the zone itself", check_apex),
    };
    return RUN_CASES("dns_record", tests);
}
