#include "hack/devcloud/cluster/eviction.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define PODS "/api/v1/namespaces/default/pods"
#define BUDGETS "/apis/policy/v1beta1/namespaces/default/poddisruptionbudgets"
#define MERGE "application/merge-patch+json"
#define EVICT "{'metadata':{'name':'p'}}"
#define MAKE_POD \
    { \
        "POST " PODS, \
            "{'metadata':{'name':'p','labels':{'a':'b','c':'d'}},'spec':{'nodeName':'n','" \
            "containers':[{'name':'c'," \
            "'image':'x'}]}}", \
            201, NULL \
    }
#define RUNS \
    { \
        "PATCH " PODS "/p/status", "{'status':{'phase':'Running'}}", 200, NULL, MERGE \
    }
#define BUDGET(name, labels) \
    { \
        "POST " BUDGETS, \
            "{'metadata':{'name':'" name \
            "'},'spec':{'minAvailable':1,'selector':{'matchLabels':{" labels "}}}}", \
            201, NULL \
    }
#define ALLOW(name, n) \
    { \
        "PATCH " BUDGETS "/" name "/status", "{'status':{'disruptionsAllowed':" n "}}", 200, NULL, \
            MERGE \
    }

static struct rig_case cases[] = {
    { "an eviction without a budget is a deletion",
      .asks = { MAKE_POD,
                RUNS,
                { "POST " PODS "/p/eviction", EVICT, 201,
                  "{'kind':'Status','status':'Success','code':201}" },
                { "GET " PODS "/p", NULL, 200,
                  "{'metadata':{'deletionGracePeriodSeconds':30}}" } } },
    { "its options are those of the deletion",
      .asks = { MAKE_POD,
                RUNS,
                { "POST " PODS "/p/eviction",
                  "{'metadata':{'name':'p'},'deleteOptions':{'preconditions':{'uid':'x'}}}", 409,
                  NULL },
                { "POST " PODS "/p/eviction",
                  "{'metadata':{'name':'p'},'deleteOptions':{'dryRun':['All']}}", 201, NULL },
                { "POST " PODS "/p/eviction?dryRun=All",
                  "{'metadata':{'name':'p'},'deleteOptions':{'gracePeriodSeconds':0}}", 201, NULL },
                { "GET " PODS "/p", NULL, 200, "{'metadata':{'deletionTimestamp':null}}" },
                { "POST " PODS "/p/eviction",
                  "{'metadata':{'name':'p'},'deleteOptions':{'gracePeriodSeconds':0}}", 201, NULL },
                { "GET " PODS "/p", NULL, 404, NULL } } },
    { "a budget refuses what it does not allow",
      .asks = { MAKE_POD,
                RUNS,
                BUDGET("b", "'a':'b'"),
                { "POST " PODS "/p/eviction", EVICT, 429,
                  "{'reason':'TooManyRequests','message':'~it would violate the "
                  "pod','details':{'causes':[{'reason':"
                  "'DisruptionBudget','message':'~The disruption budget b'}]}}" },
                { "GET " PODS "/p", NULL, 200, "{'metadata':{'deletionTimestamp':null}}" },
                ALLOW("b", "1"),
                { "POST " PODS "/p/eviction?dryRun=All", EVICT, 201, NULL },
                { "GET " BUDGETS "/b", NULL, 200, "{'status':{'disruptionsAllowed':1}}" },
                { "POST " PODS "/p/eviction", EVICT, 201, NULL },
                { "GET " BUDGETS "/b", NULL, 200, "{'status':{'disruptionsAllowed':0}}" } } },
    { "a pod that does not run is no disruption",
      .asks = { BUDGET("b", "'a':'b'"),
                MAKE_POD,
                { "POST " PODS "/p/eviction", EVICT, 201, NULL } } },
    { "a pod that is being deleted may be evicted again",
      .asks = { MAKE_POD,
                RUNS,
                BUDGET("b", "'a':'b'"),
                { "DELETE " PODS "/p", NULL, 200, NULL },
                { "POST " PODS "/p/eviction", EVICT, 201, NULL } } },
    { "budgets of other pods do not matter",
      .asks = { MAKE_POD,
                RUNS,
                BUDGET("b", "'a':'other'"),
                BUDGET("e", ""),
                { "POST " PODS "/p/eviction", EVICT, 201, NULL } } },
    { "two budgets are too many",
      .asks = { MAKE_POD,
                RUNS,
                BUDGET("b", "'a':'b'"),
                BUDGET("e", "'c':'d'"),
                ALLOW("b", "1"),
                ALLOW("e", "1"),
                { "POST " PODS "/p/eviction", EVICT, 500,
                  "{'reason':'InternalError','message':'~more than one PodDisruptionBudget'}" } } },
    { "bodies name the pod and are evictions",
      .asks = { MAKE_POD,
                { "POST " PODS "/p/eviction", "{}", 400,
                  "{'message':'name in URL does not match name in Eviction object'}" },
                { "POST " PODS "/p/eviction", "{'metadata':{'name':'q'}}", 400, NULL },
                { "POST " PODS "/p/eviction", "{'metadata':{'name':'p'},'deleteOptions':'x'}", 400,
                  NULL },
                { "POST " PODS "/p/eviction", "", 400, NULL },
                { "POST " PODS "/none/eviction", "{'metadata':{'name':'none'}}", 404,
                  "{'message':'pods \\'none\\' not found'}" } } },
};

int main(void)
{
    return cluster_rig_run("eviction", cases, ARRAY_LEN(cases), NULL, 0);
}
