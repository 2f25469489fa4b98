#include "hack/devcloud/cluster/serve.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define TS "/apis/x.y/v1/namespaces/default/ts"
#define NOT_FOUND \
    "{'reason':'NotFound','message':'the server could not find the requested resource'}"
#define NOT_ALLOWED \
    "{'reason':'MethodNotAllowed','message':'the server does not allow this method on the " \
    "requested resource'}"
#define DEFINE_TS \
    { \
        "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions", \
            "{'metadata':{'name':'ts.x.y'},'spec':{'group':'x.y','scope':'Namespaced','names':{'" \
            "plural':'ts'," \
            "'singular':'t','kind':'T','listKind':'TList'},'versions':[{'name':'v1beta1','served'" \
            ":true,'storage':" \
            "false,'deprecated':true,'schema':{'openAPIV3Schema':{'type':'object'}}},{'name':'v1'" \
            ",'served':true," \
            "'storage':true,'schema':{'openAPIV3Schema':{'type':'object'}}}]}}", \
            201, NULL \
    }

static struct rig_case cases[] = {
    { "resources that are not there are told apart from methods that are not",
      .asks = { { "GET /api/v1/namespaces/default/foos", NULL, 404, NOT_FOUND },
                { "GET /apis/apps/v1/foos", NULL, 404, NOT_FOUND },
                { "GET /apis/apps/v9/deployments", NULL, 404, NOT_FOUND },
                { "PUT " MAPS, "{}", 405, NOT_ALLOWED },
                { "PATCH " MAPS, "{}", 405, NOT_ALLOWED, "application/merge-patch+json" },
                { "POST " MAPS "/a", "{}", 405, NOT_ALLOWED },
                { "POST /api/v1/configmaps", "{'metadata':{'name':'a'}}", 405, NOT_ALLOWED },
                { "DELETE /api/v1/configmaps", NULL, 405, NOT_ALLOWED },
                { "GET /api/v1/configmaps/a", NULL, 404, NOT_FOUND },
                { "GET /api/v1/namespaces/default/nodes", NULL, 404, NOT_FOUND },
                { "DELETE /api/v1/namespaces", NULL, 405, NOT_ALLOWED } } },
    { "subresources are those that the kind has",
      .asks = { { "GET " MAPS "/a/status", NULL, 404, NOT_FOUND },
                { "PUT " MAPS "/a/status", "{}", 404, NOT_FOUND },
                { "GET /apis/apps/v1/namespaces/default/deployments/d/foo", NULL, 404, NOT_FOUND },
                { "GET /apis/apps/v1/namespaces/default/deployments/d/status", NULL, 404,
                  "{'message':'deployments.apps \\'d\\' not found'}" },
                { "POST /apis/apps/v1/namespaces/default/deployments/d/status", "{}", 405,
                  NOT_ALLOWED },
                { "DELETE /api/v1/namespaces/default/pods/p/log", NULL, 405, NOT_ALLOWED },
                { "GET /api/v1/namespaces/default/pods/p/eviction", NULL, 405, NOT_ALLOWED } } },
    { "a custom kind is served at its versions, warned of when deprecated",
      .asks = { { "GET /apis/x.y/v1/ts", NULL, 404, NULL },
                DEFINE_TS,
                { "GET /apis/x.y/v1/ts", NULL, 200,
                  "{'kind':'TList','apiVersion':'x.y/v1','items':[]}" },
                { "POST " TS, "{'apiVersion':'x.y/v1','kind':'T','metadata':{'name':'a'}}", 201,
                  NULL },
                { "GET /apis/x.y/v1beta1/ts", NULL, 200,
                  "{'apiVersion':'x.y/v1beta1','items':[{'apiVersion':'x.y/v1beta1','kind':'T'}]}",
                  .warning = "x.y/v1beta1 T is deprecated" },
                { "GET /apis/x.y/v2/ts", NULL, 404, NULL },
                { "GET /apis/x.y/v1/us", NULL, 404, NULL },
                { "DELETE /apis/apiextensions.k8s.io/v1/customresourcedefinitions/ts.x.y", NULL,
                  200, NULL },
                { "GET /apis/x.y/v1/ts", NULL, 404, NULL } } },
    { "answers come as they are accepted",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201, NULL },
                { "GET " MAPS "/a", NULL, 200, "{'kind':'ConfigMap'}",
                  .accept = "application/json" },
                { "GET " MAPS "/a", NULL, 200, "{'kind':'ConfigMap'}", .accept = "*/*" },
                { "GET " MAPS "/a", NULL, 200, "{'kind':'ConfigMap'}",
                  .accept = "application/vnd.kubernetes.protobuf, application/json" },
                { "GET " MAPS "/a", NULL, 200,
                  "{'kind':'PartialObjectMetadata','apiVersion':'meta.k8s.io/v1','data':null}",
                  .accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" },
                { "GET " MAPS, NULL, 406, "{'reason':'NotAcceptable'}", .accept = "text/plain" },
                { "GET /apis", NULL, 406, "{'reason':'NotAcceptable'}",
                  .accept = "text/plain" } } },
    { "documents are read at their places",
      .asks = { { "GET /version", NULL, 200, "{'major':'1','minor':'20'}" },
                { "GET /api", NULL, 200, "{'kind':'APIVersions','versions':['v1']}" },
                { "GET /apis/apps", NULL, 200, "{'kind':'APIGroup','name':'apps'}" },
                { "GET /apis/apps/v1", NULL, 200,
                  "{'kind':'APIResourceList','groupVersion':'apps/v1'}" },
                { "GET /api/v1", NULL, 200, "{'kind':'APIResourceList','groupVersion':'v1'}" },
                { "GET /openapi/v2", NULL, 200, "{'swagger':'2.0'}" },
                { "GET /apis/none", NULL, 404, NULL },
                { "GET /apis/apps/v1/x/y/z/a/b/c", NULL, 404, NULL },
                { "GET /openapi/v3", NULL, 404, NULL },
                { "GET /foo", NULL, 404, NULL } } },
    { "newer servers have more documents", .minor = 32,
      .asks = { { "GET /openapi/v3", NULL, 200,
                  "{'paths':{'api/v1':{'serverRelativeURL':'/openapi/v3/api/v1'}}}" },
                { "GET /openapi/v3/apis/apps/v1", NULL, 200, "{'openapi':'3.0.0'}" },
                { "GET /openapi/v3/apis/none/v1", NULL, 404, NULL },
                { "GET /apis", NULL, 200,
                  "{'kind':'APIGroupDiscoveryList','apiVersion':'apidiscovery.k8s.io/v2'}",
                  .accept =
                      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" },
                { "GET /apis/apps", NULL, 200, "{'kind':'APIGroup'}",
                  .accept = "application/"
                            "json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/"
                            "json" } } },
};

