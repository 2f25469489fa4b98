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

static void reads_know_their_etag(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/foo/cluster1", "If-None-Match: \"2\"\r\n", ""),
                     304);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/foo/cluster1", "If-None-Match: \"1\"\r\n", ""),
                     200);
    sets_rig_release(&r);
}

static void lists_go_on_where_they_ended(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    for (int i = 0; i < 5; i++) {
        cleanup_free char *body = xasprintf("{\"name\":\"c%d\",\"namespace\":\"foo\"}", i);
        assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, body), 201);
    }
    size_t total = 0;
    cleanup_free char *token = xstrdup("");
    for (int page = 0; page < 3; page++) {
        cleanup_free char *path = xasprintf("/v1/clusters/foo?limit=2&continue=%s", token);
        cleanup_free char *reply = sets_rig_ask(&r, "GET", path, "", "", NULL);
        cleanup_json json *list = NULL;
        assert_int_equal(json_parse(reply, strlen(reply), &list, NULL), 0);
        total += json_len(json_get(list, "items"));
        free(token);
        token = xstrdup(json_path_str(list, "metadata.continue"));
        if (page < 2) {
            cleanup_free char *other =
                xasprintf("/v1/clusters/foo?labelSelector=a&continue=%s", token);
            assert_int_equal(ask(&r, "GET", other, "", ""), 400);
        }
    }
    assert_null(token);
    assert_int_equal(total, 5);
    sets_rig_release(&r);
}

static void fields_select_and_bad_queries_are_told(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    cleanup_free char *one =
        sets_rig_ask(&r, "GET", "/v1/clusters?fieldSelector=metadata.name=cluster1", "", "", NULL);
    cleanup_free char *none =
        sets_rig_ask(&r, "GET", "/v1/clusters?fieldSelector=metadata.name=x", "", "", NULL);
    assert_non_null(strstr(one, "\"name\":\"cluster1\""));
    assert_non_null(strstr(none, "\"items\":[]"));
    assert_int_equal(ask(&r, "GET", "/v1/clusters?fieldSelector=spec.x=1", "", ""), 400);
    assert_int_equal(ask(&r, "GET", "/v1/clusters?labelSelector=a%20b", "", ""), 400);
    assert_int_equal(ask(&r, "GET", "/v1/clusters?limit=x", "", ""), 400);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("reads know their ETag", reads_know_their_etag),
        CASE("lists go on where they ended", lists_go_on_where_they_ended),
        CASE("fields select and bad queries are told", fields_select_and_bad_queries_are_told),
    };
    return RUN_CASES("read", tests);
}
