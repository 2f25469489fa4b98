#include "pkg/api/cidr.h"
#include "test/unit/support/test.h"

struct parse_case {
    const char *text;
    enum cidr_form form;
    const char *network; /* of IPv4 */
};
static struct parse_case parse_cases[] = {
    { "10.128.0.0/14", CIDR_IPV4, "10.128.0.0/14" },
    { "10.131.255.255/14", CIDR_IPV4, "10.128.0.0/14" },
    { "255.255.255.255/32", CIDR_IPV4, "255.255.255.255/32" },
    { "1.2.3.4/0", CIDR_IPV4, "0.0.0.0/0" },
    { "2001:db8::/32", CIDR_IPV6, NULL },
    { "::/129", CIDR_BAD, NULL },
    { "10.0.0.0", CIDR_BAD, NULL },
    { "10.0.0.0/", CIDR_BAD, NULL },
    { "10.0.0.0/33", CIDR_BAD, NULL },
    { "10.0.0.0/8 ", CIDR_BAD, NULL },
    { "10.0.0.0/-1", CIDR_BAD, NULL },
    { "10.0.0.0/99999999999999999999", CIDR_BAD, NULL },
    { "010.0.0.0/8", CIDR_BAD, NULL },
    { "/8", CIDR_BAD, NULL },
    { "", CIDR_BAD, NULL },
    { "1111111111111111111111111111111111111111111111111111111/8", CIDR_BAD, NULL },
};

static void check_parse(void **state)
{
    const struct parse_case *c = *state;
    struct cidr range = { 0 };
    char text[CIDR_TEXT_MAX];

    enum cidr_form form = cidr_parse(c->text, &range);

    assert_int_equal(form, c->form);
    if (form != CIDR_IPV4)
        return;
    cidr_text(&range, text);
    assert_string_equal(text, c->network);
}

static bool overlap(const char *a, const char *b)
{
    struct cidr x, y;
    assert_int_equal(cidr_parse(a, &x), CIDR_IPV4);
    assert_int_equal(cidr_parse(b, &y), CIDR_IPV4);
    assert_int_equal(cidr_overlaps(&x, &y), cidr_overlaps(&y, &x));
    return cidr_overlaps(&x, &y);
}

static void ranges_overlap_when_one_holds_the_other(void **state)
{
    (void)state;
    assert_true(overlap("10.0.0.0/8", "10.9.0.0/16"));
    assert_true(overlap("10.9.0.0/16", "10.9.0.0/16"));
    assert_true(overlap("0.0.0.0/0", "255.0.0.0/8"));
    assert_false(overlap("10.8.0.0/16", "10.9.0.0/16"));
}

static void addresses_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(ip_parse("1.2.3.4"), CIDR_IPV4);
    assert_int_equal(ip_parse("::1"), CIDR_IPV6);
    assert_int_equal(ip_parse("1.2.3"), CIDR_BAD);
    assert_int_equal(ip_parse(""), CIDR_BAD);
    assert_int_equal(ip_parse(NULL), CIDR_BAD);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(parse_cases) + 2] = {
        CASE("ranges overlap when one holds the other", ranges_overlap_when_one_holds_the_other),
        CASE("addresses are told apart", addresses_are_told_apart),
    };
    for (size_t i = 0; i < ARRAY_LEN(parse_cases); i++)
        tests[2 + i] =
            (struct CMUnitTest)CASE_OF(parse_cases[i].text, check_parse, &parse_cases[i]);
    return RUN_CASES("cidr", tests);
}
