#include "hack/devcloud/azure/compute.h"
#include "hack/devcloud/azure/machines.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define M CLUSTER_MACHINES "/m0"

/* The text behind a link, without a token. Owned; NULL: not 200. */
static char *give_behind(struct rig *r, const char *path)
{
    cleanup_free char *url = xasprintf("https://%s%s", r->host, path);
    cleanup_request struct http_request req = { .method = "GET", .url = url, .timeout_ms = 60000 };
    cleanup_response struct http_response resp = { 0 };
    cleanup_error struct error *err = NULL;
    if (http_send(http_peer_transport(r->peer), &r->ctx, &req, &resp, &err) < 0)
        fail_msg("%s", error_text(err));
    return resp.status == 200 ? xstrndup(resp.body.data, resp.body.len) : NULL;
}

static void check_log(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    machines_append_log(r.sim, M, "Ignition: ");
    machines_append_log(r.sim, M, "done\n");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(compute_call(&r, "POST", M "/retrieveBootDiagnosticsData", NULL, &reply), 200);

    const char *url = json_path_str(reply.body, "serialConsoleLogBlobUri");
    const char *path = strstr(url, "/bootdiagnostics/");
    cleanup_free char *text = give_behind(&r, path);
    assert_string_equal(text, "Ignition: done\n");
    cleanup_free char *forged = xasprintf("%.*s?sig=x", (int)strcspn(path, "?"), path);
    assert_null(give_behind(&r, forged));
    const char *picture =
        strstr(json_path_str(reply.body, "consoleScreenshotBlobUri"), "/bootdiagnostics/");
    assert_null(give_behind(&r, picture));
}

static void check_enabled(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    assert_text(&r, M "/instanceView", "bootDiagnostics.serialConsoleLogBlobUri", NULL);

    compute_call(&r, "PATCH", M,
                 "{'properties':{'diagnosticsProfile':{'bootDiagnostics':{'enabled':true}}}}",
                 NULL);

    cleanup_free char *url =
        compute_give_text(&r, M "/instanceView", "bootDiagnostics.serialConsoleLogBlobUri");
    assert_non_null(url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the serial log is behind a signed link", check_log),
        CASE("the instance view has the links when diagnostics are on", check_enabled),
    };
    return RUN_CASES("compute_log", tests);
}
