#include "hack/devcloud/cluster/modify.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define APPS "/apis/apps/v1/namespaces/default/deployments"
#define TS "/apis/x.y/v1/namespaces/default/ts"
#define JSON_PATCH "application/json-patch+json"
#define MERGE "application/merge-patch+json"
#define STRATEGIC "application/strategic-merge-patch+json"
#define APPLY "application/apply-patch+yaml"
#define MAP_A "'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a'}"
#define MAKE_A \
    { \
        "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201, NULL \
    }
#define DEPLOYMENT \
    "{'metadata':{'name':'d'},'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata'" \
    ":" \
    "{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}}}}"
#define TS_DEFINITION \
    "{'metadata':{'name':'ts.x.y'},'spec':{'group':'x.y','scope':'Namespaced','names':{'plural':'" \
    "ts'," \
    "'singular':'t','kind':'T','listKind':'TList'},'versions':[{'name':'v1','served':true,'" \
    "storage':" \
    "true,'schema':{'openAPIV3Schema':{'type':'object','properties':{'spec':{'type':'object'," \
    "'properties':{'n':{'type':'integer'}}}}}}}]}}"

static struct rig_case cases[] = {
    { "options of writes are checked first",
      .asks = { { "POST " MAPS "?dryRun=Some", "{'metadata':{'name':'a'}}", 422,
                  "{'details':{'kind':'CreateOptions','group':'meta.k8s.io'},'message':'~dryRun: "
                  "Unsupported "
                  "value: []string{\\'Some\\'}: supported values: \\'All\\''}" },
                { "GET " MAPS "/a", NULL, 404, NULL },
                MAKE_A,
                { "PUT " MAPS "/a?dryRun=Some", "{" MAP_A "}", 422,
                  "{'details':{'kind':'UpdateOptions'}}" },
                { "PATCH " MAPS "/a?force=true", "{}", 422,
                  "{'message':'~force: Forbidden: may not be specified for non-apply "
                  "patch','details':{'kind':"
                  "'PatchOptions'}}",
                  MERGE },
                { "PATCH " MAPS "/a", "{" MAP_A "}", 422,
                  "{'message':'~fieldManager: Required value: is required for apply patch'}",
                  APPLY },
                { "PUT " MAPS "/a?fieldManager=a%01b", "{" MAP_A "}", 422,
                  "{'details':{'causes':[{'field':'fieldManager'}]}}" },
                { "PUT " MAPS "/a?fieldManager="
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                  "aaaaaaaaaaaaaaaaa"
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                  "{" MAP_A "}", 422,
                  "{'message':'~fieldManager: Too long: must have at most 128 bytes'}" } } },
    { "how fields are validated is checked since 1.25", .minor = 25,
      .asks = { { "POST " MAPS "?fieldValidation=Maybe", "{'metadata':{'name':'a'}}", 422,
                  "{'details':{'causes':[{'field':'fieldValidation'}]}}" },
                { "POST " MAPS "?fieldValidation=Warn", "{'metadata':{'name':'a'}}", 201,
                  NULL } } },
    { "a JSON patch does all or nothing",
      .asks = { MAKE_A,
                { "PATCH " MAPS "/a",
                  "[{'op':'test','path':'/data/k','value':'v'},{'op':'move','from':'/data/"
                  "k','path':'/data/m'},"
                  "{'op':'add','path':'/metadata/labels','value':{'l':'1'}}]",
                  200, "{'data':{'k':null,'m':'v'},'metadata':{'labels':{'l':'1'}}}", JSON_PATCH },
                { "PATCH " MAPS "/a",
                  "[{'op':'add','path':'/data/x','value':'1'},{'op':'test','path':'/data/"
                  "m','value':'9'}]",
                  422,
                  "{'message':'the server rejected our request due to an error in our request'}",
                  JSON_PATCH },
                { "PATCH " MAPS "/a", "[{'op':'remove','path':'/data/none'}]", 422, NULL,
                  JSON_PATCH },
                { "PATCH " MAPS "/a", "[{'op':'foo','path':'/data'}]", 422, NULL, JSON_PATCH },
                { "GET " MAPS "/a", NULL, 200, "{'data':{'x':null,'m':'v'}}" } } },
    { "malformed patches are told by their kind",
      .asks = { MAKE_A,
                { "PATCH " MAPS "/a", "{}", 400, "{'message':'~cannot unmarshal object'}",
                  JSON_PATCH },
                { "PATCH " MAPS "/a", "xx", 400, "{'reason':'BadRequest'}", JSON_PATCH },
                { "PATCH " MAPS "/a", "null", 200, "{'metadata':{'resourceVersion':'$rv'}}",
                  JSON_PATCH },
                { "PATCH " MAPS "/a", "{", 500, "{'message':'Invalid JSON Patch','reason':null}",
                  MERGE },
                { "PATCH " MAPS "/a", "", 500, "{'message':'Invalid JSON Patch'}", MERGE },
                { "PATCH " MAPS "/a", "5", 500, "{'message':'Invalid JSON Patch'}", MERGE },
                { "PATCH " MAPS "/a", "null", 500, "{'message':'Invalid JSON Patch'}", MERGE },
                { "PATCH " MAPS "/a", "[1]", 422, "{'reason':'Invalid'}", MERGE },
                { "PATCH " MAPS "/a", "{", 400, "{'reason':'BadRequest'}", STRATEGIC },
                { "PATCH " MAPS "/a", "[]", 400, "{'message':'~cannot unmarshal array'}",
                  STRATEGIC } } },
    { "a result that is no object of the kind is refused",
      .asks = { MAKE_A,
                { "PATCH " MAPS "/a", "{'metadata':'x'}", 422, "{'reason':'Invalid'}", MERGE },
                { "PATCH " MAPS "/a", "{'data':5}", 422, "{'reason':'Invalid'}", MERGE },
                { "PATCH " MAPS "/a", "{'kind':'Secret'}", 422, "{'reason':'Invalid'}", MERGE },
                { "PATCH " MAPS "/a", "{'apiVersion':null}", 422, NULL, MERGE },
                { "PATCH " MAPS "/a", "[{'op':'replace','path':'','value':7}]", 422, NULL,
                  JSON_PATCH },
                { "GET " MAPS "/a", NULL, 200, "{'metadata':{'resourceVersion':'$rv'}}" } } },
    { "patches need a type that the kind knows",
      .asks = { MAKE_A,
                { "PATCH " MAPS "/a", "{}", 415,
                  "{'message':'415: Unsupported Media Type','reason':'UnsupportedMediaType'}",
                  "application/foo" },
                { "PATCH " MAPS "/a", "{}", 415, NULL, "application/json" },
                { "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions", TS_DEFINITION,
                  201, NULL },
                { "PATCH " TS "/a", "{}", 415, "{'message':'~accepted media types include'}",
                  STRATEGIC },
                { "PATCH " TS "/a", "{}", 404, NULL, MERGE } } },
    { "a merge patch takes away with null",
      .asks = { MAKE_A,
                { "PATCH " MAPS "/a", "{'data':{'k':null,'c':'4'},'metadata':{'generation':7}}",
                  200, "{'data':{'k':null,'c':'4'},'metadata':{'generation':null}}", MERGE },
                { "PATCH " MAPS "/none", "{}", 404, NULL, MERGE } } },
    { "a patch with an old version conflicts",
      .asks = { MAKE_A,
                { "PATCH " MAPS "/a", "{'metadata':{'resourceVersion':'1'},'data':{'k':'w'}}", 409,
                  "{'reason':'Conflict'}", MERGE },
                { "PATCH " MAPS "/a", "{'metadata':{'resourceVersion':'$rv'},'data':{'k':'w'}}",
                  200, NULL, MERGE } } },
    { "a strategic patch merges lists by their keys",
      .asks = { { "POST " APPS, DEPLOYMENT, 201, NULL },
                { "PATCH " APPS "/d",
                  "{'spec':{'template':{'spec':{'containers':[{'name':'c','args':['x']},{'name':'n'"
                  ",'image':"
                  "'y'}]}}}}",
                  200,
                  "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'i','args':['x']}"
                  ",{'name':'n'}]}}}}",
                  STRATEGIC },
                { "PATCH " APPS "/d",
                  "{'spec':{'template':{'spec':{'containers':[{'name':'n','$patch':'delete'}]}}}}",
                  200, "{'spec':{'template':{'spec':{'containers':[{'name':'c'}]}}}}",
                  STRATEGIC } } },
    { "apply creates, then owns what it says",
      .asks = { { "PATCH " MAPS "/a?fieldManager=m", "{" MAP_A ",'data':{'k':'v','l':'w'}}", 201,
                  "{'metadata':{'managedFields':[{'manager':'m','operation':'Apply'}]}}", APPLY },
                { "PATCH " MAPS "/a?fieldManager=m", "{" MAP_A ",'data':{'k':'v'}}", 200,
                  "{'data':{'k':'v','l':null}}", APPLY },
                { "PATCH " MAPS "/a?fieldManager=other", "{" MAP_A ",'data':{'k':'x'}}", 409,
                  "{'reason':'Conflict','details':{'causes':[{'reason':'FieldManagerConflict','"
                  "field':"
                  "'.data.k'}]}}",
                  APPLY },
                { "PATCH " MAPS "/a?fieldManager=other&force=true", "{" MAP_A ",'data':{'k':'x'}}",
                  200, "{'data':{'k':'x'}}", APPLY },
                { "PATCH " MAPS "/a?fieldManager=m", "{'apiVersion':'v1','kind':'ConfigMap'}", 200,
                  NULL, APPLY },
                { "PATCH " MAPS "/a?fieldManager=m",
                  "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','resourceVersion':'"
                  "1'}}",
                  409, NULL, APPLY } } },
    { "malformed configurations are not applied",
      .asks = { MAKE_A,
                { "PATCH " MAPS "/a?fieldManager=m", "x: [", 400,
                  "{'message':'~error decoding YAML'}", APPLY },
                { "PATCH " MAPS "/a?fieldManager=m", "[]", 400,
                  "{'message':'~error decoding YAML'}", APPLY },
                { "PATCH " MAPS "/a?fieldManager=m",
                  "{'apiVersion':'v1','kind':'ConfigMap','metadata':'x'}", 500,
                  "{'message':'~failed to create typed patch object'}", APPLY },
                { "PATCH " MAPS "/a?fieldManager=m", "{" MAP_A ",'data':'x'}", 500, NULL, APPLY },
                { "PATCH " MAPS "/a?fieldManager=m", "{" MAP_A ",'foo':'x'}", 500,
                  "{'message':'~field not declared in schema'}", APPLY },
                { "PATCH " MAPS "/a?fieldManager=m", "{'apiVersion':'v2','kind':'ConfigMap'}", 400,
                  "{'message':'~Incorrect version specified in apply patch. Specified patch "
                  "version: v2, expected: "
                  "v1'}",
                  APPLY },
                { "PATCH " MAPS "/a?fieldManager=m",
                  "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'b'}}", 400, NULL,
                  APPLY },
                { "PATCH " MAPS "/a?fieldManager=m",
                  "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','managedFields':[{'"
                  "manager':'x'}]}}",
                  400, "{'message':'metadata.managedFields must be nil'}", APPLY },
                { "GET " MAPS "/a", NULL, 200, "{'metadata':{'resourceVersion':'$rv'}}" } } },
    { "who writes is told by the request or its user agent",
      .asks = { { "POST " MAPS "?fieldManager=mine", "{'metadata':{'name':'a'},'data':{'k':'v'}}",
                  201, "{'metadata':{'managedFields':[{'manager':'mine','operation':'Update'}]}}" },
                { "POST " MAPS, "{'metadata':{'name':'b'},'data':{'k':'v'}}", 201,
                  "{'metadata':{'managedFields':[{'manager':'agent'}]}}",
                  .agent = "agent/1.2 (linux)" } } },
    { "apply of what is not there needs the right to create it",
      .asks = { { "POST /apis/rbac.authorization.k8s.io/v1/clusterroles",
                  "{'metadata':{'name':'p'},'rules':[{'apiGroups':[''],'resources':['configmaps'],'"
                  "verbs':"
                  "['patch']}]}",
                  201, NULL },
                { "POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                  "{'metadata':{'name':'p'},'roleRef':{'kind':'ClusterRole','name':'p'},'subjects':"
                  "[{'kind':"
                  "'User','name':'alice'}]}",
                  201, NULL },
                { "PATCH " MAPS "/a?fieldManager=m", "{" MAP_A "}", 403,
                  "{'message':'~User \\'alice\\' cannot create resource \\'configmaps\\''}", APPLY,
                  "alice" },
                MAKE_A,
                { "PATCH " MAPS "/a?fieldManager=m", "{" MAP_A "}", 200, NULL, APPLY, "alice" } } },
};

struct type_case {
    const char *name, *content_type;
    int want; /* -1: refused */
};

static struct type_case types[] = {
    { "a JSON patch is known", JSON_PATCH, PATCH_JSON },
    { "a merge patch is known", MERGE, PATCH_MERGE },
    { "parameters do not matter", STRATEGIC "; charset=utf-8", PATCH_STRATEGIC },
    { "an apply is known", APPLY, PATCH_APPLY },
    { "nothing is no patch", NULL, -1 },
    { "any type is no patch", "*/*", -1 },
};

static void check_type(void **state)
{
    const struct type_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, "PATCH " MAPS "/a", NULL);
    o.rq.content_type = c->content_type;
    enum patch_type type;
    cleanup_error struct error *err = NULL;

    int rc = modify_patch_type(&o.op, &type, &err);

    assert_int_equal(rc, c->want < 0 ? -1 : 0);
    if (c->want < 0)
        assert_int_equal(error_get_status(err), 415);
    else
        assert_int_equal(type, c->want);
}

int main(void)
{
    struct CMUnitTest more[ARRAY_LEN(types)];
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        more[i] = (struct CMUnitTest)CASE_OF(types[i].name, check_type, &types[i]);
    return cluster_rig_run("modify", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
