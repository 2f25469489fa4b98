#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/api/impl.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static const struct field_case {
    const char *name, *path;
    int status;
    const char *has, *lacks; /* of the reply; NULL: whatever */
} cases[] = {
    { "names one", "/v1/clusters?fieldSelector=metadata.name%3Da", 200, "\"name\":\"a\"",
      "\"name\":\"b\"" },
    { "takes two equals signs", "/v1/clusters?fieldSelector=metadata.name==a", 200,
      "\"name\":\"a\"", "\"name\":\"b\"" },
    { "names a namespace", "/v1/clusters?fieldSelector=metadata.namespace%3Dn", 200,
      "\"name\":\"b\"", NULL },
    { "contradicts the path", "/v1/clusters/n?fieldSelector=metadata.namespace%3Dm", 200,
      "\"items\":[]", NULL },
    { "finds no failure", "/v1/clustersyncs?fieldSelector=status.failed%3Dtrue", 200,
      "\"items\":[]", NULL },
    { "names a field twice", "/v1/clusters?fieldSelector=metadata.name%3Da,metadata.name%3Db", 400,
      "twice", NULL },
    { "names another field", "/v1/clusters?fieldSelector=spec.x%3Da", 400, "spec.x", NULL },
    { "has no sign", "/v1/clusters?fieldSelector=metadata.name", 400, "field=value", NULL },
    { "excludes", "/v1/clusters?fieldSelector=metadata.name!%3Da", 400, "field=value", NULL },
    { "is no UTF-8", "/v1/clusters?fieldSelector=metadata.name%3D%FF", 400, "UTF-8", NULL },
    { "fails of clusters", "/v1/clusters?fieldSelector=status.failed%3Dtrue", 400, NULL, NULL },
    { "is refused of a watch, too", "/v1/clusters?watch=1&fieldSelector=spec.x%3Da", 400, "spec.x",
      NULL },
    { "watches no failures", "/v1/clustersyncs?watch=1&fieldSelector=status.failed%3Dtrue", 400,
      "not watched", NULL },
    { "watches one", "/v1/clusters?watch=1&fieldSelector=metadata.name%3Da", 200, "\"name\":\"a\"",
      "\"name\":\"b\"" },
    { "watches nothing", "/v1/clusters/n?watch=1&fieldSelector=metadata.namespace%3Dm", 200,
      "initial-events-end", "ADDED" },
};

/* A watch has no end: up to where its state has one. */
static char *give_beginning(struct sets_rig *r, const char *path, int *ret_status)
{
    cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r->api));
    cleanup_free char *request = xasprintf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    wire_send(&w, request);
    *ret_status = 200; /* else there is no such end */
    return wire_give_until(&w, "initial-events-end");
}

static void check_cases(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'name':'a','namespace':'n'}"));
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'name':'b','namespace':'n'}"));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct field_case *c = &cases[i];
        int status;
        bool watches = c->status == 200 && strstr(c->path, "watch=1");
        cleanup_free char *reply = watches ? give_beginning(&r, c->path, &status)
                                           : sets_rig_ask(&r, "GET", c->path, "", "", &status);
        if (status != c->status || (c->has && !strstr(reply, c->has)) ||
            (c->lacks && strstr(reply, c->lacks)))
            fail_msg("%s: %d %s", c->name, status, reply);
    }
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a field selector limits lists and watches, or is refused", check_cases),
    };
    return RUN_CASES("field_selector", tests);
}
