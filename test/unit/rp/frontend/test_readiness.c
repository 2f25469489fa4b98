#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define NOT_READY "500 InternalServerError: Internal server error."

static char *ask(struct clusters *c)
{
    return front_give_answer(&c->front, "GET", "/healthz/ready?api-version=any", NULL);
}

static void is_alive_in_any_case(void **state)
{
    static const char *const paths[] = { "/healthz", "/health", "/HEALTHZ/" };
    (void)state;
    struct clusters c;
    clusters_init(&c);
    atomic_store(&c.front.f.stopping, true);
    for (size_t i = 0; i < 2; i++) {
        cleanup_free char *got = front_give_answer(&c.front, "GET", paths[i], NULL);
        assert_string_equal(got, "200 {}\n");
    }
    clusters_release(&c);
}

static void is_ready_and_then_stopping(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *ready = ask(&c);
    atomic_store(&c.front.f.stopping, true);
    cleanup_free char *stopping = front_give_error(&c.front, "GET", "/healthz/ready", NULL);

    assert_string_equal(ready, "200 {}\n");
    assert_string_equal(stopping, NOT_READY);
    assert_true(log_capture_has(&c.front.capture, "not ready: it is stopping"));
    clusters_release(&c);
}

static bool is_never_ready(struct authorizer *a, const struct opctx *ctx)
{
    (void)a;
    (void)ctx;
    return false;
}

static void needs_its_authorizers(void **state)
{
    (void)state;
    struct authorizer never = *authorizer_allow_all();
    never.is_ready = is_never_ready;
    for (int which = 0; which < 2; which++) {
        struct clusters c;
        clusters_begin(&c);
        if (which == 0)
            c.front.cfg.arm = &never;
        else
            c.front.cfg.admin = &never;
        clusters_serve(&c);

        cleanup_free char *got = front_give_error(&c.front, "GET", "/healthz/ready", NULL);

        assert_string_equal(got, NOT_READY);
        assert_true(log_capture_has(&c.front.capture, which == 0
                                                          ? "ARM cannot be authenticated"
                                                          : "administrators cannot be authent"));
        clusters_release(&c);
    }
}

/* Production's two minutes, on a frontend that is not served: only its clock counts. */
static void waits_after_the_start(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct fake_env env;
    fake_env_init(&env);
    static const char *const names[] = {
        "LOCATION",
        "DOMAIN_NAME",
        "ARO_RP_SECRETS_DIR",
        "ADMIN_API_CLIENT_CERT_COMMON_NAME",
        "MDM_ACCOUNT",
        "MDM_NAMESPACE",
        "CLUSTER_MDSD_CONFIG_VERSION",
        "ACR_RESOURCE_ID",
        "GATEWAY_DOMAINS",
        "GATEWAY_RESOURCEGROUP",
        "ARO_RP_DATABASE",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        fake_env_set(&env, names[i], "x");
    fake_env_set(&env, "CLUSTER_MDSD_ACCOUNT", "AROClusterLogs");
    fake_env_set(&env, "CLUSTER_MDSD_NAMESPACE", "AROClusterLogs");
    fake_env_set(&env, "MDSD_ENVIRONMENT", "Test");
    fake_env_set(&env, "AZURE_TENANT_ID", FRONT_SUB);
    fake_env_set(&env, "AZURE_SUBSCRIPTION_ID", FRONT_SUB);
    fake_env_set(&env, "AZURE_FP_CLIENT_ID", FRONT_SUB);
    cleanup_rp_env struct rp_env *production = NULL;
    cleanup_error struct error *err = NULL;
    if (rp_env_load(&env.base, &production, &err) < 0)
        fail_msg("%s", error_text(err));
    struct frontend f = c.front.f;
    f.cfg.env = production;
    f.cfg.clock = &clock.base;
    f.started_ns = clock_mono_ns(&clock.base);
    const char *why;

    assert_false(frontend_is_ready(&f, &c.ctx, &why));
    assert_string_equal(why, "it has only just started");
    fake_clock_advance_ms(&clock, 120000);
    assert_true(frontend_is_ready(&f, &c.ctx, NULL));
    f.feeds = NULL;
    assert_false(frontend_is_ready(&f, &c.ctx, &why));
    assert_string_equal(why, "versions and role sets have not been read");

    fake_env_release(&env);
    fake_clock_release(&clock);
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("is alive in any case", is_alive_in_any_case),
        CASE("is ready, and then stopping", is_ready_and_then_stopping),
        CASE("needs its authorizers", needs_its_authorizers),
        CASE("waits after the start in production, and for its feeds", waits_after_the_start),
    };
    return RUN_CASES("readiness", tests);
}
