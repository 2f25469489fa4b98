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

#define GET "GET /v1/clusters?watch=true HTTP/1.1\r\nHost: x\r\n\r\n"
#define WATCHES 20
#define CHANGES 30

/* Each of many watches sees each change once, in order, whenever it began. */
static void every_watch_sees_every_change_once(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    struct wire watches[WATCHES];
    for (int i = 0; i < WATCHES; i++) {
        watches[i] = wire_connect("127.0.0.1", sets_api_port(r.api));
        wire_send(&watches[i], GET);
        cleanup_free char *body = xasprintf("{\"name\":\"c%02d\",\"namespace\":\"foo\"}", i);
        assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, body), 201);
    }
    for (int i = WATCHES; i < CHANGES; i++) {
        cleanup_free char *body = xasprintf("{\"name\":\"c%02d\",\"namespace\":\"foo\"}", i);
        assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, body), 201);
    }
    assert_int_equal(
        ask(&r, "POST", "/v1/clusters", JSON_TYPE, "{\"name\":\"last\",\"namespace\":\"foo\"}"),
        201);
    for (int i = 0; i < WATCHES; i++) {
        cleanup_free char *all = wire_give_until(&watches[i], "\"name\":\"last\"");
        const char *before = all;
        for (int k = 0; k < CHANGES; k++) {
            cleanup_free char *name = xasprintf("\"name\":\"c%02d\"", k);
            const char *first = strstr(all, name);
            assert_non_null(first);
            assert_null(strstr(first + 1, name));
            assert_true(first > before);
            before = first;
        }
        wire_close(&watches[i]);
    }
    sets_rig_release(&r);
}

/* Another process compacted the log beyond what this one had read. */
static void compaction_beyond_the_hub_ends_watches(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r.api));
    wire_send(&w, GET);
    free(wire_give_until(&w, "initial-events-end"));
    sets_rig_script(&r, "UPDATE revision SET last = last + 5 WHERE type = '';"
                        "UPDATE cursors SET revision = 3 WHERE name = 'floor'");
    cleanup_free char *end = wire_give_until(&w, "0\r\n\r\n");
    assert_non_null(strstr(end, "\"code\":410"));
    /* Who comes afterwards is served. */
    cleanup_wire struct wire again = wire_connect("127.0.0.1", sets_api_port(r.api));
    wire_send(&again, GET);
    free(wire_give_until(&again, "initial-events-end"));
    assert_int_equal(
        ask(&r, "POST", "/v1/clusters", JSON_TYPE, "{\"name\":\"a\",\"namespace\":\"foo\"}"), 201);
    free(wire_give_until(&again, "\"name\":\"a\""));
    sets_rig_release(&r);
}

static void watches_are_limited(void **state)
{
    struct sets_rig r;
    struct error *err = NULL;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    int n = 0;
    while (sets_hub_admit(r.api->hub, "anonymous", &err) == 0)
        n++;
    assert_int_equal(n, ROOM_WATCHES);
    assert_true(error_is(err, ERR_THROTTLED));
    error_free(err);
    assert_int_equal(ask(&r, "GET", "/v1/clusters?watch=true", "", ""), 429);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every watch sees every change once", every_watch_sees_every_change_once),
        CASE("compaction beyond the hub ends watches", compaction_beyond_the_hub_ends_watches),
        CASE("watches are limited", watches_are_limited),
    };
    return RUN_CASES("hub", tests);
}
