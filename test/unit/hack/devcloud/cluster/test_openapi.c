#include <string.h>

#include "hack/devcloud/cluster/openapi.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define DEFINE \
    "{'metadata':{'name':'ts.x.y'},'spec':{'group':'x.y','scope':'Namespaced','names':{'plural':'" \
    "ts','kind':'T'},'versions':[{'name':'v1'," \
    "'served':true,'storage':true,'schema':{'openAPIV3Schema':{'type':'object','properties':{'" \
    "spec':{'type':'object','required':['n']," \
    "'properties':{'n':{'type':'integer'},'l':{'type':'array','items':{'type':'object','" \
    "properties':{'k':{'type':'string'}}}," \
    "'x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k']},'p':{'x-kubernetes-int-" \
    "or-string':true},'free':{'type':'object'," \
    "'x-kubernetes-preserve-unknown-fields':true}}}}}}}]}}"

static void indexes_versions(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(
        cluster_rig_send(&rig, "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                         DEFINE),
        201);
    cleanup_kinds struct kinds *kinds = cluster_give_kinds(rig.c);

    cleanup_json json *index = openapi_give_index(kinds);

    assert_contains(index, "{'paths':{'api/v1':{'serverRelativeURL':'/openapi/v3/api/v1'},'apis/"
                           "apps/v1':{'serverRelativeURL':"
                           "'/openapi/v3/apis/apps/v1'},'apis/x.y/v1':{'serverRelativeURL':'/"
                           "openapi/v3/apis/x.y/v1'}}}");
}

static void tells_custom_schemas(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(
        cluster_rig_send(&rig, "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                         DEFINE),
        201);
    cleanup_kinds struct kinds *kinds = cluster_give_kinds(rig.c);

    cleanup_json json *doc = openapi_give_version(kinds, "x.y", "v1");

    const json *schema = json_path(doc, "components.schemas[\"x.y.v1.T\"]");
    assert_contains(schema, "{'type':'object','x-kubernetes-group-version-kind':[{'group':'x.y','"
                            "version':'v1','kind':'T'}],'properties':{'spec':{'type':"
                            "'object','required':['n'],'properties':{'n':{'type':'integer'},'l':{'"
                            "type':'array','x-kubernetes-list-type':'map',"
                            "'x-kubernetes-list-map-keys':['k'],'items':{'properties':{'k':{'type':"
                            "'string'}}}},'p':{'type':null,"
                            "'x-kubernetes-int-or-string':true},'free':{'x-kubernetes-preserve-"
                            "unknown-fields':true}}}}}");
    assert_contains(json_path(doc, "paths[\"/apis/x.y/v1/namespaces/{namespace}/ts\"]"),
                    "{'get':{'x-kubernetes-action':'list'},'post':{'x-kubernetes-action':'post'}}");
    assert_non_null(
        json_path(doc, "paths[\"/apis/x.y/v1/namespaces/{namespace}/ts/{name}\"].patch"));
}

/* kubectl finds merge keys there, and every reference must lead somewhere. */
static void check_references(const json *node, const json *schemas)
{
    const char *ref = json_path_str(node, "$ref"), prefix[] = "#/components/schemas/";
    if (ref) {
        assert_true(str_starts(ref, prefix));
        assert_true(json_has(schemas, ref + strlen(prefix)));
    }
    for (size_t i = 0; json_is_array(node) && i < json_len(node); i++)
        check_references(json_at(node, i), schemas);
    for (struct json_iter it = json_each(node); json_next(&it);)
        check_references(it.value, schemas);
}

static void tells_built_in_schemas(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_kinds struct kinds *kinds = cluster_give_kinds(rig.c);

    cleanup_json json *core = openapi_give_version(kinds, "", "v1"),
                      *apps = openapi_give_version(kinds, "apps", "v1");

    const json *schemas = json_path(core, "components.schemas");
    check_references(core, schemas);
    check_references(apps, json_path(apps, "components.schemas"));
    assert_contains(
        json_get(schemas, "core.v1.PodSpec"),
        "{'properties':{'containers':{'type':'array','x-kubernetes-patch-merge-key':'name','x-"
        "kubernetes-patch-strategy':'merge'},"
        "'volumes':{'x-kubernetes-patch-strategy':'merge,retainKeys'}},'required':['containers']}");
    assert_non_null(json_path(core, "paths[\"/api/v1/nodes/{name}\"].get"));
    assert_non_null(json_get(schemas, "v1.Pod"));
}

static void knows_no_other_versions(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_kinds struct kinds *kinds = cluster_give_kinds(rig.c);

    assert_null(openapi_give_version(kinds, "apps", "v9"));
    assert_null(openapi_give_version(kinds, "", ""));
}

static void names_version_2_after_packages(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(
        cluster_rig_send(&rig, "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                         DEFINE),
        201);
    cleanup_kinds struct kinds *kinds = cluster_give_kinds(rig.c);

    cleanup_json json *doc = openapi_give_v2(kinds);

    const json *all = json_get(doc, "definitions");
    assert_contains(json_get(all, "io.k8s.api.core.v1.ServicePort"),
                    "{'properties':{'targetPort':{'type':'string','format':'int-or-string'}}}");
    assert_contains(json_get(all, "io.k8s.api.core.v1.Pod"),
                    "{'properties':{'metadata':{'$ref':"
                    "'#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'}}}");
    assert_contains(json_get(json_get(doc, "paths"), "/api/v1/namespaces/{namespace}/pods/{name}"),
                    "{'patch':{'x-kubernetes-group-version-kind':{'kind':'Pod'}}}");
    /* What kubectl could not check goes: what a field without known fields holds. */
    assert_contains(json_get(all, "y.x.v1.T"),
                    "{'properties':{'spec':{'properties':{'n':{'type':'integer'},"
                    "'free':{'type':'object'}}}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the index has every version once", indexes_versions),
        CASE("schemas of custom kinds are those of their definition", tells_custom_schemas),
        CASE("schemas of built-in kinds refer to each other", tells_built_in_schemas),
        CASE("other versions have no document", knows_no_other_versions),
        CASE("version 2 has the names of packages", names_version_2_after_packages),
    };
    return RUN_CASES("openapi", tests);
}
