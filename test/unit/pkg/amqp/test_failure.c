#include <string.h>

#include "pkg/amqp/impl.h"
#include "test/unit/support/test.h"

struct failure_case {
    const char *name;
    unsigned code;
    enum err_kind kind;
    bool terminal;
};
static struct failure_case cases[] = {
    { "another declaration is terminal", 406, ERR_PRECONDITION, true },
    { "no such queue", 404, ERR_NOT_FOUND, false },
    { "no right", 403, ERR_FORBIDDEN, false },
    { "a broker that goes down", 320, ERR_UNAVAILABLE, false },
};

static void check_close(void **state)
{
    const struct failure_case *t = *state;
    struct amqp c = { .where = (char[]){ "b:1, vhost /" } };
    cleanup_error struct error *err = NULL;
    assert_int_equal(
        amqp_fail_close(&c, t->code, amqp_cstring_bytes("inequivalent arg 'x'"), "declaring", &err),
        -1);
    assert_true(error_is(err, t->kind));
    assert_int_equal(error_is_marked_terminal(err), t->terminal);
    assert_string_equal(error_text(err), "broker b:1, vhost /: declaring: inequivalent arg 'x'");
    assert_true(c.is_broken);
}

static void a_reply_tells_why_the_connection_closed(void **state)
{
    (void)state;
    struct amqp c = { .where = (char[]){ "b" } };
    amqp_connection_close_t close = { .reply_code = 320,
                                      .reply_text = amqp_cstring_bytes("CONNECTION_FORCED") };
    const amqp_rpc_reply_t reply = { .reply_type = AMQP_RESPONSE_SERVER_EXCEPTION,
                                     .reply = { AMQP_CONNECTION_CLOSE_METHOD, &close } };
    cleanup_error struct error *err = NULL;
    assert_int_equal(amqp_fail_reply(&c, reply, "asking", &err), -1);
    assert_string_equal(error_text(err), "broker b: asking: CONNECTION_FORCED");
    const amqp_rpc_reply_t silent = { .reply_type = AMQP_RESPONSE_LIBRARY_EXCEPTION,
                                      .library_error = AMQP_STATUS_TIMEOUT };
    assert_int_equal(amqp_fail_reply(&c, silent, "asking", &err), -1);
    assert_true(error_is(err, ERR_TIMEOUT));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = {
        CASE("a reply tells why the connection closed", a_reply_tells_why_the_connection_closed),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[1 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_close, &cases[i]);
    return RUN_CASES("failure", tests);
}
