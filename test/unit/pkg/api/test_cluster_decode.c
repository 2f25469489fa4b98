#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/pkg/api/api_rig.h"
#include "test/unit/support/test.h"

/* letters: the versions in which it is so; "" stands for all. */
struct merge_case {
    const char *name, *letters, *onto, *body, *want;
};
#define OLD "ABCDEFGHIJa"
#define WORKERS(x) "{'properties':{'workerProfiles':" x "}}"
#define CLUSTER(x) "{'properties':{'clusterProfile':" x "}}"
static struct merge_case merge_cases[] = {
    { "an empty object changes nothing", "", "{'location':'l'}", "{}", "{'location':'l'}" },
    { "null says nothing", "", "{'location':'l'}", "null", "{'location':'l'}" },
    { "a member that is left out stays", "", CLUSTER("{'domain':'d'}"), CLUSTER("{'version':'v'}"),
      CLUSTER("{'domain':'d','version':'v'}") },
    { "unknown members are ignored", "", "{}", "{'etag':'x','properties':{'future':{'a':1}}}",
      "{'properties':{}}" },
    { "null leaves text alone", "", "{'location':'l'}", "{'location':null}", "{'location':'l'}" },
    { "null leaves a value object alone", "", CLUSTER("{'domain':'d'}"), CLUSTER("null"),
      CLUSTER("{'domain':'d'}") },
    { "null leaves a number alone", "", WORKERS("[{'count':3}]"), WORKERS("[{'count':null}]"),
      WORKERS("[{'count':3}]") },
    { "null clears an optional object", OLD, "{'properties':{'servicePrincipalProfile':{}}}",
      "{'properties':{'servicePrincipalProfile':null}}", "{'properties':{}}" },
    { "null leaves an optional object alone in the newest version", "K",
      "{'properties':{'servicePrincipalProfile':{}}}",
      "{'properties':{'servicePrincipalProfile':null}}",
      "{'properties':{'servicePrincipalProfile':{}}}" },
    { "null clears an identity", "Ja", "{'identity':{}}", "{'identity':null}", "{}" },
    { "null clears a list", OLD, WORKERS("[{}]"), WORKERS("null"), "{'properties':{}}" },
    { "null leaves a list alone in the newest version", "K", WORKERS("[{}]"), WORKERS("null"),
      WORKERS("[{}]") },
    { "null clears tags in all versions", "", "{'tags':{'a':'b'}}", "{'tags':null}", "{}" },
    { "null system data is the same as none", "CDEFGHIJK", "{'systemData':{'createdBy':'a'}}",
      "{'systemData':null}", "{'systemData':{'createdBy':'a'}}" },
    { "null system data at a create stays away", "CDEFGHIJK", "{}", "{'systemData':null}", "{}" },
    { "a list merges by position", "", WORKERS("[{'name':'a','count':1},{'name':'b','count':2}]"),
      WORKERS("[{'count':5},{'name':'c'}]"),
      WORKERS("[{'name':'a','count':5},{'name':'c','count':2}]") },
    { "a shorter list cuts", "", WORKERS("[{'name':'a'},{'name':'b'}]"), WORKERS("[{}]"),
      WORKERS("[{'name':'a'}]") },
    { "a longer list grows", "", WORKERS("[{'name':'a'}]"), WORKERS("[{},{'name':'b'}]"),
      WORKERS("[{'name':'a'},{'name':'b'}]") },
    { "an empty list empties", "", WORKERS("[{'name':'a'}]"), WORKERS("[]"), WORKERS("[]") },
    { "null in a list leaves the entry alone", "", WORKERS("[{'name':'a'}]"), WORKERS("[null]"),
      WORKERS("[{'name':'a'}]") },
    { "a new null in a list is an empty entry", OLD, "{}", WORKERS("[null]"), WORKERS("[{}]") },
    { "a new null in a list stays null in the newest version", "K", "{}", WORKERS("[null]"),
      WORKERS("[null]") },
    { "tags are replaced as a whole", "", "{'tags':{'a':'b'}}", "{'tags':{'c':'d'}}",
      "{'tags':{'c':'d'}}" },
    { "empty tags take all tags away", "", "{'tags':{'a':'b'}}", "{'tags':{}}", "{'tags':{}}" },
    { "a null tag is an empty one", "", "{}", "{'tags':{'a':null}}", "{'tags':{'a':''}}" },
    { "operator flags are added", "a", "{'properties':{'operatorFlags':{'a':'1','b':'2'}}}",
      "{'properties':{'operatorFlags':{'b':'3','c':'4'}}}",
      "{'properties':{'operatorFlags':{'a':'1','b':'3','c':'4'}}}" },
    { "operator identities are added, each replaced", "JKa",
      "{'properties':{'platformWorkloadIdentityProfile':{'platformWorkloadIdentities':{"
      "'a':{'resourceId':'/a','clientId':'c'},'b':{'resourceId':'/b'}}}}}",
      "{'properties':{'platformWorkloadIdentityProfile':{'platformWorkloadIdentities':{"
      "'a':{'resourceId':'/x'}}}}}",
      "{'properties':{'platformWorkloadIdentityProfile':{'platformWorkloadIdentities':{"
      "'a':{'resourceId':'/x'},'b':{'resourceId':'/b'}}}}}" },
    { "a cluster identity is exchanged", "JKa", "{'identity':{'userAssignedIdentities':{'/a':{}}}}",
      "{'identity':{'userAssignedIdentities':{'/b':{}}}}",
      "{'identity':{'userAssignedIdentities':{'/b':{}}}}" },
    { "an empty map of identities exchanges nothing", "JKa",
      "{'identity':{'userAssignedIdentities':{'/a':{}}}}",
      "{'identity':{'userAssignedIdentities':{}}}",
      "{'identity':{'userAssignedIdentities':{'/a':{}}}}" },
    { "names match in any letter case", OLD, "{}",
      "{'LOCATION':'l','Properties':{'clusterprofile':{'DOMAIN':'d'}}}",
      "{'location':'l','properties':{'clusterProfile':{'domain':'d'}}}" },
    { "names match exactly in the newest version", "K", "{}",
      "{'LOCATION':'l','Properties':{'clusterprofile':{'DOMAIN':'d'}}}", "{}" },
    { "fields of later versions are unknown", "ABCDEFGHI", "{}", "{'identity':{'type':'None'}}",
      "{}" },
};

