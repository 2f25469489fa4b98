/* What goes over the wire and what comes back. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

/* ---- requests ---- */

/* The newest request, as text. */
struct seen {
    struct buf text;
};

static bool echo(struct server_call *c)
{
    struct buf *b = &((struct seen *)c->arg)->text;
    buf_clear(b);
    buf_addf(b, "%s %s\n", c->req->method, c->req->target);
    for (size_t i = 0; i < c->req->headers.len; i++)
        buf_addf(b, "%s: %s\n", c->req->headers.v[i].name, c->req->headers.v[i].value);
    buf_addf(b, "\n%s", buf_str(&c->req->body));
    call_reply(c, 200, "", "ok");
    return true;
}

struct request_case {
    const char *sentence, *method, *target, *body;
    const char *headers[8]; /* name, value, ... */
    const char *want;       /* without Host */
};
static struct request_case request_cases[] = {
    { "GET sends no body", "GET", "/a?b=c", NULL, { 0 }, "GET /a?b=c\nAccept: */*\n\n" },
    { "HEAD is sent as HEAD", "HEAD", "/", NULL, { 0 }, "HEAD /\nAccept: */*\n\n" },
    { "DELETE sends no body by default",
      "DELETE",
      "/d",
      NULL,
      { 0 },
      "DELETE /d\nAccept: */*\n\n" },
    { "DELETE may have a body",
      "DELETE",
      "/d",
      "{}",
      { "Content-Type", "application/json" },
      "DELETE /d\nAccept: */*\nContent-Type: application/json\nContent-Length: 2\n\n{}" },
    { "PUT sends its body without inventing a type",
      "PUT",
      "/p",
      "text",
      { 0 },
      "PUT /p\nAccept: */*\nContent-Length: 4\n\ntext" },
    { "POST without a body says so",
      "POST",
      "/p",
      NULL,
      { 0 },
      "POST /p\nAccept: */*\nContent-Length: 0\n\n" },
    { "PATCH is sent as PATCH",
      "PATCH",
      "/p",
      "[]",
      { "Content-Type", "application/json-patch+json", "Accept", "a/b" },
      "PATCH /p\nContent-Type: application/json-patch+json\nAccept: a/b\nContent-Length: 2\n\n[]" },
    { "the path goes out as it is",
      "GET",
      "/a/../b//c/%2F/./d",
      NULL,
      { 0 },
      "GET /a/../b//c/%2F/./d\nAccept: */*\n\n" },
    { "headers keep order, repetition and emptiness",
      "GET",
      "/",
      NULL,
      { "X-A", "1", "Accept", "x", "X-A", "2", "X-Empty", "" },
      "GET /\nX-A: 1\nAccept: x\nX-A: 2\nX-Empty: \n\n" },
};

static void check_request(void **state)
{
    const struct request_case *c = *state;
    struct net_fixture f;
    net_setup(&f);
    struct seen seen = { BUF_INIT(BUF_UNBOUNDED) };
    struct tls_server *s = net_serve(&f, true, echo, &seen);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", c->target);
    struct net_call call;
    net_call_init(&call, &f, p, url);
    call.req.method = c->method;
    call.req.body = c->body;
    call.req.body_len = c->body ? strlen(c->body) : 0;
    for (size_t i = 0; i < ARRAY_LEN(c->headers) && c->headers[i]; i += 2)
        http_headers_add(&call.req.headers, c->headers[i], c->headers[i + 1]);

    net_call_start(&call);

    assert_int_equal(net_call_join(&call), 200);
    cleanup_free char *host = xasprintf("Host: 127.0.0.1:%u\n", tls_server_port(s));
    char *at = strstr(seen.text.data, host);
    assert_non_null(at);
    memmove(at, at + strlen(host), strlen(at + strlen(host)) + 1);
    assert_string_equal(seen.text.data, c->want);
    assert_string_equal(buf_str(&call.resp.body), strcmp(c->method, "HEAD") ? "ok" : "");
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
    buf_release(&seen.text);
}

static void test_large_body_goes_at_once_without_asking(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct seen seen = { BUF_INIT(BUF_UNBOUNDED) };
    struct tls_server *s = net_serve(&f, true, echo, &seen);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct net_call call;
    net_call_init(&call, &f, p, url);
    size_t len = 3 << 20;
    cleanup_free char *body = xmalloc(len + 1);
    memset(body, 'x', len);
    body[len] = '\0';
    call.req.method = "PUT";
    call.req.body = body;
    call.req.body_len = len;

    net_call_start(&call);

    assert_int_equal(net_call_join(&call), 200);
    assert_null(strstr(seen.text.data, "Expect"));
    assert_true(str_ends(seen.text.data, body));
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
    buf_release(&seen.text);
}

/* ---- replies ---- */

static bool say(struct server_call *c)
{
    call_writes(c, c->arg);
    return call_cut(c);
}

