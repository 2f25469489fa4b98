#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "rp/frontend/auth/arm_certs.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

#define ASKS \
    "GET http://arm.test/metadata/authentication?api-version=2015-01-01\n@timeout_ms: 30000\n\n"
#define JSON_TYPE "Content-Type: application/json; charset=utf-8"
#define HOUR_MS (INT64_C(3600) * 1000)

struct fixture {
    struct fake_clock clock;
    struct fake_env env;
    struct rp_env *rp_env;
    struct log_capture capture;
    struct log log;
    struct scripted_transport transport;
    struct authorizer *a;
};

static void start(struct fixture *f, const struct script_step *steps, size_t len)
{
    *f = (struct fixture){ 0 };
    fake_clock_init(&f->clock);
    fake_env_init(&f->env);
    fake_env_set(&f->env, "RP_MODE", "test");
    fake_env_set(&f->env, "ARO_RP_ARM_METADATA_URL", "http://arm.test/");
    assert_int_equal(rp_env_load(&f->env.base, &f->rp_env, NULL), 0);
    log_capture_init(&f->capture, &f->clock.base);
    f->log = log_root(&f->capture.base);
    scripted_transport_init(&f->transport, steps, len);
    const struct arm_certs_config cfg = { .transport = &f->transport.base,
                                          .env = f->rp_env,
                                          .clock = &f->clock.base,
                                          .rng = rng_system(),
                                          .log = &f->log };
    assert_int_equal(arm_certs_new(&cfg, &f->a, NULL), 0);
    fake_clock_await(&f->clock, 1); /* the first fetch is over */
}

static void end(struct fixture *f)
{
    authorizer_free(f->a);
    scripted_transport_check(&f->transport);
    scripted_transport_release(&f->transport);
    log_capture_release(&f->capture);
    rp_env_free(f->rp_env);
    fake_env_release(&f->env);
    fake_clock_release(&f->clock);
}

#define SET(from, to) \
    "{\"clientCertificates\":[{\"thumbprint\":\"t\",\"notBefore\":\"" from "\",\"notAfter\":\"" to \
    "\",\"certificate\":\"Y2VydA==\"}]}"
#define VALID SET("2024-01-01T00:00:00Z", "2024-12-31T00:00:00Z")
#define EXPIRED SET("2023-01-01T00:00:00Z", "2023-12-31T00:00:00Z")

static void is_ready_once_it_knows_somebody(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = ASKS, .headers = JSON_TYPE, .reply = VALID },
    };
    struct fixture f;
    start(&f, steps, 1);

    assert_true(authorizer_is_ready(f.a, NULL));
    end(&f);
}

static void asks_again_every_hour(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = ASKS, .headers = JSON_TYPE, .reply = VALID },
        { .request = ASKS, .headers = JSON_TYPE, .reply = VALID },
    };
    struct fixture f;
    start(&f, steps, 2);

    assert_int_equal(fake_clock_step(&f.clock), HOUR_MS * NS_PER_MS);
    fake_clock_await(&f.clock, 1);
    end(&f);
}

static void asks_sooner_after_a_failure(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = ASKS, .status = 500 },
        { .request = ASKS, .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED },
        { .request = ASKS, .headers = JSON_TYPE, .reply = VALID },
    };
    struct fixture f;
    start(&f, steps, 3);

    assert_false(authorizer_is_ready(f.a, NULL));
    assert_int_equal(fake_clock_step(&f.clock), 10 * NS_PER_S);
    fake_clock_await(&f.clock, 1);
    assert_int_equal(fake_clock_step(&f.clock), 20 * NS_PER_S);
    fake_clock_await(&f.clock, 1);

    assert_true(authorizer_is_ready(f.a, NULL));
    assert_true(log_capture_has(&f.capture, "fetching ARM's client certificates from http://arm."));
    end(&f);
}

static void keeps_what_it_has_when_a_reply_is_no_use(void **state)
{
    (void)state;
    static const struct script_step bad[] = {
        { .request = ASKS, .headers = JSON_TYPE, .reply = EXPIRED },
        { .request = ASKS, .headers = "Content-Type: text/html", .reply = VALID },
        { .request = ASKS, .headers = JSON_TYPE, .reply = "{\"clientCertificates\":{}}" },
        { .request = ASKS, .headers = JSON_TYPE, .reply = "{\"clientCertificates\":[{}]}" },
        { .request = ASKS, .headers = JSON_TYPE, .reply = "moon" },
        { .request = ASKS, .status = 302, .headers = "Location: http://moon/" },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const struct script_step steps[] = {
            { .request = ASKS, .headers = JSON_TYPE, .reply = VALID },
            bad[i],
        };
        struct fixture f;
        start(&f, steps, 2);
        (void)fake_clock_step(&f.clock);
        fake_clock_await(&f.clock, 1);

        assert_true(log_capture_has(&f.capture, "level=error"));
        assert_true(authorizer_is_ready(f.a, NULL));
        end(&f);
    }
}

