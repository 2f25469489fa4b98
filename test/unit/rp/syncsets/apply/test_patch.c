#include "pkg/base/mem.h"
#include "test/unit/support/joint/syncsets/apply_rig.h"

#define MAPS "/api/v1/namespaces/NS/configmaps"
#define PATCH(type, text) \
    "{'apiVersion':'v1','kind':'ConfigMap','name':'a','namespace':'NS','patchType':'" type \
    "','patch':'" text "'}"
#define Q "\\'"

static void make_target(struct apply_rig *r)
{
    rig_make(r, MAPS, "{'metadata':{'name':'a'},'data':{'x':'1','y':'2'}}");
    rig_count_from_zero(r);
}

static const struct patch_case {
    const char *name, *patch, *want;
} cases[] = {
    { "a merge patch",
      PATCH("merge", "{" Q "data" Q ":{" Q "x" Q ":null," Q "z" Q ":" Q "3" Q "}}"),
      "{'y':'2','z':'3'}" },
    { "a strategic patch", PATCH("strategic", "{" Q "data" Q ":{" Q "x" Q ":" Q "9" Q "}}"),
      "{'x':'9','y':'2'}" },
    { "a patch without a type is strategic",
      PATCH("", "{" Q "data" Q ":{" Q "$patch" Q ":" Q "replace" Q "," Q "n" Q ":" Q "1" Q "}}"),
      "{'n':'1'}" },
    { "a JSON patch",
      PATCH("json", "[{" Q "op" Q ":" Q "remove" Q "," Q "path" Q ":" Q "/data/y" Q "}]"),
      "{'x':'1'}" },
    { "an empty merge patch", PATCH("merge", "{}"), "{'x':'1','y':'2'}" },
    { "an empty JSON patch", PATCH("json", "[]"), "{'x':'1','y':'2'}" },
};

static void check(struct apply_rig *r, const struct patch_case *c)
{
    cleanup_free char *spec = xasprintf("'patches':[%s]", c->patch);
    make_target(r);

    rig_must_apply(r, spec);

    rig_check(r, MAPS "/a", "data", c->want);
}

static void all_kinds(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)apply_rig_fresh(state);
        check(*state, &cases[i]);
    }
}

static void what_is_so_already_is_not_sent(void **state)
{
    struct apply_rig *r = *state;
    make_target(r);

    rig_must_apply(
        r,
        "'patches':[" PATCH("merge", "{" Q "data" Q ":{" Q "x" Q ":" Q "1" Q "}}") "," PATCH(
            "strategic", "{" Q "data" Q ":{" Q "y" Q ":" Q "2" Q "}}") "," PATCH("json", "[]") "]");

    assert_int_equal(rig_count(r).patches, 0);
}

static void a_missing_target_fails_and_heals(void **state)
{
    struct apply_rig *r = *state;
#define ONE "'patches':[" PATCH("merge", "{" Q "data" Q ":{" Q "p" Q ":" Q "1" Q "}}") "]"
    rig_must_fail(r, ONE, "failed to apply patch 0: ConfigMap ");

    make_target(r);
    rig_must_apply(r, ONE);

    rig_check(r, MAPS "/a", "data.p", "1");
}

static void a_failing_patch_stops_later_ones(void **state)
{
    struct apply_rig *r = *state;
    make_target(r);

    rig_must_fail(r,
                  "'patches':[" PATCH("json", "[{" Q "op" Q ":" Q "remove" Q "," Q "path" Q ":" Q
                                              "/data/none" Q
                                              "}]") "," PATCH("merge", "{" Q "data" Q ":{" Q "p" Q
                                                                       ":" Q "1" Q "}}") "]",
                  "failed to apply patch 0: ");

    rig_check(r, MAPS "/a", "data.p", "");
}

static void without_a_namespace_default_is_meant(void **state)
{
    struct apply_rig *r = *state;
    rig_make(r, "/api/v1/namespaces/default/configmaps", "{'metadata':{'name':'NS'}}");

    rig_must_apply(r, "'patches':[{'apiVersion':'v1','kind':'ConfigMap','name':'NS','patch':"
                      "'{\\'data\\':{\\'x\\':\\'1\\'}}'}]");

    rig_check(r, "/api/v1/namespaces/default/configmaps/NS", "data.x", "1");
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("patches of all kinds", all_kinds),
        FRESH("what is so already is not sent", what_is_so_already_is_not_sent),
        FRESH("a missing target fails, and heals", a_missing_target_fails_and_heals),
        FRESH("a failing patch stops later ones", a_failing_patch_stops_later_ones),
        FRESH("without a namespace default is meant", without_a_namespace_default_is_meant),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup, apply_rig_teardown);
}
