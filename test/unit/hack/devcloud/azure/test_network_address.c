#include "hack/devcloud/azure/network.h"
#include "test/unit/support/test.h"

static struct network_prefix prefix(const char *text)
{
    struct network_prefix p;
    assert_true(network_prefix_parse(text, &p));
    return p;
}

static void check_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t first, last;
    } rows[] = {
        { "10.0.0.0/23", 0x0a000000, 0x0a0001ff },
        { "0.0.0.0/0", 0, UINT32_MAX },
        { "192.168.1.1/32", 0xc0a80101, 0xc0a80101 },
        { "128.0.0.0/1", 0x80000000, UINT32_MAX },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(prefix(rows[i].text).first, rows[i].first);
        assert_int_equal(prefix(rows[i].text).last, rows[i].last);
    }
}

static void check_refused(void **state)
{
    (void)state;
    static const char *const texts[] = { "",           "10.0.0.0",    "10.0.0.0/33", "10.0.0.0/-1",
                                         "10.0.0/8",   "10.0.0.1/24", "fd00::/8",    "10.0.0.0/",
                                         "10.0.0.0/8x" };
    struct network_prefix p;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_false(network_prefix_parse(texts[i], &p));
}

static void check_relations(void **state)
{
    (void)state;
    struct network_prefix all = prefix("10.0.0.0/8"), low = prefix("10.0.0.0/24"),
                          high = prefix("10.0.1.0/24");
    assert_true(network_prefix_contains(all, low));
    assert_true(network_prefix_contains(low, low));
    assert_false(network_prefix_contains(low, all));
    assert_false(network_prefix_overlaps(low, high));
    assert_true(network_prefix_overlaps(all, high));
    assert_true(network_prefix_overlaps(high, all));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a prefix has a first and a last address", check_bounds),
        CASE("text that is no prefix is refused", check_refused),
        CASE("prefixes contain and overlap each other", check_relations),
    };
    return RUN_CASES("network_address", tests);
}
