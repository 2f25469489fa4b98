#include <string.h>
#include <sys/socket.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/test.h"

/* What a client sends and gets, on one connection. Handlers run in the pool unless the path says
 * "inline"; both must behave alike. */

struct fixture {
    struct http_server *server;
    struct gate gate;
};

/* Tells what it was asked, so that a test sees what the server understood. */
static int echo(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    size_t body_len;
    const char *body = http_call_body(c, &body_len);
    struct buf *out = http_call_out(c);

    buf_addf(out, "%s %s", http_call_method(c), http_call_path(c));
    if (http_call_query(c))
        buf_addf(out, "?%s", http_call_query(c));
    const struct http_headers *h = http_call_headers(c);
    for (size_t i = 0; i < h->len; i++)
        if (str_starts(h->v[i].name, "X"))
            buf_addf(out, " %s=%s", h->v[i].name, h->v[i].value);
    buf_addf(out, " [%.40s] %zu", body, body_len);
    return 0;
}

static int empty(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    http_call_set_status(c, 204);
    return 0;
}

static int wait_at_gate(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)err;
    struct fixture *f = arg;
    gate_pass(&f->gate);
    http_call_reply(c, 200, "text/plain", "waited");
    return 0;
}

static const struct http_route routes[] = {
    { .pattern = "/empty", .handle = empty },
    { .pattern = "/wait", .handle = wait_at_gate },
    { .pattern = "/inline/*", .handle = echo, .inline_ = true },
    { .handle = echo },
};

static struct http_server_config config(struct fixture *f)
{
    return (struct http_server_config){
        .name = "read",
        .bind_address = "127.0.0.1",
        .routes = routes,
        .routes_len = ARRAY_LEN(routes),
        .arg = f,
        .workers = 2,
        .max_header_bytes = 20000,
        .max_body_bytes = 100000,
        .clock = clock_system(),
        .rng = rng_system(),
    };
}

static void start(struct fixture *f, const struct http_server_config *cfg)
{
    struct error *e = NULL;
    if (http_server_start(cfg, &f->server, &e) < 0)
        fail_msg("%s", error_text(e));
}

static int set_up(void **state)
{
    static struct fixture f;
    gate_init(&f.gate);
    struct http_server_config cfg = config(&f);
    start(&f, &cfg);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    gate_open(&f->gate);
    http_server_stop(f->server, 10000);
    gate_release(&f->gate);
    return 0;
}

static struct wire dial(const struct fixture *f)
{
    return wire_connect("127.0.0.1", http_server_port(f->server));
}

/* ---- one request, one reply, as a table ---- */

struct exchange {
    const char *name, *request, *want; /* want: the reply without Date */
    bool closes;
};

#define OK(length) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n\r\n"
#define REFUSED(status, length, text) \
    "HTTP/1.1 " status "\r\nContent-Type: text/plain; charset=utf-8\r\n" \
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\nContent-Length: " length \
    "\r\n\r\n" text "\n"

