#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"
#include "rp/syncsets/store/impl.h"
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

static void the_seeds_request_creates_a_cluster(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    int status;
    cleanup_free char *reply =
        sets_rig_ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER, &status);
    assert_int_equal(status, 201);
    assert_null(strstr(reply, "foobar"));
    assert_non_null(strstr(reply, "\"type\":\"KubeconfigValid\",\"status\":\"False\""));
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 409);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/foo/cluster1", "", ""), 200);
    assert_int_equal(ask(&r, "GET", "/v1/clustersyncs/foo/cluster1", "", ""), 200);
    sets_rig_release(&r);
}

static void a_replacement_names_its_version(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    static const char path[] = "/v1/clusters/foo/cluster1",
                      body[] = "{\"spec\":{\"installed\":false}}";
    assert_int_equal(ask(&r, "PUT", path, JSON_TYPE, body), 422);
    assert_int_equal(ask(&r, "PUT", "/v1/clusters/foo/cluster1?upsert=true", JSON_TYPE, body), 201);
    assert_int_equal(ask(&r, "PUT", "/v1/clusters/foo/cluster1?upsert=true", JSON_TYPE, body), 200);
    assert_int_equal(
        ask(&r, "PUT", path, JSON_TYPE "If-Match: \"2\"\r\n", "{\"spec\":{\"installed\":true}}"),
        200);
    assert_int_equal(ask(&r, "PUT", path, JSON_TYPE "If-Match: \"2\"\r\n", body), 409);
    sets_rig_release(&r);
}

static void patches_change_what_they_name(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    static const char path[] = "/v1/clusters/foo/cluster1";
    int status;
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    assert_int_equal(ask(&r, "PATCH", path, "Content-Type: application/merge-patch+json\r\n",
                         "{\"metadata\":{\"labels\":{\"a\":\"b\"},\"uid\":\"x\"}}"),
                     200);
    assert_int_equal(
        ask(&r, "PATCH", path, "Content-Type: application/strategic-merge-patch+json\r\n", "{}"),
        415);
    cleanup_free char *reply = sets_rig_ask(
        &r, "PATCH", path, "Content-Type: application/json-patch+json\r\n",
        "[{\"op\":\"test\",\"path\":\"/metadata/labels/"
        "a\",\"value\":\"b\"},{\"op\":\"replace\",\"path\":\"/spec/installed\",\"value\":false}]",
        &status);
    assert_int_equal(status, 200);
    assert_non_null(strstr(reply, "\"installed\":false"));
    assert_null(strstr(reply, "\"uid\":\"x\""));
    assert_int_equal(ask(&r, "PATCH", path, "Content-Type: application/merge-patch+json\r\n",
                         "{\"metadata\":{\"resourceVersion\":\"1\"}}"),
                     409);
    sets_rig_release(&r);
}

/* In fewer than 4 KiB, each of its operations doubling what there is. */
static void patches_that_double_are_refused(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    int status;
    cleanup_buf struct buf patch = BUF_INIT(4096);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    buf_adds(&patch, "[{\"op\":\"add\",\"path\":\"/spec/a\",\"value\":{\"a\":1}}");
    for (int i = 0; i < 40; i++)
        buf_addf(&patch, ",{\"op\":\"copy\",\"from\":\"/spec/a\",\"path\":\"/spec/a/k%d\"}", i);
    buf_adds(&patch, "]");
    cleanup_free char *reply =
        sets_rig_ask(&r, "PATCH", "/v1/clusters/foo/cluster1",
                     "Content-Type: application/json-patch+json\r\n", buf_str(&patch), &status);
    assert_int_equal(status, 413);
    assert_non_null(strstr(reply, "what it copies and moves is too large"));
    sets_rig_release(&r);
}

/* 4 MiB that would be a gigabyte. */
static void a_body_of_very_many_values_is_refused(void **state)
{
    static const char tiny[] = "{},";
    struct sets_rig r;
    int status;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    cleanup_buf struct buf body = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&body, "[");
    while (body.len < ((size_t)4 << 20) - sizeof(tiny))
        buf_adds(&body, tiny);
    buf_adds(&body, "{}]");
    cleanup_free char *reply =
        sets_rig_ask(&r, "POST", "/v1/clusters", JSON_TYPE, buf_str(&body), &status);
    assert_int_equal(status, 413);
    assert_non_null(strstr(reply, "take more than 50331648 bytes of memory: send fewer of them"));
    sets_rig_release(&r);
}

