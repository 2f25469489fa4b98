#include <string.h>
#include <sys/socket.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

/* The way out: large replies, slow readers, many connections. */

#define LARGE ((size_t)8 << 20)

static int large(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    cleanup_free char *block = xcalloc(1, LARGE);
    memset(block, 'l', LARGE);
    buf_add(http_call_out(c), block, LARGE);
    return 0;
}

static int small(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    buf_adds(http_call_out(c), http_call_path(c));
    return 0;
}

static const struct http_route routes[] = {
    { "GET", "/large", large, false },
    { "GET", "/inline/*", small, true },
    { "GET", NULL, small, false },
};

static void serves_others_beside_a_slow_reader(void **state)
{
    (void)state;
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cleanup_server struct http_server *s = fixture_start(&cfg);
    cleanup_wire struct wire slow = fixture_dial(s);
    wire_send(&slow, "GET /large HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    free(wire_give_until(&slow, "\r\n\r\n")); /* and reads no further */

    cleanup_free char *other = fixture_give_answer(s, "/other");
    cleanup_free char *rest = wire_give_bytes(&slow, LARGE);
    cleanup_free char *next = wire_give_reply(&slow);

    assert_true(str_ends(other, "\r\n\r\n/other"));
    assert_int_equal(strspn(rest, "l"), LARGE);
    assert_true(str_ends(next, "\r\n\r\n/next"));
}

static void cuts_a_reader_that_stands_still(void **state)
{
    (void)state;
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cfg.body_timeout_ms = 100; /* also the longest standstill of a reply */
    cfg.max_connections = 1;
    cleanup_server struct http_server *s = fixture_start(&cfg);
    struct wire still = fixture_dial(s);
    wire_send(&still, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    free(wire_give_until(&still, "\r\n\r\n"));

    /* Only when the first connection is gone is there room for another. */
    cleanup_free char *other = fixture_give_answer(s, "/other");

    assert_true(str_ends(other, "\r\n\r\n/other"));
    cleanup_free char *rest = wire_give_rest(&still);
    assert_true(strlen(rest) < LARGE);
    wire_close(&still);
}

static void keeps_many_connections_apart(void **state)
{
    (void)state;
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cleanup_server struct http_server *s = fixture_start(&cfg);
    struct wire clients[100];
    char path[32];

    for (size_t i = 0; i < ARRAY_LEN(clients); i++)
        clients[i] = fixture_dial(s);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
            cleanup_free char *request =
                xasprintf("GET %s/%zu HTTP/1.1\r\nHost: a\r\n\r\n", i % 2 ? "/inline" : "", i);
            wire_send(&clients[i], request);
        }
        for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
            cleanup_free char *reply = wire_give_reply(&clients[i]);
            snprintf(path, sizeof(path), "\r\n\r\n%s/%zu", i % 2 ? "/inline" : "", i);
            assert_true(str_ends(reply, path));
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(clients); i++)
        wire_close(&clients[i]);
}

static void gives_a_reused_slot_no_foreign_reply(void **state)
{
    (void)state;
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cfg.max_connections = 1;
    cleanup_server struct http_server *s = fixture_start(&cfg);

    for (int i = 0; i < 50; i++) {
        struct wire gone = fixture_dial(s);
        wire_send(&gone, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
        wire_close(&gone);
        cleanup_wire struct wire w = fixture_dial(s);
        cleanup_free char *reply = wire_give_answer(&w, "GET /mine HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true(str_ends(reply, "\r\n\r\n/mine"));
    }
}

static void says_goodbye_after_the_last_reply(void **state)
{
    (void)state;
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cleanup_server struct http_server *s = fixture_start(&cfg);
    cleanup_wire struct wire w = fixture_dial(s);

    wire_send(&w, "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    cleanup_free char *all = wire_give_rest(&w);

    assert_int_equal(strlen(strstr(all, "\r\n\r\n") + 4), LARGE);
}

static void reply_survives_what_came_behind_the_last_request(void **state)
{
    (void)state;
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cleanup_server struct http_server *s = fixture_start(&cfg);
    cleanup_wire struct wire w = fixture_dial(s);
    cleanup_free char *ignored = xasprintf("%0300000d", 0);

    wire_send(&w, "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    wire_send(&w, ignored);
    cleanup_free char *all = wire_give_rest(&w);

    assert_int_equal(strlen(strstr(all, "\r\n\r\n") + 4), LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("serves others beside a slow reader, then the next request",
             serves_others_beside_a_slow_reader),
        CASE("cuts a reader that stands still", cuts_a_reader_that_stands_still),
        CASE("keeps many connections apart", keeps_many_connections_apart),
        CASE("gives a reused slot no foreign reply", gives_a_reused_slot_no_foreign_reply),
        CASE("sends a whole reply before it closes", says_goodbye_after_the_last_reply),
        CASE("sends a whole reply although more came behind the last request",
             reply_survives_what_came_behind_the_last_request),
    };
    return RUN_CASES("server connections", tests);
}
