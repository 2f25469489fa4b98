#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

/* Each handler says which route it is and what the parameters hold. */
static void say(struct http_call *c, const char *route)
{
    static const char *const names[] = { "name", "kind", "*" };
    buf_addf(http_call_out(c), "%s", route);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (http_call_param(c, names[i]))
            buf_addf(http_call_out(c), " %s=%s", names[i], http_call_param(c, names[i]));
}

#define HANDLER(fn) \
    static int fn(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err) \
    { \
        (void)ctx; \
        (void)arg; \
        (void)err; \
        say(c, #fn); \
        return 0; \
    }
HANDLER(health)
HANDLER(list)
HANDLER(create)
HANDLER(one)
HANDLER(status)
HANDLER(files)

static const struct http_route routes[] = {
    { "GET", "/healthz", health, true },
    { "GET", "/v1/{kind}", list, true },
    { "POST", "/v1/{kind}", create, true },
    { NULL, "/v1/{kind}/{name}", one, true },
    { "GET", "/v1/{kind}/{name}/status", status, true },
    { "GET", "/files/*", files, true },
};

struct route_case {
    const char *name, *method, *path, *want; /* status, a space, Allow or body */
};
static struct route_case cases[] = {
    { "finds a fixed path", "GET", "/healthz", "200 health" },
    { "does not take a longer path", "GET", "/healthz/", "404 " },
    { "does not take a prefix", "GET", "/health", "404 " },
    { "ignores the query", "GET", "/healthz?a=/b", "200 health" },
    { "fills a parameter", "GET", "/v1/pods", "200 list kind=pods" },
    { "chooses by method", "POST", "/v1/pods", "200 create kind=pods" },
    { "gives parameters raw", "GET", "/v1/a%2Fb/x%20y", "200 one name=x%20y kind=a%2Fb" },
    { "takes any method where none is named", "DELETE", "/v1/pods/a", "200 one name=a kind=pods" },
    { "wants a parameter that is not empty", "GET", "/v1/", "404 " },
    { "matches behind parameters", "GET", "/v1/pods/a/status", "200 status name=a kind=pods" },
    { "gives the rest of a path", "GET", "/files/a/b?c", "200 files *=a/b" },
    { "gives an empty rest", "GET", "/files/", "200 files *=" },
    { "wants the slash before the rest", "GET", "/files", "404 " },
    { "compares letter case", "GET", "/HEALTHZ", "404 " },
    { "tells which methods a path has", "PUT", "/v1/pods", "405 GET, HEAD, POST" },
    { "finds nothing for the asterisk", "OPTIONS", "*", "404 " },
};

static void check_route(void **state)
{
    const struct route_case *c = *state;
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cleanup_server struct http_server *s = fixture_start(&cfg);
    cleanup_wire struct wire w = fixture_dial(s);
    cleanup_free char *request = xasprintf("%s %s HTTP/1.1\r\nHost: a\r\n\r\n", c->method, c->path);

    cleanup_free char *reply = wire_give_answer(&w, request);

    char *allow = strstr(reply, "\r\nAllow: ");
    cleanup_free char *detail = NULL;
    if (allow)
        detail = xstrndup(allow + 9, strcspn(allow + 9, "\r"));
    else
        detail = xstrdup(strncmp(reply + 9, "404", 3) == 0 ? "" : strstr(reply, "\r\n\r\n") + 4);
    cleanup_free char *got = xasprintf("%.3s %s", reply + 9, detail);
    assert_string_equal(got, c->want);
}

static void head_falls_back_to_get(void **state)
{
    (void)state;
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cleanup_server struct http_server *s = fixture_start(&cfg);
    cleanup_wire struct wire w = fixture_dial(s);

    wire_send(&w, "HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    cleanup_free char *head = wire_give_until(&w, "\r\n\r\n");

    assert_non_null(strstr(head, "200 OK"));
    assert_non_null(strstr(head, "Content-Length: 6\r\n"));
}

static void head_can_be_apart(void **state)
{
    (void)state;
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cfg.head_apart = true;
    cleanup_server struct http_server *s = fixture_start(&cfg);
    cleanup_wire struct wire w = fixture_dial(s);

    wire_send(&w, "HEAD /v1/pods HTTP/1.1\r\nHost: a\r\n\r\n");
    cleanup_free char *head = wire_give_until(&w, "\r\n\r\n");

    assert_non_null(strstr(head, "405 Method Not Allowed"));
    assert_non_null(strstr(head, "Allow: GET, POST\r\n"));
}

/* Routes again, by the path that its query gives. */
static int again(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    const struct http_route *r;
    if (http_call_route(c, http_call_query(c), routes, ARRAY_LEN(routes), &r, err) < 0)
        return -1;
    return r->handle(c, ctx, arg, err);
}

static void check_routing_again(void **state)
{
    static const struct {
        const char *query, *want;
    } rows[] = {
        { "/v1/pods/a", "200 OK" },
        { "/moon", "404 Not Found" },
        { "/healthz", "200 OK" },
        { "/files/x", "200 OK" },
    };
    (void)state;
    static const struct http_route all[] = { { NULL, NULL, again, true } };
    struct http_server_config cfg = fixture_config(all, 1, NULL);
    cleanup_server struct http_server *s = fixture_start(&cfg);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *path = xasprintf("/any?%s", rows[i].query);
        cleanup_free char *reply = fixture_give_answer(s, path);
        assert_memory_equal(reply + 9, rows[i].want, strlen(rows[i].want));
    }
    cleanup_free char *reply = fixture_give_answer(s, "/any?/v1/pods/a");
    assert_non_null(strstr(reply, "\r\n\r\none name=a kind=pods"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_route, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("lets HEAD fall back to GET", head_falls_back_to_get);
    tests[ARRAY_LEN(cases) + 1] =
        (struct CMUnitTest)CASE("routes again by a path of the handler's", check_routing_again);
    tests[ARRAY_LEN(cases) + 2] =
        (struct CMUnitTest)CASE("takes HEAD for a method of its own", head_can_be_apart);
    return RUN_CASES("server routes", tests);
}