/* What a database would spell out, or refuse. */
static void short_numbers_stay_short(void **state)
{
#define SET(x) \
    "{\"metadata\":{\"name\":\"s\"},\"spec\":{\"clusterDeploymentSelector\":{},\"resources\":[{" \
    "\"apiVersion\":\"v1\",\"kind\":\"X\",\"metadata\":{\"name\":\"x\"},\"x\":[" x "]}]}}"
#define OPERATION(x) "[{\"op\":\"add\",\"path\":\"/spec/resources/0/x/0\",\"value\":" x "}]"
    static const char all[] = "/v1/selectorsyncsets", one[] = "/v1/selectorsyncsets/s",
                      upsert[] = "/v1/selectorsyncsets/s?upsert=true",
                      patch[] = "Content-Type: application/json-patch+json\r\n",
                      merge[] = "Content-Type: application/merge-patch+json\r\n";
    static const struct {
        const char *method, *path, *headers, *body;
        int status;
    } steps[] = {
        { "POST", all, JSON_TYPE, SET("1e131000"), 422 },
        { "POST", all, JSON_TYPE, SET("1e999999"), 422 },
        { "PUT", upsert, JSON_TYPE, SET("1e-999999"), 422 },
        { "POST", all, JSON_TYPE, SET("1e308,0.1e-300"), 201 },
        { "PUT", upsert, JSON_TYPE, SET("1e131000,1"), 422 },
        { "PUT", upsert, JSON_TYPE, SET("-1e308,2"), 200 },
        { "PATCH", one, patch, OPERATION("1e131000"), 422 },
        { "PATCH", one, patch, OPERATION("1e308"), 200 },
        { "PATCH", one, merge, SET("1e131000"), 422 },
        { "PATCH", one, merge, SET("3"), 200 },
    };
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        int status;
        cleanup_free char *reply = sets_rig_ask(&r, steps[i].method, steps[i].path,
                                                steps[i].headers, steps[i].body, &status);
        if (status != steps[i].status)
            fail_msg("%s %s: %d %s", steps[i].method, steps[i].body, status, reply);
        assert_true(status < 300 || strstr(reply, "\"field\":\"spec.resources[0].x[0]\""));
    }
    sets_rig_release(&r);
}

static void kept_credentials_go_nowhere_else(void **state)
{
#define MERGE "Content-Type: application/merge-patch+json\r\n"
    static const char path[] = "/v1/clusters/foo/cluster1";
    static const struct {
        const char *method, *headers, *body;
        int status;
    } steps[] = {
        { "PATCH", MERGE, "{\"spec\":{\"apiURLOverride\":\"evil:443\"}}", 422 },
        { "PATCH", MERGE, "{\"spec\":{\"apiServerIPOverride\":\"192.0.2.1\"}}", 422 },
        { "PATCH", MERGE, "{\"spec\":{\"caBundle\":\"-\"}}", 422 },
        { "PATCH", "Content-Type: application/json-patch+json\r\n",
          "[{\"op\":\"add\",\"path\":\"/spec/apiURLOverride\",\"value\":\"evil:443\"}]", 422 },
        { "PUT", JSON_TYPE "If-Match: \"2\"\r\n", "{\"spec\":{\"apiURLOverride\":\"evil:443\"}}",
          422 },
        { "PATCH", MERGE,
          "{\"spec\":{\"apiURLOverride\":\"api-int:6443\",\"kubeconfig\":\"foobar\"}}", 200 },
        { "PATCH", MERGE, "{\"spec\":{\"installed\":false}}", 200 },
        { "PATCH", MERGE, "{\"spec\":{\"apiURLOverride\":\"evil:443\"}}", 422 },
        { "PATCH", MERGE, "{\"spec\":{\"apiURLOverride\":null}}", 200 },
    };
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        int status;
        cleanup_free char *reply =
            sets_rig_ask(&r, steps[i].method, path, steps[i].headers, steps[i].body, &status);
        if (status != steps[i].status)
            fail_msg("%s: %d %s", steps[i].body, status, reply);
        assert_true(status == 200 || strstr(reply, "together with spec.kubeconfig"));
    }
    sets_rig_release(&r);
}

static void deletion_is_careful(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    assert_int_equal(ask(&r, "DELETE", "/v1/clusters/foo", "", ""), 400);
    assert_int_equal(ask(&r, "DELETE", "/v1/clusters/foo/cluster1?uid=x", "", ""), 409);
    assert_int_equal(ask(&r, "DELETE", "/v1/clusters/foo?labelSelector=a%3Db", "", ""), 200);
    assert_int_equal(ask(&r, "DELETE", "/v1/clusters/foo/cluster1?cleanup=sync", "", ""), 202);
    assert_int_equal(ask(&r, "DELETE", "/v1/clusters/foo?labelSelector=%21a", "", ""), 200);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/foo/cluster1", "", ""), 404);
    sets_rig_release(&r);
}

