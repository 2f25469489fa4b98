#include "rp/frontend/authorizer.h"
#include "test/unit/support/test.h"

static void takes_everybody(void **state)
{
    (void)state;
    struct authorizer *a = authorizer_allow_all();

    assert_true(authorizer_is_ready(a, NULL));
    assert_int_equal(authorizer_check(a, NULL, NULL, NULL), 0);
    authorizer_free(a);
    assert_int_equal(authorizer_check(authorizer_allow_all(), NULL, NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { CASE("takes everybody, always", takes_everybody) };
    return RUN_CASES("authorizers", tests);
}
