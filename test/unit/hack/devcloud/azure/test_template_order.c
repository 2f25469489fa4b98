#include "test/unit/hack/devcloud/azure/template_rig.h"

#define R(name, more) "{'type':'A/b','name':'" name "','apiVersion':'1'" more "}"

#define RX(name, more) "{'type':'A/b','name':\"" name "\",'apiVersion':'1'" more "}"

static int build(const char *resources, json **ret, struct error **err)
{
    cleanup_free char *text =
        xasprintf("{'$schema':'s','contentVersion':'1.0.0.0','resources':[%s]}", resources);
    cleanup_json json *template = template_rig_json(text);
    const struct template_scope s = {
        .template = template, .subscription = "/subscriptions/S", .group = "g", .deployment = "d"
    };
    return plan_build(&s, ret, err);
}

static void check_orders(void **state)
{
    (void)state;
    static const struct {
        const char *resources, *want; /* what the last one waits for */
    } rows[] = {
        { R("a", "") "," R("b", ""), "[]" },
        { R("a", "") "," R("b", ",'dependsOn':['A']"), "[0]" },
        { R("a", "") "," R("b", ",'dependsOn':['A/b/a','a']"), "[0]" },
        { R("a", "") "," R("b", ",'dependsOn':[\"[resourceId('A/b','a')]\"]"), "[0]" },
        { R("a", ",'condition':'[false()]'") "," R("b", ",'dependsOn':['a']"), "[0]" },
        { R("a", "") "," R("b", ",'properties':{'x':[\"[reference('a').y]\"]}"), "[0]" },
        { RX("[concat('a',copyIndex())]",
             ",'copy':{'name':'loop','count':2}") "," R("b", ",'dependsOn':['loop']"),
          "[0,1]" },
        { RX("[concat('a',copyIndex())]", ",'copy':{'name':'loop','count':3,'mode':'Serial'}"),
          "[1]" },
        { RX("[concat('a',copyIndex())]",
             ",'copy':{'name':'loop','count':4,'mode':'serial','batchSize':2}"),
          "[0,1]" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_json json *plan = NULL, *want = template_rig_json(rows[i].want);
        cleanup_error struct error *err = NULL;
        if (build(rows[i].resources, &plan, &err) < 0)
            fail_msg("%s: %s", rows[i].resources, error_text(err));
        assert_true(json_equal(json_get(json_at(plan, json_len(plan) - 1), "after"), want));
    }
}

static void check_refusals(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { R("a", ",'dependsOn':['none']"), "'none' is not defined" },
        { R("a", ",'dependsOn':['b']") "," R("b", ",'dependsOn':['a']"), "Circular" },
        { R("a", ",'dependsOn':['b']") "," R("b", ",'properties':\"[reference('a')]\""),
          "Circular" },
        { R("a", ",'dependsOn':[1]"), "dependsOn" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_json json *plan = NULL;
        cleanup_error struct error *err = NULL;
        assert_int_equal(build(rows[i][0], &plan, &err), -1);
        assert_non_null(strstr(error_text(err), rows[i][1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("resources wait for what they name, read and follow", check_orders),
        CASE("circles and names of nothing are refused", check_refusals),
    };
    return RUN_CASES("template_order", tests);
}
