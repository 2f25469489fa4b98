#include <string.h>

#include "hack/devcloud/cluster/meta.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define MERGE "application/merge-patch+json"
#define TS "/apis/x.y/v1/namespaces/default/ts"
#define TS_DEFINITION \
    "{'metadata':{'name':'ts.x.y'},'spec':{'group':'x.y','scope':'Namespaced','names':{'plural':'" \
    "ts'," \
    "'singular':'t','kind':'T','listKind':'TList'},'versions':[{'name':'v1','served':true,'" \
    "storage':" \
    "true,'schema':{'openAPIV3Schema':{'type':'object'}}}]}}"
#define T_A "'kind':'T','apiVersion':'x.y/v1'"

static struct rig_case cases[] = {
    { "what the server sets cannot be chosen",
      .asks = { { "POST " MAPS,
                  "{'metadata':{'name':'a','uid':'x','creationTimestamp':'2020-01-01T00:00:00Z',"
                  "'deletionTimestamp':'2020-01-01T00:00:00Z','deletionGracePeriodSeconds':5,'"
                  "selfLink':'/x',"
                  "'generation':7}}",
                  201,
                  "{'metadata':{'uid':'~-','creationTimestamp':'2024-02-03T04:05:06Z','"
                  "deletionTimestamp':null,"
                  "'deletionGracePeriodSeconds':null,'selfLink':null,'generation':7}}" },
                { "POST " MAPS, "{'metadata':{'name':'b','resourceVersion':'5'}}", 500,
                  "{'reason':null,'message':'resourceVersion should not be set on objects to be "
                  "created'}" },
                { "POST " MAPS, "{'metadata':{'name':'c','resourceVersion':'abc'}}", 201, NULL },
                { "POST " MAPS, "{'metadata':{'name':'d','resourceVersion':'0'}}", 201, NULL } } },
    { "an object lies in the namespace of its request",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a','namespace':'elsewhere'}}", 400,
                  "{'message':'the namespace of the provided object does not match the namespace "
                  "sent on the "
                  "request'}" },
                { "POST " MAPS, "{'metadata':{'name':'a','namespace':''}}", 201,
                  "{'metadata':{'namespace':'default'}}" },
                { "POST /api/v1/nodes", "{'metadata':{'name':'n','namespace':'default'}}", 201,
                  "{'metadata':{'namespace':null}}" },
                { "POST /api/v1/namespaces/none/configmaps", "{'metadata':{'name':'a'}}", 404,
                  "{'message':'namespaces \\'none\\' not found'}" } } },
    { "names are made up where only their beginning is given",
      .asks = { { "POST " MAPS, "{'metadata':{'generateName':'g-'}}", 201,
                  "{'metadata':{'name':'~g-'}}" },
                { "POST " MAPS, "{'metadata':{'generateName':'g-','name':'mine'}}", 201,
                  "{'metadata':{'name':'mine','generateName':'g-'}}" },
                { "POST " MAPS, "{'metadata':{}}", 422,
                  "{'details':{'causes':[{'field':'metadata.name','message':'Required value: name "
                  "or "
                  "generateName is required'}]}}" },
                { "POST " MAPS, "{'metadata':{'name':'a','generateName':'A_'}}", 422,
                  "{'details':{'causes':[{'field':'metadata.generateName'}]}}" },
                { "POST " MAPS, "{'metadata':{'generateName':'A_'}}", 422,
                  "{'details':{'causes':[{'field':'metadata.generateName'},{'field':'metadata.name'"
                  "}]}}" } } },
    { "names are checked as the kind wants them",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'A'}}", 422,
                  "{'message':'~a lowercase RFC 1123 subdomain must consist of'}" },
                { "POST " MAPS, "{'metadata':{'name':'..'}}", 422, NULL },
                { "POST " MAPS, "{'metadata':{'name':'a/b'}}", 422, NULL },
                { "POST " MAPS, "{'metadata':{'name':'a.b'}}", 201, NULL },
                { "POST /api/v1/namespaces", "{'metadata':{'name':'a.b'}}", 422,
                  "{'message':'~a lowercase RFC 1123 label must consist of'}" },
                { "POST /apis/rbac.authorization.k8s.io/v1/clusterroles",
                  "{'metadata':{'name':'a/b'}}", 422, "{'message':'~may not contain'}" },
                { "POST /apis/rbac.authorization.k8s.io/v1/clusterroles",
                  "{'metadata':{'name':'A:b'}}", 201, NULL } } },
    { "labels and annotations are checked",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a','labels':{'a b':'c'}}}", 422,
                  "{'details':{'causes':[{'field':'metadata.labels','message':'~name part must "
                  "consist of'}]}}" },
                { "POST " MAPS, "{'metadata':{'name':'a','labels':{'a':'-'}}}", 422,
                  "{'message':'~a valid label must be an empty string or consist of'}" },
                { "POST " MAPS, "{'metadata':{'name':'a','annotations':{'a b':'c'}}}", 422,
                  "{'details':{'causes':[{'field':'metadata.annotations'}]}}" },
                { "POST " MAPS,
                  "{'metadata':{'name':'a','labels':{'x':''},'annotations':{'X.y/Z':'any thing'}}}",
                  201, NULL } } },
    { "finalizers of built-in kinds are qualified or known",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a','finalizers':['x']}}", 422,
                  "{'details':{'causes':[{'field':'metadata.finalizers[0]','message':'~name is "
                  "neither a "
                  "standard finalizer name nor is it fully qualified'}]}}" },
                { "POST " MAPS, "{'metadata':{'name':'a','finalizers':['x.y']}}", 422, NULL },
                { "POST " MAPS, "{'metadata':{'name':'a','finalizers':['a b/c']}}", 422,
                  "{'details':{'causes':[{'field':'metadata.finalizers'}]}}" },
                { "POST " MAPS,
                  "{'metadata':{'name':'a','finalizers':['orphan','foregroundDeletion']}}", 422,
                  "{'message':'~finalizer orphan and foregroundDeletion cannot be both set'}" },
                { "POST " MAPS,
                  "{'metadata':{'name':'a','finalizers':['orphan','kubernetes','x.y/z']}}", 201,
                  NULL } } },
    { "finalizers of custom kinds may be plain",
      .asks = { { "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions", TS_DEFINITION,
                  201, NULL },
                { "POST " TS, "{" T_A ",'metadata':{'name':'a','finalizers':['x']}}", 201,
                  NULL } } },
    { "owners have all their parts and one controller",
      .asks = { { "POST " MAPS,
                  "{'metadata':{'name':'a','ownerReferences':[{'apiVersion':'v1','kind':'x'}]}}",
                  422,
                  "{'details':{'causes':[{'field':'metadata.ownerReferences.name','message':'"
                  "Invalid value: "
                  "\\'\\': name must not be empty'},{'field':'metadata.ownerReferences.uid'}]}}" },
                { "POST " MAPS, "{'metadata':{'name':'a','ownerReferences':[null]}}", 422,
                  "{'details':{'causes':[{'message':'~version must not be "
                  "empty'},{'message':'~kind must not be "
                  "empty'},{},{}]}}" },
                { "POST " MAPS,
                  "{'metadata':{'name':'a','ownerReferences':[{'apiVersion':'v1','kind':'A','name':"
                  "'x','uid':'u'},"
                  "{'apiVersion':'v1','kind':'B','name':'x','uid':'v','controller':true},{'"
                  "apiVersion':'v1','kind':"
                  "'C','name':'x','uid':'w','controller':true}]}}",
                  422,
                  "{'message':'~Only one reference can have Controller set to true. Found "
                  "\\'true\\' in references "
                  "for B and C'}" } } },
    { "a generation is not negative",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a','generation':-1}}", 422,
                  "{'details':{'causes':[{'field':'metadata.generation','message':'Invalid value: "
                  "-1: must be "
                  "greater than or equal to 0'}]}}" } } },
    { "name and namespace of an update are those of the request",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'}}", 201, NULL },
                { "PUT " MAPS "/a", "{'metadata':{'name':'b'}}", 400,
                  "{'message':'the name of the object (b) does not match the name on the URL "
                  "(a)'}" },
                { "PUT " MAPS "/a", "{'data':{'k':'v'}}", 400,
                  "{'message':'the name of the object (a based on URL) was undeterminable: name "
                  "must be "
                  "provided'}" },
                { "PUT " MAPS "/a", "{'metadata':{'name':'a','namespace':'x'}}", 400,
                  "{'message':'the namespace of the object (x) does not match the namespace on the "
                  "request "
                  "(default)'}" },
                { "PATCH " MAPS "/a", "{'metadata':null}", 400,
                  "{'message':'~name must be provided'}", MERGE } } },
    { "a uid in an update is a precondition, in a patch a change",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'}}", 201, NULL },
                { "PUT " MAPS "/a", "{'metadata':{'name':'a','uid':'other'}}", 409,
                  "{'reason':'Conflict','message':'~UID in precondition: other, UID in object "
                  "meta: $uid'}" },
                { "PATCH " MAPS "/a", "{'metadata':{'uid':'x'}}", 422,
                  "{'message':'~metadata.uid: Invalid value: \\'x\\': field is immutable'}",
                  MERGE },
                { "PUT " MAPS "/a", "{'metadata':{'name':'a','uid':'$uid'}}", 200, NULL } } },
    { "a version in an update is a lock, and a number",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'}}", 201, NULL },
                { "PUT " MAPS "/a", "{'metadata':{'name':'a','resourceVersion':'abc'}}", 500,
                  "{'reason':null,'message':'strconv.ParseUint: parsing \\'abc\\': invalid "
                  "syntax'}" },
                { "PATCH " MAPS "/a", "{'metadata':{'resourceVersion':'abc'}}", 500, NULL, MERGE },
                { "PUT " MAPS "/a", "{'metadata':{'name':'a','resourceVersion':'1'}}", 409, NULL },
                { "PUT " MAPS "/a", "{'metadata':{'name':'a','resourceVersion':'0'}}", 200, NULL },
                { "PUT " MAPS "/a", "{'metadata':{'name':'a','resourceVersion':'$rv'}}", 200,
                  NULL } } },
    { "a custom object is not updated without a version",
      .asks = { { "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions", TS_DEFINITION,
                  201, NULL },
                { "POST " TS, "{" T_A ",'metadata':{'name':'a'}}", 201, NULL },
                { "PUT " TS "/a", "{" T_A ",'metadata':{'name':'a'}}", 422,
                  "{'message':'ts.x.y \\'a\\' is invalid: metadata.resourceVersion: Invalid value: "
                  "0x0: must be "
                  "specified for an update'}" },
                { "PUT " TS "/a", "{" T_A ",'metadata':{'name':'a','resourceVersion':'$rv'}}", 200,
                  NULL },
                { "PATCH " TS "/a", "{'metadata':{'labels':{'x':'y'}}}", 200, NULL, MERGE } } },
    { "what an update leaves out of the server's own stays",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'}}", 201, NULL },
                { "PUT " MAPS "/a",
                  "{'metadata':{'name':'a','creationTimestamp':'2020-01-01T00:00:00Z','selfLink':'/"
                  "x',"
                  "'labels':{'x':'y'}}}",
                  200,
                  "{'metadata':{'uid':'$uid','creationTimestamp':'2024-02-03T04:05:06Z','selfLink':"
                  "null}}" },
                { "PATCH " MAPS "/a", "{'metadata':{'deletionTimestamp':'2020-01-01T00:00:00Z'}}",
                  422, "{'message':'~metadata.deletionTimestamp: Invalid value'}", MERGE } } },
};