struct reply_case {
    const char *sentence, *wire;
    int status, version;
    const char *header; /* X-A */
    const char *body;
};
static struct reply_case reply_cases[] = {
    { "a body with a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: v\r\n\r\nok", 200, 11,
      "v", "ok" },
    { "a chunked body, its trailer left out",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-A: "
      "trailer\r\n\r\n",
      200, 11, NULL, "abcde" },
    { "interim replies are passed over",
      "HTTP/1.1 103 Early Hints\r\nX-A: early\r\n\r\nHTTP/1.1 201 Created\r\nX-A: "
      "late\r\nContent-Length: 0\r\n\r\n",
      201, 11, "late", "" },
    { "HTTP/1.0 until the end", "HTTP/1.0 404 No\r\nX-A:   padded  \r\n\r\nnone", 404, 10, "padded",
      "none" },
    { "no content", "HTTP/1.1 204 None\r\nX-A:\r\n\r\n", 204, 11, "", "" },
    { "any status is success", "HTTP/1.1 599 Odd\r\nContent-Length: 3\r\n\r\nodd", 599, 11, NULL,
      "odd" },
};

static void check_reply(void **state)
{
    struct reply_case *c = *state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, false, say, (void *)(uintptr_t)c->wire);
    struct http_peer *p = net_peer(&f, NULL);
    struct http_response resp;

    int status = net_get(&f, p, tls_server_give_url(s, "127.0.0.1", "/"), &resp, NULL);

    assert_int_equal(status, c->status);
    assert_int_equal(resp.version, c->version);
    assert_true(str_eq(http_headers_get(&resp.headers, "x-a"), c->header));
    assert_string_equal(buf_str(&resp.body), c->body);
    http_response_release(&resp);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

/* "hello hello hello hello hello hello\n", gzip */
static const unsigned char zipped[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9,
    0x57, 0xc8, 0xc0, 0x47, 0x72, 0x01, 0x00, 0xf3, 0xa0, 0x5d, 0xc7, 0x24, 0x00, 0x00, 0x00
};

