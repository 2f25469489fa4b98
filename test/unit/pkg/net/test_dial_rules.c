#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

#include "pkg/net/dial_rules.h"
#include "test/unit/support/test.h"

static bool allows(const struct dial_rules *r, const char *text)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return dial_rules_allow(r, (const struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return dial_rules_allow(r, (const struct sockaddr *)&v6);
}

static const struct {
    const char *allowed, *address;
    bool want;
} cases[] = {
    { NULL, "10.1.2.3", true },
    { NULL, "20.0.0.1", true },
    { NULL, "2001:db8::1", true },
    { NULL, "fd12::1", true },
    { NULL, "127.0.0.1", false },
    { NULL, "127.255.0.1", false },
    { NULL, "0.0.0.0", false },
    { NULL, "169.254.169.254", false },
    { NULL, "168.63.129.16", false },
    { NULL, "168.63.129.17", true },
    { NULL, "100.100.100.200", false },
    { NULL, "224.0.0.1", false },
    { NULL, "255.255.255.255", false },
    { NULL, "::", false },
    { NULL, "::1", false },
    { NULL, "fe80::1", false },
    { NULL, "febf::1", false },
    { NULL, "fec0::1", false },
    { NULL, "fd00:ec2::254", false },
    { NULL, "ff02::1", false },
    { NULL, "::ffff:127.0.0.1", false },
    { NULL, "::ffff:10.0.0.1", true },
    { NULL, "64:ff9b::7f00:1", false },
    { "127.0.0.0/8", "127.0.0.1", true },
    { "127.0.0.0/8", "::ffff:127.1.1.1", true },
    { "127.0.0.0/8", "169.254.1.1", false },
    { "10.0.0.0/8, ::1", "::1", true },
    { "127.0.0.1", "127.0.0.2", false },
    { "127.0.0.5/30", "127.0.0.6", true },
    { "0.0.0.0/0", "169.254.169.254", true },
    { "0.0.0.0/0", "::1", false },
    { "::/0", "127.0.0.1", true },
};

static void addresses_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_dial_rules struct dial_rules *r = NULL;
        assert_int_equal(dial_rules_new(cases[i].allowed, &r, NULL), 0);
        if (allows(r, cases[i].address) != cases[i].want)
            fail_msg("%s", cases[i].address);
    }
}

static void bad_ranges_are_named(void **state)
{
    (void)state;
    static const char *const bad[] = { "x", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0/-1" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct dial_rules *r = NULL;
        cleanup_error struct error *err = NULL;
        assert_int_equal(dial_rules_new(bad[i], &r, &err), -1);
        assert_non_null(strstr(error_text(err), bad[i]));
    }
}

static void without_rules_all_goes(void **state)
{
    (void)state;
    assert_true(allows(NULL, "127.0.0.1"));
}

static void other_families_are_refused(void **state)
{
    (void)state;
    cleanup_dial_rules struct dial_rules *r = NULL;
    const struct sockaddr_un un = { .sun_family = AF_UNIX };
    assert_int_equal(dial_rules_new("0.0.0.0/0", &r, NULL), 0);
    assert_false(dial_rules_allow(r, (const struct sockaddr *)&un));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("addresses are judged", addresses_are_judged),
        CASE("bad ranges are named", bad_ranges_are_named),
        CASE("without rules all goes", without_rules_all_goes),
        CASE("other families are refused", other_families_are_refused),
    };
    return RUN_CASES("dial_rules", tests);
}
