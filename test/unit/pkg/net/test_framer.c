#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/net/framer.h"
#include "test/unit/support/test.h"

/* Each case runs twice: all bytes at once, and byte by byte. Both must see the same requests. */
struct framer_case {
    const char *name, *in;
    const char *want; /* one line a request (see render), or "STATUS reason" */
    size_t in_len;    /* 0: strlen(in) */
};

#define LIMIT_HEADER 400
#define LIMIT_BODY 20

static struct framer_case cases[] = {
    { "takes a plain GET", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 11 keep Host=a | \n", 0 },
    { "keeps the target raw", "GET /A%2Fb/x%20y/../q//z?a=%2F1&b=+ HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /A%2Fb/x%20y/../q//z?a=%2F1&b=+ 11 keep Host=a | \n", 0 },
    { "keeps duplicate headers in order",
      "GET / HTTP/1.1\r\nB: 2\r\nHost: a\r\nb:1 \t\r\nC:\r\n\r\n",
      "GET / 11 keep B=2 Host=a b=1 C= | \n", 0 },
    { "cuts the absolute form to the path", "GET http://h:1/x?y HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /x?y 11 keep Host=a | \n", 0 },
    { "gives the absolute form without a path the root",
      "GET HTTPS://h?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?y 11 keep Host=a | \n", 0 },
    { "takes the asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
      "OPTIONS * 11 keep Host=a | \n", 0 },
    { "closes after Connection: close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      "GET / 11 close Host=a Connection=close | \n", 0 },
    { "closes after HTTP/1.0, which needs no Host", "GET / HTTP/1.0\r\n\r\n", "GET / 10 close | \n",
      0 },
    { "keeps HTTP/1.0 alive on demand", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      "GET / 10 keep Connection=keep-alive | \n", 0 },
    { "takes a body by length", "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
      "PUT /a 11 keep Host=a Content-Length=5 | hello\n", 0 },
    { "takes a chunked body with an extension and a trailer",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "5;x=\"y\"\r\nhello\r\n3\r\n, w\r\n0\r\nTrailer: t\r\n\r\n",
      "PUT / 11 keep Host=a Transfer-Encoding=Chunked | hello, w\n", 0 },
    { "separates pipelined requests",
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
      "GET /4 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /1 11 keep Host=a | \nPUT /2 11 keep Host=a Content-Length=2 | ok\n"
      "POST /3 11 keep Host=a Transfer-Encoding=chunked | x\nGET /4 11 keep Host=a | \n",
      0 },
    { "overlooks a few empty lines before a request",
      "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / 11 keep Host=a | \nGET /2 11 keep Host=a | \n", 0 },
    { "takes a body with GET and DELETE",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"
      "DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\ny",
      "GET / 11 keep Host=a Content-Length=1 | x\n"
      "DELETE / 11 keep Host=a Content-Length=1 | y\n",
      0 },
    { "recognises a WebSocket and leaves what follows alone",
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Upgrade\r\nUpgrade: WebSocket\r\n\r\n",
      "GET / 11 keep websocket Host=a Connection=x, Upgrade Upgrade=WebSocket | \n", 0 },
    { "treats another upgrade as an ordinary request",
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
      "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / 11 keep Host=a Connection=Upgrade Upgrade=h2c | \nGET /2 11 keep Host=a | \n", 0 },
    { "takes high bytes in values", "GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\r\n\r\n",
      "GET / 11 keep Host=a X=\xc3\xa9 | \n", 0 },

    { "refuses a missing Host", "GET / HTTP/1.1\r\n\r\n", "400 no Host", 0 },
    { "refuses a doubled Host", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
      "400 more than one Host", 0 },
    { "refuses Content-Length beside Transfer-Encoding",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "400 malformed request", 0 },
    { "refuses Transfer-Encoding beside Content-Length",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
      "400 malformed request", 0 },
    { "refuses differing Content-Length",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
      "400 malformed request", 0 },
    { "refuses doubled Content-Length",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "400 malformed request", 0 },
    { "refuses a Content-Length with a tail",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5x\r\n\r\n", "400 malformed request", 0 },
    { "refuses a Content-Length with a sign",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", "400 malformed request", 0 },
    { "refuses a Content-Length list", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n",
      "400 malformed request", 0 },
    { "refuses an empty Content-Length", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n",
      "400 malformed request", 0 },
    { "refuses a space before the colon",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n",
      "400 malformed header name", 0 },
    { "refuses a space in a header name", "GET / HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n",
      "400 malformed header name", 0 },
    { "refuses an empty header name", "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n",
      "400 malformed header name", 0 },
    { "refuses an unknown transfer coding",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "501 transfer coding not supported", 0 },
    { "refuses a misspelt transfer coding",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", "400 malformed request",
      0 },
    { "refuses a doubled transfer coding",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
      "chunked\r\n\r\n",
      "400 malformed request", 0 },
    { "refuses a transfer coding in HTTP/1.0",
      "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "400 misplaced Transfer-Encoding",
      0 },
    { "refuses a hexadecimal prefix of a chunk size",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
      "400 malformed request", 0 },
    { "refuses a chunk that is longer than it says",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
      "400 malformed request", 0 },
    { "refuses bare line feeds", "GET / HTTP/1.1\nHost: a\n\n",
      "400 control byte or bare line end in the header", 0 },
    { "refuses one bare line feed", "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n",
      "400 control byte or bare line end in the header", 0 },
    { "refuses a bare carriage return", "GET / HTTP/1.1\r\nHost: a\rX: 1\r\n\r\n",
      "400 control byte or bare line end in the header", 0 },
    { "refuses NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \0b\r\n\r\n",
      "400 control byte or bare line end in the header", 36 },
    { "refuses a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n b\r\n\r\n",
      "400 folded header line", 0 },
    { "refuses high bytes in the target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
      "400 malformed request line", 0 },
    { "refuses a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
      "400 malformed request line", 0 },
    { "refuses a relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
      "400 malformed request target", 0 },
    { "refuses a fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
      "400 fragment in the request target", 0 },
    { "refuses a foreign scheme", "GET ftp://h/ HTTP/1.1\r\nHost: a\r\n\r\n",
      "400 malformed request target", 0 },
    { "refuses CONNECT", "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n",
      "501 CONNECT is not supported", 0 },
    { "refuses an unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "501 unknown method", 0 },
    { "refuses HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 HTTP version not supported", 0 },
    { "refuses HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", "505 HTTP version not supported",
      0 },
    { "refuses no version", "GET /\r\n\r\n", "400 malformed request line", 0 },
    { "refuses an unknown Expect", "PUT / HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n",
      "417 unknown Expect", 0 },
    { "refuses TLS", "\x16\x03\x01\x02\r\n\r\n", "400 control byte or bare line end in the header",
      0 },
    { "refuses empty lines without end", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n",
      "400 empty lines instead of a request", 0 },
    { "refuses a long body by its length",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\n", "413 request body too large", 0 },
    { "refuses an absurd length",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "400 malformed request", 0 },
    { "refuses a long chunked body",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "10\r\n0123456789abcdef\r\n5\r\n01234\r\n0\r\n\r\n",
      "413 request body too large", 0 },
};

static void render(struct buf *out, const struct framer_request *r)
{
    buf_addf(out, "%s %s %d %s", r->method, r->target, r->version,
             r->keep_alive ? "keep" : "close");
    if (r->websocket)
        buf_adds(out, " websocket");
    for (size_t i = 0; i < r->headers.len; i++)
        buf_addf(out, " %s=%s", r->headers.v[i].name, r->headers.v[i].value);
    buf_addf(out, " | %s\n", buf_str(&r->body));
}

/* What the framer makes of these bytes, given in pieces of this size. */
static char *give_result(const char *in, size_t len, size_t piece)
{
    const struct framer_limits limits = { LIMIT_HEADER, LIMIT_BODY, false };
    cleanup_framer struct framer *f = framer_new(&limits);
    struct buf out = BUF_INIT(BUF_UNBOUNDED);

    for (size_t at = 0; at < len && framer_get_state(f) != FRAMER_BAD;) {
        size_t n = len - at < piece ? len - at : piece;
        at += framer_feed(f, in + at, n);
        if (framer_get_state(f) != FRAMER_DONE)
            continue;
        struct framer_request r;
        framer_take_request(f, &r);
        render(&out, &r);
        framer_request_release(&r);
    }
    if (framer_get_state(f) == FRAMER_BAD) {
        const char *reason;
        int status = framer_bad_status(f, &reason);
        buf_addf(&out, "%d %s", status, reason);
    }
    return buf_give(&out);
}

static void check_case(void **state)
{
    const struct framer_case *c = *state;
    size_t len = c->in_len ? c->in_len : strlen(c->in);

    cleanup_free char *whole = give_result(c->in, len, len);
    cleanup_free char *bytes = give_result(c->in, len, 1);

    assert_string_equal(whole, c->want);
    assert_string_equal(bytes, c->want);
}

/* head + n times filler + tail, whole and in bytes. */
static void check_grown(const char *head, const char *filler, size_t n, const char *tail,
                        const char *want)
{
    struct buf in = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&in, head);
    for (size_t i = 0; i < n; i++)
        buf_adds(&in, filler);
    buf_adds(&in, tail);

    cleanup_free char *whole = give_result(in.data, in.len, in.len);
    cleanup_free char *bytes = give_result(in.data, in.len, 1);

    assert_string_equal(whole, want);
    assert_string_equal(bytes, want);
    buf_release(&in);
}

static void refuses_a_large_header(void **state)
{
    (void)state;
    check_grown("GET / HTTP/1.1\r\nHost: a\r\nX: ", "x", LIMIT_HEADER, "\r\n\r\n",
                "431 header too large");
}

static void takes_a_header_of_the_limit(void **state)
{
    (void)state;
    const char *head = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n";
    struct buf in = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&in, "%sX: %0*d\r\n\r\n", head, (int)(LIMIT_HEADER - strlen(head) - 7), 0);
    assert_int_equal(in.len, LIMIT_HEADER);

    cleanup_free char *fits = give_result(in.data, in.len, in.len);
    cleanup_free char *fits_too = give_result(in.data, in.len, 1);
    buf_clear(&in);
    buf_addf(&in, "%sX: %0*d\r\n\r\n", head, (int)(LIMIT_HEADER - strlen(head) - 6), 0);
    cleanup_free char *above = give_result(in.data, in.len, in.len);
    cleanup_free char *above_too = give_result(in.data, in.len, 1);

    assert_true(strncmp(fits, "PUT / 11 keep ", 14) == 0);
    assert_string_equal(fits, fits_too);
    assert_string_equal(above, "431 header too large");
    assert_string_equal(above_too, "431 header too large");
    buf_release(&in);
}

static void refuses_a_long_target(void **state)
{
    (void)state;
    check_grown("GET /", "x", LIMIT_HEADER, " HTTP/1.1\r\nHost: a\r\n\r\n",
                "414 request target too long");
}

static void refuses_many_headers(void **state)
{
    (void)state;
    const struct framer_limits limits = { 65536, LIMIT_BODY, false };
    cleanup_framer struct framer *f = framer_new(&limits);
    const char *reason;
    struct buf in = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&in, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < FRAMER_HEADERS_MAX; i++)
        buf_adds(&in, "X: 1\r\n");
    buf_adds(&in, "\r\n");

    framer_feed(f, in.data, in.len);

    assert_int_equal(framer_bad_status(f, &reason), 431);
    buf_release(&in);
}

static void gives_a_large_body_as_cut_when_told(void **state)
{
    static const char *const ins[] = {
        "PUT /l HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\n",
        "PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "10\r\n0123456789abcdef\r\n5\r\n01234\r\n0\r\n\r\n",
    };
    const struct framer_limits limits = { LIMIT_HEADER, LIMIT_BODY, true };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ins); i++) {
        cleanup_framer struct framer *f = framer_new(&limits);
        size_t at = 0;
        struct framer_request r;

        while (at < strlen(ins[i]) && framer_get_state(f) != FRAMER_DONE)
            at += framer_feed(f, ins[i] + at, strlen(ins[i]) - at);
        assert_int_equal(framer_get_state(f), FRAMER_DONE);
        framer_take_request(f, &r);

        assert_true(r.body_is_cut);
        assert_false(r.keep_alive);
        assert_int_equal(r.body.len, 0);
        framer_request_release(&r);
    }
}

static void gives_up_with_what_is_known(void **state)
{
    static const struct {
        const char *in, *method, *target;
        int version;
        size_t headers;
    } parts[] = {
        { "", "-", "-", 11, 0 },
        { "PUT /a HTTP/1.0\r\nHo", "-", "-", 11, 0 },
        { "PUT /a HTTP/1.0\r\nHost: a\r\nA : b\r\n\r\n", "PUT", "/a", 10, 1 },
        { "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\n", "PUT", "/a", 11, 2 },
        { "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", "PUT", "/a", 11, 2 },
    };
    const struct framer_limits limits = { LIMIT_HEADER, LIMIT_BODY, false };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        cleanup_framer struct framer *f = framer_new(&limits);
        struct framer_request r;
        const char *in = parts[i].in, *end = in + strlen(in);
        while (in < end && framer_get_state(f) != FRAMER_BAD)
            in += framer_feed(f, in, (size_t)(end - in));

        framer_give_up(f, &r);

        assert_string_equal(r.method, parts[i].method);
        assert_string_equal(r.target, parts[i].target);
        assert_int_equal(r.version, parts[i].version);
        assert_int_equal(r.headers.len, parts[i].headers);
        assert_int_equal(r.body.len, 0);
        assert_false(r.keep_alive);
        assert_int_equal(framer_get_state(f), FRAMER_BAD);
        assert_int_equal(framer_feed(f, "c", 1), 0);
        framer_request_release(&r);
    }
}

