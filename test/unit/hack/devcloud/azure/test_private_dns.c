#include "hack/devcloud/azure/dns.h"
#include "test/unit/hack/devcloud/azure/dns_rig.h"

static void check_links(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    assert_int_equal(compute_call(&r, "PUT", PRIVATE_ZONE, GLOBAL, NULL), 201);
    rig_patch(&r, "{'operation_ms':60000}");

    assert_int_equal(compute_call(&r, "PUT", LINK, LINK_BODY, NULL), 201);

    assert_text(&r, LINK, "properties.virtualNetworkLinkState", "InProgress");
    rig_advance_s(&r, 60);
    assert_text(&r, LINK, "properties.virtualNetworkLinkState", "Completed");
    rig_patch(&r, "{'operation_ms':0}");
    compute_refused(&r, "DELETE", PRIVATE_ZONE, NULL, 409, "CannotDeleteResource");
    assert_int_equal(compute_call(&r, "DELETE", LINK, NULL, NULL), 202);
    assert_int_equal(compute_call(&r, "DELETE", PRIVATE_ZONE, NULL, NULL), 202);
    compute_refused(&r, "GET", PRIVATE_ZONE, NULL, 404, "ResourceNotFound");
}

static void check_records(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", PRIVATE_ZONE, GLOBAL, NULL);

    assert_int_equal(compute_call(&r, "PUT", PRIVATE_ZONE "/A/api-int",
                                  "{'properties':{'ttl':300,'aRecords':[{'ipv4Address':"
                                  "'10.0.0.4'}]}}",
                                  NULL),
                     201);
    assert_int_equal(
        compute_call(&r, "PUT", PRIVATE_ZONE "/SRV/_etcd-server-ssl._tcp",
                     "{'properties':{'ttl':60,'srvRecords':[{'priority':10,'weight':10,'port':2380,"
                     "'target':'etcd-0.c.example'}]}}",
                     NULL),
        201);

    assert_text(&r, PRIVATE_ZONE "/A/api-int", "properties.fqdn", "api-int.c.example.");
    cleanup_reply struct rig_reply reply = { 0 };
    compute_call(&r, "GET", PRIVATE_ZONE "/ALL", NULL, &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 2);
    compute_call(&r, "GET", PRIVATE_ZONE, NULL, &reply);
    assert_int_equal(json_path_int(reply.body, "properties.numberOfRecordSets", 0), 3);
    assert_int_equal(json_path_int(reply.body, "properties.numberOfVirtualNetworkLinks", 9), 0);
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_refused(&r, "PUT", PRIVATE_ZONE, "{'location':'eastus'}", 400,
                    "LocationNotAvailableForResourceType");
    compute_refused(&r, "PUT", LINK, LINK_BODY, 404, "ParentResourceNotFound");
    compute_call(&r, "PUT", PRIVATE_ZONE, GLOBAL, NULL);
    compute_refused(&r, "PUT", LINK, "{'location':'global','properties':{}}", 400, "BadRequest");
    compute_refused(&r, "PUT", LINK,
                    "{'location':'global','properties':{'virtualNetwork':{'id':'" RIG_VNETS
                    "/none'}}}",
                    400, "InvalidResourceReference");
    compute_refused(&r, "PUT", PRIVATE_ZONE "/A/x", "{'properties':{'TTL':300}}", 400,
                    "BadRequest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a zone with links stays", check_links),
        CASE("record sets are in the private spelling", check_records),
        CASE("zones are global, links lead to networks", check_refusals),
    };
    return RUN_CASES("private_dns", tests);
}
