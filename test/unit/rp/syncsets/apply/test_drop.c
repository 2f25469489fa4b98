#include "pkg/base/strv.h"
#include "test/unit/support/joint/syncsets/apply_rig.h"

#define MAPS "/api/v1/namespaces/NS/configmaps"
#define SYNC "'resourceApplyMode':'Sync',"
#define MAP(name) \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'" name "','namespace':'NS'}}"
#define SPACE "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'NS-more'}}"
#define DEFINITION \
    "{'apiVersion':'apiextensions.k8s.io/" \
    "v1','kind':'CustomResourceDefinition','metadata':{'name':" \
    "'things.NS.test'},'spec':{'group':'NS.test','scope':'Namespaced','names':{'plural':'things'," \
    "'singular':'thing','kind':'Thing','listKind':'ThingList'},'versions':[{'name':'v1','served':" \
    "true,'storage':true,'schema':{'openAPIV3Schema':{'type':'object'," \
    "'x-kubernetes-preserve-unknown-fields':true}}}]}}"
#define THING "{'apiVersion':'NS.test/v1','kind':'Thing','metadata':{'name':'t','namespace':'NS'}}"

static void namespaces_are_not_deleted_unless_allowed(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, SYNC "'resources':[" SPACE "]");

    rig_must_apply(r, SYNC "'resources':[]");
    assert_string_equal(json_path_str(r->last.deletions_blocked, "[0].kind"), "Namespace");
    assert_int_equal(r->tracked_len, 1);
    rig_check(r, "/api/v1/namespaces/NS-more", "metadata.deletionTimestamp", "");

    rig_must_apply(r, SYNC "'protectedDeletes':'Allow','resources':[]");
    assert_int_equal(json_len(r->last.deletions_blocked), 0);
    assert_int_equal(r->tracked_len, 0);
    cleanup_json json *gone = rig_get(r, "/api/v1/namespaces/NS-more");
    assert_true(!gone || json_path_has(gone, "metadata.deletionTimestamp"));
}

/* Rows are by the namespace as it was written; the object is one and the same. */
static void a_namespace_that_a_kind_has_not_is_no_matter(void **state)
{
#define ROLE(nspace) \
    "{'apiVersion':'rbac.authorization.k8s.io/v1','kind':'ClusterRole','metadata':{'name':" \
    "'NS-role'" nspace "}}"
#define ROLE_PATH "/apis/rbac.authorization.k8s.io/v1/clusterroles/NS-role"
    struct apply_rig *r = *state;
    rig_must_apply(r, SYNC "'resources':[" ROLE("") "]");
    cleanup_json json *before = rig_get(r, ROLE_PATH);

    rig_must_apply(r, SYNC "'resources':[" ROLE(",'namespace':'NS'") "]");

    rig_check(r, ROLE_PATH, "metadata.uid", json_path_str(before, "metadata.uid"));
    assert_int_equal(r->tracked_len, 1);
    assert_string_equal(r->tracked[0].nspace, r->ns);

    rig_must_apply(r, SYNC "'resources':[]");
    assert_null(rig_get(r, ROLE_PATH));
    assert_int_equal(r->tracked_len, 0);
}

/* The first fails, so that the second is only meant to be written. */
static void intend_two(struct apply_rig *r)
{
    rig_fail_requests(r, "POST", "/configmaps", 403, 1);
    rig_must_fail(r, SYNC "'resources':[" MAP("a") "," MAP("b") "]", "failed to apply resource 0");
    assert_int_equal(r->tracked_len, 2);
    assert_true(r->tracked[1].is_intended);
}

static void what_was_never_written_is_not_deleted(void **state)
{
    struct apply_rig *r = *state;
    rig_make(r, MAPS, MAP("b"));
    intend_two(r);
    rig_count_from_zero(r);

    rig_must_apply(r, SYNC "'resources':[]");

    rig_check(r, MAPS "/b", "metadata.name", "b");
    assert_int_equal(rig_count(r).deletes, 0);
    assert_int_equal(r->tracked_len, 0);
}

