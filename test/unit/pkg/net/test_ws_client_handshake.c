#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/ws_client.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/pkg/net/ws_script.h"
#include "test/unit/support/test.h"

static const char *const two[] = { "v5.channel.k8s.io", "v4.channel.k8s.io", NULL };

struct outcome {
    struct net_fixture f;
    struct http_peer *peer;
    struct tls_server *server;
    struct ws_conn *ws;
    struct error *err;
    int status;
};

static void open_ws(struct outcome *o, server_script script, void *arg,
                    const struct http_headers *headers, const char *const *protocols)
{
    *o = (struct outcome){ 0 };
    net_setup(&o->f);
    o->server = net_serve(&o->f, true, script, arg);
    o->peer = net_peer(&o->f, NULL);
    cleanup_free char *url = tls_server_give_url(o->server, "127.0.0.1", "/a%2Fb?x=y&z");
    const struct ws_conn_config cfg = { .url = url, .headers = headers, .subprotocols = protocols };
    o->status = ws_conn_open(o->peer, &o->f.ctx, &cfg, &o->ws, &o->err);
}

static void close_ws(struct outcome *o)
{
    ws_conn_close(o->ws);
    error_free(o->err);
    http_peer_unref(o->peer);
    tls_server_stop(o->server);
    net_teardown(&o->f);
}

/* ---- the request ---- */

static bool note_request(struct server_call *c)
{
    struct buf *b = c->arg;
    buf_addf(b, "%s %s\n", c->req->method, c->req->target);
    for (size_t i = 0; i < c->req->headers.len; i++) {
        const struct http_header *h = &c->req->headers.v[i];
        if (strcmp(h->name, "Host") != 0 && strcmp(h->name, "Sec-WebSocket-Key") != 0)
            buf_addf(b, "%s: %s\n", h->name, h->value);
    }
    const char *key = http_headers_get(&c->req->headers, "Sec-WebSocket-Key");
    buf_addf(b, "key of %zu\n", key ? strlen(key) : 0);
    ws_script_accept(c, two[1]);
    call_stall(c);
    return false;
}

static void test_request_asks_for_an_upgrade(void **state)
{
    (void)state;
    struct buf seen = BUF_INIT(BUF_UNBOUNDED);
    struct http_headers headers = { 0 };
    http_headers_add(&headers, "Authorization", "Bearer t");
    struct outcome o;

    open_ws(&o, note_request, &seen, &headers, two);

    assert_int_equal(o.status, 0);
    assert_string_equal(ws_conn_subprotocol(o.ws), "v4.channel.k8s.io");
    assert_string_equal(buf_str(&seen), "GET /a%2Fb?x=y&z\n"
                                        "Upgrade: websocket\n"
                                        "Connection: Upgrade\n"
                                        "Sec-WebSocket-Version: 13\n"
                                        "Sec-WebSocket-Protocol: v5.channel.k8s.io, "
                                        "v4.channel.k8s.io\n"
                                        "Authorization: Bearer t\n"
                                        "key of 24\n");
    close_ws(&o);
    http_headers_release(&headers);
    buf_release(&seen);
}

static void test_header_with_a_line_end_is_refused(void **state)
{
    (void)state;
    struct buf seen = BUF_INIT(BUF_UNBOUNDED);
    struct http_headers headers = { 0 };
    http_headers_add(&headers, "A", "b\r\nC: d");
    struct outcome o;

    open_ws(&o, note_request, &seen, &headers, NULL);

    assert_int_equal(o.status, -1);
    assert_int_equal(error_kind(o.err), ERR_INVALID);
    assert_int_equal(seen.len, 0);
    close_ws(&o);
    http_headers_release(&headers);
    buf_release(&seen);
}

/* ---- refusals ---- */

struct refusal_case {
    const char *sentence, *wire;
    bool cut; /* the connection ends behind it */
    int status;
    enum err_kind kind;
    const char *body;
};
static struct refusal_case refusal_cases[] = {
    { "a refusal carries status and body",
      "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: "
      "17\r\n\r\n{\"kind\":\"Status\"}",
      false, 403, ERR_FORBIDDEN, "{\"kind\":\"Status\"}" },
    { "a chunked refusal is put together",
      "HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
      false, 400, ERR_INVALID, "abcde" },
    { "a refusal without length ends with the connection", "HTTP/1.1 503 No\r\n\r\nlater", true,
      503, ERR_UNAVAILABLE, "later" },
    { "a refusal that breaks off keeps what came",
      "HTTP/1.1 404 No\r\nContent-Length: 99\r\n\r\nnot h", true, 404, ERR_NOT_FOUND, "not h" },
    { "an ordinary reply is no upgrade", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false,
      200, ERR_INTERNAL, "ok" },
};