static struct exchange exchanges[] = {
    { "gives handlers the raw path and query",
      "GET /A%2Fb/x%20y/../q//z?a=%2F1&b=+ HTTP/1.1\r\nHost: a\r\n\r\n",
      OK("40") "GET /A%2Fb/x%20y/../q//z?a=%2F1&b=+ [] 0", false },
    { "gives handlers duplicate headers in order",
      "GET / HTTP/1.1\r\nHost: a\r\nXA: 1\r\nXB: 2\r\nXA: 3\r\n\r\n",
      OK("25") "GET / XA=1 XB=2 XA=3 [] 0", false },
    { "takes a chunked body with an extension",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;n=v\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
      OK("22") "PUT / [hello world] 11", false },
    { "takes a body by length inline",
      "PATCH /inline/x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
      OK("22") "PATCH /inline/x [hi] 2", false },
    { "answers 204 without a body or its length", "GET /empty HTTP/1.1\r\nHost: a\r\n\r\n",
      "HTTP/1.1 204 No Content\r\n\r\n", false },
    { "closes on demand", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nGET / [] 0", true },
    { "answers HTTP/1.0 and closes", "GET / HTTP/1.0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nGET / [] 0", true },
    { "refuses Content-Length beside Transfer-Encoding",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n",
      REFUSED("400 Bad Request", "18", "malformed request"), true },
    { "refuses differing lengths",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      REFUSED("400 Bad Request", "18", "malformed request"), true },
    { "refuses a bare line feed", "GET / HTTP/1.1\nHost: a\n\n",
      REFUSED("400 Bad Request", "44", "control byte or bare line end in the header"), true },
    { "refuses a missing Host", "GET / HTTP/1.1\r\n\r\n",
      REFUSED("400 Bad Request", "8", "no Host"), true },
    { "refuses a folded header", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
      REFUSED("400 Bad Request", "19", "folded header line"), true },
    { "refuses an unknown Expect",
      "PUT / HTTP/1.1\r\nHost: a\r\nExpect: more\r\nContent-Length: 1\r\n\r\nx",
      REFUSED("417 Expectation Failed", "15", "unknown Expect"), true },
    { "refuses a body above the limit by its length",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\nxxxxxx",
      REFUSED("413 Payload Too Large", "23", "request body too large"), true },
    { "asks for no body that is too large",
      "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n",
      REFUSED("413 Payload Too Large", "23", "request body too large"), true },
};

static void check_exchange(void **state)
{
    const struct exchange *x = *state;
    struct fixture f;
    void *raw;
    set_up(&raw);
    f = *(struct fixture *)raw;
    cleanup_wire struct wire w = dial(&f);

    cleanup_free char *reply = wire_give_answer(&w, x->request);
    assert_string_equal(reply, x->want);
    if (x->closes) {
        assert_true(wire_is_closed(&w));
    } else { /* the connection is still good */
        cleanup_free char *again = wire_give_answer(&w, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_string_equal(again, OK("11") "GET /2 [] 0");
    }
    tear_down(&raw);
}

/* ---- the rest ---- */

static void answers_pipelined_requests_in_order(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);
    const char *const want[] = { "GET /inline/1 [] 0", "GET /2 [] 0", "PUT /3 [abc] 3",
                                 "PUT /inline/4 [d] 1", "GET /5 [] 0" };

    wire_send(&w, "GET /inline/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
                  "PUT /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                  "PUT /inline/4 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "1\r\nd\r\n0\r\n\r\nGET /5 HTTP/1.1\r\nHost: a\r\n\r\n");
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        cleanup_free char *reply = wire_give_reply(&w);
        assert_string_equal(strstr(reply, "\r\n\r\n") + 4, want[i]);
    }
}

static void answers_requests_that_came_during_a_handler(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);

    wire_send(&w, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f->gate, 1);
    wire_send(&w, "PUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
    gate_open(&f->gate);
    cleanup_free char *first = wire_give_reply(&w);
    wire_send(&w, "cd");
    cleanup_free char *second = wire_give_reply(&w);

    assert_true(str_ends(first, "\r\n\r\nwaited"));
    assert_true(str_ends(second, "\r\n\r\nPUT /2 [abcd] 4"));
}

static void sends_continue_before_the_body(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);

    wire_send(&w, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                  "Content-Length: 3\r\n\r\n");
    cleanup_free char *line = wire_give_until(&w, "\r\n\r\n");
    assert_string_equal(line, "HTTP/1.1 100 Continue\r\n\r\n");
    cleanup_free char *reply = wire_give_answer(&w, "abc");

    assert_string_equal(reply, OK("13") "PUT / [abc] 3");
}

static void sends_no_continue_when_the_body_is_there(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);

    cleanup_free char *reply =
        wire_give_answer(&w, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                             "Content-Length: 3\r\n\r\nabc");

    assert_string_equal(reply, OK("13") "PUT / [abc] 3");
}

static void answers_head_like_get_without_the_body(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);

    wire_send(&w, "HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n");
    cleanup_free char *head = wire_give_until(&w, "\r\n\r\n");
    cleanup_free char *next = wire_give_answer(&w, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");

    assert_non_null(strstr(head, "\r\nContent-Length: 12\r\n"));
    assert_string_equal(next, OK("11") "GET /2 [] 0");
}

