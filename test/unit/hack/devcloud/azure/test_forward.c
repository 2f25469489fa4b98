#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/hack/devcloud/azure/fake_rp.h"
#include "test/unit/support/test.h"

#define CLUSTER RIG_CLUSTERS "/MyCluster"
#define LOCATION RIG_SUBSCRIPTION "/providers/Microsoft.RedHatOpenShift/locations/eastus"

static void check_request(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    static const struct fake_rp_row rows[] = { { "PUT", NULL, 201, NULL, "{'id':'x'}" } };
    fake_rp_script(&rp, rows, 1);

    assert_int_equal(rig_call(&r, "PUT", CLUSTER RIG_RP_VERSION, "{'location':'eastus'}", NULL),
                     201);

    cleanup_json json *seen = fake_rp_give_last(&rp);
    assert_string_equal(json_path_str(seen, "method"), "PUT");
    assert_string_equal(json_path_str(seen, "target"), CLUSTER RIG_RP_VERSION); /* the case kept */
    assert_string_equal(json_path_str(seen, "client"), "devcloud azure resource manager");
    assert_string_equal(json_path_str(seen, "body"), "{\"location\":\"eastus\"}");
    cleanup_free char *outer = xasprintf("https://%s" CLUSTER RIG_RP_VERSION, r.host);
    assert_string_equal(json_path_str(seen, "headers.referer"), outer);
}

static void check_routes(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    static const struct fake_rp_row rows[] = { { NULL, NULL, 200, NULL, "{'value':[]}" } };
    fake_rp_script(&rp, rows, 1);
    static const struct {
        const char *method, *path;
    } calls[] = {
        { "GET", CLUSTER RIG_RP_VERSION },
        { "GET", RIG_CLUSTERS RIG_RP_VERSION },
        { "GET", RIG_SUBSCRIPTION
          "/providers/Microsoft.RedHatOpenShift/openShiftClusters" RIG_RP_VERSION },
        { "POST", CLUSTER "/listCredentials" RIG_RP_VERSION },
        { "GET", LOCATION "/openShiftVersions" RIG_RP_VERSION },
        { "GET", LOCATION "/operationresults/1" RIG_RP_VERSION },
        { "GET", "/providers/Microsoft.RedHatOpenShift/operations" RIG_RP_VERSION },
    };
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        assert_int_equal(rig_call(&r, calls[i].method, calls[i].path, NULL, NULL), 200);
        cleanup_json json *seen = fake_rp_give_last(&rp);
        assert_string_equal(json_path_str(seen, "target"), calls[i].path);
        assert_int_equal(fake_rp_count(&rp), i + 1);
    }
}

static void check_links(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    static const struct fake_rp_row rows[] = {
        { "PUT", NULL, 201, "Azure-AsyncOperation: $/status\r\nRetry-After: 7\r\n", "{}" },
        { "DELETE", NULL, 202, "Location: $/result\r\nx-ms-request-id: its\r\n", NULL },
        { "GET", NULL, 200, NULL, "{'value':[],'nextLink':'$/next?x=1'}" },
    };
    fake_rp_script(&rp, rows, ARRAY_LEN(rows));
    cleanup_reply struct rig_reply reply = { 0 };
    cleanup_free char *status = xasprintf("https://%s/status", r.host);
    cleanup_free char *result = xasprintf("https://%s/result", r.host);
    cleanup_free char *next = xasprintf("https://%s/next?x=1", r.host);

    rig_call(&r, "PUT", CLUSTER RIG_RP_VERSION, "{}", &reply);
    assert_string_equal(http_headers_get(&reply.headers, "Azure-AsyncOperation"), status);
    assert_string_equal(http_headers_get(&reply.headers, "Retry-After"), "7");
    rig_call(&r, "DELETE", CLUSTER RIG_RP_VERSION, NULL, &reply);
    assert_int_equal(reply.status, 202);
    assert_string_equal(http_headers_get(&reply.headers, "Location"), result);
    assert_string_equal(http_headers_get(&reply.headers, "x-ms-request-id"), "its");
    rig_call(&r, "GET", RIG_CLUSTERS RIG_RP_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "nextLink"), next);
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_refused(&r, "GET", CLUSTER RIG_RP_VERSION, NULL, 502, "BadGateway");
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    static const struct fake_rp_row rows[] = {
        { NULL, NULL, 400, NULL, "{'error':{'code':'InvalidParameter','message':'no'}}" }
    };
    fake_rp_script(&rp, rows, 1);

    rig_refused(&r, "PUT", CLUSTER RIG_RP_VERSION, "{}", 400, "InvalidParameter");
    rig_refused(&r, "GET",
                RIG_SUBSCRIPTION "/resourceGroups/none/providers/Microsoft.RedHatOpenShift/"
                                 "OpenShiftClusters/c" RIG_RP_VERSION,
                NULL, 404, "ResourceGroupNotFound");
    free(r.token);
    r.token = NULL;
    rig_refused(&r, "GET", CLUSTER RIG_RP_VERSION, NULL, 401, "AuthenticationFailed");
    assert_int_equal(fake_rp_count(&rp), 1);
}

static void check_away(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    struct fake_rp rp;
    fake_rp_open(&rp, &r);
    fake_rp_close(&rp);

    rig_refused(&r, "GET", CLUSTER RIG_RP_VERSION, NULL, 502, "BadGateway");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a request goes on with ARM's certificate and its path as it was", check_request),
        CASE("everything below the namespace goes on", check_routes),
        CASE("links of the provider lead through ARM", check_links),
        CASE("the provider's refusals come back, ARM's own come first", check_refusals),
        CASE("a provider that is away is a bad gateway", check_away),
    };
    return RUN_CASES("forward", tests);
}
