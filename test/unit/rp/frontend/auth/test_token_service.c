#include <string.h>

#include "pkg/base/strv.h"
#include "rp/frontend/auth/token_service.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    reply_status(req, 204);
    return 0;
}
static const struct route routes[] = { { "GET", "/x", 0, tell, NULL } };

#define ASKS \
    "POST http://mise.test/ValidateRequest\nAuthorization: Bearer t\n" \
    "Original-Uri: http://rp.test/X\nOriginal-Method: GET\nX-Forwarded-For: 127.0.0.1\n" \
    "@timeout_ms: 5000\n\n"

struct token_case {
    const char *name;
    bool has_fallback;
    const char *want; /* status */
    struct script_step steps[3];
    size_t len;
    int waits_ms; /* in all */
};
static struct token_case cases[] = {
    { "takes whom the service takes", false, "204", { { .request = ASKS } }, 1, 0 },
    { "refuses whom the service refuses",
      false,
      "403",
      { { .request = ASKS, .status = 401 } },
      1,
      0 },
    { "tries again when the service fails",
      false,
      "204",
      { { .request = ASKS, .status = 503 },
        { .request = ASKS, .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET },
        { .request = ASKS } },
      3,
      300 },
    { "gives up after three tries",
      false,
      "403",
      { { .request = ASKS, .status = 500 },
        { .request = ASKS, .status = 408 },
        { .request = ASKS, .status = 429 } },
      3,
      300 },
    { "falls back on certificates", true, "204", { { .request = ASKS, .status = 403 } }, 1, 0 },
};

static void check_token(void **state)
{
    const struct token_case *c = *state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    clock.auto_advance = true;
    struct scripted_transport transport;
    scripted_transport_init(&transport, c->steps, c->len);
    const struct token_service_config cfg = {
        .transport = &transport.base,
        .address = "http://mise.test",
        .timeout_ms = 5000,
        .fallback = c->has_fallback ? authorizer_allow_all() : NULL,
    };
    cleanup_authorizer struct authorizer *a = token_service_new(&cfg);
    struct front r;
    front_init(&r);
    r.cfg.arm = a;
    r.cfg.clock = &clock.base;
    front_serve(&r, routes, 1);

    cleanup_free char *reply =
        front_give_reply(&r, "GET", "/X?q", "Authorization: Bearer t\r\n", NULL);

    assert_memory_equal(reply + 9, c->want, 3);
    assert_int_equal(clock_mono_ns(&clock.base) - FAKE_MONO_NS, c->waits_ms * NS_PER_MS);
    front_release(&r);
    scripted_transport_check(&transport);
    scripted_transport_release(&transport);
    fake_clock_release(&clock);
}

static void is_ready_when_the_service_is(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = "GET http://mise.test/readyz\n@timeout_ms: 5000\n\n" },
        { .request = "GET http://mise.test/readyz\n@timeout_ms: 5000\n\n", .status = 503 },
    };
    struct scripted_transport transport;
    scripted_transport_init(&transport, steps, 2);
    const struct token_service_config cfg = { .transport = &transport.base,
                                              .address = "http://mise.test",
                                              .timeout_ms = 5000 };
    cleanup_authorizer struct authorizer *a = token_service_new(&cfg);
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);

    assert_true(authorizer_is_ready(a, &ctx));
    assert_false(authorizer_is_ready(a, &ctx));
    scripted_transport_check(&transport);
    scripted_transport_release(&transport);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_token, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("is ready when the service is", is_ready_when_the_service_is);
    return RUN_CASES("token service", tests);
}