static bool say_zipped(struct server_call *c)
{
    const char *accept = http_headers_get(&c->req->headers, "Accept-Encoding");
    if (!accept || strcmp(accept, "gzip") != 0) {
        call_reply(c, 200, "", "plain");
        return true;
    }
    cleanup_free char *head = xasprintf(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", sizeof(zipped));
    call_writes(c, head);
    call_write(c, zipped, sizeof(zipped));
    return true;
}

static void test_gzip_is_offered_and_decoded_only_on_request(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_zipped, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct net_call plain, gzip;
    net_call_init(&plain, &f, p, url);
    net_call_init(&gzip, &f, p, url);
    gzip.req.gzip = true;

    net_call_start(&plain);
    assert_int_equal(net_call_join(&plain), 200);
    net_call_start(&gzip);
    assert_int_equal(net_call_join(&gzip), 200);

    assert_string_equal(buf_str(&plain.resp.body), "plain");
    assert_string_equal(buf_str(&gzip.resp.body), "hello hello hello hello hello hello\n");
    net_call_release(&plain);
    net_call_release(&gzip);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

/* ---- limits ---- */

static bool say_ten_thousand(struct server_call *c)
{
    char body[10001];
    memset(body, 'b', sizeof(body) - 1);
    body[10000] = '\0';
    call_reply(c, 200, "", body);
    return true;
}

static void test_body_up_to_the_limit_passes_and_beyond_fails(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_ten_thousand, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct net_call fits, over;
    net_call_init(&fits, &f, p, url);
    net_call_init(&over, &f, p, url);
    fits.req.max_body = 10000;
    over.req.max_body = 9999;

    net_call_start(&fits);
    assert_int_equal(net_call_join(&fits), 200);
    net_call_start(&over);
    assert_int_equal(net_call_join(&over), -1);

    assert_int_equal(fits.resp.body.len, 10000);
    assert_int_equal(error_kind(over.err), ERR_TOO_LARGE);
    assert_int_equal(over.resp.status, 200);
    net_call_release(&fits);
    net_call_release(&over);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static bool say_headers_for_ever(struct server_call *c)
{
    call_writes(c, "HTTP/1.1 200 OK\r\n");
    char line[2003];
    memset(line, 'h', sizeof(line));
    memcpy(line, "X-A: ", 5);
    memcpy(line + 2000, "\r\n", 3);
    for (int i = 0; i < 1000; i++)
        call_writes(c, line);
    return false;
}

static void test_endless_headers_fail(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, false, say_headers_for_ever, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    struct error *err = NULL;

    int status = net_get(&f, p, tls_server_give_url(s, "127.0.0.1", "/"), NULL, &err);

    assert_int_equal(status, -1);
    assert_int_equal(error_kind(err), ERR_TOO_LARGE);
    error_free(err);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

/* ---- sinks ---- */

struct test_sink {
    struct http_sink base;
    struct buf got;
    int status; /* seen by on_head */
    bool wanted, failing;
    struct gate *got_data; /* may be NULL */
};

static bool sink_head(struct http_sink *base, const struct http_response *head)
{
    struct test_sink *s = container_of(base, struct test_sink, base);
    s->status = head->status;
    return s->wanted;
}

static int sink_data(struct http_sink *base, const char *data, size_t len, struct error **err)
{
    struct test_sink *s = container_of(base, struct test_sink, base);
    buf_add(&s->got, data, len);
    if (s->got_data)
        gate_count(s->got_data);
    return s->failing ? error_set(err, ERR_GONE, "enough") : 0;
}

struct pieces {
    struct gate first_came;
};

/* The second half is sent only when the first has been seen. */
static bool say_in_pieces(struct server_call *c)
{
    struct pieces *p = c->arg;
    call_writes(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    gate_await(&p->first_came, 1);
    call_writes(c, "3\r\ntwo\r\n0\r\n\r\n");
    return true;
}

static void test_sink_gets_pieces_as_they_come(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct pieces pieces;
    gate_init(&pieces.first_came);
    struct tls_server *s = net_serve(&f, true, say_in_pieces, &pieces);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct test_sink sink = { .base = { sink_head, sink_data },
                              .got = BUF_INIT(1000),
                              .wanted = true,
                              .got_data = &pieces.first_came };
    struct net_call call;
    net_call_init(&call, &f, p, url);
    call.req.sink = &sink.base;

    net_call_start(&call);

    assert_int_equal(net_call_join(&call), 200);
    assert_int_equal(sink.status, 200);
    assert_string_equal(buf_str(&sink.got), "onetwo");
    assert_int_equal(call.resp.body.len, 0);
    net_call_release(&call);
    buf_release(&sink.got);
    http_peer_unref(p);
    tls_server_stop(s);
    gate_release(&pieces.first_came);
    net_teardown(&f);
}

static bool say_ok(struct server_call *c)
{
    call_reply(c, 418, "", "teapot");
    return true;
}

static void test_unwanted_body_goes_to_the_response(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_ok, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct test_sink sink = { .base = { sink_head, sink_data }, .got = BUF_INIT(1000) };
    struct net_call call;
    net_call_init(&call, &f, p, url);
    call.req.sink = &sink.base;

    net_call_start(&call);

    assert_int_equal(net_call_join(&call), 418);
    assert_int_equal(sink.status, 418);
    assert_int_equal(sink.got.len, 0);
    assert_string_equal(buf_str(&call.resp.body), "teapot");
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_sink_ends_the_transfer_with_its_error(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_ok, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct test_sink sink = {
        .base = { sink_head, sink_data }, .got = BUF_INIT(1000), .wanted = true, .failing = true
    };
    struct net_call call;
    net_call_init(&call, &f, p, url);
    call.req.sink = &sink.base;

    net_call_start(&call);

    assert_int_equal(net_call_join(&call), -1);
    assert_int_equal(error_kind(call.err), ERR_GONE);
    assert_string_equal(error_text(call.err), "enough");
    assert_int_equal(call.resp.status, 418);
    net_call_release(&call);
    buf_release(&sink.got);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

int main(void)
{
    enum { FIXED = 7, REQUEST = ARRAY_LEN(request_cases), REPLY = ARRAY_LEN(reply_cases) };
    struct CMUnitTest tests[FIXED + REQUEST + REPLY] = {
        CASE("a large body goes at once, without Expect",
             test_large_body_goes_at_once_without_asking),
        CASE("gzip is offered and decoded only on request",
             test_gzip_is_offered_and_decoded_only_on_request),
        CASE("a body up to the limit passes, a byte more fails",
             test_body_up_to_the_limit_passes_and_beyond_fails),
        CASE("endless headers fail", test_endless_headers_fail),
        CASE("a sink gets the pieces as they come", test_sink_gets_pieces_as_they_come),
        CASE("a body that the sink does not want goes to the response",
             test_unwanted_body_goes_to_the_response),
        CASE("a sink ends the transfer with its own error",
             test_sink_ends_the_transfer_with_its_error),
    };
    struct CMUnitTest *t = tests + FIXED;
    for (size_t i = 0; i < REQUEST; i++)
        *t++ =
            (struct CMUnitTest)CASE_OF(request_cases[i].sentence, check_request, &request_cases[i]);
    for (size_t i = 0; i < REPLY; i++)
        *t++ = (struct CMUnitTest)CASE_OF(reply_cases[i].sentence, check_reply, &reply_cases[i]);
    return _cmocka_run_group_tests("http_transfer", tests, (size_t)(t - tests), NULL, NULL);
}