static void check_merge(void **state)
{
    const struct merge_case *c = *state;
    cleanup_json json *body = rig_give_json(c->body);
    cleanup_free char *text = body ? json_give_text(body) : xstrdup("null");

    for (const char *l = *c->letters ? c->letters : RIG_LETTERS; *l; l++) {
        cleanup_json json *onto = rig_give_json(c->onto);
        assert_int_equal(api_cluster_decode(rig_version(*l), text, strlen(text), onto, NULL), 0);
        rig_assert_json(onto, c->want);
    }
}

struct refused_case {
    const char *name, *body, *why; /* body: JSON as it is */
};
static struct refused_case refused_cases[] = {
    { "an empty body", "", "unexpected end of JSON input" },
    { "white space alone", "  ", NULL },
    { "half a body", "{\"location\":", NULL },
    { "text behind the body", "{}x", NULL },
    { "a second value behind the body", "{}{}", NULL },
    { "an array", "[]", "the body: expected an object, not array" },
    { "text", "\"x\"", "the body: expected an object, not string" },
    { "a number for text", "{\"location\":1}", "location: expected a string, not such a number" },
    { "text for an object", "{\"properties\":\"x\"}",
      "properties: expected an object, not string" },
    { "an object for a list", "{\"properties\":{\"workerProfiles\":{}}}",
      "properties.workerProfiles: expected an array, not object" },
    { "text in a list", "{\"properties\":{\"workerProfiles\":[\"x\"]}}",
      "properties.workerProfiles[0]: expected an object, not string" },
    { "text for a number", "{\"properties\":{\"workerProfiles\":[{\"count\":\"3\"}]}}",
      "properties.workerProfiles[0].count: expected an integer, not string" },
    { "a fraction for a number", "{\"properties\":{\"workerProfiles\":[{\"count\":3.5}]}}", NULL },
    { "a number beyond 64 bits",
      "{\"properties\":{\"workerProfiles\":[{\"count\":9223372036854775808}]}}",
      "properties.workerProfiles[0].count: expected an integer, not such a number" },
    { "a number for a tag", "{\"tags\":{\"a\":1}}",
      "tags[\"a\"]: expected a string, not such a number" },
    { "a NUL character in text", "{\"location\":\"east\\u0000us\"}", "location: a NUL character" },
    { "a NUL character in a tag", "{\"tags\":{\"a\":\"\\u0000\"}}",
      "tags[\"a\"]: a NUL character" },
    { "an object for a tag", "{\"tags\":{\"a\":{}}}", NULL },
};

