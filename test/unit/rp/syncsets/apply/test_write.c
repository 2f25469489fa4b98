/* Behaviors, one object at a time. */
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "test/unit/support/joint/syncsets/apply_rig.h"

#define MAPS "/api/v1/namespaces/NS/configmaps"
#define MAP(data) \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','namespace':'NS'},'data':{" data \
    "}}"
#define LAST "metadata.annotations[\"kubectl.kubernetes.io/last-applied-configuration\"]"
#define CREATE_OR_UPDATE "'applyBehavior':'CreateOrUpdate',"
#define CREATE_ONLY "'applyBehavior':'CreateOnly',"
#define SERVER_SIDE "'applyBehavior':'ServerSideApply',"
#define LARGE_BYTES 300000
#define KINDS "test/fixtures/syncsets/kinds.json"
#define KINDS_MAX ((size_t)1 << 20)

static void apply_removes_what_it_applied_before(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, "'resources':[" MAP("'x':'1','y':'2'") "]");
    rig_merge(r, MAPS "/a", "{'data':{'foreign':'3'}}");

    rig_must_apply(r, "'resources':[" MAP("'x':'1'") "]");

    rig_check(r, MAPS "/a", "data", "{'foreign':'3','x':'1'}");
    cleanup_json json *live = rig_get(r, MAPS "/a");
    const char *last = json_path_str(live, LAST);
    assert_non_null(last);
    assert_null(strstr(last, "last-applied"));
    assert_int_equal(last[strlen(last) - 1], '\n');
}

static void create_or_update_adds_no_annotation(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, CREATE_OR_UPDATE "'resources':[" MAP("'x':'1','y':'2'") "]");
    rig_check(r, MAPS "/a", LAST, "");

    rig_must_apply(r, CREATE_OR_UPDATE "'resources':[" MAP("'x':'2'") "]");

    rig_check(r, MAPS "/a", LAST, "");
    rig_check(r, MAPS "/a", "data", "{'x':'2','y':'2'}"); /* nothing tells that y was ours */
}

static void create_or_update_heeds_an_annotation_and_leaves_it(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, "'resources':[" MAP("'x':'1','y':'2'") "]");
    cleanup_json json *before = rig_get(r, MAPS "/a");

    rig_must_apply(r, CREATE_OR_UPDATE "'resources':[" MAP("'x':'2'") "]");

    rig_check(r, MAPS "/a", "data", "{'x':'2'}");
    cleanup_json json *after = rig_get(r, MAPS "/a");
    assert_string_equal(json_path_str(after, LAST), json_path_str(before, LAST));
}

static void create_only_leaves_what_is_there(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, CREATE_ONLY "'resources':[" MAP("'x':'1'") "]");
    rig_merge(r, MAPS "/a", "{'data':{'x':'edited'}}");

    rig_must_apply(r, CREATE_ONLY "'resources':[" MAP("'x':'2'") "]");

    rig_check(r, MAPS "/a", "data.x", "edited");
}

static size_t count(struct apply_rig *r, const char *prefix)
{
    cleanup_json json *list = rig_get(r, MAPS);
    const json *items = json_get(list, "items");
    size_t n = 0;
    for (size_t i = 0; i < json_len(items); i++)
        n +=
            strncmp(json_path_str(json_at(items, i), "metadata.name"), prefix, strlen(prefix)) == 0;
    return n;
}

static void generated_names_create_once_for_a_content(void **state)
{
    struct apply_rig *r = *state;
#define GENERATED(value) \
    CREATE_ONLY \
    "'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata':{'generateName':'g-'," \
    "'namespace':'NS'},'data':{'k':'" value "'}}]"
    rig_must_apply(r, GENERATED("1"));
    rig_must_apply(r, GENERATED("1"));
    assert_int_equal(count(r, "g-"), 1);
    free(take(r->applied_hash)); /* as if the result of the last time had got lost */
    rig_must_apply(r, GENERATED("1"));
    assert_int_equal(count(r, "g-"), 1);

    rig_must_apply(r, GENERATED("2"));

    assert_int_equal(count(r, "g-"), 2);
}

static void server_side_apply_owns_fields(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, SERVER_SIDE "'resources':[" MAP("'x':'1','y':'2'") "]");
    rig_merge(r, MAPS "/a", "{'data':{'x':'edited','foreign':'3'}}");

    rig_must_apply(r, SERVER_SIDE "'resources':[" MAP("'x':'2'") "]");

    rig_check(r, MAPS "/a", "data", "{'foreign':'3','x':'2'}");
    rig_check(r, MAPS "/a", LAST, "");
    cleanup_json json *live = rig_get(r, MAPS "/a");
    cleanup_free char *text = json_give_text(json_path(live, "metadata.managedFields"));
    assert_non_null(strstr(text, "syncsets-clustersync"));
}

static void too_large_for_an_annotation_is_told(void **state)
{
    struct apply_rig *r = *state;
    cleanup_free char *large = xmalloc(LARGE_BYTES + 1);
    memset(large, 'x', LARGE_BYTES);
    large[LARGE_BYTES] = '\0';
    cleanup_free char *resources = xasprintf("'resources':[" MAP("'x':'%s'") "]", large);
    static const char *const others[] = { CREATE_OR_UPDATE, SERVER_SIDE };

    rig_must_fail(r, resources, "use applyBehavior CreateOrUpdate or ServerSideApply");
    assert_null(rig_get(r, MAPS "/a"));

    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        cleanup_free char *spec = xasprintf("%s%s", others[i], resources);
        rig_must_apply(r, spec);
    }
    rig_check(r, MAPS "/a", "data.x", large);
}

