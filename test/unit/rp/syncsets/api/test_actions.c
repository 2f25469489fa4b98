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

static void actions_pause_and_mark(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    cleanup_free char *paused =
        sets_rig_ask(&r, "POST", "/v1/clusters/foo/cluster1:pause", "", "", NULL);
    cleanup_free char *resumed =
        sets_rig_ask(&r, "POST", "/v1/clusters/foo/cluster1:resume", "", "", NULL);
    assert_non_null(strstr(paused, "\"hive.openshift.io/syncset-pause\":\"true\""));
    assert_null(strstr(resumed, "syncset-pause"));
    assert_int_equal(ask(&r, "POST", "/v1/clusters/foo/cluster1:resync", "", ""), 202);
    assert_int_equal(ask(&r, "POST", "/v1/clusters/foo/cluster1:requeue", "", ""), 202);
    assert_int_equal(ask(&r, "GET", "/v1/clusters/foo/cluster1:resync", "", ""), 405);
    assert_int_equal(ask(&r, "POST", "/v1/clusters/foo/cluster1:dance", "", ""), 404);
    assert_int_equal(ask(&r, "POST", "/v1/clusters/foo/x:resync", "", ""), 404);
    sets_rig_release(&r);
}

static void a_rollout_is_resumed(void **state)
{
    static const char path[] = "/v1/selectorsyncsets/s:resume";
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", path, "", ""), 404);
    assert_int_equal(ask(&r, "POST", "/v1/selectorsyncsets", JSON_TYPE,
                         "{\"metadata\":{\"name\":\"s\"},\"spec\":{"
                         "\"clusterDeploymentSelector\":{}}}"),
                     201);
    assert_int_equal(ask(&r, "POST", path, "", ""), 422); /* it has none */
    assert_int_equal(ask(&r, "PATCH", "/v1/selectorsyncsets/s",
                         "Content-Type: application/merge-patch+json\r\n",
                         "{\"spec\":{\"rollout\":{\"maxConcurrentClusters\":1}}}"),
                     200);
    int status;
    cleanup_free char *reply = sets_rig_ask(&r, "POST", path, "", "", &status);
    assert_int_equal(status, 200);
    assert_non_null(strstr(reply, "\"kind\":\"SelectorSyncSet\""));
    assert_int_equal(ask(&r, "POST", "/v1/selectorsyncsets/s:pause", "", ""), 404);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("actions pause and mark", actions_pause_and_mark),
        CASE("a roll-out is resumed", a_rollout_is_resumed),
    };
    return RUN_CASES("actions", tests);
}
