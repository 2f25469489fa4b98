/* Each verb against the exact request that it must become. */
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define SERVER "https://api.test:6443"
#define ACCEPT "\nAccept: application/json\n"
#define CONTENT(type) "Content-Type: application/" type "\n\n"
#define OBJECT \
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"b\"},\"data\":{\"k\":" \
    "\"v\"}}"
#define STATUS(code, reason) \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"m\"," \
    "\"reason\":\"" reason "\",\"code\":" #code "}"
#define OK_STATUS "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Success\"}"
#define CM_PATH "/api/v1/namespaces/a/configmaps"

typedef int (*verb_fn)(struct kube_fixture *f, json **ret, struct error **err);

struct verb_case {
    const char *name;
    verb_fn run;
    const char *request; /* NULL: refused before sending */
    int status;
    const char *reply;
    enum err_kind fails; /* ERR_INTERNAL: succeeds */
};

#define VERB(name) static int name(struct kube_fixture *f, json **ret, struct error **err)
#define CM KUBE_REF(&GVR_CONFIGMAPS, "a", "b")

VERB(get)
{
    return kube_get(f->client, &f->ctx, CM, ret, err);
}
VERB(get_collection)
{
    return kube_get(f->client, &f->ctx, KUBE_REF(&GVR_CONFIGMAPS, "a", NULL), ret, err);
}
VERB(get_status)
{
    return kube_get(f->client, &f->ctx, KUBE_STATUS(&GVR_DEPLOYMENTS, "a", "b"), ret, err);
}
VERB(get_unsafe)
{
    return kube_get(f->client, &f->ctx, KUBE_REF(&GVR_CONFIGMAPS, "a", "../b"), ret, err);
}
VERB(create)
{
    cleanup_json json *obj = give_tree(OBJECT);
    return kube_create(f->client, &f->ctx, KUBE_REF(&GVR_CONFIGMAPS, "a", NULL), obj, NULL, ret,
                       err);
}
VERB(create_named)
{
    cleanup_json json *obj = give_tree(OBJECT);
    return kube_create(f->client, &f->ctx, CM, obj, NULL, ret, err);
}
VERB(create_with_options)
{
    cleanup_json json *obj = give_tree("{}");
    return kube_create(f->client, &f->ctx, CM, obj,
                       &(struct kube_write_options){ .dry_run = true,
                                                     .field_manager = "me & you",
                                                     .field_validation = "Strict" },
                       ret, err);
}
VERB(create_without_namespace)
{
    cleanup_json json *obj = give_tree(OBJECT);
    return kube_create(f->client, &f->ctx, KUBE_REF(&GVR_CONFIGMAPS, "", NULL), obj, NULL, ret,
                       err);
}
VERB(create_by_force)
{
    cleanup_json json *obj = give_tree(OBJECT);
    return kube_create(f->client, &f->ctx, CM, obj, &(struct kube_write_options){ .force = true },
                       ret, err);
}
VERB(update)
{
    cleanup_json json *obj = give_tree(OBJECT);
    return kube_update(f->client, &f->ctx, CM, obj, NULL, ret, err);
}
VERB(update_status)
{
    cleanup_json json *obj = give_tree("{}");
    return kube_update(f->client, &f->ctx, KUBE_STATUS(&GVR_CLUSTERS, NULL, "cluster"), obj, NULL,
                       ret, err);
}
VERB(update_without_name)
{
    cleanup_json json *obj = give_tree(OBJECT);
    return kube_update(f->client, &f->ctx, KUBE_REF(&GVR_CONFIGMAPS, "a", NULL), obj, NULL, ret,
                       err);
}

static int patch(struct kube_fixture *f, enum kube_patch type, const char *text,
                 const struct kube_write_options *opt, json **ret, struct error **err)
{
    cleanup_json json *p = give_tree(text);
    return kube_patch(f->client, &f->ctx, CM, type, p, opt, ret, err);
}
VERB(patch_json)
{
    return patch(f, KUBE_PATCH_JSON, "[{\"op\":\"remove\",\"path\":\"/data/k\"}]", NULL, ret, err);
}
VERB(patch_merge)
{
    return patch(f, KUBE_PATCH_MERGE, "{\"data\":{\"k\":null}}", NULL, ret, err);
}
VERB(patch_strategic)
{
    return patch(f, KUBE_PATCH_STRATEGIC, "{}", NULL, ret, err);
}
VERB(patch_merge_by_force)
{
    return patch(f, KUBE_PATCH_MERGE, "{}", &(struct kube_write_options){ .force = true }, ret,
                 err);
}
VERB(patch_apply_without_manager)
{
    return patch(f, KUBE_PATCH_APPLY, "{}", &(struct kube_write_options){ .field_manager = "" },
                 ret, err);
}

