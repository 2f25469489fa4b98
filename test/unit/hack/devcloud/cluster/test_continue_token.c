#include "hack/devcloud/cluster/continue_token.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static void round_trip(void **state)
{
    (void)state;
    char nspace[] = "a", name[] = "b\"c";
    struct continue_token t = { .revision = 77, .nspace = nspace, .name = name }, back = { 0 };

    cleanup_free char *text = continue_token_give(&t);
    assert_int_equal(continue_token_parse(text, &back, NULL), 0);

    assert_int_equal(back.revision, 77);
    assert_string_equal(back.nspace, "a");
    assert_string_equal(back.name, "b\"c");
    continue_token_release(&back);
}

static void refuses(void **state)
{
    (void)state;
    static const char *const bad[] = { "!", "abc", "e30" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct continue_token t = { 0 };
        cleanup_error struct error *err = NULL;
        assert_int_equal(continue_token_parse(bad[i], &t, &err), -1);
        assert_string_equal(error_get_code(err), "BadRequest");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a token says where it was made", round_trip),
        CASE("refuses what is no token", refuses),
    };
    return RUN_CASES("continue_token", tests);
}