/* ---- sizes ---- */

struct size_case {
    const char *name;
    const char *format; /* %s: that many letters */
    size_t letters;
    int status;
    const char *message;
};

static struct size_case sizes[] = {
    { "a name of 253 bytes is the longest", "{\"metadata\":{\"name\":\"%s\"}}", 253, 201, NULL },
    { "a longer name is refused", "{\"metadata\":{\"name\":\"%s\"}}", 254, 422,
      "must be no more than 253 characters" },
    { "a huge name is refused", "{\"metadata\":{\"name\":\"%s\"}}", 1 << 20, 422,
      "must be no more than 253 characters" },
    { "a long beginning is cut for a made up name", "{\"metadata\":{\"generateName\":\"%s\"}}", 200,
      201, NULL },
    { "a label's key has 63 bytes", "{\"metadata\":{\"name\":\"a\",\"labels\":{\"%s\":\"x\"}}}", 64,
      422, "name part must be no more than 63 characters" },
    { "a label's value has 63 bytes", "{\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":\"%s\"}}}",
      64, 422, "must be no more than 63 characters" },
    { "annotations have 256 KiB", "{\"metadata\":{\"name\":\"a\",\"annotations\":{\"x\":\"%s\"}}}",
      262143, 201, NULL },
    { "more annotations are refused",
      "{\"metadata\":{\"name\":\"a\",\"annotations\":{\"x\":\"%s\"}}}", 262144, 422,
      "metadata.annotations: Too long: must have at most 262144 bytes" },
};

