#include <openssl/err.h>
#include <string.h>

#include "pkg/crypt/ssl_error.h"
#include "test/unit/support/test.h"

static void check_reason(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;
    ERR_raise(ERR_LIB_PEM, ERR_R_PASSED_NULL_PARAMETER);

    assert_int_equal(ssl_error(&err, ERR_INVALID, "reading it"), -1);

    assert_non_null(strstr(error_text(err), "reading it: "));
    assert_int_equal(ERR_peek_error(), 0); /* nothing is left for the next caller to stumble over */
}

static void check_no_reason(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;

    assert_int_equal(ssl_error(&err, ERR_INTERNAL, "reading it"), -1);

    assert_string_equal(error_text(err), "reading it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("OpenSSL's reason is told and its queue emptied", check_reason),
        CASE("without a reason the attempt alone is told", check_no_reason),
    };
    return RUN_CASES("ssl_error", tests);
}