static void a_set_is_orphaned_when_asked_to(void **state)
{
    static const char *const queries[] = { "?orphan=false", "?orphan=true" };
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        cleanup_free char *path = xasprintf("/v1/selectorsyncsets/s%s", queries[i]);
        json_free(
            sets_rig_create(&r, TYPE_SELECTORSYNCSETS,
                            "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{}}}"));
        sets_rig_script(&r, "DELETE FROM sync_statuses; DELETE FROM tracked_resources;"
                            "INSERT INTO sync_statuses (cluster_uid, kind, name, syncset_uid, "
                            "observed_generation) SELECT 'c', 'SelectorSyncSet', 's', uid, 1 FROM "
                            "selectorsyncsets;"
                            "INSERT INTO tracked_resources VALUES ('c', 'SelectorSyncSet', 's', '',"
                            " 'ConfigMap', 'v1', 'default', 'one', 'Applied')");
        assert_int_equal(ask(&r, "DELETE", path, "", ""), 200);
        cleanup_sql struct sql *c = NULL;
        int64_t rows;
        assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_READ, &c, NULL), 0);
        assert_int_equal(
            sets_number(&r.ctx, c,
                        "SELECT (SELECT count(*) FROM sync_statuses) + (SELECT count(*) FROM "
                        "tracked_resources)",
                        NULL, 0, &rows, NULL),
            0);
        assert_int_equal(rows, i == 0 ? 2 : 0);
    }
    sets_rig_release(&r);
}

/* More than a page of namespaces that refuse to go, for each holds something. */
static void deleting_a_collection_ends_whatever_refuses(void **state)
{
    static const char fill[] =
        "INSERT INTO namespaces (uid, name, namespace, generation, resource_version, created_at, "
        "labels, data) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
        "510) SELECT 'u' || i, 'n' || i, '', 1, 0, 0, '{}', '{\"spec\":{}}' FROM n;"
        "INSERT INTO secrets (uid, name, namespace, generation, resource_version, created_at, "
        "labels, data) SELECT 's' || name, 's', name, 1, 0, 0, '{}', '{\"spec\":{}}' FROM "
        "namespaces WHERE name <> 'n7'";
    struct sets_rig r;
    int status;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    sets_rig_script(&r, fill);
    cleanup_free char *reply =
        sets_rig_ask(&r, "DELETE", "/v1/namespaces?labelSelector=%21x", "", "", &status);
    assert_int_equal(status, 200);
    assert_non_null(strstr(reply, "\"deleted\":1,\"refused\":509"));
    assert_int_equal(ask(&r, "GET", "/v1/namespaces/n7", "", ""), 404);
    assert_int_equal(ask(&r, "GET", "/v1/namespaces/n8", "", ""), 200);
    sets_rig_release(&r);
}

static void a_key_creates_once(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    static const char headers[] = JSON_TYPE "Idempotency-Key: k\r\n";
    assert_int_equal(ask(&r, "POST", "/v1/clusters", headers, CLUSTER), 201);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", headers, CLUSTER), 201);
    assert_int_equal(
        ask(&r, "POST", "/v1/clusters", headers, "{\"name\":\"b\",\"namespace\":\"foo\"}"), 422);
    sets_rig_release(&r);
}

static void a_key_has_a_length(void **state)
{
    static const struct {
        int len, status;
    } keys[] = { { 0, 400 }, { 256, 400 }, { 5000, 400 }, { 255, 201 } };
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        cleanup_free char *key = xmalloc((size_t)keys[i].len + 1);
        memset(key, 'k', (size_t)keys[i].len);
        key[keys[i].len] = '\0';
        cleanup_free char *headers = xasprintf(JSON_TYPE "Idempotency-Key: %s\r\n", key);
        assert_int_equal(ask(&r, "POST", "/v1/clusters", headers, CLUSTER), keys[i].status);
    }
    sets_rig_release(&r);
}

static void only_controllers_write_clustersyncs(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", "/v1/clustersyncs", JSON_TYPE, CLUSTER), 405);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the seed's request creates a cluster", the_seeds_request_creates_a_cluster),
        CASE("a replacement names its version", a_replacement_names_its_version),
        CASE("patches change what they name", patches_change_what_they_name),
        CASE("patches that double are refused", patches_that_double_are_refused),
        CASE("a body of very many values is refused", a_body_of_very_many_values_is_refused),
        CASE("short numbers stay short", short_numbers_stay_short),
        CASE("kept credentials go nowhere else", kept_credentials_go_nowhere_else),
        CASE("deletion is careful", deletion_is_careful),
        CASE("a set is orphaned when asked to", a_set_is_orphaned_when_asked_to),
        CASE("deleting a collection ends whatever refuses",
             deleting_a_collection_ends_whatever_refuses),
        CASE("a key creates once", a_key_creates_once),
        CASE("a key has a length", a_key_has_a_length),
        CASE("only controllers write clustersyncs", only_controllers_write_clustersyncs),
    };
    return RUN_CASES("write", tests);
}