static bool say_refusal(struct server_call *c)
{
    const struct refusal_case *r = c->arg;
    call_writes(c, r->wire);
    if (r->cut)
        return call_cut(c);
    call_stall(c);
    return false;
}

static void check_refusal(void **state)
{
    struct refusal_case *c = *state;
    struct outcome o;

    open_ws(&o, say_refusal, c, NULL, two);

    assert_int_equal(o.status, -1);
    assert_int_equal(error_kind(o.err), c->kind);
    assert_int_equal(error_get_status(o.err), c->status);
    assert_string_equal(error_get_body(o.err), c->body);
    close_ws(&o);
}

/* ---- wrong answers ---- */

static bool say_text(struct server_call *c)
{
    call_writes(c, c->arg);
    call_stall(c);
    return false;
}

static bool choose_protocol(struct server_call *c)
{
    ws_script_accept(c, c->arg);
    call_stall(c);
    return false;
}

static void check_wrong(void **state)
{
    struct outcome o;

    open_ws(&o, say_text, *state, NULL, NULL);

    assert_int_equal(o.status, -1);
    assert_int_equal(error_kind(o.err), ERR_INTERNAL);
    close_ws(&o);
}

static void test_no_common_subprotocol_is_unsupported(void **state)
{
    (void)state;
    struct outcome o;

    open_ws(&o, choose_protocol, NULL, NULL, two);

    assert_int_equal(o.status, -1);
    assert_int_equal(error_kind(o.err), ERR_UNSUPPORTED);
    close_ws(&o);
}

static void test_foreign_subprotocol_is_an_error(void **state)
{
    (void)state;
    struct outcome o;

    open_ws(&o, choose_protocol, (void *)(uintptr_t) "v9", NULL, two);

    assert_int_equal(o.status, -1);
    assert_int_equal(error_kind(o.err), ERR_INTERNAL);
    close_ws(&o);
}

static void test_nothing_offered_and_nothing_chosen_is_fine(void **state)
{
    (void)state;
    struct outcome o;

    open_ws(&o, choose_protocol, NULL, NULL, NULL);

    assert_int_equal(o.status, 0);
    assert_string_equal(ws_conn_subprotocol(o.ws), "");
    close_ws(&o);
}

static bool say_head_for_ever(struct server_call *c)
{
    char line[1024];
    memset(line, 'x', sizeof(line));
    memcpy(line, "X: ", 3);
    memcpy(line + sizeof(line) - 2, "\r\n", 2);
    call_writes(c, "HTTP/1.1 101 Yes\r\n");
    for (int i = 0; i < 100; i++)
        call_write(c, line, sizeof(line));
    call_stall(c);
    return false;
}

static void test_endless_head_is_too_large(void **state)
{
    (void)state;
    struct outcome o;

    open_ws(&o, say_head_for_ever, NULL, NULL, NULL);

    assert_int_equal(o.status, -1);
    assert_int_equal(error_kind(o.err), ERR_TOO_LARGE);
    close_ws(&o);
}

int main(void)
{
    static const struct {
        const char *sentence, *wire;
    } wrong[] = {
        { "an answer to another key is refused",
          "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
          "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n" },
        { "an answer without the accept header is refused",
          "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" },
        { "an answer that is no HTTP is refused", "SSH-2.0-x\r\n\r\n" },
        { "an answer with a broken header is refused", "HTTP/1.1 101 Yes\r\nnonsense\r\n\r\n" },
    };
    enum { FIXED = 6, REFUSAL = ARRAY_LEN(refusal_cases), WRONG = ARRAY_LEN(wrong) };
    struct CMUnitTest tests[FIXED + REFUSAL + WRONG] = {
        CASE("the request asks for an upgrade", test_request_asks_for_an_upgrade),
        CASE("a header with a line end is refused before anything is sent",
             test_header_with_a_line_end_is_refused),
        CASE("no common subprotocol is unsupported", test_no_common_subprotocol_is_unsupported),
        CASE("a subprotocol that was not offered is an error",
             test_foreign_subprotocol_is_an_error),
        CASE("nothing offered and nothing chosen is fine",
             test_nothing_offered_and_nothing_chosen_is_fine),
        CASE("an endless head is too large", test_endless_head_is_too_large),
    };
    struct CMUnitTest *t = tests + FIXED;
    for (size_t i = 0; i < REFUSAL; i++)
        *t++ =
            (struct CMUnitTest)CASE_OF(refusal_cases[i].sentence, check_refusal, &refusal_cases[i]);
    for (size_t i = 0; i < WRONG; i++)
        *t++ = (struct CMUnitTest)CASE_OF(wrong[i].sentence, check_wrong,
                                          (void *)(uintptr_t)wrong[i].wire);
    return RUN_CASES("ws_client_handshake", tests);
}
