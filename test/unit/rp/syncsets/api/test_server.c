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
    cleanup_free char *yaml = sets_rig_ask(&r, "GET", "/swagger.yaml", "", "", NULL),
                      *want = sets_swagger_give(SWAGGER_2_YAML);
    assert_string_equal(yaml, want);
    cleanup_free char *metrics = sets_rig_ask(&r, "GET", "/metrics", "", "", NULL);
    assert_non_null(strstr(metrics, "syncsets_api_requests_total{method=\"GET\",status=\"200\"}"));
    sets_rig_release(&r);
}

/* The root leads on: to the API, and what there is to read. */
static void the_root_names_what_is_served(void **state)
{
    static const char *const some[] = { "/docs",          "/healthz",     "/metrics",
                                        "/openapi.json",  "/readyz",      "/swagger.json",
                                        "/swagger.yaml",  "/v1/clusters", "/v1/clustersyncs",
                                        "/v1/namespaces", "/v1/secrets",  "/v1/selectorsyncsets",
                                        "/v1/syncsets" };
    struct sets_rig r;
    int status;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    cleanup_free char *reply = sets_rig_ask(&r, "GET", "/", "", "", &status);
    cleanup_json json *root = NULL;
    assert_int_equal(status, 200);
    assert_int_equal(json_parse(reply, strlen(reply), &root, NULL), 0);
    json *paths = json_get(root, "paths");
    assert_int_equal(json_len(paths), ARRAY_LEN(some));
    for (size_t i = 0; i < ARRAY_LEN(some); i++) {
        assert_string_equal(json_str(json_at(paths, i)), some[i]);
        assert_int_equal(ask(&r, "GET", some[i], "", ""), 200);
    }
    assert_int_equal(ask(&r, "POST", "/", "", ""), 405);
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
        CASE("the root names what is served", the_root_names_what_is_served),
        CASE("every operation is served", every_operation_is_served),
    };
    return RUN_CASES("server", tests);
}
