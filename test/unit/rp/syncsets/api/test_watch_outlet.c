#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/net/ws_client.h"
#include "rp/syncsets/api/impl.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"
#include "test/unit/support/test.h"

struct rig {
    struct sets_rig sets;
    struct fake_env env;
    struct http_client *client;
    struct http_peer *peer;
};
static void rig_open(struct rig *r)
{
    sets_rig_init(&r->sets);
    sets_rig_serve(&r->sets, NULL);
    fake_env_init(&r->env);
    const struct http_client_config cfg = { .clock = clock_system(), .env = &r->env.base };
    const struct http_peer_config peer = { 0 };
    assert_int_equal(http_client_new(&cfg, &r->client, NULL), 0);
    assert_int_equal(http_peer_new(r->client, &peer, &r->peer, NULL), 0);
}
static void rig_close(struct rig *r)
{
    http_peer_unref(r->peer);
    http_client_free(r->client);
    fake_env_release(&r->env);
    sets_rig_release(&r->sets);
}

static int watch(struct rig *r, const char *query, struct ws_conn **ret, struct error **err)
{
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u/v1/clusters?watch=true%s",
                                       sets_api_port(r->sets.api), query);
    const struct ws_conn_config cfg = { .url = url };
    const struct opctx ctx = opctx_with_timeout_ms(&r->sets.ctx, 20000);
    return ws_conn_open(r->peer, &ctx, &cfg, ret, err);
}

/* The next event; NULL: it ended regularly. Owned. */
static json *next(struct rig *r, struct ws_conn *w)
{
    const struct opctx ctx = opctx_with_timeout_ms(&r->sets.ctx, 20000);
    const char *data = NULL;
    bool binary;
    size_t len;
    json *event = NULL;
    int status = ws_conn_read(w, &ctx, &binary, &data, &len, NULL);
    if (status == 0)
        return NULL;
    assert_int_equal(status, 1);
    assert_false(binary);
    assert_true(len > 0 && data[len - 1] == '}'); /* a message needs no line end */
    assert_int_equal(json_parse(data, len, &event, NULL), 0);
    return event;
}

static void is_next(struct rig *r, struct ws_conn *w, const char *type, const char *name)
{
    cleanup_json json *event = next(r, w);
    const char *got = json_path_str(event, "object.metadata.name");
    assert_string_equal(json_path_str(event, "type"), type);
    if (name)
        assert_string_equal(got, name);
}

static void each_event_is_a_message(void **state)
{
    (void)state;
    struct rig r;
    struct ws_conn *w = NULL;
    rig_open(&r);
    json_free(sets_rig_create(&r.sets, TYPE_CLUSTERS, "{'metadata':{'name':'x','namespace':'a'}}"));

    assert_int_equal(watch(&r, "", &w, NULL), 0);

    is_next(&r, w, "ADDED", "x");
    is_next(&r, w, "BOOKMARK", NULL);
    free(sets_rig_ask(&r.sets, "POST", "/v1/clusters", "Content-Type: application/json\r\n",
                      "{\"name\":\"y\",\"namespace\":\"a\"}", NULL));
    is_next(&r, w, "ADDED", "y");
    ws_conn_close(w);
    rig_close(&r);
}

static void it_ends_in_time(void **state)
{
    (void)state;
    struct rig r;
    struct ws_conn *w = NULL;
    rig_open(&r);

    assert_int_equal(watch(&r, "&timeoutSeconds=1", &w, NULL), 0);

    for (json *event; (event = next(&r, w));) /* where a second is long enough for it to begin */
        json_free(event);
    ws_conn_close(w);
    rig_close(&r);
}

static void what_is_too_old_is_told_and_ends(void **state)
{
    (void)state;
    struct rig r;
    struct ws_conn *w = NULL;
    rig_open(&r);
    json_free(sets_rig_create(&r.sets, TYPE_CLUSTERS, "{'metadata':{'name':'x','namespace':'a'}}"));
    assert_int_equal(sets_cursor_set(&r.sets.ctx, r.sets.store, "relay", 2, NULL), 0);
    assert_int_equal(sets_cursor_set(&r.sets.ctx, r.sets.store, "matcher", 2, NULL), 0);
    assert_int_equal(sets_compact(&r.sets.ctx, r.sets.store, -10, NULL), 0);

    assert_int_equal(watch(&r, "&resourceVersion=1", &w, NULL), 0);

    cleanup_json json *event = next(&r, w);
    assert_string_equal(json_path_str(event, "type"), "ERROR");
    assert_int_equal(json_path_int(event, "object.code", 0), 410);
    assert_null(next(&r, w));
    ws_conn_close(w);
    rig_close(&r);
}

static void a_refusal_comes_before_the_handshake(void **state)
{
    (void)state;
    struct rig r;
    struct ws_conn *w = NULL;
    cleanup_error struct error *err = NULL;
    rig_open(&r);

    assert_int_equal(watch(&r, "&labelSelector=%3D", &w, &err), -1);

    assert_int_equal(error_get_status(err), 400);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("each event is a message", each_event_is_a_message),
        CASE("it ends in time", it_ends_in_time),
        CASE("what is too old is told, and ends", what_is_too_old_is_told_and_ends),
        CASE("a refusal comes before the handshake", a_refusal_comes_before_the_handshake),
    };
    return RUN_CASES("watch_outlet", tests);
}
