#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define PAD 200000

/* A cluster with much in it. */
static void create(struct sets_rig *r, int i)
{
    cleanup_free char *pad = xcalloc(1, PAD + 1);
    memset(pad, 'x', PAD);
    cleanup_free char *body = xasprintf(
        "{'metadata':{'name':'c%02d','namespace':'foo','annotations':{'p':'%s'}},'spec':{}}", i,
        pad);
    json_free(sets_rig_create(r, TYPE_CLUSTERS, body));
}

static void change(struct sets_rig *r, int i)
{
    cleanup_free char *path = xasprintf("/v1/clusters/foo/c%02d", i);
    int status;
    free(sets_rig_ask(r, "PATCH", path, "Content-Type: application/merge-patch+json\r\n",
                      "{\"metadata\":{\"labels\":{\"changed\":\"yes\"}}}", &status));
    assert_int_equal(status, 200);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static struct wire watch(const struct sets_rig *r, const char *request)
{
    struct wire w = wire_connect("127.0.0.1", sets_api_port(r->api));
    wire_send(&w, request);
    return w;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

static void more_than_is_queued_begins_a_watch(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    for (int i = 0; i < 15; i++)
        create(&r, i);
    cleanup_wire struct wire fresh = watch(&r, GET("/v1/clusters?watch=true"));
    cleanup_free char *all = wire_give_until(&fresh, "initial-events-end");
    assert_int_equal(count(all, "\"type\":\"ADDED\""), 15);
    /* And from the log. */
    cleanup_wire struct wire late = watch(
        &r, GET("/v1/clusters?watch=true&resourceVersion=1&fieldSelector=metadata.name%3Dc14"));
    cleanup_free char *one = wire_give_until(&late, "\"type\":\"ADDED\"");
    assert_null(strstr(one, "c13"));
    change(&r, 14);
    free(wire_give_until(&fresh, "\"type\":\"MODIFIED\""));
    free(wire_give_until(&late, "\"type\":\"MODIFIED\""));
    sets_rig_release(&r);
}

/* As many of those that do not read as there are workers: others are served all the same. */
static void readers_that_sleep_hold_nobody_up(void **state)
{
    struct sets_rig r;
    struct wire asleep[20];
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    for (int i = 0; i < 60; i++)
        create(&r, i);
    for (size_t i = 0; i < ARRAY_LEN(asleep); i++)
        asleep[i] = watch(&r, GET("/v1/clusters?watch=true"));
    change(&r, 59);
    cleanup_wire struct wire quick =
        watch(&r, GET("/v1/clusters?watch=true&labelSelector=changed%3Dyes"));
    free(wire_give_until(&quick, "initial-events-end"));
    for (size_t i = 0; i < ARRAY_LEN(asleep); i++)
        wire_close(&asleep[i]);
    sets_rig_release(&r);
}

/* What changes while the state is being sent is told once, be it by the state or by the log. */
static void changes_during_the_state_are_told_once(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    for (int i = 0; i < 90; i++)
        create(&r, i);
    cleanup_wire struct wire w = watch(&r, GET("/v1/clusters?watch=true"));
    free(wire_give_until(&w, "\"name\":\"c00\""));
    change(&r, 0);
    change(&r, 89);
    cleanup_free char *all = wire_give_until(&w, "initial-events-end");
    /* Each version of the object once; the first is not there when the state has the second. */
    size_t n = count(all, "\"name\":\"c89\"");
    assert_int_equal(count(all, "\"changed\":\"yes\""), 2);
    assert_true(n == 1 || (n == 2 && count(all, "\"type\":\"MODIFIED\"") == 2));
    assert_int_equal(count(all, "\"name\":\"c00\""), 1);
    sets_rig_release(&r);
}

/* ---- no room among all watches ---- */

static const int64_t room = (int64_t)2 << 20;

/* A watch that takes so much of the room, as its queue would. */
static void fill(struct sets_api *api, size_t *account, size_t bytes)
{
    assert_true(room_take(api->room, account, 0, bytes));
}

/* Until something had no room. */
static void await_delay(struct sets_rig *r)
{
    while (metric_get(r->api->delayed, METRIC_LABELS(NULL)) == 0)
        assert_int_equal(opctx_sleep_ms(&r->ctx, 10, NULL), 0);
}

static void a_beginning_waits_for_room(void **state)
{
    struct sets_rig r;
    size_t others = 0;
    (void)state;
    sets_rig_init(&r);
    r.watch_bytes = room;
    sets_rig_serve(&r, NULL);
    for (int i = 0; i < 6; i++)
        create(&r, i);
    fill(r.api, &others, (size_t)room);
    cleanup_wire struct wire w = watch(&r, GET("/v1/clusters?watch=true"));
    free(wire_give_until(&w, "\r\n\r\n"));
    await_delay(&r);
    room_settle(r.api->room, &others, 0);
    cleanup_free char *all = wire_give_until(&w, "initial-events-end");
    assert_int_equal(count(all, "\"type\":\"ADDED\""), 6);
    assert_null(strstr(all, "ERROR"));
    sets_rig_release(&r);
}

static void a_beginning_without_room_ends_with_its_patience(void **state)
{
    struct sets_rig r;
    size_t others = 0;
    (void)state;
    sets_rig_init(&r);
    r.watch_bytes = room;
    r.patience_ms = 200;
    sets_rig_serve(&r, NULL);
    create(&r, 0);
    fill(r.api, &others, (size_t)room);
    cleanup_wire struct wire w = watch(&r, GET("/v1/clusters?watch=true"));
    cleanup_free char *all = wire_give_until(&w, "\r\n0\r\n\r\n");
    assert_non_null(strstr(all, "\"code\":429"));
    assert_non_null(strstr(all, "leaves no room"));
    sets_rig_release(&r);
}

/* The hub has no room for an event: its watch reads it from the log, later, and goes on. */
static void a_reader_that_keeps_up_misses_nothing_without_room(void **state)
{
    struct sets_rig r;
    size_t others = 0;
    (void)state;
    sets_rig_init(&r);
    r.watch_bytes = room;
    sets_rig_serve(&r, NULL);
    create(&r, 0);
    cleanup_wire struct wire w = watch(&r, GET("/v1/clusters?watch=true"));
    free(wire_give_until(&w, "initial-events-end"));
    /* All but less than the event, once the hub has seen that the state was taken. */
    while (!room_take(r.api->room, &others, 0, (size_t)room - PAD))
        assert_int_equal(opctx_sleep_ms(&r.ctx, 20, NULL), 0);
    change(&r, 0);
    create(&r, 1);
    await_delay(&r);
    room_settle(r.api->room, &others, 0);
    cleanup_free char *all = wire_give_until(&w, "\"name\":\"c01\"");
    assert_int_equal(count(all, "\"type\":\"MODIFIED\""), 1);
    assert_null(strstr(all, "ERROR"));
    change(&r, 1);
    free(wire_give_until(&w, "\"type\":\"MODIFIED\""));
    sets_rig_release(&r);
}

static void a_stop_ends_who_waits_for_room(void **state)
{
    struct sets_rig r;
    size_t others = 0;
    (void)state;
    sets_rig_init(&r);
    r.watch_bytes = room;
    sets_rig_serve(&r, NULL);
    create(&r, 0);
    cleanup_wire struct wire follows = watch(&r, GET("/v1/clusters?watch=true"));
    free(wire_give_until(&follows, "initial-events-end"));
    while (!room_take(r.api->room, &others, 0, (size_t)room - PAD))
        assert_int_equal(opctx_sleep_ms(&r.ctx, 20, NULL), 0);
    cleanup_wire struct wire begins = watch(&r, GET("/v1/clusters?watch=true"));
    await_delay(&r);
    for (int i = 1; i < 4; i++) {
        change(&r, 0); /* which the hub hands over, maybe as it stops */
        create(&r, i);
    }
    sets_rig_release(&r);
    free(wire_give_rest(&follows)); /* both have an end */
    free(wire_give_rest(&begins));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("more than is queued begins a watch", more_than_is_queued_begins_a_watch),
        CASE("readers that sleep hold nobody up", readers_that_sleep_hold_nobody_up),
        CASE("changes during the state are told once", changes_during_the_state_are_told_once),
        CASE("a beginning waits for room", a_beginning_waits_for_room),
        CASE("a beginning without room ends with its patience",
             a_beginning_without_room_ends_with_its_patience),
        CASE("a reader that keeps up misses nothing without room",
             a_reader_that_keeps_up_misses_nothing_without_room),
        CASE("a stop ends who waits for room", a_stop_ends_who_waits_for_room),
    };
    return RUN_CASES("beginnings", tests);
}
