#include <string.h>

#include "pkg/kube/client.h"
#include "test/unit/support/test.h"

struct path_case {
    const char *name;
    struct kube_ref ref;
    const char *want; /* NULL: refused */
};

static const struct gvr odd = { .group = "a/b", .version = "v1", .resource = "odds" };
static const struct gvr rooted = { .group = "", .version = "..", .resource = "odds" };

#define NAMESPACED(ns, n, sub) \
    { \
        .gvr = &GVR_PODS, .nspace = (ns), .name = (n), .subresource = (sub) \
    }
#define CLUSTER(n) \
    { \
        .gvr = &GVR_CLUSTERROLES, .name = (n) \
    }

static struct path_case cases[] = {
    { "lists a core kind over all namespaces", NAMESPACED(NULL, NULL, NULL), "/api/v1/pods" },
    { "an empty namespace is none for a collection", NAMESPACED("", NULL, NULL), "/api/v1/pods" },
    { "lists in one namespace", NAMESPACED("a", NULL, NULL), "/api/v1/namespaces/a/pods" },
    { "names an object", NAMESPACED("a", "b", NULL), "/api/v1/namespaces/a/pods/b" },
    { "adds a subresource", NAMESPACED("a", "b", "log"), "/api/v1/namespaces/a/pods/b/log" },
    { "puts other groups below /apis",
      { .gvr = &GVR_LEASES, .nspace = "a", .name = "b" },
      "/apis/coordination.k8s.io/v1/namespaces/a/leases/b" },
    { "a cluster-scoped object has no namespace", CLUSTER("admin"),
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/admin" },
    { "a namespace itself is cluster-scoped",
      { .gvr = &GVR_NAMESPACES, .name = "a" },
      "/api/v1/namespaces/a" },
    { "keeps the colons of role names", CLUSTER("system:node"),
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node" },
    { "escapes what would end the path", CLUSTER("a?b#c d"),
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/a%3Fb%23c%20d" },
    { "refuses an empty name", NAMESPACED("a", "", NULL), NULL },
    { "refuses a name with a slash", NAMESPACED("a", "b/c", NULL), NULL },
    { "refuses a name with a percent sign", NAMESPACED("a", "b%2fc", NULL), NULL },
    { "refuses a name of one dot", NAMESPACED("a", ".", NULL), NULL },
    { "refuses a name of two dots", NAMESPACED("a", "..", NULL), NULL },
    { "refuses a namespace with a slash", NAMESPACED("a/b", NULL, NULL), NULL },
    { "refuses a namespace of two dots", NAMESPACED("..", "b", NULL), NULL },
    { "refuses an empty subresource", NAMESPACED("a", "b", ""), NULL },
    { "refuses a subresource with a slash", NAMESPACED("a", "b", "proxy/x"), NULL },
    { "refuses a subresource of a collection", NAMESPACED("a", NULL, "status"), NULL },
    { "refuses a name without a namespace", NAMESPACED(NULL, "b", NULL), NULL },
    { "refuses a name with an empty namespace", NAMESPACED("", "b", NULL), NULL },
    { "refuses a namespace on a cluster-scoped kind",
      { .gvr = &GVR_NODES, .nspace = "a", .name = "b" },
      NULL },
    { "refuses a group with a slash", { .gvr = &odd, .name = "b" }, NULL },
    { "refuses a version of two dots", { .gvr = &rooted, .name = "b" }, NULL },
    { "refuses a reference without a kind", { .name = "b" }, NULL },
};

static void check_path(void **state)
{
    const struct path_case *c = *state;
    cleanup_free char *path = NULL;
    cleanup_error struct error *err = NULL;

    int rc = kube_give_path(&c->ref, &path, &err);

    if (c->want) {
        assert_int_equal(rc, 0);
        assert_string_equal(path, c->want);
    } else {
        assert_int_equal(rc, -1);
        assert_int_equal(error_kind(err), ERR_INVALID);
        assert_null(path);
    }
}

struct ref_case {
    const char *name, *object;
    enum err_kind kind; /* ERR_INTERNAL: succeeds */
    const struct gvr *gvr;
    const char *nspace, *object_name;
};

static struct ref_case ref_cases[] = {
    { "an object refers to itself by kind, namespace and name",
      "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"namespace\":\"a\",\"name\":\"b\"}"
      "}",
      ERR_INTERNAL, &GVR_SECRETS, "a", "b" },
    { "an object with generateName has no name",
      "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"namespace\":\"a\"}}",
      ERR_INTERNAL, &GVR_SECRETS, "a", NULL },
    { "the namespace of a cluster-scoped object is ignored",
      "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"namespace\":\"a\",\"name\":\"b\"}}",
      ERR_INTERNAL, &GVR_NODES, NULL, "b" },
    { "an object without metadata is a collection", "{\"apiVersion\":\"v1\",\"kind\":\"Node\"}",
      ERR_INTERNAL, &GVR_NODES, NULL, NULL },
    { "an object without a kind is invalid", "{\"apiVersion\":\"v1\"}", ERR_INVALID, NULL, NULL,
      NULL },
    { "an object without an apiVersion is invalid", "{\"kind\":\"Node\"}", ERR_INVALID, NULL, NULL,
      NULL },
    { "an unknown kind is not found", "{\"apiVersion\":\"v1\",\"kind\":\"Nope\"}", ERR_NOT_FOUND,
      NULL, NULL, NULL },
};

static void assert_text(const char *got, const char *want)
{
    if (want) {
        assert_non_null(got);
        assert_string_equal(got, want);
    } else {
        assert_null(got);
    }
}

static void check_ref(void **state)
{
    const struct ref_case *c = *state;
    cleanup_json json *object = NULL;
    assert_int_equal(json_parse(c->object, strlen(c->object), &object, NULL), 0);
    cleanup_error struct error *err = NULL;
    struct kube_ref ref = { 0 };

    int rc = kube_ref_of(object, &ref, &err);

    if (c->kind != ERR_INTERNAL) {
        assert_int_equal(rc, -1);
        assert_int_equal(error_kind(err), c->kind);
        return;
    }
    assert_int_equal(rc, 0);
    assert_ptr_equal(ref.gvr, c->gvr);
    assert_text(ref.nspace, c->nspace);
    assert_text(ref.name, c->object_name);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(ref_cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check_path, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(ref_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(ref_cases[i].name, check_ref, &ref_cases[i]);
    return RUN_CASES("path", tests);
}
