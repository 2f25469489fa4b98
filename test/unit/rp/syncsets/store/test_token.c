#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static void tokens_are_bound_and_signed(void **state)
{
    (void)state;
    cleanup_keyring struct keyring *keys = NULL;
    assert_int_equal(keyring_parse(RIG_KEYS, &keys, NULL), 0);
    char nspace[] = "n", name[] = "a";
    const struct sets_token t = { 7, nspace, name };
    cleanup_free char *text = sets_token_give(keys, &t, "clusters|n");
    cleanup_token struct sets_token back = { 0 };
    struct sets_token none = { 0 };
    assert_int_equal(sets_token_parse(keys, text, "clusters|n", &back, NULL), 0);
    assert_int_equal(back.revision, 7);
    assert_string_equal(back.name, "a");
    assert_int_equal(sets_token_parse(keys, text, "clusters|m", &none, NULL), -1);
    text[3] = text[3] == 'A' ? 'B' : 'A';
    assert_int_equal(sets_token_parse(keys, text, "clusters|n", &none, NULL), -1);
    assert_int_equal(sets_token_parse(keys, "", "clusters|n", &none, NULL), -1);
    assert_int_equal(sets_token_parse(keys, "e30.AAAA", "clusters|n", &none, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("tokens are bound and signed", tokens_are_bound_and_signed),
    };
    return RUN_CASES("token", tests);
}
