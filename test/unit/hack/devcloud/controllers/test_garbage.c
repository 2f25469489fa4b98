#include "hack/devcloud/controllers/garbage.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

struct verdict_case {
    const char *name;
    enum owner_state owners[2];
    size_t len;
    bool has_dependents;
    enum verdict want;
};
static struct verdict_case verdicts[] = {
    { "without owners an object stays", { 0 }, 0, false, VERDICT_KEEP },
    { "with its owner an object stays", { OWNER_SOLID }, 1, false, VERDICT_KEEP },
    { "without its owner an object goes", { OWNER_ABSENT }, 1, true, VERDICT_DELETE },
    { "one owner keeps it, the gone one is forgotten",
      { OWNER_SOLID, OWNER_ABSENT },
      2,
      false,
      VERDICT_TRIM },
    { "one owner keeps it from one that waits",
      { OWNER_WAITING, OWNER_SOLID },
      2,
      false,
      VERDICT_TRIM },
    { "for an owner that waits an object goes", { OWNER_WAITING }, 1, false, VERDICT_DELETE },
    { "for an owner that waits its own go first",
      { OWNER_WAITING, OWNER_ABSENT },
      2,
      true,
      VERDICT_FOREGROUND },
};

static void check_verdict(void **state)
{
    const struct verdict_case *c = *state;
    assert_int_equal(garbage_judge(c->owners, c->len, c->has_dependents), c->want);
}

struct policy_case {
    const char *name, *finalizers, *want;
};
static struct policy_case policies[] = {
    { "what is left goes in the background", "[]", "Background" },
    { "a finalizer asks for orphans", "['orphan']", "Orphan" },
    { "a finalizer asks for the foreground", "['x','foregroundDeletion']", "Foreground" },
};

static void check_policy(void **state)
{
    const struct policy_case *c = *state;
    cleanup_json json *object =
        json_make("{'metadata':{'finalizers':%j}}", loose_tree(c->finalizers));
    assert_string_equal(garbage_policy(object), c->want);
}

static void references(void **state)
{
    (void)state;
    cleanup_json json *object =
        loose_tree("{'metadata':{'ownerReferences':[{'uid':'a'},{'uid':'b'}]}}");
    const bool keep[] = { false, true };

    cleanup_json json *left = garbage_give_references(object, keep);

    assert_int_equal(json_len(left), 1);
    assert_string_equal(json_path_str(json_at(left, 0), "uid"), "b");
}

static void finalizers(void **state)
{
    (void)state;
    cleanup_json json *object = loose_tree("{'metadata':{'finalizers':['a','orphan']}}");

    cleanup_json json *left = garbage_give_finalizers(object, FINALIZER_ORPHAN);

    assert_int_equal(json_len(left), 1);
    assert_string_equal(json_str(json_at(left, 0)), "a");
    assert_true(garbage_has_finalizer(object, "orphan"));
    assert_false(garbage_has_finalizer(object, "b"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(verdicts) + ARRAY_LEN(policies) + 2];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(verdicts[i].name, check_verdict, &verdicts[i]);
    for (size_t i = 0; i < ARRAY_LEN(policies); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(policies[i].name, check_policy, &policies[i]);
    tests[n++] =
        (struct CMUnitTest)CASE("references that count for nothing are left out", references);
    tests[n] = (struct CMUnitTest)CASE("one finalizer is left out", finalizers);
    return RUN_CASES("garbage", tests);
}
