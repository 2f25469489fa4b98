#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/apply/plan.h"
#include "test/unit/support/test.h"

#define CLUSTER "{'metadata':{'name':'c','namespace':'n','labels':{'env':'prod'}}}"
#define MAP "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','namespace':'x'}}"

static json *tree(const char *text)
{
    json *made = NULL;
    cleanup_free char *real = xstrdup(text);
    for (char *p = real; *p; p++)
        if (*p == '\'')
            *p = '"';
    if (json_parse(real, strlen(real), &made, NULL) < 0)
        fail_msg("%s", real);
    return made;
}

static const char *secret_version = "1"; /* NULL: there is none */

static int find_secret(void *arg, const char *nspace, const char *name, json **ret,
                       struct error **err)
{
    (void)err;
    cleanup_free char *asked = xasprintf("%s/%s", nspace, name);
    assert_string_equal(asked, arg ? (const char *)arg : "tenant/src");
    *ret = secret_version
               ? json_make("{'metadata':{'uid':'u','resourceVersion':%s,'labels':{'l':'v'}},"
                           "'spec':{'type':'kubernetes.io/tls','data':{'k':'dg=='}}}",
                           secret_version)
               : NULL;
    return 0;
}

static struct apply_plan *plan_of(const char *spec, const char *cluster, struct error **err)
{
    cleanup_free char *text = xasprintf(
        "{'kind':'SyncSet','metadata':{'name':'s','namespace':'tenant'},'spec':{%s}}", spec);
    cleanup_json json *set = tree(text), *of = tree(cluster);
    struct apply_plan *plan = NULL;
    return apply_plan_make(set, of, find_secret, NULL, &plan, err) < 0 ? NULL : plan;
}

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
static const struct refusal {
    const char *spec, *want;
} refusals[] = {
    { "'resources':[" MAP ",1]", "failed to decode resource 1: it is no object" },
    { "'resources':[{'kind':'ConfigMap'}]",
      "failed to decode resource 0: it has no apiVersion or no kind" },
    { "'resources':[{'apiVersion':'v1','kind':'ConfigMap'}]",
      "failed to decode resource 0: metadata.name is missing or empty" },
    { "'enableResourceTemplates':true,'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata'"
      ":{"
      "'name':'{{ fromCDLabel `none` }}'}}]",
      "failed to decode resource 0: metadata.name is missing or empty" },
    { "'enableResourceTemplates':true,'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata'"
      ":{"
      "'name':'{{ bad }}'}}]",
      "failed to parameterize resource 0: " },
    { "'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata':{'generateName':'g'}}]",
      "failed to decode resource 0: metadata.generateName goes with applyBehavior CreateOnly" },
    { "'enableResourceTemplates':true,'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata'"
      ":{'name':'../{{ fromCDName }}'}}]",
      "failed to decode resource 0: it is invalid: metadata.name: '../c' must hold neither" },
    { "'enableResourceTemplates':true,'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata'"
      ":{'name':'a','namespace':'.{{ `.` }}'}}]",
      "failed to decode resource 0: it is invalid: metadata.namespace: '..' must not be" },
    { "'enableResourceTemplates':true,'resources':[{'apiVersion':'{{ fromCDLabel `x` }}/v1','kind':"
      "'ConfigMap','metadata':{'name':'a'}}]",
      "failed to decode resource 0: it is invalid: apiVersion: '/v1' must not be empty" },
    { "'resources':[{'apiVersion':'v1','kind':'X','metadata':{'name':'a','labels':[1]}}]",
      "failed to decode resource 0: it is invalid: metadata.labels: must be an object of strings" },
    { "'enableResourceTemplates':true,'resources':[{'apiVersion':'v1','kind':'X','metadata':{"
      "'name':'a','annotations':{'k':1}}}]",
      "failed to decode resource 0: it is invalid: metadata.annotations[k]: must be a string" },
    { "'enableResourceTemplates':true,'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata'"
      ":{'name':'{{ `" X64 "` }}{{ `" X64 "` }}{{ `" X64 "` }}{{ `" X64 "` }}'}}]",
      "failed to decode resource 0: it is invalid: metadata.name: 'x" },
    { "'enableResourceTemplates':true,'resources':[{'apiVersion':'v1','kind':'{{ `" X64
      "` }}','metadata':{'name':'a'}}]",
      "failed to decode resource 0: it is invalid: kind: 'x" },
    { "'patches':[{'patch':'{}'},{'patch':'{'}]", "failed to decode patch 1: " },
    { "'patches':[{'patch':'[]'}]", "failed to decode patch 0: a patch of this type is an object" },
    { "'patches':[{'patch':'{}','patchType':'json'}]",
      "failed to decode patch 0: a patch of this type is a list of operations" },
    { "'enableResourceTemplates':true,'resources':[{'apiVersion':'v1','kind':'{{ `Li` }}st',"
      "'metadata':{'name':'a'}}]",
      "failed to decode resource 0: it is invalid: kind: 'List' is a list of objects" },
    { "'enablePatchTemplates':true,'patches':[{'patchType':'json','patch':"
      "'[{\\'op\\':\\'{{ fromCDName }}\\',\\'path\\':\\'/a\\'}]'}]",
      "failed to decode patch 0: it is invalid: patch[0].op: must be add, remove" },
    { "'enablePatchTemplates':true,'patches':[{'patch':'{{ x }}'}]",
      "failed to parameterize patch 0: " },
};

