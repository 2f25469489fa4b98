#include "test/unit/hack/devcloud/azure/template_rig.h"

#define HEAD "{'$schema':'s','contentVersion':'1.0.0.0','resources':"
#define GROUP RIG_SUBSCRIPTION "/resourceGroups/g"

/* NULL: it was refused, with this part in the text. Owned by the caller. */
static json *give_plan(const char *resources, const char *part)
{
    cleanup_free char *text = xasprintf(HEAD "%s}", resources);
    cleanup_json json *template = template_rig_json(text);
    const struct template_scope s = {
        .template = template, .subscription = RIG_SUBSCRIPTION, .group = "g", .deployment = "d"
    };
    json *plan = NULL;
    cleanup_error struct error *err = NULL;
    int rcode = plan_build(&s, &plan, &err);
    if (rcode < 0 && !part)
        fail_msg("%s: %s", resources, error_text(err));
    if (part)
        assert_non_null(strstr(error_text(err), part));
    return plan;
}

static void check_identities(void **state)
{
    (void)state;
    static const struct {
        const char *resource, *id;
    } rows[] = {
        { "{'type':'A/b','name':'n','apiVersion':'1'}", GROUP "/providers/A/b/n" },
        { "{'type':'A/b/c','name':\"[concat('n','/m')]\",'apiVersion':'1'}",
          GROUP "/providers/A/b/n/c/m" },
        { "{'type':'A/b/providers/roleAssignments','name':'n/Microsoft.Authorization/G',"
          "'apiVersion':'1'}",
          GROUP "/providers/A/b/n/providers/Microsoft.Authorization/roleAssignments/G" },
        { "{'type':'A/b','name':'n','apiVersion':'1','scope':'/x'}", "/x/providers/A/b/n" },
        { "{'type':'A/b','name':'n','apiVersion':'1','resourceGroup':'o','subscriptionId':'T'}",
          "/subscriptions/T/resourceGroups/o/providers/A/b/n" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *list = xasprintf("[%s]", rows[i].resource);
        cleanup_json json *plan = give_plan(list, NULL);
        assert_string_equal(json_path_str(plan, "[0].id"), rows[i].id);
    }
}

static void check_loops(void **state)
{
    (void)state;
    cleanup_json json *plan = give_plan(
        "[{'type':'A/b','name':\"[concat('n',copyIndex(1))]\",'apiVersion':'1','copy':{'name':'l',"
        "'count':3}},{'type':'A/b','name':'p','apiVersion':'1','resources':[{'type':'c','name':"
        "'q','apiVersion':'1'}],'condition':'[false()]'}]",
        NULL);

    assert_int_equal(json_len(plan), 5);
    assert_string_equal(json_path_str(plan, "[2].name"), "n3");
    assert_string_equal(json_path_str(plan, "[2].loop"), "l");
    assert_true(json_path_bool(plan, "[3].skipped", false));
    assert_string_equal(json_path_str(plan, "[4].id"), GROUP "/providers/A/b/p/c/q");
    assert_string_equal(json_path_str(plan, "[4].type"), "A/b/c");
}

static void check_finding(void **state)
{
    (void)state;
    cleanup_json json *plan = give_plan("[{'type':'A/b/c','name':'n/m','apiVersion':'1'}]", NULL);

    assert_non_null(plan_find(plan, "N/M"));
    assert_non_null(plan_find(plan, "a/b/n/C/m"));
    assert_non_null(plan_find(plan, GROUP "/providers/A/b/n/c/m"));
    assert_null(plan_find(plan, "m"));
    assert_null(plan_find(plan, "x"));
}

static void check_refusals(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "{}", "resources" },
        { "[1]", "resources[0]" },
        { "[{'type':'A/b','name':'n'}]", "apiVersion" },
        { "[{'type':'A/b/c','name':'n','apiVersion':'1'}]", "incorrect segment lengths" },
        { "[{'type':'A/b','name':'n','apiVersion':'1'},{'type':'a/B','name':'N','apiVersion':'1'}]",
          "multiple times" },
        { "[{'type':'A/b','name':'[none()]','apiVersion':'1'}]", "'none' is not valid" },
        { "[{'type':'A/b','name':\"[reference('x').y]\",'apiVersion':'1'}]", "not expected" },
        { "[{'type':'A/b','name':'n','apiVersion':'1','condition':'yes'}]", "condition" },
        { "[{'type':'A/b','name':'n','apiVersion':'1','copy':{'count':1}}]", "no name" },
        { "[{'type':'A/b','name':'n','apiVersion':'1','copy':{'name':'l','count':801}}]", "801" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows) - 1; i++)
        assert_null(give_plan(rows[i][0], rows[i][1]));
    assert_null(give_plan(rows[ARRAY_LEN(rows) - 1][0], "not within 0 and 800"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every form of type and name leads to an ID", check_identities),
        CASE("loops, children and conditions are spread out", check_loops),
        CASE("resources are found by name, relative and full ID", check_finding),
        CASE("templates that make no sense are refused", check_refusals),
    };
    return RUN_CASES("template_plan", tests);
}
