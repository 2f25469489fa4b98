#include <string.h>

#include "pkg/base/mem.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    reply_status(req, 204);
    return 0;
}
static const struct route routes[] = {
    { "GET", "/subscriptions/{sub}/resourcegroups/{rg}/providers/{ns}/{type}/{name}", 0, tell,
      NULL },
    { "GET", "/admin/x", 0, tell, NULL },
    { "GET", "/open", ROUTE_OPEN, tell, NULL },
};

/* The payload of the one audit line of a request; NULL when there is none. */
static json *give_record(const char *target, const char *headers)
{
    struct front r;
    front_init(&r);
    r.capture.base.format = LOG_JSON;
    front_serve(&r, routes, ARRAY_LEN(routes));
    cleanup_free char *reply = front_give_reply(&r, "GET", target, headers, NULL);
    http_server_stop(take(r.server), 10000);
    json *record = NULL;
    for (size_t i = 0; i < r.capture.lines.len; i++) {
        cleanup_json json *line = NULL;
        const char *text = r.capture.lines.v[i];
        assert_int_equal(json_parse(text, strlen(text), &line, NULL), 0);
        const char *payload = json_path_str(line, "payload");
        if (!payload)
            continue;
        assert_null(record);
        assert_string_equal(json_path_str(line, "logkind"), "ifxaudit");
        assert_int_equal(json_parse(payload, strlen(payload), &record, NULL), 0);
    }
    front_release(&r);
    return record;
}

static void records_a_success(void **state)
{
    (void)state;
    cleanup_json json *r = give_record(FRONT_CLUSTER, "User-Agent: az\r\n");

    assert_string_equal(json_path_str(r, "env_name"), "#Ifx.AuditSchema");
    assert_string_equal(json_path_str(r, "env_appId"), "aro-rp");
    assert_int_equal(json_path_int(r, "env_seqNum", 0), 1);
    assert_int_equal(json_path_int(r, "env_flags", 0), 257);
    assert_string_equal(json_path_str(r, "env_cloud_location"), "eastus");
    assert_string_equal(json_path_str(r, "OperationName"),
                        "GET /subscriptions/" FRONT_SUB
                        "/resourcegroups/group/providers/microsoft.redhatopenshift/"
                        "openshiftclusters/cluster1");
    assert_string_equal(json_path_str(r, "CallerIdentities[0].CallerDisplayName"), "az");
    assert_string_equal(json_path_str(r, "Result.ResultType"), "Success");
    assert_string_equal(json_path_str(r, "Result.ResultDescription"), "Status code: 204");
}

static void records_a_failure(void **state)
{
    (void)state;
    cleanup_json json *r = give_record("/moon", NULL);

    assert_string_equal(json_path_str(r, "Result.ResultType"), "Fail");
    assert_string_equal(json_path_str(r, "CallerIdentities[0].CallerDisplayName"), "unknown");
}

static void records_administrators(void **state)
{
    (void)state;
    cleanup_json json *r = give_record("/admin/x", "x-ms-client-principal-name: me\r\n");

    assert_string_equal(json_path_str(r, "env_appId"), "aro-admin");
    assert_string_equal(json_path_str(r, "CallerIdentities[0].CallerDisplayName"), "me");
}

static void leaves_open_routes_out(void **state)
{
    (void)state;
    assert_null(give_record("/open", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("records a success", records_a_success),
        CASE("records a failure", records_a_failure),
        CASE("records administrators by name", records_administrators),
        CASE("leaves open routes out", leaves_open_routes_out),
    };
    return RUN_CASES("audit", tests);
}
