#include "hack/devcloud/cluster/discovery_doc.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define CRDS "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
#define DEFINE_TS \
    { \
        "POST " CRDS, \
            "{'metadata':{'name':'ts.x.y'},'spec':{'group':'x.y','scope':'Cluster','names':{'" \
            "plural':'ts','kind':'T','shortNames':['tt']," \
            "'categories':['all']},'versions':[{'name':'v1beta1','served':true,'storage':false,'" \
            "schema':{'openAPIV3Schema':{'type':" \
            "'object'}}},{'name':'v1','served':true,'storage':true,'subresources':{'status':{}},'" \
            "schema':{'openAPIV3Schema':{'type':" \
            "'object'}}},{'name':'v2alpha1','served':true,'storage':false,'schema':{'" \
            "openAPIV3Schema':{'type':'object'}}}]}}", \
            201, NULL \
    }

static struct rig_case cases[] = {
    { "a group's versions are in the order of preference",
      .asks = { DEFINE_TS,
                { "GET /apis/x.y", NULL, 200,
                  "{'kind':'APIGroup','apiVersion':'v1','name':'x.y','versions':[{'groupVersion':'"
                  "x.y/v1','version':'v1'},{'version':'v1beta1'},{"
                  "'version':'v2alpha1'}],'preferredVersion':{'groupVersion':'x.y/"
                  "v1','version':'v1'}}" } } },
    { "resources stand with their subresources",
      .asks = { DEFINE_TS,
                { "GET /apis/x.y/v1", NULL, 200,
                  "{'kind':'APIResourceList','apiVersion':'v1','groupVersion':'x.y/"
                  "v1','resources':[{'name':'ts','singularName':'t','namespaced':"
                  "false,'kind':'T','shortNames':['tt'],'categories':['all']},{'name':'ts/"
                  "status','singularName':'','kind':'T','verbs':['get',"
                  "'patch','update']}]}" },
                { "GET /apis/x.y/v1beta1", NULL, 200, "{'resources':[{'name':'ts'}]}" },
                { "GET /apis/x.y/v9", NULL, 404, NULL } } },
    { "a group goes with its last definition",
      .asks = { DEFINE_TS,
                { "DELETE " CRDS "/ts.x.y", NULL, 200, NULL },
                { "GET /apis/x.y", NULL, 404, NULL } } },
    { "the version is told", .minor = 25,
      .asks = { { "GET /version", NULL, 200,
                  "{'major':'1','minor':'25','gitVersion':'v1.25.0','platform':'linux/"
                  "amd64'}" } } },
};

static json *find(const json *list, const char *key, const char *name)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), key), name))
            return json_at(list, i);
    return NULL;
}

struct resource_case {
    const char *name, *path, *resource, *want;
};

static struct resource_case resources[] = {
    { "pods are known by their short name", "GET /api/v1", "pods",
      "{'kind':'Pod','namespaced':true,'shortNames':['po'],'categories':['all'],'verbs':['create','"
      "delete','deletecollection','get','list',"
      "'patch','update','watch']}" },
    { "an eviction is a kind of policy", "GET /api/v1", "pods/eviction",
      "{'kind':'Eviction','group':'policy','version':'v1beta1','verbs':['create']}" },
    { "a token is requested", "GET /api/v1", "serviceaccounts/token",
      "{'kind':'TokenRequest','group':'authentication.k8s.io','version':'v1','verbs':['create']}" },
    { "a proxy has options of its own", "GET /api/v1", "nodes/proxy",
      "{'kind':'NodeProxyOptions','verbs':['create','delete','get','patch','update']}" },
    { "namespaces are not deleted together", "GET /api/v1", "namespaces",
      "{'namespaced':false,'verbs':['create','delete','get','list','patch','update','watch']}" },
    { "a scale is one everywhere", "GET /apis/apps/v1", "deployments/scale",
      "{'kind':'Scale','group':'autoscaling','version':'v1','verbs':['get','patch','update']}" },
    { "reviews are only made", "GET /apis/authorization.k8s.io/v1", "selfsubjectaccessreviews",
      "{'namespaced':false,'verbs':['create']}" },
};

static void check_resource(void **state)
{
    const struct resource_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);

    assert_int_equal(cluster_rig_send(&rig, c->path, NULL), 200);

    const json *found = find(json_get(rig.last, "resources"), "name", c->resource);
    assert_non_null(found);
    assert_contains(found, c->want);
}

/* The aggregated document says what the single ones do. */
static void aggregates_everything(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_kinds struct kinds *kinds = cluster_give_kinds(rig.c);
    cleanup_json json *groups = discovery_give_aggregated(kinds, false, "v2beta1");
    cleanup_json json *core = discovery_give_aggregated(kinds, true, "v2");

    assert_contains(groups,
                    "{'kind':'APIGroupDiscoveryList','apiVersion':'apidiscovery.k8s.io/v2beta1'}");
    assert_contains(
        core, "{'apiVersion':'apidiscovery.k8s.io/"
              "v2','items':[{'metadata':{'name':null},'versions':[{'version':'v1','freshness':"
              "'Current'}]}]}");
    const json *pods = find(json_path(core, "items[0].versions[0].resources"), "resource", "pods");
    assert_contains(pods, "{'scope':'Namespaced','singularResource':'pod','responseKind':{'group':'"
                          "','version':'v1','kind':'Pod'}}");
    const json *eviction = find(json_get(pods, "subresources"), "subresource", "eviction");
    assert_contains(eviction,
                    "{'responseKind':{'group':'policy','kind':'Eviction'},'verbs':['create']}");
    size_t inside = 0;
    const json *items = json_get(groups, "items");
    for (size_t i = 0; i < json_len(items); i++)
        for (size_t v = 0; v < json_len(json_get(json_at(items, i), "versions")); v++)
            inside += json_len(
                json_get(json_at(json_get(json_at(items, i), "versions"), v), "resources"));
    size_t outside = 0;
    for (size_t i = 0; i < kinds_len(kinds); i++)
        outside += *kinds_at(kinds, i)->group != '\0';
    assert_int_equal(inside, outside);
}

static void lists_each_group_once(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_kinds struct kinds *kinds = cluster_give_kinds(rig.c);
    cleanup_json json *doc = discovery_give_groups(kinds);
    const json *groups = json_get(doc, "groups");

    assert_true(json_len(groups) > 5);
    for (size_t i = 0; i < json_len(groups); i++) {
        const json *group = json_at(groups, i);
        const char *name = json_path_str(group, "name");
        assert_string_not_equal(name, "");
        assert_ptr_equal(find(groups, "name", name), group);
        cleanup_json json *alone = discovery_give_group(kinds, name);
        assert_true(json_equal(json_get(alone, "versions"), json_get(group, "versions")));
    }
    assert_null(discovery_give_group(kinds, "none"));
    assert_null(discovery_give_group(kinds, ""));
    assert_null(discovery_give_resources(kinds, "apps", "v9"));
}

int main(void)
{
    struct CMUnitTest more[ARRAY_LEN(resources) + 2] = {
        CASE("the aggregated document has every resource", aggregates_everything),
        CASE("every group is listed once, as it is alone", lists_each_group_once),
    };
    for (size_t i = 0; i < ARRAY_LEN(resources); i++)
        more[i + 2] = (struct CMUnitTest)CASE_OF(resources[i].name, check_resource, &resources[i]);
    return cluster_rig_run("discovery_doc", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