static int apply(struct kube_fixture *f, const char *text, bool force, json **ret,
                 struct error **err)
{
    cleanup_json json *obj = give_tree(text);
    int rc = kube_apply(f->client, &f->ctx, CM, obj,
                        &(struct kube_write_options){ .field_manager = "aro", .force = force }, ret,
                        err);
    /* The caller's tree is left alone. */
    cleanup_free char *after = json_give_text(obj);
    assert_string_equal(after, text);
    return rc;
}
VERB(apply_plain)
{
    return apply(f, "{\"data\":{}}", false, ret, err);
}
VERB(apply_by_force)
{
    return apply(f,
                 "{\"metadata\":{\"name\":\"b\",\"resourceVersion\":\"7\",\"managedFields\":[{}]}}",
                 true, ret, err);
}
VERB(delete_plain)
{
    *ret = json_new_object();
    return kube_delete(f->client, &f->ctx, CM, NULL, err);
}
VERB(delete_with_defaults)
{
    *ret = json_new_object();
    struct kube_delete_options opt = KUBE_DELETE_DEFAULTS;
    return kube_delete(f->client, &f->ctx, CM, &opt, err);
}
VERB(delete_with_options)
{
    *ret = json_new_object();
    return kube_delete(f->client, &f->ctx, CM,
                       &(struct kube_delete_options){ .grace_period_s = 0,
                                                      .propagation = "Foreground",
                                                      .uid = "u",
                                                      .resource_version = "7",
                                                      .dry_run = true },
                       err);
}
VERB(delete_without_name)
{
    (void)ret;
    return kube_delete(f->client, &f->ctx, KUBE_REF(&GVR_CONFIGMAPS, "a", NULL), NULL, err);
}
VERB(delete_if_present)
{
    *ret = json_new_object();
    return kube_delete_if_present(f->client, &f->ctx, CM, err);
}

static int delete_collection(struct kube_fixture *f, const char *labels, const char *fields,
                             bool all, struct error **err)
{
    return kube_delete_collection(f->client, &f->ctx, KUBE_REF(&GVR_CONFIGMAPS, "a", NULL), labels,
                                  fields, all, NULL, err);
}
VERB(delete_selected)
{
    *ret = json_new_object();
    return delete_collection(f, "a=b,c in (d)", "metadata.name!=x", false, err);
}
VERB(delete_all)
{
    *ret = json_new_object();
    return delete_collection(f, NULL, NULL, true, err);
}
VERB(delete_unselected)
{
    (void)ret;
    return delete_collection(f, "", NULL, false, err);
}

#define FOREGROUND \
    "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"gracePeriodSeconds\":0," \
    "\"propagationPolicy\":\"Foreground\",\"dryRun\":[\"All\"]," \
    "\"preconditions\":{\"uid\":\"u\",\"resourceVersion\":\"7\"}}"
#define QUERY_APPLY "?fieldManager=aro"

