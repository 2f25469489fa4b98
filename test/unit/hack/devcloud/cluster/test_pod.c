#include "hack/devcloud/cluster/pod.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

#define PODS "/api/v1/namespaces/default/pods"
#define MERGE "application/merge-patch+json"
#define STRATEGIC "application/strategic-merge-patch+json"
#define POD(more) \
    "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'x:1'}]" more "}}"
#define POD_OF(containers) "{'metadata':{'name':'p'},'spec':{'containers':[" containers "]}}"

static struct rig_case cases[] = {
    { "a pod has its defaults",
      .asks = { { "POST " PODS, POD(""), 201,
                  "{'spec':{'restartPolicy':'Always','dnsPolicy':'ClusterFirst','"
                  "enableServiceLinks':true,'priority':0,"
                  "'preemptionPolicy':'PreemptLowerPriority','terminationGracePeriodSeconds':30,'"
                  "serviceAccountName':null,"
                  "'tolerations':[{'key':'node.kubernetes.io/"
                  "not-ready','operator':'Exists','effect':'NoExecute','tolerationSeconds':"
                  "300},{'key':'node.kubernetes.io/"
                  "unreachable'}],'containers':[{'imagePullPolicy':'IfNotPresent',"
                  "'terminationMessagePath':'/dev/"
                  "termination-log'}]},'status':{'phase':'Pending','qosClass':'BestEffort'}}" } } },
    { "images without a tag or the latest are always pulled",
      .asks = { { "POST " PODS,
                  POD_OF("{'name':'a','image':'x'},{'name':'b','image':'x:latest'},{'name':'c','"
                         "image':'r:5000/x'},{'name':'d','image':"
                         "'r:5000/"
                         "x:2'},{'name':'e','image':'x@sha256:00'},{'name':'f','image':'x','"
                         "imagePullPolicy':'Never'}"),
                  201,
                  "{'spec':{'containers':[{'imagePullPolicy':'Always'},{'imagePullPolicy':'Always'}"
                  ",{'imagePullPolicy':'Always'},{"
                  "'imagePullPolicy':'IfNotPresent'},{'imagePullPolicy':'IfNotPresent'},{'"
                  "imagePullPolicy':'Never'}]}}" } } },
    { "limits are requests where these are not given",
      .asks = { { "POST " PODS,
                  POD_OF("{'name':'c','image':'x','resources':{'limits':{'cpu':'1','memory':'1Gi'},"
                         "'requests':{'cpu':'500m'}}}"),
                  201,
                  "{'spec':{'containers':[{'resources':{'requests':{'cpu':'500m','memory':'1Gi'}}}]"
                  "},'status':{'qosClass':'Burstable'}}" } } },
    { "a pod on the node's network has its ports",
      .asks = { { "POST " PODS,
                  "{'metadata':{'name':'p'},'spec':{'hostNetwork':true,'containers':[{'name':'c','"
                  "image':'x','ports':[{'containerPort':80}]}]}}",
                  201,
                  "{'spec':{'containers':[{'ports':[{'hostPort':80,'protocol':'TCP'}]}]}}" } } },
    { "priorities come from their class",
      .asks = { { "POST " PODS, POD(",'priorityClassName':'system-node-critical'"), 201,
                  "{'spec':{'priority':2000001000}}" },
                { "POST " PODS, POD(",'priorityClassName':'none'"), 403,
                  "{'reason':'Forbidden','message':'~no PriorityClass with name none was "
                  "found','details':{'name':'p'}}" },
                { "DELETE " PODS "/p", NULL, 200, NULL },
                { "POST " PODS, POD(",'priority':5"), 403,
                  "{'message':'~the integer value of priority (5) must not be provided in pod "
                  "spec'}" } } },
    { "a service account must be there where they are checked", .accounts = true,
      .asks = { { "POST " PODS, POD(""), 403,
                  "{'message':'pods \\'p\\' is forbidden: error looking up service account "
                  "default/default: serviceaccount \\'default\\' not "
                  "found'}" },
                { "POST /api/v1/namespaces/default/serviceaccounts",
                  "{'metadata':{'name':'default'}}", 201, NULL },
                { "POST " PODS, POD(""), 201,
                  "{'spec':{'serviceAccountName':'default','serviceAccount':'default'}}" } } },
    { "its own tolerations stay alone",
      .asks = { { "POST " PODS, POD(",'tolerations':[{'operator':'Exists'}]"), 201,
                  "{'spec':{'tolerations':[{'operator':'Exists'}]}}" },
                { "DELETE " PODS "/p", NULL, 200, NULL },
                { "POST " PODS,
                  POD(",'tolerations':[{'key':'node.kubernetes.io/"
                      "not-ready','effect':'NoSchedule'}]"),
                  201,
                  "{'spec':{'tolerations':[{'effect':'NoSchedule'},{'effect':'NoExecute'},{'effect'"
                  ":'NoExecute'}]}}" } } },
    { "containers are checked",
      .asks = { { "POST " PODS, "{'metadata':{'name':'p'}}", 422,
                  "{'message':'Pod \\'p\\' is invalid: spec.containers: Required value'}" },
                { "POST " PODS, POD_OF("{'name':'C','image':'x'},{'image':'x'},{'name':'d'}"), 422,
                  "{'details':{'causes':[{'field':'spec.containers[0].name'},{'field':'spec."
                  "containers[1].name','message':'Required "
                  "value'},{'field':'spec.containers[2].image','message':'Required value'}]}}" },
                { "POST " PODS,
                  POD_OF("{'name':'c','image':'x','volumeMounts':[{'name':'zz','mountPath':'/"
                         "x'}]},{'name':'c','image':'x'}"),
                  422,
                  "{'details':{'causes':[{'field':'spec.containers[0].volumeMounts[0].name','"
                  "reason':'FieldValueNotFound'},{'field':"
                  "'spec.containers[1].name','message':'Duplicate value: \\'c\\''}]}}" } } },
    { "images may change, little else",
      .asks = { { "POST " PODS, POD(""), 201, NULL },
                { "PATCH " PODS "/p",
                  "{'spec':{'containers':[{'name':'c','image':'x:2'}],'activeDeadlineSeconds':5}}",
                  200, "{'spec':{'containers':[{'image':'x:2'}]}}", STRATEGIC },
                { "PATCH " PODS "/p", "{'spec':{'containers':[{'name':'c','args':['x']}]}}", 422,
                  "{'message':'~pod updates may not change fields other than'}", STRATEGIC },
                { "PATCH " PODS "/p", "{'spec':{'restartPolicy':'Never'}}", 422, NULL, MERGE },
                { "PATCH " PODS "/p", "{'spec':{'containers':[{'name':'d','image':'x'}]}}", 422,
                  NULL, STRATEGIC } } },
    { "the address of a pod is among its addresses",
      .asks = { { "POST " PODS, POD(""), 201, NULL },
                { "PATCH " PODS "/p/status", "{'status':{'podIP':'10.1.2.3'}}", 200,
                  "{'status':{'podIPs':[{'ip':'10.1.2.3'}]}}", MERGE },
                { "PATCH " PODS "/p/status", "{'status':{'podIP':'10.1.2.4'}}", 200,
                  "{'status':{'podIPs':[{'ip':'10.1.2.4'}]}}", MERGE } } },
};