static void conflicts_are_tried_again(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, "'resources':[" MAP("'x':'1'") "]");
    rig_fail_requests(r, "PATCH", "/configmaps/a", 409, 2);

    rig_must_apply(r, "'resources':[" MAP("'x':'2'") "]");

    rig_check(r, MAPS "/a", "data.x", "2");
    assert_int_equal(rig_count(r).deletes, 0);
}

static void secrets_given_as_text_rest_too(void **state)
{
    struct apply_rig *r = *state;
#define SECRET \
    "'resources':[{'apiVersion':'v1','kind':'Secret','metadata':{'name':'s','namespace':'NS'}," \
    "'stringData':{'p':'pass'}}]"
    rig_must_apply(r, SECRET);
    rig_check(r, "/api/v1/namespaces/NS/secrets/s", "data.p", "cGFzcw==");
    rig_count_from_zero(r);

    rig_must_apply(r, SECRET);

    assert_int_equal(rig_count(r).patches, 0);
}

static void containers_are_merged_by_name(void **state)
{
    struct apply_rig *r = *state;
#define DEPLOYMENT(image, more) \
    "'resources':[{'apiVersion':'apps/" \
    "v1','kind':'Deployment','metadata':{'name':'d','namespace':'NS'}," \
    "'spec':{'replicas':0,'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{" \
    "'a':" \
    "'b'}},'spec':{'containers':[{'name':'main','image':'" image \
    "','ports':[{'containerPort':80}]," \
    "'env':[{'name':'A','value':'1'}]}]" more "}}}}]"
#define DEPLOYED "/apis/apps/v1/namespaces/NS/deployments/d"
    rig_must_apply(r, DEPLOYMENT("m:1", ",'nodeSelector':{'x':'y'}"));
    cleanup_json json *got = NULL;
    assert_int_equal(
        rig_ask(r, "PATCH", DEPLOYED, "application/strategic-merge-patch+json",
                "{'spec':{'template':{'spec':{'containers':[{'name':'sidecar','image':'s:1'}]}}}}",
                &got),
        200);
    rig_count_from_zero(r);
    rig_must_apply(r, DEPLOYMENT("m:1", ",'nodeSelector':{'x':'y'}"));
    assert_int_equal(rig_count(r).patches, 0);

    rig_must_apply(r, DEPLOYMENT("m:2", ""));

    cleanup_json json *live = rig_get(r, DEPLOYED);
    const json *containers = json_path(live, "spec.template.spec.containers");
    assert_int_equal(json_len(containers), 2);
    for (size_t i = 0; i < 2; i++) {
        const char *name = json_path_str(json_at(containers, i), "name");
        assert_string_equal(json_path_str(json_at(containers, i), "image"),
                            strcmp(name, "main") == 0 ? "m:2" : "s:1");
    }
    assert_false(json_path_has(live, "spec.template.spec.nodeSelector"));
}

/* Whatever the server fills in, sorts or spells otherwise. */
static void rests(struct apply_rig *r, const char *behavior, const json *object)
{
    cleanup_free char *text = json_give_text(object);
    cleanup_free char *spec = xasprintf("%s'resources':[%s]", behavior, text);
    /* A kind that was defined just before, by another set, may be served in a moment only. */
    for (int i = 0; i < 100 && !rig_apply(r, spec); i++)
        assert_int_equal(opctx_sleep_ms(&r->ctx, 100, NULL), 0);
    rig_must_apply(r, spec);
    rig_count_from_zero(r);

    rig_must_apply(r, spec);

    const struct rig_counts n = rig_count(r);
    if (n.posts + n.patches + n.deletes)
        fail_msg("%s%s is written again", behavior, json_path_str(object, "kind"));
}

static void no_kind_is_written_again(void **state)
{
    static const char *const behaviors[] = { "", CREATE_OR_UPDATE };
    struct apply_rig *r = *state;
    cleanup_free char *text = NULL;
    size_t len;
    assert_int_equal(file_read(KINDS, KINDS_MAX, &text, &len, NULL), 0);
    cleanup_json json *kinds = rig_tree(r, text);
    assert_true(json_len(kinds) > 0);
    for (size_t b = 0; b < ARRAY_LEN(behaviors); b++)
        for (size_t i = 0; i < json_len(kinds); i++)
            rests(r, behaviors[b], json_at(kinds, i));
}

static void a_namespaced_object_needs_its_namespace(void **state)
{
    struct apply_rig *r = *state;

    rig_must_fail(r, "'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a'}}]",
                  "a ConfigMap needs metadata.namespace");
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("Apply removes what it applied before", apply_removes_what_it_applied_before),
        FRESH("CreateOrUpdate adds no annotation", create_or_update_adds_no_annotation),
        FRESH("CreateOrUpdate heeds an annotation and leaves it",
              create_or_update_heeds_an_annotation_and_leaves_it),
        FRESH("CreateOnly leaves what is there", create_only_leaves_what_is_there),
        FRESH("generated names create once for a content",
              generated_names_create_once_for_a_content),
        FRESH("server-side apply owns fields", server_side_apply_owns_fields),
        FRESH("what is too large for an annotation is told", too_large_for_an_annotation_is_told),
        FRESH("conflicts are tried again", conflicts_are_tried_again),
        FRESH("secrets given as text rest, too", secrets_given_as_text_rest_too),
        FRESH("containers are merged by name", containers_are_merged_by_name),
        FRESH("no kind is written again", no_kind_is_written_again),
        FRESH("a namespaced object needs its namespace", a_namespaced_object_needs_its_namespace),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup, apply_rig_teardown);
}
