/* ensure_object against an API server in memory. */
#include <string.h>

#include "operator/deploy/ensure.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define CONFIG \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: n}, data: {a: '1'}}"
#define CONFIG_EDITED \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: n}, data: {a: '2', b: '3'}}"

static json *give_tree(const char *text)
{
    json *tree = NULL;
    assert_int_equal(yaml_parse(text, strlen(text), &tree, NULL), 0);
    return tree;
}

static int ensure(struct fake_cluster *f, const char *text, bool *changed, struct error **err)
{
    cleanup_json json *want = give_tree(text);
    *changed = false;
    return ensure_object(f->kube, &f->ctx, want, changed, err);
}

static void absent_objects_are_applied(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;

    assert_int_equal(ensure(f, CONFIG, &changed, NULL), 0);

    assert_true(changed);
    assert_int_equal(f->writes.len, 1);
    assert_string_equal(f->writes.v[0], "PATCH /api/v1/namespaces/n/configmaps/c");
    assert_string_equal(json_path_str(fake_cluster_get(f, &GVR_CONFIGMAPS, "n", "c"), "data.a"),
                        "1");
}

static void equal_objects_are_left_alone(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    fake_cluster_add(f, CONFIG);

    assert_int_equal(ensure(f, CONFIG, &changed, NULL), 0);

    assert_false(changed);
    assert_int_equal(f->writes.len, 0);
}

static void edited_objects_are_tried_and_then_written(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    fake_cluster_add(f, CONFIG_EDITED);

    assert_int_equal(ensure(f, CONFIG, &changed, NULL), 0);

    assert_true(changed);
    assert_int_equal(f->writes.len, 2);
    assert_string_equal(f->writes.v[0], "PUT /api/v1/namespaces/n/configmaps/c (dry run)");
    assert_string_equal(f->writes.v[1], "PUT /api/v1/namespaces/n/configmaps/c");
    json *live = fake_cluster_get(f, &GVR_CONFIGMAPS, "n", "c");
    assert_string_equal(json_path_str(live, "data.a"), "1");
    assert_false(json_path_has(live, "data.b"));
}

static void a_difference_is_logged(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    fake_cluster_add(f, CONFIG_EDITED);

    assert_int_equal(ensure(f, CONFIG, &changed, NULL), 0);

    assert_true(log_capture_has(&f->capture, "updating ConfigMap n/c: data.a: "));
}

static void a_secrets_difference_is_not_shown(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    fake_cluster_add(f, "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: n}, "
                        "data: {a: b2xk}}");

    assert_int_equal(ensure(f,
                            "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: n}, "
                            "data: {a: bmV3}}",
                            &changed, NULL),
                     0);

    assert_true(log_capture_has(&f->capture, "data.a: <scrubbed> -> <scrubbed>"));
    assert_false(log_capture_has(&f->capture, "b2xk"));
    assert_false(log_capture_has(&f->capture, "bmV3"));
}

static void defaults_of_the_server_are_no_difference(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    fake_cluster_add(f, CONFIG);
    /* The trial run comes out as what is there: so does a server that adds a default. */
    json *live = fake_cluster_get(f, &GVR_CONFIGMAPS, "n", "c");
    f->defaults = "{immutable: false}";
    json_put(live, "immutable", json_new_bool(false));

    assert_int_equal(ensure(f, CONFIG, &changed, NULL), 0);

    assert_false(changed);
    fake_cluster_must_not_write(f);
    assert_int_equal(f->writes.len, 1); /* the trial run */
}

static void a_conflict_is_tried_again_on_a_fresh_read(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    fake_cluster_add(f, CONFIG_EDITED);
    fake_cluster_fail(f, "PUT /api/v1/namespaces/n/configmaps/c", 409, "Conflict", 2);

    assert_int_equal(ensure(f, CONFIG, &changed, NULL), 0);

    assert_int_equal(f->reads, 3);
    assert_string_equal(json_path_str(fake_cluster_get(f, &GVR_CONFIGMAPS, "n", "c"), "data.a"),
                        "1");
}

