#include <string.h>

#include "pkg/base/mem.h"
#include "test/harness/faultproxy/tunnel.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

#define LARGE 400000

static int say(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)err;
    http_call_reply(c, 200, NULL, arg);
    return 0;
}

static int say_much(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    cleanup_free char *text = xmalloc(LARGE);
    memset(text, 'x', LARGE);
    buf_add(http_call_out(c), text, LARGE);
    return 0;
}

static const struct http_route routes[] = {
    { "GET", "/large", say_much, false },
    { NULL, NULL, say, false },
};

struct fixture {
    struct http_server *upstream, *http;
    struct tunnel *tunnel;
};

static int set_up(void **state)
{
    static struct fixture f;
    static char of_upstream[] = "upstream", of_http[] = "upper half";
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), of_upstream);
    f.upstream = fixture_start(&cfg);
    cfg.arg = of_http;
    f.http = fixture_start(&cfg);
    struct tunnel_config tunnel = { .upstream_ip = "127.0.0.1",
                                    .upstream_port = http_server_port(f.upstream),
                                    .http_port = http_server_port(f.http) };
    assert_int_equal(tunnel_start(&tunnel, &f.tunnel, NULL), 0);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tunnel_stop(f->tunnel);
    http_server_stop(f->upstream, FIXTURE_GRACE_MS);
    http_server_stop(f->http, FIXTURE_GRACE_MS);
    return 0;
}

static struct wire dial(const struct fixture *f)
{
    return wire_connect("127.0.0.1", tunnel_port(f->tunnel));
}

static void set_mode(struct fixture *f, struct tunnel_mode mode)
{
    assert_int_equal(tunnel_set(f->tunnel, &mode, NULL), 0);
}

static void ask(struct wire *w, const char *want)
{
    cleanup_free char *answer = wire_give_answer(w, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    if (!strstr(answer, want))
        fail_msg("no '%s' in '%s'", want, answer);
}

static void check_passes(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire a = dial(f), b = dial(f);

    ask(&a, "upstream");
    ask(&b, "upstream");
    ask(&a, "upstream");

    struct tunnel_stats stats = tunnel_stats(f->tunnel);
    assert_int_equal(stats.accepted, 2);
    assert_int_equal(stats.open, 2);
    assert_int_equal(stats.reset, 0);
    assert_true(stats.to_server_bytes > 0 && stats.to_client_bytes > 0);
}

static void check_large(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);

    wire_send(&w, "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    cleanup_free char *rest = wire_give_rest(&w);

    assert_true(strlen(rest) > LARGE);
}

static void check_refuses(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);
    ask(&w, "upstream");

    set_mode(f, (struct tunnel_mode){ .refuse = true, .reset_after = -1 });

    assert_true(wire_is_closed(&w));
    assert_int_equal(tunnel_stats(f->tunnel).open, 0);
    set_mode(f, (struct tunnel_mode)TUNNEL_PASS);
    cleanup_wire struct wire later = dial(f); /* on the same port */
    ask(&later, "upstream");
}

static void check_reset_after(void **state)
{
    struct fixture *f = *state;
    set_mode(f, (struct tunnel_mode){ .reset_after = 1000 });
    cleanup_wire struct wire w = dial(f);

    wire_send(&w, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    cleanup_free char *rest = wire_give_rest(&w);

    assert_true(strlen(rest) <= 1000);
    assert_int_equal(tunnel_stats(f->tunnel).reset, 1);
    assert_int_equal(tunnel_stats(f->tunnel).to_client_bytes, 1000);
}

static void check_silent(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);
    ask(&w, "upstream");
    set_mode(f, (struct tunnel_mode){ .silent = true, .reset_after = -1 });
    uint64_t before = tunnel_stats(f->tunnel).to_server_bytes;
    cleanup_wire struct wire later = dial(f); /* the kernel greets, nobody else */

    wire_send(&w, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    set_mode(f,
             (struct tunnel_mode){ .silent = true, .reset_after = -1 }); /* it turned once more */
    assert_int_equal(tunnel_stats(f->tunnel).to_server_bytes, before);
    assert_int_equal(tunnel_stats(f->tunnel).accepted, 1);

    set_mode(f, (struct tunnel_mode)TUNNEL_PASS); /* what was said meanwhile is heard now */
    cleanup_free char *answer = wire_give_reply(&w);
    assert_non_null(strstr(answer, "upstream"));
    ask(&later, "upstream");
}

static void check_cut(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire a = dial(f), b = dial(f);
    ask(&a, "upstream");
    ask(&b, "upstream");

    tunnel_cut(f->tunnel);

    assert_true(wire_is_closed(&a));
    assert_true(wire_is_closed(&b));
    assert_int_equal(tunnel_stats(f->tunnel).reset, 2);
    cleanup_wire struct wire later = dial(f);
    ask(&later, "upstream");
}

static void check_upper_half(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);
    ask(&w, "upstream");

    set_mode(f, (struct tunnel_mode){ .http = true, .reset_after = -1 });

    assert_true(wire_is_closed(&w));
    cleanup_wire struct wire later = dial(f);
    ask(&later, "upper half");
    assert_true(tunnel_get(f->tunnel).http);
}

static void check_no_upper_half(void **state)
{
    (void)state;
    struct tunnel *t = NULL;
    struct tunnel_config cfg = { .upstream_ip = "127.0.0.1", .upstream_port = 1 };
    struct tunnel_mode mode = { .http = true, .reset_after = -1 };
    assert_int_equal(tunnel_start(&cfg, &t, NULL), 0);

    assert_int_equal(tunnel_set(t, &mode, NULL), -1);

    cleanup_wire struct wire w = wire_connect("127.0.0.1", tunnel_port(t)); /* nobody is upstream */
    assert_true(wire_is_closed(&w));
    tunnel_stop(t);
    cfg.upstream_ip = "api.example.test";
    assert_int_equal(tunnel_start(&cfg, &t, NULL), -1);
}

#define IN_TUNNEL(sentence, fn) \
    { \
        .name = (sentence), fn, set_up, tear_down \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TUNNEL("bytes pass both ways, on each connection its own", check_passes),
        IN_TUNNEL("more bytes than the buffer holds pass, and the end, too", check_large),
        IN_TUNNEL("refusing cuts what is there and listens no more, until told otherwise",
                  check_refuses),
        IN_TUNNEL("a connection is reset at byte n", check_reset_after),
        IN_TUNNEL("a silent tunnel keeps connections and passes nothing", check_silent),
        IN_TUNNEL("a cut resets every connection", check_cut),
        IN_TUNNEL("connections go to the upper half when told", check_upper_half),
        CASE("without an upper half there is no way to it; a name is no address",
             check_no_upper_half),
    };
    return RUN_CASES("tunnel", tests);
}
