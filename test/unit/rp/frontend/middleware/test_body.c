#include <string.h>

#include "pkg/base/mem.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

#define JSON "Content-Type: application/json\r\n"
#define MIB ((size_t)1 << 20)

static int tell(struct request *req, struct error **err)
{
    (void)err;
    size_t len;
    (void)http_call_body(req->call, &len);
    buf_addf(http_call_out(req->call), "%zu", len);
    return 0;
}
static const struct route routes[] = { { NULL, "/a", 0, tell, NULL } };

struct body_case {
    const char *name, *method, *headers, *body, *want;
};
#define REFUSED(type) \
    "415 UnsupportedMediaType: The content media type '" type \
    "' is not supported. Only 'application/json' is supported."
static struct body_case cases[] = {
    { "takes JSON", "PUT", JSON, "{}", "200 2" },
    { "takes JSON with a charset", "PATCH", "Content-Type: application/json; charset=utf-8\r\n",
      "{}", "200 2" },
    { "takes nothing at all", "POST", NULL, NULL, "200 0" },
    { "refuses another type", "PUT", "Content-Type: text/plain\r\n", "{}", REFUSED("text/plain") },
    { "refuses a longer type", "PUT", "Content-Type: application/json-patch+json\r\n", "{}",
      REFUSED("application/json-patch+json") },
    { "refuses a body without a type", "PUT", NULL, "{}", REFUSED("") },
    { "refuses another type even without a body", "POST", "Content-Type: text/plain\r\n", NULL,
      REFUSED("text/plain") },
    { "does not look at other methods", "DELETE", "Content-Type: text/plain\r\n", "{}", "200 2" },
};

static void check(void **state)
{
    const struct body_case *c = *state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *reply = front_give_reply(&r, c->method, "/a", c->headers, c->body);

    cleanup_free char *got = strncmp(c->want, "200", 3) == 0
                                 ? xasprintf("%.3s %s", reply + 9, strstr(reply, "\r\n\r\n") + 4)
                                 : front_error_of(reply);
    assert_string_equal(got, c->want);
    front_release(&r);
}

static void takes_a_mebibyte_and_no_more(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));
    cleanup_free char *body = xcalloc(1, MIB + 2);
    memset(body, ' ', MIB);

    cleanup_free char *fits = front_give_answer(&r, "PUT", "/a", body);
    body[MIB] = ' ';
    cleanup_free char *above = front_give_error(&r, "PUT", "/a", body);

    for (size_t i = 0; i + 4 < MIB; i += 3)
        memcpy(body + i, i ? "{}," : " [ ", 3);
    body[MIB] = '\0';
    cleanup_free char *dense = front_give_error(&r, "PUT", "/a", body);

    assert_string_equal(dense, "400 InvalidResource: The resource definition is invalid.");
    assert_string_equal(fits, "200 1048576");
    assert_string_equal(above, "400 InvalidResource: The resource definition is invalid.");
    front_release(&r);
}

static void ends_with_a_body_that_ends_early(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));
    cleanup_wire struct wire w = wire_connect("127.0.0.1", http_server_port(r.server));

    wire_send(&w, "PUT /a HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length: 10\r\n\r\n{");
    wire_half_close(&w);

    assert_true(wire_is_closed(&w));
    front_release(&r);
}

static void does_not_wait_for_ever(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    fake_env_set(&r.env, "ARO_RP_READ_TIMEOUT_MS", "100");
    front_serve(&r, routes, ARRAY_LEN(routes));
    cleanup_wire struct wire w = wire_connect("127.0.0.1", http_server_port(r.server));

    wire_send(&w, "PUT /a HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length: 10\r\n\r\n{");
    cleanup_free char *reply = wire_give_until(&w, "\r\n");

    assert_string_equal(reply, "HTTP/1.1 408 Request Timeout\r\n");
    front_release(&r);
}

static const struct CMUnitTest more[] = {
    CASE("takes a mebibyte and no more", takes_a_mebibyte_and_no_more),
    CASE("ends with a body that ends early", ends_with_a_body_that_ends_early),
    CASE("does not wait for ever for a body", does_not_wait_for_ever),
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(more)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    memcpy(tests + ARRAY_LEN(cases), more, sizeof(more));
    return RUN_CASES("bodies", tests);
}
