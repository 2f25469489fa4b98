#include <string.h>

#include "pkg/kube/object.h"
#include "test/unit/support/test.h"

#define POD \
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"namespace\":\"n\"," \
    "\"uid\":\"u-1\",\"resourceVersion\":\"77\",\"generation\":3," \
    "\"deletionTimestamp\":\"2024-01-01T00:00:00Z\"," \
    "\"labels\":{\"app\":\"web\",\"empty\":\"\",\"tier/x\":\"a\"}," \
    "\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"worker\",\"x\":[1]}" \
    "," \
    "{\"apiVersion\":\"apps/v1\",\"kind\":\"ReplicaSet\",\"name\":\"rs\",\"controller\":true}]}," \
    "\"spec\":{\"big\":9223372036854775808}}"

static struct kube_object *make(const char *text)
{
    struct kube_object *o = NULL;
    assert_int_equal(0, kube_object_new(text, strlen(text), PROJECT_FULL, &o, NULL));
    return o;
}

static void header(void **state)
{
    (void)state;
    cleanup_kube_object struct kube_object *o = make(POD);

    assert_string_equal("n", kube_object_namespace(o));
    assert_string_equal("p", kube_object_name(o));
    assert_string_equal("77", kube_object_resource_version(o));
    assert_string_equal("u-1", kube_object_uid(o));
    assert_int_equal(3, kube_object_generation(o));
    assert_true(kube_object_is_deleting(o));
}

static void bytes_and_tree(void **state)
{
    (void)state;
    cleanup_kube_object struct kube_object *o = make(POD);

    size_t len;
    const char *bytes = kube_object_bytes(o, &len);
    cleanup_json json *tree = kube_object_give_json(o);
    cleanup_free char *text = json_give_text(tree);

    assert_int_equal(strlen(POD), len);
    assert_memory_equal(POD, bytes, len);
    assert_string_equal(POD, text);
    assert_true(kube_object_footprint(o) >= len);
    assert_true(kube_object_footprint(o) <= len + 160);
}

static void labels(void **state)
{
    (void)state;
    cleanup_kube_object struct kube_object *o = make(POD);
    size_t len = 99;

    const char *value = kube_object_label(o, "app", &len);
    assert_int_equal(3, len);
    assert_memory_equal("web", value, 3);
    assert_non_null(kube_object_label(o, "empty", &len));
    assert_int_equal(0, len);
    assert_non_null(kube_object_label(o, "tier/x", NULL));
    assert_null(kube_object_label(o, "tier", &len));
    assert_null(kube_object_label(o, "ap", &len));
}

static void owners(void **state)
{
    (void)state;
    cleanup_kube_object struct kube_object *o = make(POD);
    char *name = NULL;

    assert_true(kube_object_owner(o, "apps", "ReplicaSet", false, &name));
    assert_string_equal("rs", name);
    free(name);
    assert_false(kube_object_owner(o, "", "Node", false, &name));
    assert_true(kube_object_owner(o, "", "Node", true, &name));
    assert_string_equal("worker", name);
    free(name);
    assert_false(kube_object_owner(o, "batch", "ReplicaSet", true, &name));
    assert_false(kube_object_owner(o, "apps", "Deployment", true, &name));
}

/* Odd owner references: each is as good as none. */
static struct owner_case {
    const char *name, *owners;
    bool want;
} owner_cases[] = {
    { "owners that are no array do not match", "{\"kind\":\"A\"}", false },
    { "owners that are null do not match", "null", false },
    { "no owners do not match", "[]", false },
    { "owners that are strings do not match", "[\"A\",{}]", false },
    { "an owner without apiVersion does not match",
      "[{\"kind\":\"A\",\"name\":\"x\",\"controller\":true}]", false },
    { "an owner without name does not match",
      "[{\"apiVersion\":\"g/v1\",\"kind\":\"A\",\"controller\":true}]", false },
    { "an owner whose controller is a string does not match",
      "[{\"apiVersion\":\"g/v1\",\"kind\":\"A\",\"name\":\"x\",\"controller\":\"true\"}]", false },
    { "the version of the owner's kind does not matter",
      "[{\"apiVersion\":\"g/v9beta1\",\"kind\":\"A\",\"name\":\"x\",\"controller\":true}]", true },
    { "owner fields that are nested are passed over",
      "[{\"uid\":{\"name\":\"y\"},\"apiVersion\":\"g/v1\",\"kind\":\"A\",\"name\":\"x\","
      "\"controller\":true}]",
      true },
};