static char *give_large_request(const char *format, int zeros)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    cleanup_free char *filler = xasprintf("%0*d", zeros, 0);
    buf_adds(&b, format);
    buf_adds(&b, filler);
    return buf_give(&b);
}

static void refuses_an_oversize_header(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);
    cleanup_free char *request = give_large_request("GET / HTTP/1.1\r\nHost: a\r\nX: ", 100 * 1024);

    cleanup_free char *reply = wire_give_answer(&w, request);

    assert_true(str_starts(reply, "HTTP/1.1 431 Request Header Fields Too Large\r\n"));
    assert_true(wire_is_closed(&w));
}

static void refuses_an_oversize_target(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);
    cleanup_free char *request = give_large_request("GET /", 17 * 1024);

    cleanup_free char *reply = wire_give_answer(&w, request);

    assert_true(str_starts(reply, "HTTP/1.1 414 URI Too Long\r\n"));
}

static void refuses_an_oversize_chunked_body(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);
    cleanup_free char *request = give_large_request(
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n", 200000);

    cleanup_free char *reply = wire_give_answer(&w, request);

    assert_true(str_starts(reply, "HTTP/1.1 413 Payload Too Large\r\n"));
    assert_true(wire_is_closed(&w));
}

static int tell_cut(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    http_call_reply(c, 400, "text/plain", http_call_body_is_cut(c) ? "cut" : "whole");
    return 0;
}

static void gives_a_large_body_to_the_handler_as_cut(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n",
    };
    static const struct http_route all[] = { { NULL, NULL, tell_cut, false } };
    struct http_server_config cfg = fixture_config(all, 1, NULL);
    cfg.give_cut_bodies = true;
    cfg.max_body_bytes = 100000;
    cleanup_server struct http_server *s = fixture_start(&cfg);

    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        cleanup_wire struct wire w = fixture_dial(s);
        cleanup_free char *request = give_large_request(heads[i], 300000);
        cleanup_free char *reply = wire_give_answer(&w, request);
        assert_true(str_starts(reply, "HTTP/1.1 400 Bad Request\r\n"));
        assert_true(str_ends(reply, "\r\n\r\ncut"));
        assert_true(wire_is_closed(&w));
    }
}

static void takes_a_body_of_the_limit(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);
    cleanup_free char *request =
        give_large_request("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", 100000);

    cleanup_free char *reply = wire_give_answer(&w, request);

    assert_true(str_ends(reply, "] 100000"));
}

static void answers_a_client_that_half_closed(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = dial(f);

    wire_send(&w, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f->gate, 1);
    wire_half_close(&w);
    gate_open(&f->gate);
    cleanup_free char *reply = wire_give_rest(&w);

    assert_true(str_ends(reply, "\r\n\r\nwaited"));
}