struct qos_case {
    const char *name, *resources, *want;
};

static struct qos_case qos_cases[] = {
    { "nothing asked for is best effort", "[{}]", "BestEffort" },
    { "limits of both are guaranteed", "[{'limits':{'cpu':'1','memory':'1'}}]", "Guaranteed" },
    { "equal requests are, too",
      "[{'limits':{'cpu':'1','memory':'1'},'requests':{'cpu':'1','memory':'1'}}]", "Guaranteed" },
    { "smaller requests are burstable",
      "[{'limits':{'cpu':'1','memory':'1'},'requests':{'cpu':'0.5','memory':'1'}}]", "Burstable" },
    { "one limit is burstable", "[{'limits':{'cpu':'1'}}]", "Burstable" },
    { "one container without is burstable", "[{'limits':{'cpu':'1','memory':'1'}},{}]",
      "Burstable" },
    { "other resources do not matter", "[{'limits':{'gpu':'1'}}]", "BestEffort" },
};

static void check_qos(void **state)
{
    const struct qos_case *c = *state;
    cleanup_json json *resources = loose_tree(c->resources),
                      *pod = loose_tree("{'spec':{'containers':[]}}");
    for (size_t i = 0; i < json_len(resources); i++)
        json_append(json_path(pod, "spec.containers"),
                    json_make("{'resources':%j}", json_give_copy(json_at(resources, i))));

    assert_string_equal(pod_qos(pod), c->want);
}

int main(void)
{
    struct CMUnitTest more[ARRAY_LEN(qos_cases)];
    for (size_t i = 0; i < ARRAY_LEN(qos_cases); i++)
        more[i] = (struct CMUnitTest)CASE_OF(qos_cases[i].name, check_qos, &qos_cases[i]);
    return cluster_rig_run("pod", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