static void refuses_with_index_and_cause(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        cleanup_error struct error *err = NULL;
        assert_null(plan_of(refusals[i].spec, CLUSTER, &err));
        assert_int_equal(error_kind(err), ERR_INVALID);
        if (!str_starts(error_text(err), refusals[i].want))
            fail_msg("%s", error_text(err));
    }
}

static void renders_values_and_leaves_braces_without_the_switch(void **state)
{
    (void)state;
    cleanup_apply_plan struct apply_plan *on = plan_of(
        "'enableResourceTemplates':true,'enablePatchTemplates':true,'resources':[{'apiVersion':'v1'"
        ","
        "'kind':'ConfigMap','metadata':{'name':'a'},'data':{'k':['{{ fromCDLabel `env` }}-x']}}],"
        "'patches':[{'patch':'{\\'a\\':\\'{{ fromCDName }}\\'}'}]",
        CLUSTER, NULL);
    cleanup_apply_plan struct apply_plan *off = plan_of(
        "'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a'},'data':{"
        "'k':'{{ x }}'}}]",
        CLUSTER, NULL);
    assert_string_equal(json_path_str(on->items[0].object, "data.k[0]"), "prod-x");
    assert_string_equal(json_path_str(on->patches[0].patch, "a"), "c");
    assert_string_equal(json_path_str(off->items[0].object, "data.k"), "{{ x }}");
}

static void secrets_come_behind_resources(void **state)
{
    (void)state;
    cleanup_apply_plan struct apply_plan *plan =
        plan_of("'resources':[" MAP "],'secretMappings':[{'sourceRef':{'name':'src'},'targetRef':{"
                "'name':'dst','namespace':'y'}}]",
                CLUSTER, NULL);
    assert_int_equal(plan->items_len, 2);
    const json *secret = plan->items[1].object;
    assert_string_equal(json_path_str(secret, "type"), "kubernetes.io/tls");
    assert_string_equal(json_path_str(secret, "data.k"), "dg==");
    assert_string_equal(json_path_str(secret, "metadata.labels.l"), "v");
    assert_true(apply_plan_wants(
        plan, &(struct apply_object){ "", "v1", "Secret", "y", "dst", false }, false));
    assert_false(apply_plan_wants(
        plan, &(struct apply_object){ "", "v1", "Secret", "y", "src", false }, false));
}

#define MAPPED \
    "'secretMappings':[{'sourceRef':{'name':'src'},'targetRef':{'name':'dst','namespace':'y'}}]"
