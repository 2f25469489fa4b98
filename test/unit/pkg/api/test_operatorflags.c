#include <string.h>

#include "pkg/api/operatorflags.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static const struct flag_info *any_flag(size_t i)
{
    return i < FLAG_COUNT ? flag_info((enum operator_flag)i) : &other_flags[i - FLAG_COUNT];
}

static void every_flag_is_described(void **state)
{
    (void)state;
    for (size_t i = 0; i < FLAG_COUNT + other_flags_len; i++) {
        const struct flag_info *info = any_flag(i);
        assert_true(str_starts(info->key, "aro.") || str_starts(info->key, "rh.srep."));
        assert_non_null(info->stamped);
        assert_true(strlen(info->doc) > 10);
        assert_int_equal(info->doc[strlen(info->doc) - 1], '.');
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(info->key, any_flag(j)->key);
    }
    assert_null(flag_info(FLAG_NONE));
}

static void the_defaults_are_what_is_stamped(void **state)
{
    (void)state;
    cleanup_json json *flags = operatorflags_give_defaults();

    assert_string_equal(json_str(json_get(flags, "aro.checker.enabled")), "true");
    assert_string_equal(json_str(json_get(flags, "aro.banner.enabled")), "false");
    assert_string_equal(json_str(json_get(flags, "aro.guardrails.method")), "auto");
    assert_string_equal(json_str(json_get(flags, "rh.srep.muo.managed")), "true");
    assert_false(json_has(flags, "aro.environment"));
    assert_false(json_has(flags, "aro.guardrails.namespace"));
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("describes every flag once", every_flag_is_described),
        CASE("gives a new cluster what is stamped", the_defaults_are_what_is_stamped),
    };
    return RUN_CASES("operatorflags", tests);
}
