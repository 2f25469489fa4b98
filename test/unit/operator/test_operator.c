#include <string.h>

#include "operator/operator.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/test.h"

static void check_roles(void **state)
{
    (void)state;
    enum operator_role role;

    assert_true(operator_role_parse("master", &role) && role == ROLE_MASTER);
    assert_true(operator_role_parse("worker", &role) && role == ROLE_WORKER);
    assert_false(operator_role_parse("Master", &role));
    assert_false(operator_role_parse("", &role));
}

/* Starts that must fail, with what the message has to name. */
struct start_case {
    const char *name, *variable, *value, *kubeconfig, *want;
};
static struct start_case starts[] = {
    { "a kubeconfig that does not exist is named", NULL, NULL, "/nonexistent/config",
      "/nonexistent/config" },
    { "a setting that is no number is named", "ARO_GRACE_MS", "soon", "/nonexistent/config",
      "ARO_GRACE_MS" },
    { "a map of addresses that cannot be read is named", "ARO_CONNECT_TO", "/nonexistent/map",
      "/nonexistent/config", "/nonexistent/map" },
};

static void check_start(void **state)
{
    const struct start_case *c = *state;
    struct fake_env env;
    fake_env_init(&env);
    if (c->variable)
        fake_env_set(&env, c->variable, c->value);
    struct log_capture capture;
    log_capture_init(&capture, clock_system());
    struct log log = log_root(&capture.base);
    cleanup_stop struct stop *stop = stop_new(NULL);
    struct operator_options opt = {
        .role = ROLE_WORKER,
        .kubeconfig = c->kubeconfig,
        .bind_address = "127.0.0.1",
        .clock = clock_system(),
        .rng = rng_system(),
        .env = &env.base,
        .log = &log,
    };
    cleanup_error struct error *err = NULL;
    bool busy = true;

    assert_int_equal(operator_run(&opt, stop, &busy, &err), -1);

    assert_false(busy);
    assert_non_null(strstr(error_text(err), c->want));
    log_capture_release(&capture);
    fake_env_release(&env);
}

static void check_development(void **state)
{
    (void)state;
    struct fake_env env;
    fake_env_init(&env);
    fake_env_set(&env, "RP_MODE", "development");
    struct log_capture capture;
    log_capture_init(&capture, clock_system());
    struct log log = log_root(&capture.base);
    cleanup_stop struct stop *stop = stop_new(NULL);
    struct operator_options opt = {
        .role = ROLE_WORKER,
        .kubeconfig = "/nonexistent/config",
        .clock = clock_system(),
        .rng = rng_system(),
        .env = &env.base,
        .log = &log,
    };

    bool busy;
    assert_int_equal(operator_run(&opt, stop, &busy, NULL), -1);

    assert_true(log_capture_has(&capture, "RP_MODE is development"));
    log_capture_release(&capture);
    fake_env_release(&env);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(starts) + 2];
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(starts[i].name, check_start, &starts[i]);
    tests[ARRAY_LEN(starts)] =
        (struct CMUnitTest)CASE("roles are known by their exact names", check_roles);
    tests[ARRAY_LEN(starts) + 1] =
        (struct CMUnitTest)CASE("the log tells of a development environment", check_development);
    return RUN_CASES("operator", tests);
}
