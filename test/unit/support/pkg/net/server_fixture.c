#include "test/unit/support/pkg/net/server_fixture.h"

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

#define LONG_MS (INT64_C(3600) * 1000)

struct http_server_config fixture_config(const struct http_route *routes, size_t routes_len,
                                         void *arg)
{
    return (struct http_server_config){
        .name = "fixture",
        .bind_address = "127.0.0.1",
        .routes = routes,
        .routes_len = routes_len,
        .arg = arg,
        .workers = 2,
        .header_timeout_ms = LONG_MS,
        .body_timeout_ms = LONG_MS,
        .idle_timeout_ms = LONG_MS,
        .clock = clock_system(),
        .rng = rng_system(),
    };
}

struct http_server *fixture_start(const struct http_server_config *cfg)
{
    struct http_server *s = NULL;
    struct error *e = NULL;
    if (http_server_start(cfg, &s, &e) < 0)
        fail_msg("%s", error_text(e));
    return s;
}

struct wire fixture_dial(const struct http_server *s)
{
    return wire_connect("127.0.0.1", http_server_port(s));
}

char *fixture_give_answer(const struct http_server *s, const char *path)
{
    cleanup_wire struct wire w = fixture_dial(s);
    cleanup_free char *request = xasprintf("GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    return wire_give_answer(&w, request);
}
