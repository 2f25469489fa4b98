#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/api/impl.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static const struct query_case {
    const char *method, *path;
    int status;
    const char *has; /* of the reply; NULL: whatever */
} cases[] = {
    { "GET", "/v1/clusters?labelselector=a", 400,
      "'labelselector' is not known here: there are "
      "labelSelector, fieldSelector, limit" },
    { "GET", "/v1/clusters?limt=5", 400, "'limt'" },
    { "HEAD", "/v1/clusters?limt=5", 400, NULL },
    { "GET", "/v1/clusters?labelSelector=a&labelSelector=b", 400, "labelSelector more than once" },
    { "GET", "/v1/clusters?labelSelector=%zz", 400, "'labelSelector' is malformed" },
    { "GET", "/v1/clusters/n/a?watch=true", 400, "'watch'" },
    { "GET", "/v1/clusters/n/a?If-None-Match=x", 400, "'If-None-Match'" },
    { "GET", "/v1/selectorsyncsets?labelselector=a", 400, "'labelselector'" },
    { "DELETE", "/v1/clusters/n?labelSelector=x%3Dy&fieldSelector=metadata.name%3Da", 400,
      "'fieldSelector'" },
    { "DELETE", "/v1/clusters/n?labelSelector=%21x&limit=1", 400, "'limit'" },
    { "DELETE", "/v1/namespaces?labelSelector=%21x&labelselector=y", 400, "'labelselector'" },
    { "DELETE", "/v1/clusters/n/a?resourceVersion=1", 400, "'resourceVersion'" },
    { "DELETE", "/v1/clusters/n/a?dryRun=All", 400, "dryRun=All: nothing can be tried" },
    { "DELETE", "/v1/clusters/n/a?propagationPolicy=Orphan", 400, "say orphan=true" },
    { "POST", "/v1/clusters/n/a:pause?force=true", 400, "'force'" },
    { "GET", "/v1/clusters?resourceVersionMatch=Exact&resourceVersion=1", 400, "but not listed" },
    { "GET", "/v1/clusters?resourceVersion=abc", 400, "resourceVersion: 'abc' is no number" },
    { "GET", "/v1/clusters/n?resourceVersion=-1", 400, "resourceVersion: '-1' is no number" },
    { "GET", "/v1/clusters?resourceVersion=99999999999999999999", 400, "is no number from 0 to" },
    { "GET", "/v1/clusters/n/a?resourceVersion=1.5", 400, "resourceVersion: '1.5' is no number" },
    { "GET", "/v1/clusters?resourceVersion=9223372036854775807", 504, "is in the future" },
    { "GET", "/v1/clusters?resourceVersion=", 200, "\"name\":\"a\"" },
    { "PATCH", "/v1/clusters?x=1", 405, NULL }, /* which matters more */
    { "GET", "/v1/clusters/n/a?x=1&y=%41", 400, "'x'" },

    { "GET", "/v1/clusters/n/a?resourceVersion=0&pretty=true&timeout=5s", 200, "\"name\":\"a\"" },
    { "GET", "/v1/clusters?&limit=500&resourceVersion=0&resourceVersionMatch=NotOlderThan&", 200,
      "\"name\":\"a\"" },
    { "GET", "/v1/clusters/n?%6cimit=1&timeoutSeconds=9&allowWatchBookmarks=true", 200,
      "\"name\":\"a\"" },
    { "POST", "/v1/clusters/n/a:pause?fieldManager=kubectl&fieldValidation=Strict&dryRun=", 200,
      NULL },
    { "DELETE", "/v1/clusters/n/a?propagationPolicy=Background&gracePeriodSeconds=0", 200, NULL },
};

static void check_cases(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'name':'a','namespace':'n'}"));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct query_case *c = &cases[i];
        int status;
        cleanup_free char *reply = sets_rig_ask(&r, c->method, c->path, "", "", &status);
        if (status != c->status || (c->has && !strstr(reply, c->has)))
            fail_msg("%s %s: %d %s", c->method, c->path, status, reply);
    }
    sets_rig_release(&r);
}

/* What a watch is sent until then; after it has begun, a cluster is created. */
static char *give_watched(struct sets_rig *r, const char *query, const char *cluster,
                          const char *until)
{
    cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r->api));
    cleanup_free char *request =
        xasprintf("GET /v1/clusters?watch=true&%s HTTP/1.1\r\nHost: x\r\n\r\n", query);
    wire_send(&w, request);
    free(wire_give_until(&w, "\r\n\r\n"));
    json_free(sets_rig_create(r, TYPE_CLUSTERS, cluster));
    return wire_give_until(&w, until);
}

/* As clients that list by watching ask for it, and those that want only what is to come. */
static void watches_begin_as_they_say(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'name':'old','namespace':'n'}"));

    cleanup_free char *whole = give_watched(
        &r, "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=2&limit=500",
        "{'name':'new','namespace':'n'}", "initial-events-end");
    assert_non_null(strstr(whole, "\"name\":\"old\""));

    cleanup_free char *later = give_watched(
        &r, "sendInitialEvents=false", "{'name':'newest','namespace':'n'}", "\"name\":\"newest\"");
    assert_null(strstr(later, "\"name\":\"old\""));
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what a query has and nobody would read is refused", check_cases),
        CASE("watches begin as they say", watches_begin_as_they_say),
    };
    return RUN_CASES("query", tests);
}
