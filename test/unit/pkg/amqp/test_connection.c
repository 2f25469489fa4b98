#include <string.h>

#include "pkg/amqp/impl.h"
#include "pkg/base/mem.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/amqp/broker_rig.h"

static void open_fails(const char *url, enum err_kind kind)
{
    struct fake_env env;
    fake_env_init(&env);
    cleanup_amqp_address struct amqp_address *a = NULL;
    cleanup_error struct error *err = NULL;
    const struct opctx root = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct opctx ctx = opctx_with_timeout_ms(&root, 20000);
    struct amqp *c = NULL;
    assert_int_equal(amqp_address_parse(url, &env.base, &a, NULL), 0);
    const struct amqp_config cfg = { .address = a };
    assert_int_equal(amqp_open(&ctx, &cfg, &c, &err), -1);
    if (!error_is(err, kind))
        fail_msg("%s", error_text(err));
    assert_null(strstr(error_text(err), "hidden"));
    fake_env_release(&env);
}

static void nobody_answers(void **state)
{
    (void)state;
    open_fails("amqp://me:hidden@127.0.0.1:1", ERR_CONN);
}

static void files_that_are_none_are_told(void **state)
{
    (void)state;
    open_fails("amqps://me:hidden@127.0.0.1:1/?cacertfile=/dev/null", ERR_INVALID);
}

static void a_wrong_password_is_told_and_not_shown(void **state)
{
    (void)state;
    struct broker_rig r;
    broker_rig_init(&r);
    cleanup_free char *url = xasprintf("amqp://guest:hidden@127.0.0.1:%d", r.address->port);
    open_fails(url, ERR_UNAUTHORIZED);
    broker_rig_release(&r);
}

static void a_broker_that_speaks_no_tls_is_refused(void **state)
{
    (void)state;
    struct broker_rig r;
    broker_rig_init(&r);
    cleanup_free char *url = xasprintf("amqps://guest:hidden@127.0.0.1:%d", r.address->port);
    open_fails(url, ERR_CONN);
    broker_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("nobody answers", nobody_answers),
        CASE("files that are none are told", files_that_are_none_are_told),
        CASE("a wrong password is told and not shown", a_wrong_password_is_told_and_not_shown),
        CASE("a broker that speaks no TLS is refused", a_broker_that_speaks_no_tls_is_refused),
    };
    return RUN_CASES_IF(broker_is_there(), 2, "connection", tests, BY_SYNCSETS_CHECK);
}
