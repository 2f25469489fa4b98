#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define JSON_TYPE "Content-Type: application/json\r\n"
#define CLUSTER "{\"name\":\"cluster1\",\"namespace\":\"foo\",\"kubeconfig\":\"foobar\"}"

static int ask(struct sets_rig *r, const char *method, const char *path, const char *headers,
               const char *body)
{
    int status;
    free(sets_rig_ask(r, method, path, headers, body, &status));
    return status;
}

/* allow NULL: it is answered with another status. */
static const struct {
    const char *method, *path, *allow;
} methods[] = {
    { "OPTIONS", "/v1/clusters", "GET, HEAD, POST" },
    { "DELETE", "/v1/clusters", "GET, HEAD, POST" },
    { "PUT", "/v1/clusters/n", "GET, HEAD, POST, DELETE" },
    { "PUT", "/v1/selectorsyncsets", "GET, HEAD, POST, DELETE" },
    { "POST", "/v1/clusters/n/a", "GET, HEAD, PUT, PATCH, DELETE" },
    { "DELETE", "/v1/clustersyncs/n/a", "GET, HEAD" },
    { "GET", "/v1/clusters/n/a:pause", "POST" },
    { "POST", "/v1/syncsets/n/a:status", "GET, HEAD" },
    { "POST", "/readyz", "GET, HEAD" },
    { "POST", "/v1/clusters/n/a:nothing", NULL },
    { "GET", "/v1/clusters", NULL },
};

static void what_is_allowed_is_told(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r.api));
        cleanup_free char *request =
            xasprintf("%s %s HTTP/1.1\r\nHost: a\r\n\r\n", methods[i].method, methods[i].path);
        cleanup_free char *reply = wire_give_answer(&w, request);
        cleanup_free char *want =
            methods[i].allow ? xasprintf("\r\nAllow: %s\r\n", methods[i].allow) : NULL;
        bool is_refused = str_starts(reply, "HTTP/1.1 405 ");
        if (is_refused != (want != NULL) ||
            (want ? !strstr(reply, want) : strstr(reply, "Allow:") != NULL))
            fail_msg("%s %s: %s", methods[i].method, methods[i].path, reply);
    }
    sets_rig_release(&r);
}

static void requests_are_taken_apart(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "GET", "/v1/pods", "", ""), 404);
    assert_int_equal(ask(&r, "GET", "/v1/selectorsyncsets/a/b", "", ""), 404);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/a%2", "", ""), 400);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/%ff", "", ""), 400);
    assert_int_equal(ask(&r, "GET", "/v1/clusters?labelSelector=%ff", "", ""), 400);
    assert_int_equal(
        ask(&r, "POST", "/v1/clusters", JSON_TYPE "Idempotency-Key: \xff\r\n", CLUSTER), 400);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", "Content-Type: Application/JSON\r\n", CLUSTER),
                     201);
    assert_int_equal(ask(&r, "PATCH", "/v1/clusters/foo/cluster1",
                         "Content-Type: Application/JSON-Patch+json\r\n", "[]"),
                     200);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", "Content-Type: text/plain\r\n", CLUSTER), 415);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, ""), 400);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, "{"), 400);
    assert_int_equal(ask(&r, "PUT", "/v1/clusters/foo", JSON_TYPE, "{}"), 405);
    assert_int_equal(ask(&r, "PUT", "/v1/clusters/foo/x", JSON_TYPE "If-Match: x\r\n", "{}"), 400);
    assert_int_equal(ask(&r, "GET", "/v1/clusters", "Accept: text/html\r\n", ""), 406);
    assert_int_equal(
        ask(&r, "POST", "/v1/clusters/foo", JSON_TYPE, "{\"name\":\"a\",\"namespace\":\"bar\"}"),
        400);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is allowed is told", what_is_allowed_is_told),
        CASE("requests are taken apart, and told what is wrong with them",
             requests_are_taken_apart),
    };
    return RUN_CASES("request", tests);
}