struct text_case {
    const char *name, *line;
    int status;
    const char *text, *type;
};

static struct text_case texts[] = {
    { "health is told in a word", "GET /healthz", 200, "ok", "text/plain; charset=utf-8" },
    { "so is readiness, in all its parts", "GET /readyz/ping", 200, "ok",
      "text/plain; charset=utf-8" },
    { "groups that are not there are pages that are not there", "GET /apis/none/v1/foos", 404,
      "404 page not found\n", "text/plain; charset=utf-8" },
};

static void check_text(void **state)
{
    const struct text_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);

    assert_int_equal(cluster_rig_send(&rig, c->line, NULL), c->status);

    assert_string_equal(rig.text, c->text);
    assert_string_equal(rig.content_type, c->type);
}

static void lists_its_paths(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);

    assert_int_equal(cluster_rig_send(&rig, "GET /", NULL), 200);

    static const char *const wanted[] = { "/api/v1", "/apis/apps/v1", "/healthz", "/version" };
    const json *paths = json_get(rig.last, "paths");
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        size_t found = 0;
        for (size_t k = 0; k < json_len(paths); k++)
            found += str_eq(json_str(json_at(paths, k)), wanted[i]);
        assert_int_equal(found, 1);
    }
}

/* A discovery of protobuf is asked for by kubectl. */
static void gives_schemas_as_protobuf(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    const struct ask ask = { .line = "GET /openapi/v2",
                             .status = 200,
                             .accept =
                                 "application/com.github.proto-openapi.spec.v2@v1.0+protobuf" };

    cluster_rig_ask(&rig, &ask);

    assert_string_equal(rig.content_type, "application/octet-stream");
    assert_memory_equal(rig.text,
                        "\n\x03"
                        "2.0",
                        5);
}

int main(void)
{
    struct CMUnitTest more[ARRAY_LEN(texts) + 2] = {
        CASE("the root lists what there is, once", lists_its_paths),
        CASE("schemas come as protobuf where that is asked for", gives_schemas_as_protobuf),
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        more[i + 2] = (struct CMUnitTest)CASE_OF(texts[i].name, check_text, &texts[i]);
    return cluster_rig_run("serve", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
