#include <string.h>

#include "rp/cluster/dns_records.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define ZONE RIG_ARM RIG_SERVICE "/providers/Microsoft.Network/dnsZones/" RIG_ZONE
#define API ZONE "/A/api.a?api-version=2018-05-01"
#define ROUTER ZONE "/A/*.apps.a?api-version=2018-05-01"
#define OURS "{\"resourceId\":\"" RIG_KEY_UPPER "\"}"
#define RIG_KEY_UPPER RIG_KEY("A")
#define SET_OF(owner, addresses) \
    "{\"etag\":\"e1\",\"properties\":{\"TTL\":300,\"metadata\":{\"resourceId\":\"" owner \
    "\"},\"ARecords\":[" addresses "]}}"
#define GONE ARM_ERROR(404, "NotFound", "gone")
#define CREATE_REQUEST \
    REQUEST_BODY("PUT", API, "If-None-Match: *\n", \
                 "{\"properties\":{\"TTL\":300,\"metadata\":" OURS "}}")
#define POINT_REQUEST \
    REQUEST_BODY("PUT", API, "If-Match: e1\n", \
                 "{\"properties\":{\"TTL\":300,\"metadata\":" OURS \
                 ",\"ARecords\":[{\"ipv4Address\":\"1.2.3.4\"}]}}")

static void check_create(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        GONE,
        { .request = CREATE_REQUEST, .status = 201, .reply = "{}" },
        /* again: it is ours */
        { .request = REQUEST("GET", API), .reply = SET_OF(RIG_KEY("a"), "") },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    run_step(&r, cluster_create_dns);
    run_step(&r, cluster_create_dns);

    cluster_rig_close(&r);
}

/* Somebody was first between the look and the write: it may have been this cluster, before a crash. */
static void check_race(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        GONE,
        ARM_ERROR(412, "PreconditionFailed", "there"),
        { .reply = SET_OF("/subscriptions/other", "") },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    cleanup_error struct error *err = fail_step(&r, cluster_create_dns);

    assert_string_equal(error_get_code(err), "DuplicateDomain");
    assert_int_equal(error_get_status(err), 400);
    cluster_rig_close(&r);
}

static void check_unmanaged(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, "{'clusterProfile':{'domain':'a.example.org'}}", NULL, 0);

    run_step(&r, cluster_create_dns);
    run_step(&r, cluster_delete_dns);
    assert_int_equal(dns_point_api(r.c, &r.ctx, "1.2.3.4", NULL), 0);
    assert_int_equal(dns_point_router(r.c, &r.ctx, "1.2.3.4", NULL), 0);

    cluster_rig_close(&r);
}

static void check_point_api(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("GET", API), .reply = SET_OF(RIG_KEY("A"), "") },
        ARM_ERROR(412, "PreconditionFailed", "changed"),
        { .request = REQUEST("GET", API), .reply = SET_OF(RIG_KEY("A"), "") },
        { .request = POINT_REQUEST, .reply = "{}" },
        /* again: nothing to write */
        { .reply = SET_OF(RIG_KEY("A"), "{\"ipv4Address\":\"1.2.3.4\"}") },
        /* somebody else's */
        { .reply = SET_OF("/subscriptions/other", "") },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));
    cleanup_error struct error *err = NULL;

    if (dns_point_api(r.c, &r.ctx, "1.2.3.4", &err) < 0)
        fail_msg("%s", error_text(err));
    assert_int_equal(dns_point_api(r.c, &r.ctx, "1.2.3.4", NULL), 0);
    assert_int_equal(dns_point_api(r.c, &r.ctx, "1.2.3.4", &err), -1);

    assert_string_equal(error_get_code(err), "DuplicateDomain");
    cluster_rig_close(&r);
}

static void check_point_router(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        GONE,
        { .request = REQUEST_BODY("PUT", ROUTER, "",
                                  "{\"properties\":{\"TTL\":300,\"ARecords\":[{\"ipv4Address\":"
                                  "\"1.2.3.4\"}]}}"),
          .status = 201,
          .reply = "{}" },
        { .request = REQUEST("GET", ROUTER),
          .reply = "{\"properties\":{\"TTL\":300,\"ARecords\":[{\"ipv4Address\":\"1.2.3.4\"}]}}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(dns_point_router(r.c, &r.ctx, "1.2.3.4", NULL), 0);
    assert_int_equal(dns_point_router(r.c, &r.ctx, "1.2.3.4", NULL), 0);

    cluster_rig_close(&r);
}

static void check_delete(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = SET_OF(RIG_KEY("A"), "") },
        { .request = REQUEST("DELETE", ROUTER), .status = 204 },
        { .request = "DELETE " API "\nAccept: application/json\nIf-Match: e1\n@gzip: true\n" },
        GONE,
        { .reply = SET_OF("/subscriptions/other", "") },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    run_step(&r, cluster_delete_dns);
    run_step(&r, cluster_delete_dns);
    run_step(&r, cluster_delete_dns);

    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a name is reserved, and found to be ours afterwards", check_create),
        CASE("a name that somebody else took meanwhile is refused", check_race),
        CASE("a domain of the customer's has no records", check_unmanaged),
        CASE("the API's name follows its address, if it is ours", check_point_api),
        CASE("the router's name follows its address", check_point_router),
        CASE("names are given back, if they are ours", check_delete),
    };
    return RUN_CASES("dns_records", tests);
}