static void is_not_ready_with_what_is_a_day_old(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = ASKS, .headers = JSON_TYPE, .reply = VALID },
        { .request = ASKS, .hang = true },
    };
    struct fixture f;
    start(&f, steps, 2);

    fake_clock_advance_ms(&f.clock, 24 * HOUR_MS);
    fake_clock_await(&f.clock, 1); /* it asks, and nobody answers */

    assert_false(authorizer_is_ready(f.a, NULL));
    end(&f);
}

/* ---- real certificates ---- */

static int tell(struct request *req, struct error **err)
{
    (void)err;
    reply_status(req, 204);
    return 0;
}
static const struct route routes[] = { { "GET", "/x", 0, tell, NULL } };

static char *give_der_text(const char *pem)
{
    cleanup_free char *body = xstrdup(strchr(pem, '\n') + 1);
    *strstr(body, "-----END") = '\0';
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    for (const char *p = body; *p; p++)
        if (*p != '\n')
            buf_addc(&out, *p);
    return buf_give(&out);
}

static char *ask(struct http_server *s, const struct wire_pair *caller)
{
    struct wire w = wire_connect_tls(http_server_port(s), caller, NULL);
    cleanup_free char *reply = wire_give_answer(&w, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    wire_close(&w);
    return xstrndup(reply + 9, 3);
}

static void takes_the_certificate_byte_by_byte(void **state)
{
    (void)state;
    struct wire_pair server = wire_pair_make("localhost", NULL);
    struct wire_pair arm = wire_pair_make("arm", NULL), copy = wire_pair_make("arm", NULL);
    cleanup_free char *der = give_der_text(arm.cert_pem);
    cleanup_free char *set =
        xasprintf("{\"clientCertificates\":[{\"notBefore\":\"2000-01-01T00:00:00Z\",\"notAfter\":"
                  "\"2200-01-01T00:00:00Z\",\"certificate\":\"%s\"}]}",
                  der);
    const struct script_step steps[] = { { .request = ASKS, .headers = JSON_TYPE, .reply = set } };
    struct fixture f;
    start(&f, steps, 1);
    struct front r;
    front_init(&r);
    r.cfg.arm = f.a;
    r.cfg.cert_pem = server.cert_pem;
    r.cfg.key_pem = server.key_pem;
    front_serve(&r, routes, 1);

    cleanup_free char *known = ask(r.server, &arm);
    cleanup_free char *same_name = ask(r.server, &copy);
    cleanup_free char *nobody = ask(r.server, NULL);

    assert_string_equal(known, "204");
    assert_string_equal(same_name, "403");
    assert_string_equal(nobody, "403");
    front_release(&r);
    end(&f);
    wire_pair_release(&copy);
    wire_pair_release(&arm);
    wire_pair_release(&server);
}

static void knows_the_endpoints_of_clouds(void **state)
{
    static const struct {
        const char *cloud, *arm, *want;
    } rows[] = {
        { "AzurePublicCloud", NULL, "https://admin.management.azure.com/metadata/" },
        { "azureusgovernmentcloud", NULL, "https://admin.management.usgovcloudapi.net/metadata/" },
        { "AzureMoonCloud", "https://arm.moon/", "https://arm.moon:24582/metadata/" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fake_env env;
        fake_env_init(&env);
        fake_env_set(&env, "RP_MODE", "test");
        fake_env_set(&env, "AZURE_ENVIRONMENT", rows[i].cloud);
        cleanup_rp_env struct rp_env *e = NULL;
        assert_int_equal(rp_env_load(&env.base, &e, NULL), 0);

        cleanup_free char *url = arm_certs_give_url(e, rows[i].arm);

        assert_memory_equal(url, rows[i].want, strlen(rows[i].want));
        fake_env_release(&env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("is ready once it knows somebody", is_ready_once_it_knows_somebody),
        CASE("asks again every hour", asks_again_every_hour),
        CASE("asks sooner after a failure, and ever less so", asks_sooner_after_a_failure),
        CASE("keeps what it has when a reply is no use", keeps_what_it_has_when_a_reply_is_no_use),
        CASE("is not ready with what is a day old", is_not_ready_with_what_is_a_day_old),
        CASE("takes the certificate byte by byte", takes_the_certificate_byte_by_byte),
        CASE("knows the endpoints of the clouds", knows_the_endpoints_of_clouds),
    };
    return RUN_CASES("ARM's certificates", tests);
}
