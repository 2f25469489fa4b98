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

#include "rp/syncsets/types/swagger.h"

static void the_server_tells_of_itself(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "GET", "/healthz", "", ""), 200);
    assert_int_equal(ask(&r, "GET", "/readyz", "", ""), 200);
    assert_int_equal(ask(&r, "GET", "/openapi.json", "", ""), 200);
    cleanup_free char *yaml = sets_rig_ask(&r, "GET", "/swagger.yaml", "", "", NULL),
                      *want = sets_swagger_give(SWAGGER_2_YAML);
    assert_string_equal(yaml, want);
    cleanup_free char *metrics = sets_rig_ask(&r, "GET", "/metrics", "", "", NULL);
    assert_non_null(strstr(metrics, "syncsets_api_requests_total{method=\"GET\",status=\"200\"}"));
    sets_rig_release(&r);
}

/* What is described is served: no operation ends in 404 for want of a route, or in 405. */
static void every_operation_is_served(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(
        ask(&r, "POST", "/v1/clusters", JSON_TYPE, "{\"name\":\"a\",\"namespace\":\"n\"}"), 201);
    cleanup_json json *j = sets_swagger_give_tree(false);
    for (struct json_iter p = json_each(json_get(j, "paths")); json_next(&p);) {
        for (struct json_iter m = json_each(p.value); json_next(&m);) {
            struct buf path = BUF_INIT(BUF_UNBOUNDED);
            for (const char *s = p.key; *s; s++) {
                if (*s != '{') {
                    buf_addc(&path, *s);
                    continue;
                }
                buf_adds(&path, str_starts(s, "{namespace}") ? "n" : "a");
                s = strchr(s, '}');
            }
            char method[8] = { 0 };
            for (size_t i = 0; m.key[i] && i < 7; i++)
                method[i] = (char)(m.key[i] - 'a' + 'A');
            int status;
            cleanup_free char *reply = sets_rig_ask(&r, method, buf_str(&path), "", "", &status);
            if (status == 405 || strstr(reply, "no such path") || strstr(reply, "have no action"))
                fail_msg("%s %s: %d", method, buf_str(&path), status);
            buf_release(&path);
        }
    }
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the server tells of itself", the_server_tells_of_itself),
        CASE("every operation is served", every_operation_is_served),
    };
    return RUN_CASES("server", tests);
}
