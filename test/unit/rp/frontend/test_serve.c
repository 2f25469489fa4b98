#include <poll.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static struct gate gate;

static int work(struct request *req, struct error **err)
{
    (void)err;
    gate_pass(&gate);
    reply_status(req, 204);
    return 0;
}
static int live(struct request *req, struct error **err)
{
    (void)err;
    reply_status(req, 204);
    return 0;
}
static const struct route routes[] = { { "GET", "/work", 0, work, NULL },
                                       { "GET", "/healthz", ROUTE_OPEN, live, NULL } };

static void uses_the_settings(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    fake_env_set(&r.env, "ARO_RP_IDLE_TIMEOUT_MS", "1234");
    front_serve(&r, routes, 1);

    struct http_server_config cfg = listener_config(&r.listener);

    assert_int_equal(cfg.header_timeout_ms, 10000);
    assert_int_equal(cfg.idle_timeout_ms, 1234);
    assert_int_equal(cfg.max_body_bytes, 1 << 20);
    assert_string_equal(cfg.bind_address, "127.0.0.1");
    front_release(&r);
}

/* One works, one waits; whoever else comes is told so, in the same shape as all errors. */
static void refuses_what_it_cannot_queue(void **state)
{
    (void)state;
    gate_init(&gate);
    struct front r;
    front_init(&r);
    r.cfg.workers = 1;
    r.cfg.queue_max = 1;
    front_serve(&r, routes, 1);
    struct wire working = wire_connect("127.0.0.1", http_server_port(r.server));
    wire_send(&working, "GET /work HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&gate, 1);
    struct wire waiting[2];
    struct pollfd fds[2];
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++) {
        waiting[i] = wire_connect("127.0.0.1", http_server_port(r.server));
        wire_send(&waiting[i], "GET /work HTTP/1.1\r\nHost: a\r\n\r\n");
        fds[i] = (struct pollfd){ .fd = waiting[i].fd, .events = POLLIN };
    }

    assert_int_equal(poll(fds, 2, WIRE_TIMEOUT_MS), 1);
    cleanup_free char *reply = wire_give_reply(&waiting[fds[1].revents ? 1 : 0]);

    cleanup_free char *error = front_error_of(reply);
    assert_string_equal(error, "503 ServerBusy: The server is busy.");
    assert_non_null(strstr(reply, "\r\nRetry-After: 1\r\n"));
    gate_open(&gate);
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
        wire_close(&waiting[i]);
    wire_close(&working);
    front_release(&r);
    gate_release(&gate);
}

static void refuses_what_is_no_request(void **state)
{
    static const struct {
        const char *request, *want;
    } none[] = {
        { "GET / HTTP/1.1\r\n\r\n", "400 BadRequest: no Host" },
        { "PUT / HTTP/1.1\r\nHost: a\r\nExpect: more\r\nContent-Length: 1\r\n\r\n",
          "417 ExpectationFailed: unknown Expect" },
        { "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "501 NotImplemented: unknown method" },
    };
    struct front r;
    (void)state;
    front_init(&r);
    front_serve(&r, routes, 1);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        cleanup_wire struct wire w = wire_connect("127.0.0.1", http_server_port(r.server));

        cleanup_free char *reply = wire_give_answer(&w, none[i].request);

        cleanup_free char *error = front_error_of(reply);
        assert_string_equal(error, none[i].want);
    }
    front_release(&r);
}

static void lives_while_all_workers_wait(void **state)
{
    (void)state;
    gate_init(&gate);
    struct front r;
    front_init(&r);
    r.cfg.workers = 1;
    front_serve(&r, routes, ARRAY_LEN(routes));
    struct wire working = wire_connect("127.0.0.1", http_server_port(r.server));
    wire_send(&working, "GET /work HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&gate, 1);

    cleanup_free char *answer = front_give_answer(&r, "GET", "/healthz", NULL);

    assert_string_equal(answer, "204 ");
    gate_open(&gate);
    wire_close(&working);
    front_release(&r);
    gate_release(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("uses the settings", uses_the_settings),
        CASE("lives while all workers wait", lives_while_all_workers_wait),
        CASE("refuses what it cannot queue, as an error like others", refuses_what_it_cannot_queue),
        CASE("refuses what is no request, as an error like others", refuses_what_is_no_request),
    };
    return RUN_CASES("serving", tests);
}
