#include "hack/devcloud/cluster/cluster_impl.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define CRDS "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
#define MERGE "application/merge-patch+json"
#define VERSION(name, stored) \
    "{'name':'" name "','served':true,'storage':" stored \
    ",'schema':{'openAPIV3Schema':{'type':'object'}}}"
#define DEFINE(plural, kind, versions) \
    "{'metadata':{'name':'" plural \
    ".x.y'},'spec':{'group':'x.y','scope':'Cluster','names':{'plural':'" plural "','kind':'" kind \
    "'},'versions':[" versions "]}}"

static struct rig_case cases[] = {
    { "a version is served as soon as it is added, and no longer than it is served",
      .asks = { { "POST " CRDS, DEFINE("ts", "T", VERSION("v1", "true")), 201, NULL },
                { "GET /apis/x.y/v1/ts", NULL, 200, NULL },
                { "GET /apis/x.y/v2/ts", NULL, 404, NULL },
                { "PATCH " CRDS "/ts.x.y",
                  "{'spec':{'versions':[" VERSION("v1", "false") "," VERSION("v2", "true") "]}}",
                  200, NULL, MERGE },
                { "GET /apis/x.y/v2/ts", NULL, 200, NULL },
                { "GET " CRDS "/ts.x.y", NULL, 200, "{'status':{'storedVersions':['v1','v2']}}" },
                { "PATCH " CRDS "/ts.x.y",
                  "{'spec':{'versions':[{'name':'v1','served':false,'storage':false,'schema':{'"
                  "openAPIV3Schema':{'type':'object'}}}," VERSION("v2", "true") "]}}",
                  200, NULL, MERGE },
                { "GET /apis/x.y/v1/ts", NULL, 404, NULL } } },
    { "objects keep through versions",
      .asks = { { "POST " CRDS, DEFINE("ts", "T", VERSION("v1", "true") "," VERSION("v2", "false")),
                  201, NULL },
                { "POST /apis/x.y/v1/ts",
                  "{'apiVersion':'x.y/v1','kind':'T','metadata':{'name':'a'}}", 201, NULL },
                { "GET /apis/x.y/v2/ts/a", NULL, 200,
                  "{'apiVersion':'x.y/v2','metadata':{'uid':'$uid'}}" },
                { "DELETE /apis/x.y/v2/ts/a", NULL, 200, NULL },
                { "GET /apis/x.y/v1/ts/a", NULL, 404, NULL } } },
    { "a name that another definition has taken is not accepted",
      .asks = { { "POST " CRDS, DEFINE("ts", "T", VERSION("v1", "true")), 201, NULL },
                { "POST " CRDS, DEFINE("us", "T", VERSION("v1", "true")), 201, NULL },
                { "GET " CRDS "/us.x.y", NULL, 200,
                  "{'status':{'conditions':[{'type':'NamesAccepted','status':'False'},{'type':'"
                  "Established','status':'False'}]}}" },
                { "GET /apis/x.y/v1/us", NULL, 404, NULL } } },
};

/* A set that somebody holds stays as it was. */
static void sets_are_moments(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_kinds struct kinds *before = cluster_give_kinds(rig.c);

    assert_int_equal(cluster_rig_send(&rig, "POST " CRDS, DEFINE("ts", "T", VERSION("v1", "true"))),
                     201);

    cleanup_kinds struct kinds *after = cluster_give_kinds(rig.c);
    assert_null(kinds_find(before, "x.y", "v1", "ts"));
    assert_non_null(kinds_find(after, "x.y", "v1", "ts"));
    assert_int_equal(kinds_len(after), kinds_len(before) + 1);
}

/* What has not changed is not read again. */
static void known_definitions_are_kept(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(cluster_rig_send(&rig, "POST " CRDS, DEFINE("ts", "T", VERSION("v1", "true"))),
                     201);
    cleanup_kinds struct kinds *before = cluster_give_kinds(rig.c);

    cluster_reload_kinds(rig.c);
    assert_int_equal(cluster_rig_send(&rig, "POST " CRDS, DEFINE("us", "U", VERSION("v1", "true"))),
                     201);

    cleanup_kinds struct kinds *after = cluster_give_kinds(rig.c);
    assert_ptr_equal(kinds_find(after, "x.y", "v1", "ts")->schema,
                     kinds_find(before, "x.y", "v1", "ts")->schema);
}

int main(void)
{
    const struct CMUnitTest more[] = {
        CASE("a set of kinds is of one moment", sets_are_moments),
        CASE("known definitions are kept", known_definitions_are_kept),
    };
    return cluster_rig_run("cluster_kinds", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