static void check_size(void **state)
{
    const struct size_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_free char *letters = xmalloc(c->letters + 1);
    memset(letters, 'a', c->letters);
    letters[c->letters] = '\0';
    const char *mark = strstr(c->format, "%s");
    cleanup_free char *body =
        xasprintf("%.*s%s%s", (int)(mark - c->format), c->format, letters, mark + 2);

    assert_int_equal(cluster_rig_send_raw(&rig, "POST " MAPS, NULL, body, strlen(body)), c->status);
    if (c->message)
        assert_non_null(strstr(json_path_str(rig.last, "message"), c->message));
}

/* ---- finalizers ---- */

static void adds_and_removes_finalizers(void **state)
{
    (void)state;
    cleanup_json json *object = loose_tree("{'metadata':{}}");

    meta_add_finalizer(object, "a/b");
    meta_add_finalizer(object, "a/b");
    meta_add_finalizer(object, "c/d");
    assert_tree(object, "{'metadata':{'finalizers':['a/b','c/d']}}");
    assert_true(meta_has_finalizer(object, "c/d"));
    meta_remove_finalizer(object, "a/b");
    meta_remove_finalizer(object, "none");
    assert_int_equal(meta_finalizers_len(object), 1);
    meta_remove_finalizer(object, "c/d");
    assert_tree(object, "{'metadata':{}}");
    assert_false(meta_is_deleting(object));
}

static void renames_only_what_it_named(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, "POST " MAPS, NULL);
    cleanup_json json *named = loose_tree("{'metadata':{'name':'mine','generateName':'a-'}}");
    cleanup_json json *drawn = loose_tree("{'metadata':{'name':'a-bcdfg','generateName':'a-'}}");

    assert_false(meta_rename(&o.op, named));
    assert_true(meta_rename(&o.op, drawn));

    assert_string_equal(json_path_str(named, "metadata.name"), "mine");
    assert_string_not_equal(json_path_str(drawn, "metadata.name"), "a-bcdfg");
    assert_int_equal(strlen(json_path_str(drawn, "metadata.name")), strlen("a-bcdfg"));
}

int main(void)
{
    struct CMUnitTest more[ARRAY_LEN(sizes) + 2] = {
        CASE("finalizers are added once and removed by name", adds_and_removes_finalizers),
        CASE("another name is drawn only for a name that was drawn", renames_only_what_it_named),
    };
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        more[i + 2] = (struct CMUnitTest)CASE_OF(sizes[i].name, check_size, &sizes[i]);
    return cluster_rig_run("meta", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