static struct verb_case cases[] = {
    { "get asks for one object", get, "GET " SERVER CM_PATH "/b" ACCEPT, 200, OBJECT, 0 },
    { "get without a name is refused", get_collection, NULL, 0, NULL, ERR_INVALID },
    { "get of a status asks for the subresource", get_status,
      "GET " SERVER "/apis/apps/v1/namespaces/a/deployments/b/status" ACCEPT, 200, OBJECT, 0 },
    { "a name that climbs up the path is refused before sending", get_unsafe, NULL, 0, NULL,
      ERR_INVALID },
    { "get of an absent object is not found", get, "GET " SERVER CM_PATH "/b" ACCEPT, 404,
      STATUS(404, "NotFound"), ERR_NOT_FOUND },
    { "a reply that is no JSON object is invalid", get, "GET " SERVER CM_PATH "/b" ACCEPT, 200,
      "[]", ERR_INVALID },
    { "a Status of failure inside a 200 is an error", get, "GET " SERVER CM_PATH "/b" ACCEPT, 200,
      STATUS(403, "Forbidden"), ERR_FORBIDDEN },
    { "create posts to the collection", create,
      "POST " SERVER CM_PATH ACCEPT CONTENT("json") OBJECT, 201, OBJECT, 0 },
    { "create with a name in the reference posts to the collection, too", create_named,
      "POST " SERVER CM_PATH ACCEPT CONTENT("json") OBJECT, 202, OBJECT, 0 },
    { "create of an existing object is told from a conflict", create,
      "POST " SERVER CM_PATH ACCEPT CONTENT("json") OBJECT, 409, STATUS(409, "AlreadyExists"),
      ERR_EXISTS },
    { "dry run, field manager and validation become parameters", create_with_options,
      "POST " SERVER CM_PATH
      "?dryRun=All&fieldManager=me%20%26%20you&fieldValidation=Strict" ACCEPT CONTENT("json") "{}",
      201, OBJECT, 0 },
    { "create of a namespaced object without a namespace is refused before sending",
      create_without_namespace, NULL, 0, NULL, ERR_INVALID },
    { "force outside of apply is refused", create_by_force, NULL, 0, NULL, ERR_INVALID },
    { "update puts the whole object", update,
      "PUT " SERVER CM_PATH "/b" ACCEPT CONTENT("json") OBJECT, 200, OBJECT, 0 },
    { "update of a stale object is a conflict", update,
      "PUT " SERVER CM_PATH "/b" ACCEPT CONTENT("json") OBJECT, 409, STATUS(409, "Conflict"),
      ERR_CONFLICT },
    { "update of a status puts to the subresource", update_status,
      "PUT " SERVER
      "/apis/aro.openshift.io/v1alpha1/clusters/cluster/status" ACCEPT CONTENT("json") "{}",
      200, OBJECT, 0 },
    { "update without a name is refused", update_without_name, NULL, 0, NULL, ERR_INVALID },
    { "a JSON patch has its media type", patch_json,
      "PATCH " SERVER CM_PATH
      "/b" ACCEPT CONTENT("json-patch+json") "[{\"op\":\"remove\",\"path\":\"/data/k\"}]",
      200, OBJECT, 0 },
    { "a merge patch keeps null, which deletes", patch_merge,
      "PATCH " SERVER CM_PATH "/b" ACCEPT CONTENT("merge-patch+json") "{\"data\":{\"k\":null}}",
      200, OBJECT, 0 },
    { "a strategic patch of a custom resource is unsupported", patch_strategic,
      "PATCH " SERVER CM_PATH "/b" ACCEPT CONTENT("strategic-merge-patch+json") "{}", 415,
      STATUS(415, "UnsupportedMediaType"), ERR_UNSUPPORTED },
    { "a merge patch cannot be forced", patch_merge_by_force, NULL, 0, NULL, ERR_INVALID },
    { "apply without a field manager is refused", patch_apply_without_manager, NULL, 0, NULL,
      ERR_INVALID },
    { "apply sends JSON as an apply patch", apply_plain,
      "PATCH " SERVER CM_PATH "/b" QUERY_APPLY ACCEPT CONTENT("apply-patch+yaml") "{\"data\":{}}",
      200, OBJECT, 0 },
    { "a forced apply leaves managedFields and resourceVersion out", apply_by_force,
      "PATCH " SERVER CM_PATH "/b" QUERY_APPLY
      "&force=true" ACCEPT CONTENT("apply-patch+yaml") "{\"metadata\":{\"name\":\"b\"}}",
      200, OBJECT, 0 },
    { "apply of a field that another manager owns is a conflict", apply_plain,
      "PATCH " SERVER CM_PATH "/b" QUERY_APPLY ACCEPT CONTENT("apply-patch+yaml") "{\"data\":{}}",
      409, STATUS(409, "Conflict"), ERR_CONFLICT },
    { "delete without options has no body", delete_plain, "DELETE " SERVER CM_PATH "/b" ACCEPT, 200,
      OK_STATUS, 0 },
    { "delete with unset options has no body", delete_with_defaults,
      "DELETE " SERVER CM_PATH "/b" ACCEPT, 202, OBJECT, 0 },
    { "delete accepts an empty 204", delete_plain, "DELETE " SERVER CM_PATH "/b" ACCEPT, 204, "",
      0 },
    { "grace period 0, propagation, preconditions and dry run go into the body",
      delete_with_options, "DELETE " SERVER CM_PATH "/b" ACCEPT CONTENT("json") FOREGROUND, 200,
      OK_STATUS, 0 },
    { "a failed precondition is a conflict", delete_with_options,
      "DELETE " SERVER CM_PATH "/b" ACCEPT CONTENT("json") FOREGROUND, 409, STATUS(409, "Conflict"),
      ERR_CONFLICT },
    { "delete without a name is refused", delete_without_name, NULL, 0, NULL, ERR_INVALID },
    { "delete of an absent object is not found", delete_plain, "DELETE " SERVER CM_PATH "/b" ACCEPT,
      404, STATUS(404, "NotFound"), ERR_NOT_FOUND },
    { "absent is as good as deleted where the caller says so", delete_if_present,
      "DELETE " SERVER CM_PATH "/b" ACCEPT, 404, STATUS(404, "NotFound"), 0 },
    { "another failure is one for that caller, too", delete_if_present,
      "DELETE " SERVER CM_PATH "/b" ACCEPT, 403, STATUS(403, "Forbidden"), ERR_FORBIDDEN },
    { "deleting a collection sends its selectors", delete_selected,
      "DELETE " SERVER CM_PATH
      "?labelSelector=a%3Db%2Cc%20in%20%28d%29&fieldSelector=metadata.name%21%3Dx" ACCEPT,
      200, OK_STATUS, 0 },
    { "deleting a whole collection must be asked for", delete_all, "DELETE " SERVER CM_PATH ACCEPT,
      200, OK_STATUS, 0 },
    { "deleting a collection by mistake is refused", delete_unselected, NULL, 0, NULL,
      ERR_INVALID },
};