static void an_error_names_the_object(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    cleanup_error struct error *err = NULL;
    fake_cluster_fail(f, "PATCH ", 403, "Forbidden", 9);

    assert_int_equal(ensure(f, CONFIG, &changed, &err), -1);

    assert_true(error_is(err, ERR_FORBIDDEN));
    assert_non_null(strstr(error_text(err), "ConfigMap n/c"));
}

static const char binding[] =
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, "
    "roleRef: {kind: ClusterRole, name: wanted}}";
static const char other_binding[] =
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, "
    "roleRef: {kind: ClusterRole, name: other}}";

static void an_immutable_binding_is_made_anew(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    fake_cluster_add(f, other_binding);
    fake_cluster_fail(f, "PUT ", 422, "Invalid", 1);

    assert_int_equal(ensure(f, binding, &changed, NULL), 0);

    assert_true(changed);
    assert_int_equal(fake_cluster_writes(f, "DELETE "), 1);
    json *live = fake_cluster_get(f, &GVR_CLUSTERROLEBINDINGS, NULL, "b");
    assert_string_equal(json_path_str(live, "roleRef.name"), "wanted");
}

/* The answer to the deletion was lost, and the client asked again. */
static void what_is_gone_already_is_made_anew_too(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    fake_cluster_add(f, other_binding);
    fake_cluster_fail(f, "PUT ", 422, "Invalid", 1);
    fake_cluster_fail(f, "DELETE ", 404, "NotFound", 1);

    assert_int_equal(ensure(f, binding, &changed, NULL), 0);

    assert_true(changed);
    json *live = fake_cluster_get(f, &GVR_CLUSTERROLEBINDINGS, NULL, "b");
    assert_string_equal(json_path_str(live, "roleRef.name"), "wanted");
}

static void other_kinds_that_are_refused_are_never_deleted(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    cleanup_error struct error *err = NULL;
    fake_cluster_add(f, CONFIG_EDITED);
    fake_cluster_fail(f, "PUT ", 422, "Invalid", 1);

    assert_int_equal(ensure(f, CONFIG, &changed, &err), -1);

    assert_true(error_is(err, ERR_UNPROCESSABLE));
    assert_int_equal(fake_cluster_writes(f, "DELETE "), 0);
}

static void unknown_kinds_are_refused(void **state)
{
    struct fake_cluster *f = *state;
    bool changed;
    cleanup_error struct error *err = NULL;

    assert_int_equal(ensure(f, "{apiVersion: x/v1, kind: Y, metadata: {name: z}}", &changed, &err),
                     -1);

    assert_true(error_is(err, ERR_NOT_FOUND));
}

static void sets_are_made_in_order(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_json json *objects = json_new_array();
    json_append(objects, give_tree(CONFIG));
    json_append(objects, give_tree("{apiVersion: v1, kind: Namespace, metadata: {name: n}}"));

    assert_int_equal(ensure_objects(f->kube, &f->ctx, objects, NULL), 0);

    assert_string_equal(f->writes.v[0], "PATCH /api/v1/namespaces/n");
    assert_string_equal(f->writes.v[1], "PATCH /api/v1/namespaces/n/configmaps/c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_CASE("applies what is absent", absent_objects_are_applied),
        FAKE_CASE("writes nothing when nothing differs", equal_objects_are_left_alone),
        FAKE_CASE("tries an edit before writing it", edited_objects_are_tried_and_then_written),
        FAKE_CASE("tells what an update changes", a_difference_is_logged),
        FAKE_CASE("does not tell what a Secret holds", a_secrets_difference_is_not_shown),
        FAKE_CASE("takes no default for a difference", defaults_of_the_server_are_no_difference),
        FAKE_CASE("reads again after a conflict", a_conflict_is_tried_again_on_a_fresh_read),
        FAKE_CASE("names the object in an error", an_error_names_the_object),
        FAKE_CASE("makes a binding anew whose role differs", an_immutable_binding_is_made_anew),
        FAKE_CASE("makes anew what is gone already", what_is_gone_already_is_made_anew_too),
        FAKE_CASE("never deletes other kinds", other_kinds_that_are_refused_are_never_deleted),
        FAKE_CASE("refuses a kind that it does not know", unknown_kinds_are_refused),
        FAKE_CASE("makes a set in order", sets_are_made_in_order),
    };
    return RUN_CASES("ensure", tests);
}