static void survives_clients_that_vanish_during_a_handler(void **state)
{
    struct fixture *f = *state;
    struct wire clients[50];

    for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
        clients[i] = dial(f);
        wire_send(&clients[i], "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    gate_await(&f->gate, 2); /* the rest waits in the queue */
    for (size_t i = 0; i < ARRAY_LEN(clients); i++)
        wire_close(&clients[i]);
    gate_open(&f->gate);
    cleanup_wire struct wire w = dial(f);
    cleanup_free char *reply = wire_give_answer(&w, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");

    assert_string_equal(reply, OK("11") "GET /2 [] 0");
}

/* ---- deadlines: configured short, so that passing them is what is waited for ---- */

struct deadline_case {
    const char *name, *request;
    int64_t header_ms, body_ms, idle_ms;
    const char *want; /* begins with; "" = closed without a word */
};
#define LONG_MS 3600000
static struct deadline_case deadlines[] = {
    { "ends a header that does not end", "GET / HTTP/1.1\r\nHo", 50, LONG_MS, LONG_MS,
      "HTTP/1.1 408 Request Timeout\r\n" },
    { "ends a body that does not end", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na",
      LONG_MS, 50, LONG_MS, "HTTP/1.1 408 Request Timeout\r\n" },
    { "closes a connection that never asks", "", 50, LONG_MS, LONG_MS, "" },
    { "closes an idle connection after a reply", "GET /inline/ HTTP/1.1\r\nHost: a\r\n\r\n",
      LONG_MS, LONG_MS, 50, "HTTP/1.1 200 OK\r\n" },
};

static void check_deadline(void **state)
{
    const struct deadline_case *c = *state;
    struct fixture f;
    gate_init(&f.gate);
    struct http_server_config cfg = config(&f);
    cfg.header_timeout_ms = c->header_ms;
    cfg.body_timeout_ms = c->body_ms;
    cfg.idle_timeout_ms = c->idle_ms;
    start(&f, &cfg);
    void *raw = &f;
    cleanup_wire struct wire w = dial(&f);

    wire_send(&w, c->request);
    cleanup_free char *all = wire_give_rest(&w);

    assert_true(str_starts(all, c->want));
    assert_int_equal(*all == '\0', *c->want == '\0');
    tear_down(&raw);
}

static void header_deadline_is_a_total(void **state)
{
    (void)state;
    struct fixture f;
    gate_init(&f.gate);
    struct http_server_config cfg = config(&f);
    cfg.header_timeout_ms = 200;
    start(&f, &cfg);
    void *raw = &f;
    cleanup_wire struct wire w = dial(&f);

    /* A byte whenever the server is known to have time for it: if each one moved the deadline, this
     * would never end. */
    wire_send(&w, "GET / HTTP/1.1\r\nX: ");
    struct wire probe = dial(&f);
    char byte;
    while (recv(w.fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0) {
        wire_send(&w, "x");
        free(wire_give_answer(&probe, "GET /inline/ HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    wire_close(&probe);
    cleanup_free char *reply = wire_give_until(&w, "\r\n");

    assert_string_equal(reply, "HTTP/1.1 408 Request Timeout\r\n");
    tear_down(&raw);
}

#define WITH_SERVER(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = set_up, .teardown_func = tear_down \
    }
static const struct CMUnitTest more[] = {
    WITH_SERVER("answers pipelined requests in order", answers_pipelined_requests_in_order),
    WITH_SERVER("answers requests that came during a handler",
                answers_requests_that_came_during_a_handler),
    WITH_SERVER("sends 100 Continue before the body", sends_continue_before_the_body),
    WITH_SERVER("sends no 100 Continue when the body is there",
                sends_no_continue_when_the_body_is_there),
    WITH_SERVER("answers HEAD like GET without the body", answers_head_like_get_without_the_body),
    WITH_SERVER("refuses an oversize header with 431", refuses_an_oversize_header),
    WITH_SERVER("refuses an oversize target with 414", refuses_an_oversize_target),
    WITH_SERVER("refuses an oversize chunked body with 413", refuses_an_oversize_chunked_body),
    CASE("gives a large body to the handler as cut", gives_a_large_body_to_the_handler_as_cut),
    WITH_SERVER("takes a body of just the limit", takes_a_body_of_the_limit),
    WITH_SERVER("answers a client that half-closed", answers_a_client_that_half_closed),
    WITH_SERVER("survives clients that vanish during a handler",
                survives_clients_that_vanish_during_a_handler),
    CASE("counts the header deadline from its first byte", header_deadline_is_a_total),
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(exchanges) + ARRAY_LEN(deadlines) + ARRAY_LEN(more)];
    struct CMUnitTest *t = tests;
    for (size_t i = 0; i < ARRAY_LEN(exchanges); i++)
        *t++ = (struct CMUnitTest)CASE_OF(exchanges[i].name, check_exchange, &exchanges[i]);
    for (size_t i = 0; i < ARRAY_LEN(deadlines); i++)
        *t++ = (struct CMUnitTest)CASE_OF(deadlines[i].name, check_deadline, &deadlines[i]);
    memcpy(t, more, sizeof(more));
    return RUN_CASES("server reading", tests);
}
