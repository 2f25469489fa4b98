#include "pkg/base/mem.h"
#include "rp/syncsets/types/names.h"
#include "test/unit/support/test.h"

static void names_follow_dns(void **state)
{
    (void)state;
    static const char *const good[] = { "a", "a-b", "a.b-c.d9", "0" };
    static const char *const bad[] = { "", "A", "-a", "a-", "a..b", ".a", "a.", "a_b", "a/b" };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_null(name_flaw_subdomain(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_non_null(name_flaw_subdomain(bad[i]));
    assert_non_null(name_flaw_label("a.b"));
    char long_label[65] = { 0 };
    for (int i = 0; i < 64; i++)
        long_label[i] = 'a';
    assert_non_null(name_flaw_label(long_label));
    long_label[63] = '\0';
    assert_null(name_flaw_label(long_label));
}

static void labels_follow_kubernetes(void **state)
{
    (void)state;
    assert_null(name_flaw_label_key("example.com/A_b.c"));
    assert_null(name_flaw_label_key("env"));
    assert_non_null(name_flaw_label_key("Example.com/a"));
    assert_non_null(name_flaw_label_key("a/b/c"));
    assert_non_null(name_flaw_label_key("/a"));
    assert_null(name_flaw_label_value(""));
    assert_null(name_flaw_label_value("v1.2_A"));
    assert_non_null(name_flaw_label_value("-a"));
    assert_non_null(name_flaw_label_value("a b"));
    assert_true(name_is_ip("10.0.0.1"));
    assert_true(name_is_ip("fd00::1"));
    assert_false(name_is_ip("10.0.0"));
}

static void places_are_no_longer_than_an_index_holds(void **state)
{
    (void)state;
    cleanup_free char *at_most = xasprintf("%0253d", 0), *beyond = xasprintf("%0254d", 0);
    cleanup_free char *version = xasprintf("%s/v1", at_most), *of_long = xasprintf("%s/v1", beyond);
    assert_null(name_flaw_segment(at_most));
    assert_non_null(name_flaw_segment(beyond));
    assert_null(name_flaw_version(version));
    assert_non_null(name_flaw_version(of_long));
    assert_null(name_flaw_kind(at_most + 253 - 63));
    assert_non_null(name_flaw_kind(at_most + 253 - 64));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("names follow DNS", names_follow_dns),
        CASE("places are no longer than an index holds", places_are_no_longer_than_an_index_holds),
        CASE("labels follow Kubernetes", labels_follow_kubernetes),
    };
    return RUN_CASES("names", tests);
}
