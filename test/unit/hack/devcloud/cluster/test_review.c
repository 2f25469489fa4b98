#include "hack/devcloud/cluster/review.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define AUTHZ "/apis/authorization.k8s.io/v1/"
#define SELF AUTHZ "selfsubjectaccessreviews"
#define SUBJECT AUTHZ "subjectaccessreviews"
#define LOCAL AUTHZ "namespaces/default/localsubjectaccessreviews"
#define RULES AUTHZ "selfsubjectrulesreviews"
#define TOKENS "/apis/authentication.k8s.io/v1/tokenreviews"
#define SA "/api/v1/namespaces/default/serviceaccounts"
#define PODS_OF(more) "'resourceAttributes':{'verb':'get','resource':'pods'" more "}"

static struct rig_case cases[] = {
    { "everybody may ask for their own rights",
      .asks = { { "POST " SELF, "{'spec':{" PODS_OF(",'namespace':'default'") "}}", 201,
                  "{'kind':'SelfSubjectAccessReview','apiVersion':'authorization.k8s.io/"
                  "v1','spec':{" PODS_OF("") "},'status':{'allowed':true}}" },
                { "POST " SELF, "{'spec':{" PODS_OF("") "}}", 201,
                  "{'status':{'allowed':false,'reason':null}}", .as = "alice" },
                { "POST " SELF, "{'spec':{'nonResourceAttributes':{'verb':'get','path':'/apis'}}}",
                  201, "{'status':{'allowed':true,'reason':'~ClusterRole'}}", .as = "alice" },
                { "POST " SELF, "{'spec':{" PODS_OF("") "}}", 403, NULL, .as = "" },
                { "POST " SELF, "{'spec':{'resourceAttributes':{}}}", 201,
                  "{'status':{'allowed':false}}", .as = "alice" } } },
    { "a review asks about one thing",
      .asks = { { "POST " SELF, "{'spec':{}}", 422,
                  "{'details':{'group':'authorization.k8s.io','causes':[{'field':'spec."
                  "resourceAttributes','message':"
                  "'~exactly one of nonResourceAttributes or resourceAttributes must be "
                  "specified'}]}}" },
                { "POST " SELF, "{}", 422, NULL },
                { "POST " SELF,
                  "{'spec':{" PODS_OF("") ",'nonResourceAttributes':{'path':'/','verb':'get'}}}",
                  422, "{'details':{'causes':[{'field':'spec.nonResourceAttributes'}]}}" },
                { "POST " SELF, "{'spec':'x'}", 400, "{'reason':'BadRequest'}" },
                { "POST " SELF, "", 400, NULL },
                { "GET " SELF, NULL, 405, NULL } } },
    { "rights of others are asked by user or group",
      .asks = { { "POST " SUBJECT,
                  "{'spec':{'user':'x','groups':['system:masters']," PODS_OF("") "}}", 201,
                  "{'status':{'allowed':true}}" },
                { "POST " SUBJECT, "{'spec':{'user':'x'," PODS_OF("") "}}", 201,
                  "{'status':{'allowed':false}}" },
                { "POST " SUBJECT, "{'spec':{" PODS_OF("") "}}", 422,
                  "{'details':{'causes':[{'field':'spec.user','message':'~at least one of user or "
                  "group'}]}}" },
                { "POST " SUBJECT, "{'spec':{'user':'x','groups':[1]," PODS_OF("") "}}", 400,
                  NULL },
                { "POST " SUBJECT, "{'spec':{'user':'x','groups':[null]," PODS_OF("") "}}", 201,
                  NULL },
                { "POST " SUBJECT, "{'spec':{'user':'x'," PODS_OF("") "}}", 403, NULL,
                  .as = "alice" } } },
    { "a local review keeps to its namespace",
      .asks = { { "POST " LOCAL, "{'spec':{'user':'x'," PODS_OF("") "}}", 400,
                  "{'message':'spec.resourceAttributes.namespace must match namespace: default'}" },
                { "POST " LOCAL, "{'spec':{'user':'x'," PODS_OF(",'namespace':'other'") "}}", 400,
                  NULL },
                { "POST " LOCAL,
                  "{'spec':{'user':'x','nonResourceAttributes':{'verb':'get','path':'/'}}}", 422,
                  NULL },
                { "POST " LOCAL,
                  "{'spec':{'user':'x','groups':['system:masters']," PODS_OF(
                      ",'namespace':'default'") "}}",
                  201, "{'status':{'allowed':true}}" } } },
    { "rules are told of one namespace",
      .asks = { { "POST " RULES, "{'spec':{}}", 400, "{'message':'no namespace on request'}" },
                { "POST " RULES, "{'spec':{'namespace':'default'}}", 201,
                  "{'status':{'incomplete':false,'resourceRules':[{'verbs':['create'],'apiGroups':"
                  "['authorization.k8s.io']}],'nonResourceRules':[{'verbs':['get']},{'verbs':['get'"
                  "]}]}}",
                  .as = "alice" } } },
    { "a token tells its service account",
      .asks = { { "POST " SA, "{'metadata':{'name':'s'}}", 201, NULL },
                { "POST " SA "/s/token", "{'spec':{'audiences':['a']}}", 201, NULL },
                { "POST " TOKENS, "{'spec':{'token':'$token','audiences':['a']}}", 201,
                  "{'status':{'authenticated':true,'audiences':['a'],'user':{'username':"
                  "'system:serviceaccount:default:s','uid':'$uid','groups':['system:"
                  "serviceaccounts',"
                  "'system:serviceaccounts:default','system:authenticated']}}}" },
                { "POST " TOKENS, "{'spec':{'token':'$token'}}", 201,
                  "{'status':{'authenticated':null,'error':'~token'}}" },
                { "POST " TOKENS, "{'spec':{'token':'$token','audiences':['b']}}", 201,
                  "{'status':{'authenticated':null}}" },
                { "DELETE " SA "/s", NULL, 200, NULL },
                { "POST " TOKENS, "{'spec':{'token':'$token','audiences':['a']}}", 201,
                  "{'status':{'authenticated':null}}" } } },
    { "a token is needed, and nonsense is nobody's",
      .asks = { { "POST " TOKENS, "{'spec':{}}", 400,
                  "{'message':'token is required for TokenReview in authentication'}" },
                { "POST " TOKENS, "{'spec':{'token':''}}", 400, NULL },
                { "POST " TOKENS, "{'spec':{'token':5}}", 400, NULL },
                { "POST " TOKENS, "{'spec':{'token':'nonsense'}}", 201,
                  "{'status':{'user':{},'authenticated':null}}" },
                { "POST " TOKENS, "{'spec':{'token':'a.b.c'}}", 201,
                  "{'status':{'authenticated':null}}" },
                { "POST " TOKENS, "{'spec':{'token':'...'}}", 201,
                  "{'status':{'authenticated':null}}" } } },
};

static void finds_reviews(void **state)
{
    (void)state;
    assert_non_null(review_find("authentication.k8s.io/tokenreviews"));
    assert_null(review_find("/pods"));
    assert_null(review_find(""));
}

int main(void)
{
    const struct CMUnitTest more[] = { CASE("reviews are found by collection", finds_reviews) };
    return cluster_rig_run("review", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
