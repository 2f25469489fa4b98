/* The shapes at their limits; more of them, as clients see them, in test_validate_*.c. */
#include <string.h>

#include "pkg/api/names.h"
#include "test/unit/support/test.h"

#define G "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/g"

static void strict_domains_begin_with_two_letters(void **state)
{
    (void)state;
    assert_true(domain_is_valid("ab", true));
    assert_true(domain_is_valid("ab.c", true));
    assert_false(domain_is_valid("a", true));
    assert_false(domain_is_valid("1b", true));
    assert_true(domain_is_valid("a", false));
    assert_true(domain_is_valid("1", false));
    assert_false(domain_is_valid("", false));
    assert_false(domain_is_valid(".", false));
    assert_false(domain_is_valid("A", false));
}

static void urls_are_what_a_parser_takes(void **state)
{
    (void)state;
    static const char *const good[] = { "",
                                        "x",
                                        "https://h",
                                        "https://h:443/",
                                        "https://h:/",
                                        "https://[::1]:80/",
                                        "https://[::1]",
                                        "/a%2fb",
                                        "h?a b" };
    static const char *const bad[] = {
        ":",  "://h", "h\n",           "h\x7f",           "%",
        "%4", "%4g",  "https://h:4x/", "https://[::1]:x", "https://a b"
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(url_is_valid(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(url_is_valid(bad[i]));
}

static void ids_are_parsed_when_they_fit(void **state)
{
    (void)state;
    cleanup_resource_id struct resource_id group = { 0 }, subnet = { 0 }, set = { 0 };

    assert_true(group_id_parse(G, &group));
    assert_true(subnet_id_parse(
        G "/providers/microsoft.network/virtualnetworks/vnet/subnets/a.b-c_d", &subnet));
    assert_true(
        disk_encryption_set_id_parse(G "/providers/Microsoft.Compute/diskEncryptionSets/x", &set));

    assert_string_equal(group.resource_group, "g");
    assert_string_equal(subnet.name, "a.b-c_d");
    assert_string_equal(set.name, "x");
}

static void other_ids_leave_the_result_alone(void **state)
{
    (void)state;
    struct resource_id id = { 0 };

    assert_false(group_id_parse(G "/providers/n/t/x", &id));
    assert_false(group_id_parse("x", &id));
    assert_false(subnet_id_parse(G, &id));
    assert_false(disk_encryption_set_id_parse(G, &id));

    assert_null(id.subscription_id);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("strict domains begin with two letters", strict_domains_begin_with_two_letters),
        CASE("URLs are what a parser takes", urls_are_what_a_parser_takes),
        CASE("IDs are parsed when they fit", ids_are_parsed_when_they_fit),
        CASE("other IDs leave the result alone", other_ids_leave_the_result_alone),
    };
    return RUN_CASES("names", tests);
}
