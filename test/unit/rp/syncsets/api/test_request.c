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
        CASE("requests are taken apart, and told what is wrong with them",
             requests_are_taken_apart),
    };
    return RUN_CASES("request", tests);
}
