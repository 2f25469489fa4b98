#include "hack/devcloud/azure/dns.h"
#include "test/unit/hack/devcloud/azure/dns_rig.h"

#define API PUBLIC_ZONE "/A/api.c1"
#define RESERVED "{'properties':{'TTL':300,'metadata':{'resourceId':'/mine'}}}"

static void check_reserve(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    compute_refused(&r, "GET", API, NULL, 404, "NotFound");
    http_headers_set(&r.extra, "If-None-Match", "*");

    assert_int_equal(compute_call(&r, "PUT", API, RESERVED, &reply), 201);

    assert_string_equal(json_path_str(reply.body, "properties.fqdn"), "api.c1.aro.example.");
    assert_string_equal(json_path_str(reply.body, "properties.metadata.resourceId"), "/mine");
    assert_string_equal(json_path_str(reply.body, "type"), "Microsoft.Network/dnszones/A");
    assert_int_equal(json_str_len(json_get(reply.body, "etag")), UUID_LEN);
    assert_int_equal(json_path_int(reply.body, "properties.TTL", 0), 300);
    http_headers_set(&r.extra, "If-None-Match", "*");
    compute_refused(&r, "PUT", API, RESERVED, 412, "PreconditionFailed");
}

static void check_etag(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", API, RESERVED, NULL);
    cleanup_free char *old = compute_give_text(&r, API, "etag");
    http_headers_set(&r.extra, "If-Match", old);
    static const char full[] =
        "{'properties':{'TTL':300,'ARecords':[{'ipv4Address':'127.0.0.9'}]}}";

    assert_int_equal(compute_call(&r, "PUT", API, full, NULL), 200);

    assert_text(&r, API, "properties.ARecords[0].ipv4Address", "127.0.0.9");
    http_headers_set(&r.extra, "If-Match", old);
    compute_refused(&r, "PUT", API, full, 412, "PreconditionFailed");
    http_headers_set(&r.extra, "If-Match", old);
    compute_refused(&r, "DELETE", API, NULL, 412, "PreconditionFailed");
    assert_int_equal(compute_call(&r, "DELETE", API, NULL, NULL), 200);
    assert_int_equal(compute_call(&r, "DELETE", API, NULL, NULL), 204);
}

static void check_zone(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", API, RESERVED, NULL);
    compute_call(&r, "PUT", PUBLIC_ZONE "/A/*.apps.c1", RESERVED, NULL);
    compute_call(&r, "PUT", PUBLIC_ZONE "/CNAME/www",
                 "{'properties':{'TTL':60,'CNAMERecord':{'cname':'x.example'}}}", NULL);
    static const struct {
        const char *path;
        size_t want;
    } rows[] = { { PUBLIC_ZONE "/A", 2 },
                 { PUBLIC_ZONE "/CNAME", 1 },
                 { PUBLIC_ZONE "/recordsets", 3 },
                 { PUBLIC_ZONE "/all", 3 } };
    cleanup_reply struct rig_reply reply = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(compute_call(&r, "GET", rows[i].path, NULL, &reply), 200);
        assert_int_equal(json_len(json_get(reply.body, "value")), rows[i].want);
    }
    compute_call(&r, "GET", PUBLIC_ZONE, NULL, &reply);
    assert_int_equal(json_path_int(reply.body, "properties.numberOfRecordSets", 0), 5);
    assert_int_equal(json_len(json_path(reply.body, "properties.nameServers")), 4);
    compute_refused(&r, "PUT",
                    RIG_SUBSCRIPTION
                    "/resourceGroups/dns/providers/Microsoft.Network/dnszones/none/A/x",
                    RESERVED, 404, "ParentResourceNotFound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a name is reserved once", check_reserve),
        CASE("a record set changes only for who knows it", check_etag),
        CASE("a zone lists and counts its record sets", check_zone),
    };
    return RUN_CASES("dns", tests);
}