/* As behind a crash: what was written is known by its mark. */
static void what_bears_the_mark_is_deleted_all_the_same(void **state)
{
    struct apply_rig *r = *state;
    rig_make(r, MAPS, MAP("b"));
    intend_two(r);
    rig_merge(r, MAPS "/b",
              "{'metadata':{'annotations':{'syncsets.aro.openshift.io/"
              "applied-by':'SyncSet/tenant/s'}}}");
    rig_fail_requests(r, "DELETE", "/configmaps/b", 409, 1);
    rig_count_from_zero(r);

    rig_must_apply(r, SYNC "'resources':[]");

    assert_null(rig_get(r, MAPS "/b"));
    assert_int_equal(rig_count(r).deletes, 2);
    assert_int_equal(r->tracked_len, 0);
}

static void what_is_gone_is_done(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, SYNC "'resources':[" MAP("a") "]");
    assert_int_equal(rig_ask(r, "DELETE", MAPS "/a", NULL, NULL, NULL), 200);

    rig_must_apply(r, SYNC "'resources':[]");

    assert_int_equal(r->tracked_len, 0);
}

static void one_that_fails_blocks_no_other(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, SYNC "'resources':[" MAP("a") "," MAP("b") "]");
    rig_fail_requests(r, "DELETE", "/configmaps/a", 403, 1);

    rig_must_fail(r, SYNC "'resources':[]", "failed to delete ConfigMap ");
    assert_null(rig_get(r, MAPS "/b"));
    assert_int_equal(r->tracked_len, 1);
    rig_must_apply(r, SYNC "'resources':[]");

    assert_null(rig_get(r, MAPS "/a"));
    assert_int_equal(r->tracked_len, 0);
}

static void a_kind_that_is_gone_is_done(void **state)
{
    struct apply_rig *r = *state;
    rig_make(r, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DEFINITION);
    rig_must_apply(r, SYNC "'patches':[],'resources':[" DEFINITION "," THING "]");
    assert_int_equal(
        rig_ask(r, "DELETE",
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.NS.test", NULL,
                NULL, NULL),
        200);
    while (rig_ask(r, "GET", "/apis/NS.test/v1", NULL, NULL, NULL) != 404)
        assert_int_equal(opctx_sleep_ms(&r->ctx, 50, NULL), 0);

    rig_must_apply(r, SYNC "'protectedDeletes':'Allow','resources':[]");

    assert_int_equal(r->tracked_len, 0);
}

static void a_set_that_is_gone_takes_its_objects_along(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, SYNC "'resources':[" MAP("a") "," MAP("b") "," SPACE "]");

    assert_true(rig_delete_set(r, true));

    assert_null(rig_get(r, MAPS "/a"));
    assert_null(rig_get(r, MAPS "/b"));
    assert_int_equal(r->tracked_len, 1);
    assert_int_equal(json_len(r->last.deletions_blocked), 1);
    (void)rig_ask(r, "DELETE", "/api/v1/namespaces/NS-more", NULL, NULL, NULL); /* by hand */
    json *left = rig_get(r, "/api/v1/namespaces/NS-more");
    assert_true(rig_delete_set(r, true));
    assert_int_equal(r->tracked_len, left ? 1 : 0); /* a real server takes a while */
    json_free(left);
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("namespaces are not deleted unless allowed",
              namespaces_are_not_deleted_unless_allowed),
        FRESH("a namespace that a kind has not is no matter",
              a_namespace_that_a_kind_has_not_is_no_matter),
        FRESH("what was never written is not deleted", what_was_never_written_is_not_deleted),
        FRESH("what bears the mark is deleted all the same",
              what_bears_the_mark_is_deleted_all_the_same),
        FRESH("what is gone is done", what_is_gone_is_done),
        FRESH("one that fails blocks no other", one_that_fails_blocks_no_other),
        FRESH("a kind that is gone is done", a_kind_that_is_gone_is_done),
        FRESH("a set that is gone takes its objects along",
              a_set_that_is_gone_takes_its_objects_along),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup, apply_rig_teardown);
}
