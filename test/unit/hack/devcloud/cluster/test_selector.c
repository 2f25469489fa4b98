#include "hack/devcloud/cluster/record.h"
#include "hack/devcloud/cluster/selector.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

struct match_case {
    const char *selector;
    bool matches; /* the labels app=web, tier=, n=5 */
};

static struct match_case label_cases[] = {
    { "", true },
    { "app=web", true },
    { "app==web", true },
    { "app = web , n=5", true },
    { "app!=web", false },
    { "other!=web", true },
    { "app in (web,db)", true },
    { "app in (db)", false },
    { "app notin (db)", true },
    { "other notin (db)", true },
    { "app", true },
    { "!app", false },
    { "!other", true },
    { "tier=", true },
    { "tier in ()", true },
    { "n>4", true },
    { "n<5", false },
    { "app>1", false },
    { "app=web,!tier", false },
};

static struct record *give_record(void)
{
    cleanup_json json *obj = loose_tree(
        "{'metadata':{'name':'p','namespace':'n','labels':{'app':'web','tier':'','n':'5'}"
        "},'spec':{'nodeName':'node1'}}");
    return record_new("/pods", obj, 1, 1);
}

static void check_labels(void **state)
{
    const struct match_case *c = *state;
    cleanup_record struct record *r = give_record();
    cleanup_label_selector struct label_selector *s = NULL;
    cleanup_error struct error *err = NULL;

    if (label_selector_parse(c->selector, &s, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_int_equal(label_selector_matches(s, r->labels, r->labels_len), c->matches);
}

static struct match_case field_cases[] = {
    { "metadata.name=p", true },     { "metadata.name==p,metadata.namespace=n", true },
    { "metadata.name!=p", false },   { "metadata.namespace=x", false },
    { "spec.nodeName=node1", true }, { "spec.nodeName=", false },
    { "status.phase=", true },       { "status.phase!=Running", true },
};

static void check_fields(void **state)
{
    const struct match_case *c = *state;
    cleanup_record struct record *r = give_record();
    cleanup_field_selector struct field_selector *s = NULL;

    assert_int_equal(field_selector_parse(c->selector, "spec.nodeName status.phase", &s, NULL), 0);

    assert_int_equal(field_selector_matches(s, r), c->matches);
}

struct bad_case {
    const char *selector, *message;
};

static struct bad_case bad_labels[] = {
    { "a in", "unable to parse requirement: found '' expected: '('" },
    { "a===b", "unable to parse requirement: found '=', expected: identifier" },
    { ",a", "found ',', expected: !, identifier, or 'end of string'" },
    { "a>x",
      "unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer" },
    { "a=b c", "found 'c', expected: ',' or 'end of string'" },
};

static void refuses_labels(void **state)
{
    const struct bad_case *c = *state;
    struct label_selector *s = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(label_selector_parse(c->selector, &s, &err), -1);

    assert_string_equal(error_text(err), c->message);
    assert_int_equal(error_get_status(err), 400);
    assert_null(s);
}

static void refuses_names(void **state)
{
    (void)state;
    struct label_selector *s = NULL;
    assert_int_equal(label_selector_parse("A_/b", &s, NULL), -1);
    assert_int_equal(label_selector_parse("a=-b", &s, NULL), -1);
}

static void refuses_fields(void **state)
{
    (void)state;
    struct field_selector *s = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(field_selector_parse("spec.foo=a", "", &s, &err), -1);
    assert_string_equal(error_text(err), "\"spec.foo\" is not a known field selector: only "
                                         "\"metadata.name\", \"metadata.namespace\"");
    assert_int_equal(field_selector_parse("metadata.name", "", &s, &err), -1);
    assert_string_equal(error_text(err),
                        "invalid selector: 'metadata.name'; can't understand 'metadata.name'");
}

static void fixes_a_name(void **state)
{
    (void)state;
    cleanup_field_selector struct field_selector *s = NULL;
    assert_int_equal(field_selector_parse("metadata.namespace=n,metadata.name=p", "", &s, NULL), 0);
    assert_string_equal(field_selector_name(s), "p");
    assert_null(field_selector_name(NULL));
}

int main(void)
{
    struct CMUnitTest tests[64];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(label_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(label_cases[i].selector, check_labels, &label_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(field_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(field_cases[i].selector, check_fields, &field_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad_labels); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(bad_labels[i].selector, refuses_labels, &bad_labels[i]);
    tests[n++] = (struct CMUnitTest)CASE("refuses keys and values that cannot be", refuses_names);
    tests[n++] = (struct CMUnitTest)CASE("refuses unknown fields and half terms", refuses_fields);
    tests[n++] = (struct CMUnitTest)CASE("a selector may fix the name", fixes_a_name);
    return _cmocka_run_group_tests("selector", tests, n, NULL, NULL);
}
