#include <string.h>

#include "operator/deploy/ensure.h"
#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

/* ---- order ---- */

struct order_case {
    const char *name, *kinds, *want; /* first letters tell objects of one kind apart */
};
static struct order_case order_cases[] = {
    { "puts what others need first",
      "Deployment ServiceAccount Secret ConfigMap Namespace SecurityContextConstraints "
      "ClusterRoleBinding ClusterRole CustomResourceDefinition",
      "CustomResourceDefinition ClusterRole ClusterRoleBinding SecurityContextConstraints "
      "Namespace ConfigMap Secret ServiceAccount Deployment " },
    { "keeps the order of what has no rank", "Service Role Deployment Namespace RoleBinding",
      "Namespace Service Role Deployment RoleBinding " },
    { "takes an empty set", "", "" },
    { "takes an object without kind", "? Namespace", "Namespace ? " },
};

static void check_order(void **state)
{
    const struct order_case *c = *state;
    cleanup_strv struct strv kinds = STRV_INIT;
    strv_split(&kinds, c->kinds, " ", false);
    cleanup_json json *objects = json_new_array();
    for (size_t i = 0; i < kinds.len; i++)
        json_append(objects, strcmp(kinds.v[i], "?") == 0 ? json_new_object()
                                                          : json_make("{'kind':%s}", kinds.v[i]));

    ensure_sort(objects);

    cleanup_buf struct buf got = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < json_len(objects); i++) {
        const char *kind = json_path_str(json_at(objects, i), "kind");
        buf_addf(&got, "%s ", kind ? kind : "?");
    }
    assert_string_equal(buf_str(&got), c->want);
}

static void equal_kinds_keep_their_order(void **state)
{
    (void)state;
    cleanup_json json *objects = json_make("[{'kind':'Secret','n':1},{'kind':'Namespace','n':2},"
                                           "{'kind':'Secret','n':3},{'kind':'Namespace','n':4}]");

    ensure_sort(objects);

    cleanup_free char *text = json_give_text(objects);
    assert_string_equal(text, "[{\"kind\":\"Namespace\",\"n\":2},{\"kind\":\"Namespace\",\"n\":4},"
                              "{\"kind\":\"Secret\",\"n\":1},{\"kind\":\"Secret\",\"n\":3}]");
}

/* ---- hashes ---- */

#define HASH_OF(kind) "spec.template.metadata.annotations[\"checksum/" kind "\"]"

static json *give_set(const char *data)
{
    json *set = json_make(
        "[{'kind':'DaemonSet','metadata':{'name':'d','namespace':'n'},'spec':{'template':{'spec':"
        "{'volumes':[{'configMap':{'name':'c'}},{'secret':{'secretName':'s'}},"
        "{'configMap':{'name':'foreign'}},{'hostPath':{'path':'/x'}}]}}}},"
        "{'kind':'ConfigMap','metadata':{'name':'c','namespace':'n'}},"
        "{'kind':'Secret','metadata':{'name':'s','namespace':'n'},'data':{'k':'dg=='}},"
        "{'kind':'ConfigMap','metadata':{'name':'c','namespace':'elsewhere'},'data':{'z':'z'}}]");
    json *parsed = NULL;
    assert_int_equal(json_parse(data, strlen(data), &parsed, NULL), 0);
    json_put(json_at(set, 1), "data", parsed);
    ensure_annotate_hashes(set);
    return set;
}

static void mounted_content_is_hashed_into_the_template(void **state)
{
    (void)state;
    cleanup_json json *set = give_set("{\"a\":\"1\",\"b\":\"2\"}");

    const json *workload = json_at(set, 0);

    /* sha256 of "a: 1\nb: 2\n" and of "k: dg==\n" */
    assert_string_equal(json_path_str(workload, HASH_OF("configmap-c")),
                        "d02b8bb58aa82e872f709035f39b734b9f28dde0c3d305698a95d04aec594cfa");
    assert_string_equal(json_path_str(workload, HASH_OF("secret-s")),
                        "604939ce6c75fa2a63c77c9b2895b8a470f78965bb4d275e18043da22d41d10c");
    assert_false(json_path_has(workload, HASH_OF("configmap-foreign")));
}

static void the_hash_does_not_depend_on_the_order_of_keys(void **state)
{
    (void)state;
    cleanup_json json *one = give_set("{\"a\":\"1\",\"b\":\"2\"}");
    cleanup_json json *other = give_set("{\"b\":\"2\",\"a\":\"1\"}");

    assert_string_equal(json_path_str(json_at(one, 0), HASH_OF("configmap-c")),
                        json_path_str(json_at(other, 0), HASH_OF("configmap-c")));
}

static void the_hash_follows_the_content(void **state)
{
    (void)state;
    cleanup_json json *one = give_set("{\"a\":\"1\"}");
    cleanup_json json *other = give_set("{\"a\":\"2\"}");

    assert_string_not_equal(json_path_str(json_at(one, 0), HASH_OF("configmap-c")),
                            json_path_str(json_at(other, 0), HASH_OF("configmap-c")));
}

static void what_is_read_through_the_environment_is_not_hashed(void **state)
{
    (void)state;
    cleanup_json json *set = json_make(
        "[{'kind':'Deployment','metadata':{'name':'d','namespace':'n'},'spec':{'template':{'spec':"
        "{'containers':[{'env':[{'valueFrom':{'secretKeyRef':{'name':'s','key':'k'}}}]}]}}}},"
        "{'kind':'Secret','metadata':{'name':'s','namespace':'n'},'data':{'k':'dg=='}}]");
    cleanup_json json *before = json_give_copy(set);

    ensure_annotate_hashes(set);

    assert_true(json_equal(set, before));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(order_cases) + 5] = {
        CASE("keeps the order of equal kinds", equal_kinds_keep_their_order),
        CASE("hashes mounted content into the template",
             mounted_content_is_hashed_into_the_template),
        CASE("hashes alike in any order of keys", the_hash_does_not_depend_on_the_order_of_keys),
        CASE("hashes other content otherwise", the_hash_follows_the_content),
        CASE("does not hash what comes through the environment",
             what_is_read_through_the_environment_is_not_hashed),
    };
    for (size_t i = 0; i < ARRAY_LEN(order_cases); i++)
        tests[5 + i] =
            (struct CMUnitTest)CASE_OF(order_cases[i].name, check_order, &order_cases[i]);
    return RUN_CASES("order", tests);
}
