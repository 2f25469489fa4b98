#include <libwebsockets.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/net/server_impl.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/test.h"

/* The bytes of a reply, built without a connection. */
struct reply_case {
    const char *name;
    const char *method;
    int version;
    bool keep_alive;
    int status;
    const char *header, *value; /* set by the handler */
    const char *body;
    const char *want; /* "HTTP/1.1 " and Date are added */
    bool closes;
};
static struct reply_case cases[] = {
    { "writes a body with its length", "GET", 11, true, 0, NULL, NULL, "hi",
      "200 OK\r\n%sContent-Length: 2\r\n\r\nhi", false },
    { "writes an empty body's length", "PUT", 11, true, 202, NULL, NULL, "",
      "202 Accepted\r\n%sContent-Length: 0\r\n\r\n", false },
    { "leaves HEAD the length of the body", "HEAD", 11, true, 200, NULL, NULL, "hi",
      "200 OK\r\n%sContent-Length: 2\r\n\r\n", false },
    { "writes no body with 204", "GET", 11, true, 204, NULL, NULL, "hi", "204 No Content\r\n%s\r\n",
      false },
    { "writes no body with 304", "GET", 11, true, 304, "ETag", "\"1\"", "hi",
      "304 Not Modified\r\n%sETag: \"1\"\r\n\r\n", false },
    { "says that it closes", "GET", 11, false, 200, NULL, NULL, "",
      "200 OK\r\n%sConnection: close\r\nContent-Length: 0\r\n\r\n", true },
    { "closes when the handler wants it", "GET", 11, true, 200, "Connection", "Close", "",
      "200 OK\r\n%sConnection: close\r\nContent-Length: 0\r\n\r\n", true },
    { "says that it keeps HTTP/1.0 alive", "GET", 10, true, 200, NULL, NULL, "",
      "200 OK\r\n%sConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", false },
    { "gives a status without name a word", "GET", 11, true, 299, NULL, NULL, "",
      "299 Status\r\n%sContent-Length: 0\r\n\r\n", false },
};

static void check_reply(void **state)
{
    const struct reply_case *c = *state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct http_server server = { .cfg = { .clock = &clock.base } };
    struct server_peer peer = { .refs = 1 };
    struct framer_request req = { .method = xstrdup(c->method),
                                  .target = xstrdup("/"),
                                  .version = c->version,
                                  .keep_alive = c->keep_alive };
    struct http_call *call = call_new(&server, 1, &peer, &req);
    http_call_set_status(call, c->status);
    if (c->header)
        http_call_set_header(call, c->header, c->value);
    buf_adds(http_call_out(call), c->body);

    call_build_wire(call);

    const char *date = strstr(c->want, "%s");
    cleanup_free char *want = xasprintf("HTTP/1.1 %.*sDate: Sat, 03 Feb 2024 04:05:06 GMT\r\n%s",
                                        (int)(date - c->want), c->want, date + 2);
    assert_string_equal(call->wire.data + LWS_PRE, want);
    assert_int_equal(call->wire.len, LWS_PRE + strlen(want));
    assert_int_equal(call->close_after, c->closes);
    call_free(call);
    fake_clock_release(&clock);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_reply, &cases[i]);
    return RUN_CASES("server replies", tests);
}
