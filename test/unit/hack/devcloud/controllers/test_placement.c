#include <string.h>

#include "hack/devcloud/controllers/placement.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

#define REQUIRED(terms) \
    "{'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':" \
    "{'nodeSelectorTerms':" terms "}}}}"
#define EXPRESSION(key, op, values) \
    REQUIRED("[{'matchExpressions':[{'key':'" key "','operator':'" op "','values':" values "}]}]")

static const char node_text[] =
    "{'metadata':{'name':'one','labels':{'role':'master','zone':'7'}},'spec':{'taints':["
    "{'key':'master','effect':'NoSchedule'},{'key':'soft','effect':'PreferNoSchedule'},"
    "{'key':'sick','value':'yes','effect':'NoExecute'}]}}";

struct placement_case {
    const char *name, *spec;
    bool want;
};
static struct placement_case matches[] = {
    { "a pod without wishes matches", "{}", true },
    { "a node selector's labels are needed", "{'nodeSelector':{'role':'master'}}", true },
    { "a node selector's other value does not match", "{'nodeSelector':{'role':'worker'}}", false },
    { "In wants one of the values", EXPRESSION("role", "In", "['a','master']"), true },
    { "NotIn refuses one of the values", EXPRESSION("role", "NotIn", "['a','master']"), false },
    { "NotIn accepts an absent label", EXPRESSION("other", "NotIn", "['a']"), true },
    { "Exists wants the label", EXPRESSION("role", "Exists", "[]"), true },
    { "DoesNotExist refuses the label", EXPRESSION("role", "DoesNotExist", "[]"), false },
    { "Gt compares numbers", EXPRESSION("zone", "Gt", "['6']"), true },
    { "Lt compares numbers", EXPRESSION("zone", "Lt", "['6']"), false },
    { "a comparison needs a number", EXPRESSION("role", "Gt", "['6']"), false },
    { "one of the terms is enough",
      REQUIRED("[{'matchExpressions':[{'key':'x','operator':'Exists'}]},{'matchFields':"
               "[{'key':'metadata.name','operator':'In','values':['one']}]}]"),
      true },
    { "a field names another node",
      REQUIRED("[{'matchFields':[{'key':'metadata.name','operator':'In','values':['two']}]}]"),
      false },
    { "an empty term matches nothing", REQUIRED("[{}]"), false },
};
#define TOLERATIONS(list) "{'tolerations':[" list "]}"
#define MASTER "{'key':'master','operator':'Exists','effect':'NoSchedule'}"
static struct placement_case tolerates[] = {
    { "taints keep pods away", "{}", false },
    { "everything is tolerated at once", TOLERATIONS("{'operator':'Exists'}"), true },
    { "each hard taint is tolerated, the soft one need not be",
      TOLERATIONS(MASTER ",{'key':'sick','value':'yes'}"), true },
    { "a toleration of another value is none", TOLERATIONS(MASTER ",{'key':'sick','value':'no'}"),
      false },
    { "a toleration of another effect is none",
      TOLERATIONS(MASTER ",{'key':'sick','operator':'Exists','effect':'NoSchedule'}"), false },
    { "an empty key without Exists tolerates nothing", TOLERATIONS("{'effect':'NoSchedule'}"),
      false },
};

static void check(const struct placement_case *c, bool (*fn)(const json *spec, const json *node))
{
    cleanup_json json *node = loose_tree(node_text), *spec = loose_tree(c->spec);
    assert_int_equal(fn(spec, node), c->want);
}

static void check_match(void **state)
{
    check(*state, placement_matches);
}

static bool tolerates_any(const json *spec, const json *node)
{
    return placement_tolerates(spec, node, NULL);
}

static void check_toleration(void **state)
{
    check(*state, tolerates_any);
}

static void one_effect(void **state)
{
    (void)state;
    cleanup_json json *node = loose_tree(node_text);
    cleanup_json json *spec = loose_tree(TOLERATIONS("{'key':'sick','operator':'Exists'}"));

    assert_true(placement_tolerates(spec, node, "NoExecute"));
    assert_false(placement_tolerates(spec, node, "NoSchedule"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(matches) + ARRAY_LEN(tolerates) + 1];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(matches); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(matches[i].name, check_match, &matches[i]);
    for (size_t i = 0; i < ARRAY_LEN(tolerates); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(tolerates[i].name, check_toleration, &tolerates[i]);
    tests[n] = (struct CMUnitTest)CASE("one effect is looked at alone", one_effect);
    return RUN_CASES("placement", tests);
}
