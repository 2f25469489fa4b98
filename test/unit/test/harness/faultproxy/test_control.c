#include <string.h>

#include "pkg/base/mem.h"
#include "test/harness/faultproxy/control.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/test.h"

struct fixture {
    struct scripted_transport upstream;
    struct rules *rules;
    struct forward *forward;
    struct tunnel *tunnel;
    struct control *control;
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){ .rules = rules_new() };
    scripted_transport_init(&f.upstream, NULL, 0);
    struct forward_config forward = { .upstream = "http://up.test",
                                      .transport = &f.upstream.base,
                                      .rules = f.rules,
                                      .clock = clock_system(),
                                      .rng = rng_system() };
    assert_int_equal(forward_start(&forward, &f.forward, NULL), 0);
    struct tunnel_config tunnel = { .upstream_ip = "127.0.0.1",
                                    .upstream_port = forward_port(f.forward),
                                    .http_port = forward_port(f.forward) };
    assert_int_equal(tunnel_start(&tunnel, &f.tunnel, NULL), 0);
    struct control_config control = { .tunnel = f.tunnel,
                                      .forward = f.forward,
                                      .rules = f.rules,
                                      .clock = clock_system(),
                                      .rng = rng_system() };
    assert_int_equal(control_start(&control, &f.control, NULL), 0);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    control_stop(f->control);
    tunnel_stop(f->tunnel);
    forward_stop(f->forward);
    scripted_transport_release(&f->upstream);
    rules_free(f->rules);
    return 0;
}

/* Owned by the caller. */
static char *give_answer(const struct fixture *f, const char *method, const char *path,
                         const char *body)
{
    cleanup_wire struct wire w = wire_connect("127.0.0.1", control_port(f->control));
    cleanup_free char *request =
        xasprintf("%s %s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s", method, path,
                  strlen(body), body);
    return wire_give_answer(&w, request);
}

static void assert_answers(const struct fixture *f, const char *method, const char *path,
                           const char *body, const char *want)
{
    cleanup_free char *answer = give_answer(f, method, path, body);
    if (!strstr(answer, want))
        fail_msg("%s %s: no '%s' in '%s'", method, path, want, answer);
}

static void check_rules(void **state)
{
    struct fixture *f = *state;

    assert_answers(f, "GET", "/rules", "", "\r\n\r\n[]");
    assert_answers(f, "PUT", "/rules", "[{\"status\":418,\"times\":2}]", "200");
    assert_answers(f, "PUT", "/rules", "{}", "HTTP/1.1 400");
    assert_answers(f, "PUT", "/rules", "[", "HTTP/1.1 400");

    cleanup_wire struct wire w = wire_connect("127.0.0.1", tunnel_port(f->tunnel));
    cleanup_free char *answer = wire_give_answer(&w, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_non_null(strstr(answer, "418"));
    assert_answers(f, "GET", "/rules", "", "\"times\":1");
    assert_answers(f, "GET", "/requests", "", "\"path\":\"/x\"");
}

static void check_mode(void **state)
{
    struct fixture *f = *state;

    assert_answers(f, "PUT", "/wire", "{\"http\":true,\"reset_after\":5}",
                   "{\"http\":true,\"silent\":false,\"refuse\":false,\"reset_after\":5}");
    assert_answers(f, "PUT", "/wire", "{\"silent\":true}",
                   "{\"http\":false,\"silent\":true,\"refuse\":false,\"reset_after\":-1}");
    assert_answers(f, "GET", "/wire", "", "\"silent\":true");
    assert_answers(f, "PUT", "/wire", "[]", "HTTP/1.1 400");
    assert_answers(f, "PUT", "/wire", "{}", "\"silent\":false");
}

static void check_cut(void **state)
{
    struct fixture *f = *state;
    assert_answers(f, "PUT", "/rules", "[{\"status\":204}]", "200");
    cleanup_wire struct wire w = wire_connect("127.0.0.1", tunnel_port(f->tunnel));
    cleanup_free char *answer = wire_give_answer(&w, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_non_null(strstr(answer, "204"));

    assert_answers(f, "GET", "/stats", "", "\"open\":1");
    assert_answers(f, "POST", "/cut", "", "200");

    assert_true(wire_is_closed(&w));
    assert_answers(f, "GET", "/stats", "", "\"reset\":1");
}

static void check_unknown(void **state)
{
    struct fixture *f = *state;

    assert_answers(f, "GET", "/nothing", "", "HTTP/1.1 404");
    assert_answers(f, "DELETE", "/rules", "", "HTTP/1.1 405");
}

#define OVER_HTTP(sentence, fn) \
    { \
        .name = (sentence), fn, set_up, tear_down \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        OVER_HTTP("rules are set, met and shown", check_rules),
        OVER_HTTP("the wire's mode is set as a whole", check_mode),
        OVER_HTTP("connections are counted and cut", check_cut),
        OVER_HTTP("what is not there is refused", check_unknown),
    };
    return RUN_CASES("control", tests);
}