static void check_owner(void **state)
{
    const struct owner_case *c = *state;
    char text[512];
    (void)snprintf(
        text, sizeof(text),
        "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\",\"ownerReferences\":%s}}",
        c->owners);
    cleanup_kube_object struct kube_object *o = make(text);
    cleanup_free char *name = NULL;

    assert_int_equal(c->want, kube_object_owner(o, "g", "A", false, &name));
    if (c->want)
        assert_string_equal("x", name);
}

static void cluster_scope(void **state)
{
    (void)state;
    cleanup_kube_object struct kube_object *o =
        make("{\"metadata\":{\"name\":\"node\",\"resourceVersion\":\"1\",\"namespace\":null,"
             "\"labels\":null,\"ownerReferences\":null,\"deletionTimestamp\":null}}");

    assert_string_equal("", kube_object_namespace(o));
    assert_string_equal("", kube_object_uid(o));
    assert_false(kube_object_is_deleting(o));
    assert_null(kube_object_label(o, "x", NULL));
}

static struct bad_case {
    const char *name, *text;
} bad_cases[] = {
    { "refuses text behind the object",
      "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\"}}x" },
    { "refuses an array", "[]" },
    { "refuses null", "null" },
    { "refuses an object without metadata", "{}" },
    { "refuses metadata that is no object", "{\"metadata\":7}" },
    { "refuses an object without a name", "{\"metadata\":{\"resourceVersion\":\"1\"}}" },
    { "refuses an object without a resourceVersion", "{\"metadata\":{\"name\":\"a\"}}" },
    { "refuses an empty resourceVersion",
      "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"\"}}" },
    { "refuses a name that is a number", "{\"metadata\":{\"name\":1,\"resourceVersion\":\"1\"}}" },
    { "refuses text that ends early", "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\"}" },
    { "refuses bad UTF-8",
      "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\"},\"x\":\"\xff\"}" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    struct kube_object *o = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(-1, kube_object_new(c->text, strlen(c->text), PROJECT_FULL, &o, &err));
    assert_true(error_is(err, ERR_INVALID));
    assert_null(o);
}

static void deep(void **state)
{
    (void)state;
    char text[2048];
    for (int depth = 250; depth < 260; depth++) {
        struct kube_object *o = NULL;
        int n = snprintf(text, sizeof(text),
                         "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\"},\"x\":");
        memset(text + n, '[', (size_t)depth);
        memset(text + n + depth, ']', (size_t)depth);
        text[n + 2 * depth] = '}';
        int status = kube_object_new(text, (size_t)(n + 2 * depth + 1), PROJECT_FULL, &o, NULL);
        /* Whatever is accepted can be parsed. */
        assert_int_equal(depth + 1 <= JSON_DEPTH_MAX ? 0 : -1, status);
        if (o)
            json_free(kube_object_give_json(o));
        kube_object_unref(o);
    }
}

static void shared(void **state)
{
    (void)state;
    struct kube_object *o = make(POD);
    struct kube_object *again = kube_object_ref(o);

    assert_ptr_equal(o, again);
    kube_object_unref(o);
    assert_string_equal("p", kube_object_name(again));
    kube_object_unref(again);
    assert_null(kube_object_ref(NULL));
    kube_object_unref(NULL);
}

int main(void)
{
    struct CMUnitTest tests[32] = {
        CASE("the header is read from metadata", header),
        CASE("bytes and tree are the object as it came", bytes_and_tree),
        CASE("labels are found by key", labels),
        CASE("owners match by group and kind", owners),
        CASE("cluster scope and nulls are absent fields", cluster_scope),
        CASE("an object as deep as the parser goes is accepted, deeper ones are not", deep),
        CASE("references keep an object alive", shared),
    };
    size_t n = 7;
    for (size_t i = 0; i < ARRAY_LEN(owner_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(owner_cases[i].name, check_owner, &owner_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(bad_cases[i].name, check_bad, &bad_cases[i]);
    return _cmocka_run_group_tests("object", tests, n, NULL, NULL);
}
