#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

/* Each case is a handler; what a client sees of it is compared. */
struct call_case {
    const char *name;
    http_handler handle;
    const char *want; /* the reply without Date */
    bool custom_errors;
};

#define HANDLER(fn) \
    static int fn(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
#define UNUSED_ARGS \
    do { \
        (void)c; \
        (void)ctx; \
        (void)arg; \
        (void)err; \
    } while (0)
#define JUST_TEXT(status, length, text) \
    "HTTP/1.1 " status "\r\nContent-Type: text/plain; charset=utf-8\r\n" \
    "X-Content-Type-Options: nosniff\r\nContent-Length: " length "\r\n\r\n" text

HANDLER(do_nothing)
{
    UNUSED_ARGS;
    return 0;
}

HANDLER(reply_created)
{
    UNUSED_ARGS;
    http_call_add_header(c, "Set-Cookie", "a=1");
    http_call_add_header(c, "Set-Cookie", "b=2");
    http_call_set_header(c, "Location", "/1");
    http_call_set_header(c, "Location", "/2");
    http_call_reply(c, 201, "application/json", "{}");
    return 0;
}

HANDLER(split_headers)
{
    UNUSED_ARGS;
    http_call_set_header(c, "X-Echo", "a\r\nSet-Cookie: evil=1");
    return 0;
}

HANDLER(lie_about_framing)
{
    UNUSED_ARGS;
    http_call_set_header(c, "Content-Length", "77");
    http_call_set_header(c, "Transfer-Encoding", "chunked");
    http_call_reply(c, 200, NULL, "four");
    return 0;
}

HANDLER(fail_not_found)
{
    UNUSED_ARGS;
    http_call_reply(c, 200, "application/json", "half a reply");
    http_call_set_header(c, "ETag", "1");
    return error_set(err, ERR_NOT_FOUND, "cluster 'a' was not found");
}

HANDLER(fail_internally)
{
    UNUSED_ARGS;
    return error_set(err, ERR_INTERNAL, "the password is swordfish");
}

HANDLER(fail_throttled)
{
    UNUSED_ARGS;
    error_set(err, ERR_THROTTLED, "slowly");
    error_retry_after(err, 1500);
    return -1;
}

static void free_count(void *state)
{
    gate_count(state);
}

static int on_error(struct http_call *c, const struct error *e, void *arg)
{
    (void)arg;
    if (error_is(e, ERR_THROTTLED))
        return -1; /* the server's own words will do */
    cleanup_free char *json = xasprintf("{\"error\":\"%s\"}", error_text(e));
    http_call_reply(c, error_get_status(e), "application/json", json);
    return 0;
}

static struct call_case cases[] = {
    { "answers 200 and nothing when the handler says nothing", do_nothing,
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false },
    { "sends status, headers and body", reply_created,
      "HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nLocation: /2\r\n"
      "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
      false },
    { "keeps line ends out of header values", split_headers,
      "HTTP/1.1 200 OK\r\nX-Echo: a  Set-Cookie: evil=1\r\nContent-Length: 0\r\n\r\n", false },
    { "keeps framing to itself", lie_about_framing,
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour", false },
    { "turns an error into a line and forgets the half reply", fail_not_found,
      JUST_TEXT("404 Not Found", "26", "cluster 'a' was not found\n"), false },
    { "keeps the text of internal errors to itself", fail_internally,
      JUST_TEXT("500 Internal Server Error", "22", "Internal Server Error\n"), false },
    { "passes Retry-After on, rounded up", fail_throttled,
      "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
      "Content-Length: 7\r\n\r\nslowly\n",
      false },
    { "lets on_error write the reply", fail_not_found,
      "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 37\r\n\r\n"
      "{\"error\":\"cluster 'a' was not found\"}",
      true },
    { "falls back when on_error declines", fail_throttled,
      "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
      "Content-Length: 7\r\n\r\nslowly\n",
      true },
};

static void check_call(void **state)
{
    const struct call_case *c = *state;
    const struct http_route routes[] = { { "GET", "/inline", c->handle, true },
                                         { "GET", "/pool", c->handle, false } };
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cfg.on_error = c->custom_errors ? on_error : NULL;
    cleanup_server struct http_server *s = fixture_start(&cfg);

    cleanup_free char *inline_reply = fixture_give_answer(s, "/inline");
    cleanup_free char *pool_reply = fixture_give_answer(s, "/pool");

    assert_string_equal(inline_reply, c->want);
    assert_string_equal(pool_reply, c->want);
}

static void custom_errors_cover_unknown_paths(void **state)
{
    (void)state;
    const struct http_route routes[] = { { "GET", "/a", do_nothing, true } };
    struct http_server_config cfg = fixture_config(routes, 1, NULL);
    cfg.on_error = on_error;
    cleanup_server struct http_server *s = fixture_start(&cfg);

    cleanup_free char *reply = fixture_give_answer(s, "/b");

    assert_true(str_ends(reply, "\r\n\r\n{\"error\":\"no such path\"}"));
}

/* What is refused before it is a request looks like all other errors, and is recorded like them. */
static void custom_errors_cover_what_is_no_request(void **state)
{
    static const struct {
        const char *request, *want;
    } none[] = {
        { "GET / HTTP/1.1\r\n\r\n", "{\"error\":\"no Host\"}" },
        { "nonsense\r\n\r\n", "{\"error\":\"malformed request line\"}" },
        { "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
          "{\"error\":\"request body too large\"}" },
    };
    (void)state;
    const struct http_route routes[] = { { "GET", "/a", do_nothing, true } };
    struct http_server_config cfg = fixture_config(routes, 1, NULL);
    cfg.on_error = on_error;
    cleanup_server struct http_server *s = fixture_start(&cfg);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        cleanup_wire struct wire w = wire_connect("127.0.0.1", http_server_port(s));

        cleanup_free char *reply = wire_give_answer(&w, none[i].request);

        assert_non_null(strstr(reply, "Content-Type: application/json\r\nConnection: close\r\n"));
        assert_true(str_ends(reply, none[i].want));
        assert_true(wire_is_closed(&w));
    }
}

static void logs_internal_errors(void **state)
{
    (void)state;
    const struct http_route routes[] = { { "GET", "/a", fail_internally, true } };
    struct http_server_config cfg = fixture_config(routes, 1, NULL);
    struct log_capture capture;
    log_capture_init(&capture, clock_system());
    struct log log = log_root(&capture.base);
    cfg.log = &log;
    struct http_server *s = fixture_start(&cfg);

    free(fixture_give_answer(s, "/a"));
    http_server_stop(s, FIXTURE_GRACE_MS);

    assert_true(log_capture_has(&capture, "swordfish"));
    log_capture_release(&capture);
}

struct record {
    struct fake_clock clock;
    int status;
    int64_t duration_ns;
    struct gate freed;
};

HANDLER(take_a_while)
{
    UNUSED_ARGS;
    struct record *r = arg;
    http_call_set_state(c, &r->freed, free_count);
    fake_clock_advance_ms(&r->clock, 1234);
    http_call_set_status(c, 202);
    return 0;
}

static void on_done(struct http_call *c, int64_t duration_ns, void *arg)
{
    struct record *r = arg;
    r->status = http_call_get_status(c);
    r->duration_ns = duration_ns;
    assert_string_equal(http_call_path(c), "/a");
}

static void records_status_and_duration(void **state)
{
    (void)state;
    const struct http_route routes[] = { { "GET", "/a", take_a_while, false } };
    struct record r = { .status = 0 };
    fake_clock_init(&r.clock);
    gate_init(&r.freed);
    struct http_server_config cfg = fixture_config(routes, 1, &r);
    cfg.on_done = on_done;
    cfg.clock = &r.clock.base;
    struct http_server *s = fixture_start(&cfg);
    cleanup_wire struct wire w = fixture_dial(s);

    wire_send(&w, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    cleanup_free char *reply = wire_give_reply(&w);
    http_server_stop(s, FIXTURE_GRACE_MS);

    assert_int_equal(r.status, 202);
    assert_int_equal(r.duration_ns, 1234 * NS_PER_MS);
    assert_int_equal(r.freed.arrived, 1);
    assert_non_null(strstr(reply, "\r\nDate: Sat, 03 Feb 2024 04:05:07 GMT\r\n"));
    gate_release(&r.freed);
    fake_clock_release(&r.clock);
}

HANDLER(show_call)
{
    UNUSED_ARGS;
    size_t cert_len = 7;
    bool peer_is_local = str_starts(http_call_peer_address(c), "127.0.0.1:");
    const void *cert = http_call_client_cert(c, &cert_len);
    buf_addf(http_call_out(c), "%s %s %s [%s] %d %zu %s", http_call_method(c), http_call_path(c),
             http_call_query(c) ? http_call_query(c) : "-", http_call_header(c, "x-a"),
             peer_is_local, cert ? 1 : cert_len, http_call_param(c, "none") ? "some" : "none");
    return 0;
}

static void shows_the_request(void **state)
{
    (void)state;
    const struct http_route routes[] = { { NULL, NULL, show_call, false } };
    struct http_server_config cfg = fixture_config(routes, 1, NULL);
    cleanup_server struct http_server *s = fixture_start(&cfg);
    cleanup_wire struct wire w = fixture_dial(s);

    cleanup_free char *reply =
        wire_give_answer(&w, "POST /a? HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nX-A: 2\r\n\r\n");

    assert_string_equal(strstr(reply, "\r\n\r\n") + 4, "POST /a  [1] 1 0 none");
}

static const struct CMUnitTest more[] = {
    CASE("gives on_error the server's own refusals too", custom_errors_cover_unknown_paths),
    CASE("gives on_error what is no request too", custom_errors_cover_what_is_no_request),
    CASE("logs what it hides from the client", logs_internal_errors),
    CASE("records status and duration, then frees the call's state", records_status_and_duration),
    CASE("shows handlers the request", shows_the_request),
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(more)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_call, &cases[i]);
    memcpy(tests + ARRAY_LEN(cases), more, sizeof(more));
    return RUN_CASES("server calls", tests);
}
