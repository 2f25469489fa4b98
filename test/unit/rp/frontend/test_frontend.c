#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/metrics/gauge_sink.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define READY "GET /healthz/ready HTTP/1.1\r\nHost: a\r\n\r\n"

static void begin(struct clusters *c, const char *name, const char *value)
{
    clusters_begin(c);
    fake_env_set(&c->front.env, name, value);
    clusters_serve(c); /* for its environment and secrets; the test starts one of its own */
    c->front.cfg.plain = true;
    assert_int_equal(rp_secrets_get_pair(c->secrets, &c->ctx, SECRET_RP_SERVER,
                                         (char **)(uintptr_t)&c->front.cfg.cert_pem,
                                         (struct secret **)(uintptr_t)&c->front.cfg.key_pem, NULL),
                     0);
}

static void end(struct clusters *c)
{
    free((char *)(uintptr_t)c->front.cfg.cert_pem);
    secret_unref((struct secret *)(uintptr_t)c->front.cfg.key_pem);
    clusters_release(c);
}

/* The feeds are read by a thread: asks until they are. */
static char *await_ready(struct wire *w)
{
    for (;;) {
        cleanup_free char *reply = wire_give_answer(w, READY);
        if (strncmp(reply + 9, "200", 3) == 0)
            return take(reply);
    }
}

static void serves_with_tls_and_plain(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c, "ARO_RP_HEARTBEAT_MS", "100");
    struct gauge_sink sink;
    gauge_sink_init(&sink);
    c.front.cfg.statsd = sink.statsd;
    struct frontend *f = NULL;
    cleanup_error struct error *err = NULL;
    if (frontend_start(&c.front.cfg, &f, &err) < 0)
        fail_msg("%s", error_text(err));

    struct wire tls = wire_connect_tls(frontend_port(f), NULL, NULL);
    struct wire plain = wire_connect("127.0.0.1", frontend_plain_port(f));
    cleanup_free char *secure = await_ready(&tls);
    cleanup_free char *open = await_ready(&plain);
    cleanup_free char *beat = NULL;
    while (!beat || !strstr(beat, "frontend.heartbeat")) {
        free(beat);
        beat = gauge_sink_give_line(&sink);
    }

    assert_non_null(strstr(beat, ":1|g"));
    wire_close(&tls);
    wire_close(&plain);
    frontend_stop(f, NULL);
    gauge_sink_release(&sink);
    end(&c);
}

static void takes_a_newer_certificate(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c, "ARO_RP_HEARTBEAT_MS", "100");
    struct wire_pair newer = wire_pair_make("newer", NULL);
    struct frontend *f = NULL;
    assert_int_equal(frontend_start(&c.front.cfg, &f, NULL), 0);

    struct wire before = wire_connect_tls(frontend_port(f), NULL, NULL);
    assert_int_equal(frontend_set_cert(f, newer.cert_pem, newer.key_pem, NULL), 0);
    struct wire after = wire_connect_tls(frontend_port(f), NULL, NULL);

    cleanup_free char *old_name = wire_give_server_name(&before);
    cleanup_free char *new_name = wire_give_server_name(&after);
    assert_string_equal(old_name, "localhost");
    assert_string_equal(new_name, "newer");
    wire_close(&before);
    wire_close(&after);
    frontend_stop(f, NULL);
    wire_pair_release(&newer);
    end(&c);
}

static void does_not_start_where_somebody_listens(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c, "ARO_RP_HEARTBEAT_MS", "100");
    struct frontend *f = NULL, *second = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(frontend_start(&c.front.cfg, &f, NULL), 0);
    struct frontend_config cfg = c.front.cfg;
    cfg.plain_port = frontend_plain_port(f);

    assert_int_equal(frontend_start(&cfg, &second, &err), -1);

    assert_null(second);
    assert_non_null(strstr(error_text(err), "starting the frontend: "));
    frontend_stop(f, NULL);
    end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("serves with TLS and without, and sends a heartbeat", serves_with_tls_and_plain),
        CASE("takes a newer certificate", takes_a_newer_certificate),
        CASE("does not start where somebody listens already",
             does_not_start_where_somebody_listens),
    };
    return RUN_CASES("frontend", tests);
}