#define CHUNKED "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

static void refuses_endless_trailers(void **state)
{
    (void)state;
    check_grown(CHUNKED "0\r\n", "Trailer: 0123456789\r\n", LIMIT_HEADER / 17 + 1, "",
                "431 chunk extensions or trailers too large");
}

static void refuses_endless_chunk_extensions(void **state)
{
    (void)state;
    check_grown(CHUNKED "1;x=", "y", LIMIT_HEADER, "",
                "431 chunk extensions or trailers too large");
}

static void refuses_endless_zeros(void **state)
{
    (void)state;
    check_grown(CHUNKED, "0", LIMIT_HEADER + 16 * LIMIT_BODY + 1, "",
                "431 chunk framing too large");
}

static void takes_chunks_of_one_byte(void **state)
{
    (void)state;
    check_grown(CHUNKED, "1\r\nx\r\n", LIMIT_BODY, "0\r\n\r\n",
                "PUT / 11 keep Host=a Transfer-Encoding=chunked | xxxxxxxxxxxxxxxxxxxx\n");
}

static void stops_where_the_body_begins(void **state)
{
    (void)state;
    const struct framer_limits limits = { LIMIT_HEADER, LIMIT_BODY, false };
    cleanup_framer struct framer *f = framer_new(&limits);
    const char head[] =
        "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\nabc";
    struct framer_request r;

    assert_false(framer_has_begun(f));
    assert_int_equal(framer_feed(f, head, 3), 3);
    assert_true(framer_has_begun(f));
    assert_int_equal(framer_feed(f, head + 3, sizeof(head) - 4), sizeof(head) - 1 - 6);
    assert_int_equal(framer_get_state(f), FRAMER_BODY);
    assert_true(framer_wants_continue(f));
    assert_int_equal(framer_feed(f, "abc", 3), 3);
    assert_int_equal(framer_get_state(f), FRAMER_DONE);
    framer_take_request(f, &r);
    assert_string_equal(buf_str(&r.body), "abc");
    assert_false(framer_has_begun(f));
    framer_request_release(&r);
}

static const struct CMUnitTest more[] = {
    CASE("refuses a header above the limit", refuses_a_large_header),
    CASE("takes a header of just the limit", takes_a_header_of_the_limit),
    CASE("refuses a target that fills the header", refuses_a_long_target),
    CASE("refuses too many header fields", refuses_many_headers),
    CASE("refuses endless trailers", refuses_endless_trailers),
    CASE("refuses endless chunk extensions", refuses_endless_chunk_extensions),
    CASE("refuses endless zeros before a chunk size", refuses_endless_zeros),
    CASE("gives a large body as cut when told to", gives_a_large_body_as_cut_when_told),
    CASE("gives up with what is known", gives_up_with_what_is_known),
    CASE("takes chunks of one byte", takes_chunks_of_one_byte),
    CASE("stops where the body begins and tells of 100-continue", stops_where_the_body_begins),
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(more)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_case, &cases[i]);
    memcpy(tests + ARRAY_LEN(cases), more, sizeof(more));
    return RUN_CASES("framer", tests);
}