#define LABELLED \
    "'enableResourceTemplates':true,'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata'" \
    ":{" \
    "'name':'a'},'data':{'k':'{{ fromCDLabel `env` }}'}}]"

static const struct {
    const char *name, *spec, *cluster, *version, *other_spec, *other_cluster, *other_version;
    bool same;
} hashes[] = {
    { "equal plans", MAPPED, CLUSTER, "1", MAPPED, CLUSTER, "1", true },
    { "another version of a secret", MAPPED, CLUSTER, "1", MAPPED, CLUSTER, "2", false },
    { "a secret that is there no more", MAPPED, CLUSTER, "1", MAPPED, CLUSTER, NULL, false },
    { "another label that a template uses", LABELLED, CLUSTER, "1", LABELLED,
      "{'metadata':{'labels':{'env':'dev'}}}", "1", false },
    { "another label that none uses", "'resources':[" MAP "]", CLUSTER, "1",
      "'resources':[" MAP "]", "{'metadata':{'labels':{'env':'dev'}}}", "1", true },
    { "another mode", "'resources':[" MAP "]", CLUSTER, "1",
      "'resourceApplyMode':'Sync','resources':[" MAP "]", CLUSTER, "1", false },
    { "another behavior", "'resources':[" MAP "]", CLUSTER, "1",
      "'applyBehavior':'CreateOnly','resources':[" MAP "]", CLUSTER, "1", false },
    { "two names of one behavior", "'resources':[" MAP "]", CLUSTER, "1",
      "'applyBehavior':'Apply','resources':[" MAP "]", CLUSTER, "1", true },
    { "a patch more", "", CLUSTER, "1", "'patches':[{'patch':'{}'}]", CLUSTER, "1", false },
};

static void the_hash_is_of_what_is_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        secret_version = hashes[i].version;
        cleanup_apply_plan struct apply_plan *a = plan_of(hashes[i].spec, hashes[i].cluster, NULL);
        secret_version = hashes[i].other_version;
        cleanup_apply_plan struct apply_plan *b =
            plan_of(hashes[i].other_spec, hashes[i].other_cluster, NULL);
        secret_version = "1";
        assert_int_equal(strlen(apply_plan_hash(a)), APPLY_HASH_LEN);
        if (str_eq(apply_plan_hash(a), apply_plan_hash(b)) != hashes[i].same)
            fail_msg("%s", hashes[i].name);
    }
}

/* Two resources of one set, each of which would fit. */
static void one_set_cannot_fill_the_memory(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;
    cleanup_free char *large = xcalloc(1, (2 << 20) + 2);
    memset(large, 'x', (2 << 20) + 1);
    cleanup_free char *cluster =
        xasprintf("{'metadata':{'name':'c','namespace':'n','annotations':{'a':'%s'}}}", large);
#define LARGE(name) \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'" name \
    "','namespace':'x'},'data':{'d':'{{ fromCDAnnotation `a` }}'}}"
    struct apply_plan *fits =
        plan_of("'enableResourceTemplates':true,'resources':[" LARGE("a") "]", cluster, NULL);
    assert_non_null(fits);
    apply_plan_free(fits);

    assert_null(
        plan_of("'enableResourceTemplates':true,'resources':[" LARGE("a") "," LARGE("b") "]",
                cluster, &err));

    assert_non_null(strstr(error_text(err), "failed to parameterize resource 1: "));
    assert_non_null(strstr(error_text(err), "more than 4194304 bytes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("refuses with index and cause", refuses_with_index_and_cause),
        CASE("renders values, and leaves braces alone without the switch",
             renders_values_and_leaves_braces_without_the_switch),
        CASE("one set cannot fill the memory", one_set_cannot_fill_the_memory),
        CASE("secrets come behind resources", secrets_come_behind_resources),
        CASE("the hash is of what is sent", the_hash_is_of_what_is_sent),
    };
    return RUN_CASES("plan", tests);
}