static void check_verb(void **state)
{
    const struct verb_case *c = *state;
    struct script_step step = { .request = c->request, .status = c->status, .reply = c->reply };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, c->request ? 1 : 0);
    kube_fixture_start(&f);
    cleanup_json json *ret = NULL;
    cleanup_error struct error *err = NULL;

    int rc = c->run(&f, &ret, &err);

    if (c->fails) {
        assert_int_equal(rc, -1);
        assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(c->fails));
    } else {
        assert_int_equal(rc, 0);
        assert_non_null(ret);
    }
    kube_fixture_finish(&f);
}

/* ---- read-modify-write ---- */

#define STRANGE \
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"b\"," \
    "\"resourceVersion\":" \
    "\"7\",\"x-new\":{\"deep\":[1,{}]}},\"big\":9223372036854775807,\"bigger\":" \
    "123456789012345678901234567890,\"decimal\":1.10,\"exponent\":1E400,\"none\":null}"

static void test_unknown_fields_survive(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .request = "GET " SERVER CM_PATH "/b" ACCEPT, .reply = STRANGE },
        { .request = "PUT " SERVER CM_PATH "/b" ACCEPT CONTENT("json") STRANGE, .reply = STRANGE },
    };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    cleanup_json json *obj = NULL;

    assert_int_equal(kube_get(f.client, &f.ctx, CM, &obj, NULL), 0);
    assert_int_equal(kube_update(f.client, &f.ctx, CM, obj, NULL, NULL, NULL), 0);

    kube_fixture_finish(&f);
}

static void test_large_object(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&b, "{\"data\":{\"k\":\"");
    for (size_t i = 0; i < (size_t)2 << 20; i++)
        buf_addc(&b, 'x');
    buf_adds(&b, "\"}}");
    const struct script_step step = { .reply = buf_str(&b) };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, 1);
    kube_fixture_start(&f);
    cleanup_json json *obj = NULL;

    assert_int_equal(kube_get(f.client, &f.ctx, CM, &obj, NULL), 0);

    assert_int_equal(json_str_len(json_path(obj, "data.k")), (size_t)2 << 20);
    kube_fixture_finish(&f);
}

static char *give_nested(size_t depth)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < depth; i++)
        buf_adds(&b, "{\"a\":");
    buf_adds(&b, "1");
    for (size_t i = 0; i < depth; i++)
        buf_addc(&b, '}');
    return buf_give(&b);
}

static void test_nesting(void **state)
{
    (void)state;
    cleanup_free char *deep = give_nested(200), *too_deep = give_nested(JSON_DEPTH_MAX + 1);
    const struct script_step steps[] = { { .reply = deep }, { .reply = too_deep } };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    cleanup_json json *obj = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(kube_get(f.client, &f.ctx, CM, &obj, NULL), 0);
    assert_int_equal(kube_get(f.client, &f.ctx, CM, &obj, &err), -1);

    assert_int_equal(error_kind(err), ERR_INVALID);
    kube_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check_verb, &cases[i]);
    tests[n++] = (struct CMUnitTest)CASE("unknown fields and the spelling of numbers survive a PUT",
                                         test_unknown_fields_survive);
    tests[n++] = (struct CMUnitTest)CASE("an object of 2 MiB is read", test_large_object);
    tests[n++] =
        (struct CMUnitTest)CASE("deep nesting is read, too deep nesting refused", test_nesting);
    return RUN_CASES("verbs", tests);
}
