#include "hack/devcloud/cluster/read.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define MAKE(name, labels) \
    { \
        "POST " MAPS, "{'metadata':{'name':'" name "','labels':{" labels "}}}", 201, NULL \
    }
#define NAMES(a, b) "{'items':[{'metadata':{'name':'" a "'}},{'metadata':{'name':'" b "'}}]}"
#define ONE(a) "{'items':[{'metadata':{'name':'" a "'}}]}"

static struct rig_case cases[] = {
    { "an empty list is a list, also in a namespace that is not there",
      .asks = { { "GET " MAPS, NULL, 200, "{'kind':'ConfigMapList','apiVersion':'v1','items':[]}" },
                { "GET /api/v1/namespaces/none/configmaps", NULL, 200, "{'items':[]}" } } },
    { "an object is read whole",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201, NULL },
                { "GET " MAPS "/a", NULL, 200,
                  "{'kind':'ConfigMap','apiVersion':'v1','data':{'k':'v'},'metadata':{'uid':'$uid'}"
                  "}" },
                { "GET " MAPS "/b", NULL, 404,
                  "{'message':'configmaps \\'b\\' not "
                  "found','details':{'name':'b','kind':'configmaps'}}" } } },
    { "lists are in the order of names, items without their kind",
      .asks = { MAKE("b", ""),
                MAKE("b-1", ""),
                MAKE("a", ""),
                { "GET " MAPS, NULL, 200,
                  "{'items':[{'kind':null,'apiVersion':null,'metadata':{'name':'a'}},{'metadata':{'"
                  "name':"
                  "'b'}},{'metadata':{'name':'b-1'}}]}" } } },
    { "pages follow each other and show one moment",
      .asks = { MAKE("a", ""),
                MAKE("b", ""),
                MAKE("d", ""),
                { "GET " MAPS "?limit=1", NULL, 200,
                  "{'metadata':{'remainingItemCount':2},'items':[{'metadata':{'name':'a'}}]}" },
                MAKE("c", ""),
                { "GET " MAPS "?limit=1&continue=$next", NULL, 200,
                  "{'metadata':{'remainingItemCount':1},'items':[{'metadata':{'name':'b'}}]}" },
                { "GET " MAPS "?continue=$next", NULL, 200,
                  "{'metadata':{'continue':null,'remainingItemCount':null},'items':[{'metadata':{'"
                  "name':"
                  "'d'}}]}" } } },
    { "a page that is full to the end has no next one",
      .asks = { MAKE("a", ""),
                MAKE("b", ""),
                { "GET " MAPS "?limit=2", NULL, 200, "{'metadata':{'continue':null}}" } } },
    { "selected pages are filled and do not tell what remains",
      .asks = { MAKE("a", "'x':'1'"),
                MAKE("b", ""),
                MAKE("c", "'x':'1'"),
                { "GET " MAPS "?labelSelector=x&limit=1", NULL, 200,
                  "{'metadata':{'remainingItemCount':null,'continue':'~e'},'items':[{'metadata':{'"
                  "name':"
                  "'a'}}]}" },
                { "GET " MAPS "?labelSelector=x&limit=1&continue=$next", NULL, 200, ONE("c") } } },
    { "bad continue tokens are refused",
      .asks = { MAKE("a", ""),
                { "GET " MAPS "?continue=!!!", NULL, 400, "{'reason':'BadRequest'}" },
                { "GET " MAPS "?continue=abc", NULL, 400, "{'reason':'BadRequest'}" },
                /* {"v":"meta.k8s.io/v1","rv":0,"start":"/../../secrets/"}, {"v":"x","rv":5,"start":"a"} */
                { "GET " MAPS "?continue="
                  "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiIvLi4vLi4vc2VjcmV0cy8ifQ",
                  NULL, 400, "{'reason':'BadRequest'}" },
                { "GET " MAPS "?continue=eyJ2IjoieCIsInJ2Ijo1LCJzdGFydCI6ImEifQ", NULL, 400, NULL },
                { "GET " MAPS "?limit=1&continue=%01%ff", NULL, 400, NULL } } },
    { "a continue token and a version exclude each other",
      .asks = { MAKE("a", ""),
                MAKE("b", ""),
                { "GET " MAPS "?limit=1", NULL, 200, NULL },
                { "GET " MAPS "?limit=1&resourceVersion=5&continue=$next", NULL, 400,
                  "{'message':'specifying resource version is not allowed when using continue'}" },
                { "GET " MAPS "?limit=1&resourceVersion=0&continue=$next", NULL, 200,
                  ONE("b") } } },
    { "limits are numbers",
      .asks = { MAKE("a", ""),
                MAKE("b", ""),
                { "GET " MAPS "?limit=x", NULL, 400,
                  "{'message':'strconv.ParseInt: parsing \\'x\\': invalid syntax'}" },
                { "GET " MAPS "?limit=99999999999999999999", NULL, 400, NULL },
                { "GET " MAPS "?limit=-1", NULL, 200, NAMES("a", "b") },
                { "GET " MAPS "?limit=0", NULL, 200, NAMES("a", "b") } } },
    { "versions are numbers and not of the future",
      .asks = { MAKE("a", ""),
                { "GET " MAPS "?resourceVersion=abc", NULL, 500,
                  "{'reason':null,'message':'~strconv.ParseUint: parsing \\'abc\\': invalid "
                  "syntax'}" },
                { "GET " MAPS "?resourceVersion=-1", NULL, 500, NULL },
                { "GET " MAPS "?resourceVersion=99999999999999999999", NULL, 500, NULL },
                { "GET " MAPS "/a?resourceVersion=abc", NULL, 500, NULL },
                { "GET " MAPS "?resourceVersion=99999999", NULL, 504,
                  "{'reason':'Timeout','details':{'retryAfterSeconds':1,'causes':[{'reason':"
                  "'ResourceVersionTooLarge'}]}}" },
                { "GET " MAPS "/a?resourceVersion=99999999", NULL, 504, "{'reason':'Timeout'}" },
                { "GET " MAPS "/a?resourceVersion=$rv", NULL, 200, NULL },
                { "GET " MAPS "/a?resourceVersion=0", NULL, 200, NULL } } },
    { "a list shows the past exactly, or no older than asked",
      .asks = { MAKE("a", ""),
                { "GET " MAPS "/a", NULL, 200, NULL },
                { "POST /api/v1/namespaces/default/secrets", "{'metadata':{'name':'s'}}", 201,
                  NULL },
                MAKE("b", ""),
                { "GET " MAPS "/a", NULL, 200, NULL },
                { "GET " MAPS "?resourceVersion=$rv&resourceVersionMatch=Exact", NULL, 200,
                  ONE("a") },
                { "GET " MAPS "/a", NULL, 200, NULL },
                { "GET " MAPS "?resourceVersion=$rv&resourceVersionMatch=NotOlderThan", NULL, 200,
                  NAMES("a", "b") },
                { "GET " MAPS "/a", NULL, 200, NULL },
                { "GET " MAPS "?resourceVersion=$rv&limit=5", NULL, 200, ONE("a") },
                { "GET " MAPS "?resourceVersion=0&limit=1", NULL, 200, NAMES("a", "b") } } },
    { "ways to match a version are checked",
      .asks = { { "GET " MAPS "?resourceVersionMatch=Exact", NULL, 422,
                  "{'message':'~resourceVersionMatch is forbidden unless resourceVersion is "
                  "provided',"
                  "'details':{'kind':'ListOptions','group':'meta.k8s.io'}}" },
                { "GET " MAPS "?resourceVersion=5&resourceVersionMatch=Foo", NULL, 422,
                  "{'message':'~Unsupported value: \\'Foo\\': supported values: \\'Exact\\', "
                  "\\'NotOlderThan\\''}" },
                { "GET " MAPS "?resourceVersion=0&resourceVersionMatch=Exact", NULL, 422,
                  "{'message':'~is forbidden for resourceVersion \\'0\\''}" } } },
    { "label selectors choose and are checked",
      .asks = { MAKE("a", "'app':'web','n':'1'"),
                MAKE("b", "'app':'db'"),
                { "GET " MAPS "?labelSelector=app%3Dweb", NULL, 200, ONE("a") },
                { "GET " MAPS "?labelSelector=app%20in%20(web,db),!n", NULL, 200, ONE("b") },
                { "GET " MAPS "?labelSelector=app%3D%3D%3Db", NULL, 400,
                  "{'reason':'BadRequest'}" },
                { "GET " MAPS
                  "?labelSelector=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                  NULL, 400, "{'message':'~name part must be no more than 63 characters'}" } } },
    { "field selectors choose and are checked",
      .asks = { MAKE("a", ""),
                MAKE("b", ""),
                { "GET " MAPS "?fieldSelector=metadata.name%3Da", NULL, 200, ONE("a") },
                { "GET " MAPS "?fieldSelector=metadata.name%3D", NULL, 200, "{'items':[]}" },
                { "GET " MAPS "?fieldSelector=metadata.name!%3Da,metadata.namespace%3Ddefault",
                  NULL, 200, ONE("b") },
                { "GET " MAPS "?fieldSelector=spec.foo%3Da", NULL, 400,
                  "{'message':'~is not a known field selector'}" },
                { "GET " MAPS "?fieldSelector=metadata.name", NULL, 400,
                  "{'message':'~invalid selector'}" } } },
    { "a list over all namespaces has all of them",
      .asks = { MAKE("a", ""),
                { "POST /api/v1/namespaces/kube-system/configmaps", "{'metadata':{'name':'a'}}",
                  201, NULL },
                { "GET /api/v1/configmaps", NULL, 200,
                  "{'items':[{'metadata':{'namespace':'default'}},{'metadata':{'namespace':'kube-"
                  "system'}}]}" },
                { "GET /api/v1/configmaps?limit=1", NULL, 200, NULL },
                { "GET /api/v1/configmaps?limit=1&continue=$next", NULL, 200,
                  "{'items':[{'metadata':{'namespace':'kube-system'}}]}" } } },
};

/* Pages of a forgotten past end with a token to go on inconsistently. */
static void tells_a_forgotten_past(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(cluster_rig_send(&rig, "POST " MAPS, "{'metadata':{'name':'a'}}"), 201);
    assert_int_equal(cluster_rig_send(&rig, "POST " MAPS, "{'metadata':{'name':'b'}}"), 201);
    assert_int_equal(cluster_rig_send(&rig, "GET " MAPS "/a", NULL), 200);
    cleanup_free char *version = xstrdup(json_path_str(rig.last, "metadata.resourceVersion"));
    assert_int_equal(cluster_rig_send(&rig, "GET " MAPS "?limit=1", NULL), 200);
    assert_int_equal(cluster_rig_send(&rig, "POST " MAPS, "{'metadata':{'name':'c'}}"), 201);
    cluster_compact(rig.c);

    assert_int_equal(cluster_rig_send(&rig, "GET " MAPS "?limit=1&continue=$next", NULL), 410);
    assert_contains(rig.last,
                    "{'reason':'Expired','metadata':{'continue':'~e'},'details':null,'message':"
                    "'~The provided continue parameter is too old'}");
    assert_int_equal(cluster_rig_send(&rig, "GET " MAPS "?continue=$next", NULL), 200);
    assert_contains(rig.last, NAMES("b", "c"));
    cleanup_free char *line =
        xasprintf("GET " MAPS "?resourceVersion=%s&resourceVersionMatch=Exact", version);
    assert_int_equal(cluster_rig_send(&rig, line, NULL), 410);
    assert_contains(
        rig.last,
        "{'reason':'Expired','message':'The resourceVersion for the provided list is too old.'}");
}

int main(void)
{
    const struct CMUnitTest more[] = {
        CASE("pages end with a past that is forgotten, and can go on", tells_a_forgotten_past),
    };
    return cluster_rig_run("read", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
