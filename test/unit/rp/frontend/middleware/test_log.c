#include <string.h>

#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    log_info(req->ctx->log, "at work");
    reply_status(req, 204);
    return 0;
}
static const struct route routes[] = {
    { "GET", "/subscriptions/{sub}/resourcegroups/{rg}/providers/{ns}/{type}/{name}", ROUTE_QOS,
      tell, NULL },
    { "GET", "/admin/x", 0, tell, NULL },
};

static void serve_one(struct front *r, const char *target, const char *headers)
{
    front_init(r);
    front_serve(r, routes, ARRAY_LEN(routes));
    cleanup_free char *reply = front_give_reply(r, "GET", target, headers, NULL);
    http_server_stop(take(r->server), 10000);
}

static const char resource_id[] =
    " resource_id=/subscriptions/" FRONT_SUB "/resourcegroups/group/providers/"
    "microsoft.redhatopenshift/openshiftclusters/cluster1 ";

static void tells_who_asked_what(void **state)
{
    (void)state;
    struct front r;
    serve_one(&r, FRONT_CLUSTER "?api-version=x",
              "x-ms-correlation-request-id: corr\r\nx-ms-client-request-id: client\r\n"
              "x-ms-client-principal-name: me\r\nUser-Agent: az\r\n");
    static const char *const wants[] = {
        "msg=\"read request\"",
        " correlation_id=corr ",
        " client_request_id=client ",
        " subscription_id=" FRONT_SUB " ", /* NOLINT(bugprone-suspicious-missing-comma) */
        " resource_group=group ",
        " resource_name=cluster1 ",
        resource_id,
        " request_method=GET ",
        " request_remote_addr=127.0.0.1:",
        " request_user_agent=az",
    };
    for (size_t i = 0; i < ARRAY_LEN(wants); i++)
        if (!strstr(r.capture.lines.v[0], wants[i]))
            fail_msg("no '%s' in: %s", wants[i], r.capture.lines.v[0]);
    assert_false(log_capture_has(&r.capture, "client_principal_name"));
    assert_non_null(strstr(r.capture.lines.v[1], "msg=\"at work\" correlation_id=corr"));
    front_release(&r);
}

static void tells_what_came_of_it(void **state)
{
    (void)state;
    struct front r;
    serve_one(&r, FRONT_CLUSTER, NULL);

    assert_true(log_capture_has(&r.capture, "msg=\"sent response\""));
    assert_true(log_capture_has(&r.capture, " response_status_code=204"));
    assert_true(log_capture_has(&r.capture, " body_read_bytes=0 body_written_bytes=0 duration=0."));
    assert_true(log_capture_has(&r.capture, "logkind=frontendqos operationType=GET "
                                            "resultType=Success"));
    front_release(&r);
}

static void tells_what_was_wrong(void **state)
{
    (void)state;
    struct front r;
    serve_one(&r, FRONT_GROUP "/providers/Microsoft.Moon/openshiftclusters/c", NULL);

    assert_true(log_capture_has(&r.capture, "resultType=UserError errorDetails=\"400: "
                                            "InvalidResourceNamespace: "));
    front_release(&r);
}

static void names_administrators(void **state)
{
    (void)state;
    struct front r;
    serve_one(&r, "/admin/x", "x-ms-client-principal-name: me@example\r\n");

    assert_true(log_capture_has(&r.capture, " client_principal_name=me@example "));
    front_release(&r);
}

static void lets_nobody_forge_lines(void **state)
{
    (void)state;
    struct front r;
    serve_one(&r, "/admin/x", "User-Agent: a\tb \" level=error\r\n");

    assert_true(log_capture_has(&r.capture, "request_user_agent=\"a\\tb \\\" level=error\""));
    front_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("tells who asked what", tells_who_asked_what),
        CASE("tells what came of it, and of its quality", tells_what_came_of_it),
        CASE("tells what was wrong with a request", tells_what_was_wrong),
        CASE("names administrators", names_administrators),
        CASE("lets nobody forge lines", lets_nobody_forge_lines),
    };
    return RUN_CASES("request log", tests);
}
