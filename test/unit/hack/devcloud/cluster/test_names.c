#include <stdbool.h>
#include <string.h>

#include "hack/devcloud/cluster/names.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

struct name_case {
    const char *name;
    char *(*check)(const char *);
    const char *text;
    bool good;
};

static struct name_case cases[] = {
    { "a subdomain has dots", names_give_subdomain_fault, "a.b-c.d1", true },
    { "a subdomain has no upper case", names_give_subdomain_fault, "A", false },
    { "a subdomain has no empty part", names_give_subdomain_fault, "a..b", false },
    { "a subdomain does not end with a dash", names_give_subdomain_fault, "a-", false },
    { "a label has no dots", names_give_label_fault, "a.b", false },
    { "a label may begin with a digit", names_give_label_fault, "1a", true },
    { "a service name may not", names_give_dns1035_fault, "1a", false },
    { "a service name", names_give_dns1035_fault, "a1", true },
    { "a segment may hold colons", names_give_segment_fault, "system:node", true },
    { "a segment may not hold slashes", names_give_segment_fault, "a/b", false },
    { "a segment may not be two dots", names_give_segment_fault, "..", false },
    { "a label key with a prefix", names_give_label_key_fault, "a.io/B_c", true },
    { "a label key without a prefix", names_give_label_key_fault, "B.c", true },
    { "a label key with an empty prefix", names_give_label_key_fault, "/a", false },
    { "a label key with an empty name", names_give_label_key_fault, "a.io/", false },
    { "a label value may be empty", names_give_label_value_fault, "", true },
    { "a label value has no blanks", names_give_label_value_fault, "a b", false },
};

static void check(void **state)
{
    const struct name_case *c = *state;
    cleanup_free char *fault = c->check(c->text);
    assert_int_equal(fault == NULL, c->good);
}

static void lengths(void **state)
{
    (void)state;
    char text[300] = { 0 };
    memset(text, 'a', 254);
    cleanup_free char *a = names_give_subdomain_fault(text);
    assert_string_equal(a, "must be no more than 253 characters");
    text[64] = '\0';
    cleanup_free char *b = names_give_label_fault(text);
    cleanup_free char *c = names_give_label_value_fault(text);
    assert_string_equal(b, "must be no more than 63 characters");
    assert_string_equal(c, "must be no more than 63 characters");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    size_t n = 0;
    for (; n < ARRAY_LEN(cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(cases[n].name, check, &cases[n]);
    tests[n++] = (struct CMUnitTest)CASE("names have greatest lengths", lengths);
    return RUN_CASES("names", tests);
}
