#include "hack/devcloud/cluster/request.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

struct path_case {
    const char *name, *method, *path, *query;
    const char *want; /* verb group/version resource ns/name sub */
};

static struct path_case cases[] = {
    { "a core list", "GET", "/api/v1/pods", NULL, "list /v1 pods -/- -" },
    { "a list in a namespace", "GET", "/api/v1/namespaces/a/pods", NULL, "list /v1 pods a/- -" },
    { "an object", "GET", "/apis/apps/v1/namespaces/a/deployments/b", NULL,
      "get apps/v1 deployments a/b -" },
    { "a subresource", "PUT", "/apis/apps/v1/namespaces/a/deployments/b/status", NULL,
      "update apps/v1 deployments a/b status" },
    { "a cluster-scoped object", "DELETE", "/api/v1/nodes/n", NULL, "delete /v1 nodes -/n -" },
    { "a namespace is inside itself", "GET", "/api/v1/namespaces/a", NULL,
      "get /v1 namespaces a/a -" },
    { "the status of a namespace", "PATCH", "/api/v1/namespaces/a/status", NULL,
      "patch /v1 namespaces a/a status" },
    { "the end of a namespace", "PUT", "/api/v1/namespaces/a/finalize", NULL,
      "update /v1 namespaces a/a finalize" },
    { "all namespaces", "GET", "/api/v1/namespaces", NULL, "list /v1 namespaces -/- -" },
    { "a watch", "GET", "/api/v1/pods", "watch=true", "watch /v1 pods -/- -" },
    { "watch=1 is a watch", "GET", "/api/v1/pods", "watch=1", "watch /v1 pods -/- -" },
    { "watch=0 is none", "GET", "/api/v1/pods", "watch=0", "list /v1 pods -/- -" },
    { "a create", "POST", "/api/v1/namespaces/a/pods", NULL, "create /v1 pods a/- -" },
    { "many deletions", "DELETE", "/api/v1/namespaces/a/pods", NULL,
      "deletecollection /v1 pods a/- -" },
    { "escaped names", "GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode", NULL,
      "get rbac.authorization.k8s.io/v1 clusterroles -/system:node -" },
    { "the rest of a proxy's path", "GET", "/api/v1/nodes/n/proxy/a/b", NULL,
      "get /v1 nodes -/n proxy/a/b" },
    { "a version is no resource", "GET", "/apis/apps/v1", NULL, "get none" },
    { "health is no resource", "POST", "/healthz", NULL, "post none" },
};

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

static void check(void **state)
{
    const struct path_case *c = *state;
    cleanup_api_request struct api_request rq = { 0 };

    assert_int_equal(api_request_init(&rq, c->method, c->path, c->query, NULL), 0);

    cleanup_free char *got = rq.is_resource ? xasprintf("%s %s/%s %s %s/%s %s", rq.verb, rq.group,
                                                        rq.version, rq.resource, or_dash(rq.nspace),
                                                        or_dash(rq.name), or_dash(rq.subresource))
                                            : xasprintf("%s none", rq.verb);
    assert_string_equal(got, c->want);
}

static void queries(void **state)
{
    (void)state;
    cleanup_api_request struct api_request rq = { 0 };
    int64_t n;
    cleanup_error struct error *err = NULL;

    assert_int_equal(api_request_init(&rq, "GET", "/api/v1/pods",
                                      "labelSelector=a%3Db+c&limit=5&x=&flag&bad=1x", NULL),
                     0);

    assert_string_equal(api_query(&rq, "labelSelector"), "a=b c");
    assert_string_equal(api_query(&rq, "x"), "");
    assert_null(api_query(&rq, "y"));
    assert_true(api_query_true(&rq, "flag"));
    assert_false(api_query_true(&rq, "y"));
    assert_int_equal(api_query_int(&rq, "limit", 1, &n, NULL), 0);
    assert_int_equal(n, 5);
    assert_int_equal(api_query_int(&rq, "none", 7, &n, NULL), 0);
    assert_int_equal(n, 7);
    assert_int_equal(api_query_int(&rq, "bad", 7, &n, &err), -1);
    assert_string_equal(error_get_code(err), "BadRequest");
}

static void broken_escapes(void **state)
{
    (void)state;
    cleanup_api_request struct api_request a = { 0 }, b = { 0 };
    assert_int_equal(api_request_init(&a, "GET", "/api/v1/po%ds", NULL, NULL), -1);
    assert_int_equal(api_request_init(&b, "GET", "/api/v1/pods", "a=%zz", NULL), -1);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    size_t n = 0;
    for (; n < ARRAY_LEN(cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(cases[n].name, check, &cases[n]);
    tests[n++] = (struct CMUnitTest)CASE("queries are decoded", queries);
    tests[n++] = (struct CMUnitTest)CASE("broken escapes are refused", broken_escapes);
    return RUN_CASES("request", tests);
}
