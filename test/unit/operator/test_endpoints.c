#include <string.h>

#include "operator/endpoints.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/operator_fixture.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/test.h"

/* The endpoints on free ports, asked by our own client. Servers have a clock of their own: the system's. */
struct rig {
    struct operator_fixture f;
    struct services sv;
    struct http_client *http;
    struct http_peer *peer;
    struct endpoints *endpoints;
    struct opctx ctx;
};

static void rig_init(struct rig *r)
{
    operator_fixture_init(&r->f, ROLE_MASTER, NULL);
    r->sv = r->f.sv;
    r->sv.clock = clock_system();
    r->sv.rng = rng_system();
    r->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    struct http_client_config http = { .clock = clock_system(), .env = &r->f.kube.env.base };
    struct http_peer_config peer = { .proxy_url = "" };
    assert_int_equal(http_client_new(&http, &r->http, NULL), 0);
    assert_int_equal(http_peer_new(r->http, &peer, &r->peer, NULL), 0);
    struct endpoints_config cfg = { .bind_address = "127.0.0.1", .sv = &r->sv, .http = r->http };
    assert_int_equal(endpoints_start(&cfg, &r->endpoints, NULL), 0);
}

static void rig_release(struct rig *r)
{
    endpoints_stop(r->endpoints);
    http_peer_unref(r->peer);
    http_client_free(r->http);
    operator_fixture_finish(&r->f);
}

static void ask(struct rig *r, uint16_t port, const char *method, const char *path,
                const char *body, int want, const char *want_text)
{
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u%s", port, path);
    struct http_request req = { .method = method,
                                .url = url,
                                .body = body,
                                .body_len = body ? strlen(body) : 0,
                                .timeout_ms = 10000 };
    cleanup_response struct http_response response = { 0 };
    assert_int_equal(http_send(http_peer_transport(r->peer), &r->ctx, &req, &response, NULL), 0);
    assert_int_equal(response.status, want);
    if (want_text)
        assert_non_null(strstr(buf_str(&response.body), want_text));
}

static void check_alerts(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    uint16_t port = endpoints_health_port(r.endpoints);

    ask(&r, port, "POST", "/healthz/ready", "{\"alerts\":[]}", 200, "ok");
    ask(&r, port, "POST", "/", "{\"alerts\":[]}", 200, "ok"); /* the URL of the first operators */
    ask(&r, port, "PUT", "/readyz/ready", "x", 200, "ok");

    rig_release(&r);
}

static void check_health(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    uint16_t port = endpoints_health_port(r.endpoints);
    const struct watch unsynced = WATCH_CLUSTER;
    (void)watch_informer(&r.f.sv, &unsynced);

    ask(&r, port, "GET", "/healthz", NULL, 200, "ok");
    ask(&r, port, "POST", "/healthz", "{}", 200, "ok");
    ask(&r, port, "POST", "/readyz", "{}", 500, "caches");
    ask(&r, port, "GET", "/healthz?verbose=true", NULL, 200, "leader-election");
    ask(&r, port, "GET", "/healthz/io", NULL, 200, NULL);
    ask(&r, port, "GET", "/healthz/nothing", NULL, 404, NULL);
    ask(&r, port, "GET", "/readyz", NULL, 500, "caches"); /* nothing was listed yet */
    ask(&r, port, "GET", "/elsewhere", NULL, 404, NULL);

    rig_release(&r);
}

static void check_metrics(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);

    ask(&r, endpoints_metrics_port(r.endpoints), "GET", "/metrics", NULL, 200,
        "process_resident_memory_bytes");

    rig_release(&r);
}

static void check_busy_port(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    struct endpoints_config cfg = { .bind_address = "127.0.0.1",
                                    .health_port = endpoints_health_port(r.endpoints),
                                    .sv = &r.sv,
                                    .http = r.http };
    struct endpoints *second = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(endpoints_start(&cfg, &second, &err), -1);

    cleanup_free char *port = xasprintf("%u", cfg.health_port);
    assert_non_null(strstr(error_text(err), port));
    rig_release(&r);
}

static void check_slow_clients(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    uint16_t port = endpoints_health_port(r.endpoints);
    struct wire slow[300]; /* more than the server has connections */
    for (size_t i = 0; i < ARRAY_LEN(slow); i++) {
        slow[i] = wire_connect("127.0.0.1", port);
        wire_send(&slow[i], "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nslow");
    }

    ask(&r, port, "GET", "/healthz", NULL, 200, "ok");

    for (size_t i = 0; i < ARRAY_LEN(slow); i++)
        wire_close(&slow[i]);
    rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("alerts are accepted at the new and the old path", check_alerts),
        CASE("health and readiness answer from their checks", check_health),
        CASE("metrics are Prometheus text", check_metrics),
        CASE("a busy port is named", check_busy_port),
        CASE("slow clients do not keep a probe from its answer", check_slow_clients),
    };
    return RUN_CASES("endpoints", tests);
}