static void check_refused(void **state)
{
    const struct refused_case *c = *state;

    for (const char *l = RIG_LETTERS; *l; l++) {
        cleanup_json json *onto = json_new_object();
        cleanup_error struct error *err = NULL;
        assert_int_equal(api_cluster_decode(rig_version(*l), c->body, strlen(c->body), onto, &err),
                         -1);
        const char *text = error_text(err);
        assert_true(str_starts(text, "The request content was invalid and could not be "
                                     "deserialized: \""));
        assert_true(str_ends(text, "\"."));
        if (c->why)
            assert_non_null(strstr(text, c->why));
        rig_assert_refused(&err, "InvalidRequestContent", NULL);
    }
}

static void times_are_checked(void **state)
{
    (void)state;
    static const char good[] = "{\"systemData\":{\"createdAt\":\"2024-01-02T03:04:05.678Z\"}}";
    static const char bad[] = "{\"systemData\":{\"createdAt\":\"yesterday\"}}";
    cleanup_json json *onto = json_new_object();
    cleanup_error struct error *err = NULL;

    assert_int_equal(api_cluster_decode(rig_version('C'), good, strlen(good), onto, NULL), 0);
    assert_int_equal(api_cluster_decode(rig_version('C'), bad, strlen(bad), onto, &err), -1);

    rig_assert_refused(&err, "InvalidRequestContent", NULL);
    assert_string_equal(json_path_str(onto, "systemData.createdAt"), "2024-01-02T03:04:05.678Z");
}

static void no_error_repeats_a_value(void **state)
{
    (void)state;
    static const char body[] =
        "{\"properties\":{\"servicePrincipalProfile\":{\"clientSecret\":[\"hunter2\"]}}}";
    cleanup_json json *onto = json_new_object();
    cleanup_error struct error *err = NULL;

    assert_int_equal(api_cluster_decode(rig_version('B'), body, strlen(body), onto, &err), -1);

    assert_null(strstr(error_text(err), "hunter2"));
}

/* ---- operatorFlagsMergeStrategy ---- */

static json *give_with_strategy(char letter, const char *strategy, struct error **err)
{
    cleanup_free char *body = xasprintf("{\"operatorFlagsMergeStrategy\":\"%s\",\"properties\":{"
                                        "\"operatorFlags\":{\"aro.banner.enabled\":\"true\"}}}",
                                        strategy);
    cleanup_json json *onto = rig_give_json("{'properties':{'operatorFlags':{'mine':'1'}}}");
    if (api_cluster_decode(rig_version(letter), body, strlen(body), onto, err) < 0)
        return NULL;
    return take(onto);
}

static void merging_keeps_the_flags(void **state)
{
    (void)state;
    cleanup_json json *merged = give_with_strategy('a', "merge", NULL);

    rig_assert_json(json_path(merged, "properties.operatorFlags"),
                    "{'mine':'1','aro.banner.enabled':'true'}");
}

static void resetting_begins_with_the_defaults(void **state)
{
    (void)state;
    cleanup_json json *reset = give_with_strategy('a', "reset", NULL);
    const json *flags = json_path(reset, "properties.operatorFlags");

    assert_false(json_has(flags, "mine"));
    assert_string_equal(json_str(json_get(flags, "aro.banner.enabled")), "true");
    assert_string_equal(json_str(json_get(flags, "aro.checker.enabled")), "true");
}

static void other_strategies_are_refused(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;

    assert_null(give_with_strategy('a', "replace", &err));

    assert_string_equal(error_text(err), "invalid operatorFlagsMergeStrategy 'replace', can only "
                                         "be 'merge' or 'reset'");
    rig_assert_refused(&err, "InvalidParameter", "operatorFlagsMergeStrategy");
}

static void other_versions_know_no_strategy(void **state)
{
    (void)state;
    cleanup_json json *merged = give_with_strategy('I', "replace", NULL);

    rig_assert_json(merged, "{'properties':{'operatorFlags':{'mine':'1'}}}");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(merge_cases) + ARRAY_LEN(refused_cases) + 6] = {
        CASE("times are checked and kept as they are written", times_are_checked),
        CASE("no error repeats a value", no_error_repeats_a_value),
        CASE("merging keeps the operator's flags", merging_keeps_the_flags),
        CASE("resetting begins with the default flags", resetting_begins_with_the_defaults),
        CASE("other strategies are refused", other_strategies_are_refused),
        CASE("other versions know no strategy", other_versions_know_no_strategy),
    };
    size_t n = 6;
    for (size_t i = 0; i < ARRAY_LEN(merge_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(merge_cases[i].name, check_merge, &merge_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(refused_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(refused_cases[i].name, check_refused, &refused_cases[i]);
    return RUN_CASES("cluster_decode", tests);
}
