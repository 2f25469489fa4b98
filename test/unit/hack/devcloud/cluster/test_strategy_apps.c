#include "hack/devcloud/cluster/strategy.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define APPS "/apis/apps/v1/namespaces/default/"
#define JOBS "/apis/batch/v1/namespaces/default/jobs"
#define CRON "/apis/batch/v1beta1/namespaces/default/cronjobs"
#define MERGE "application/merge-patch+json"
#define STRATEGIC "application/strategic-merge-patch+json"
#define TEMPLATE \
    "'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'x:1'}" \
    "]}}"
#define WORKLOAD(more) \
    "{'metadata':{'name':'d'},'spec':{'selector':{'matchLabels':{'a':'b'}}," TEMPLATE more "}}"
#define JOB(more) \
    "{'metadata':{'name':'j'},'spec':{'template':{'spec':{'restartPolicy':'Never','containers':[{" \
    "'name':'c','image':'x'}]}}" more "}}"

static struct rig_case cases[] = {
    { "a deployment has its defaults",
      .asks = { { "POST " APPS "deployments", WORKLOAD(""), 201,
                  "{'spec':{'replicas':1,'progressDeadlineSeconds':600,'revisionHistoryLimit':10,'"
                  "strategy':{'type':'RollingUpdate',"
                  "'rollingUpdate':{'maxSurge':'25%','maxUnavailable':'25%'}},'template':{'spec':{'"
                  "restartPolicy':'Always','dnsPolicy':"
                  "'ClusterFirst','schedulerName':'default-scheduler','"
                  "terminationGracePeriodSeconds':30,'enableServiceLinks':null,"
                  "'containers':[{'imagePullPolicy':'IfNotPresent'}]}}},'status':{'replicas':null}"
                  "}" } } },
    { "a deployment that recreates has no rolling update",
      .asks = { { "POST " APPS "deployments", WORKLOAD(",'strategy':{'type':'Recreate'}"), 201,
                  "{'spec':{'strategy':{'rollingUpdate':null}}}" },
                { "PATCH " APPS "deployments/d",
                  "{'spec':{'strategy':{'rollingUpdate':{'maxSurge':1}}}}", 422,
                  "{'message':'~spec.strategy.rollingUpdate: Forbidden: may not be specified when "
                  "strategy `type` is'}",
                  MERGE },
                { "PATCH " APPS "deployments/d", "{'spec':{'strategy':{'type':'Foo'}}}", 422,
                  "{'message':'~spec.strategy.type: Unsupported value: \\'Foo\\''}", MERGE } } },
    { "a selector is needed, fits and stays",
      .asks = { { "POST " APPS "deployments", "{'metadata':{'name':'d'},'spec':{" TEMPLATE "}}",
                  422, "{'message':'~spec.selector: Required value'}" },
                { "POST " APPS "deployments",
                  "{'metadata':{'name':'d'},'spec':{'selector':{}," TEMPLATE "}}", 422,
                  "{'message':'~empty selector is invalid for deployment'}" },
                { "POST " APPS "replicasets",
                  "{'metadata':{'name':'d'},'spec':{'selector':{'matchLabels':{'a':'c'}}," TEMPLATE
                  "}}",
                  422, "{'message':'~spec.template.metadata.labels: Invalid value'}" },
                { "POST " APPS "deployments", WORKLOAD(""), 201, NULL },
                { "PATCH " APPS "deployments/d",
                  "{'spec':{'selector':{'matchLabels':{'x':'y'}},'template':{'metadata':{'labels':{"
                  "'x':'y'}}}}}",
                  422,
                  "{'message':'~spec.selector: Invalid "
                  "value','details':{'causes':[{'message':'~field is immutable'}]}}",
                  MERGE } } },
    { "containers and replicas are checked",
      .asks = { { "POST " APPS "deployments", WORKLOAD(",'replicas':-1"), 422,
                  "{'message':'~must be greater than or equal to 0'}" },
                { "POST " APPS "deployments",
                  "{'metadata':{'name':'d'},'spec':{'selector':{'matchLabels':{'a':'b'}},'template'"
                  ":{'metadata':{'labels':{'a':'b'}},"
                  "'spec':{'containers':[{'name':'C','image':'x'},{'name':'d'}]}}}}",
                  422,
                  "{'details':{'causes':[{'field':'spec.template.spec.containers[0].name'},{'field'"
                  ":"
                  "'spec.template.spec.containers[1].image'}]}}" },
                { "POST " APPS "deployments", WORKLOAD(",'replicas':0"), 201,
                  "{'spec':{'replicas':0}}" } } },
    { "a daemon set counts the generations of its template",
      .asks = { { "POST " APPS "daemonsets", WORKLOAD(""), 201,
                  "{'metadata':{'annotations':{'deprecated.daemonset.template.generation':'1'}},'"
                  "spec':{'updateStrategy':{'type':"
                  "'RollingUpdate','rollingUpdate':{'maxUnavailable':1}}}}" },
                { "PATCH " APPS "daemonsets/d", "{'metadata':{'labels':{'x':'y'}}}", 200,
                  "{'metadata':{'annotations':{'deprecated.daemonset.template.generation':'1'}}}",
                  MERGE },
                { "PATCH " APPS "daemonsets/d",
                  "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'x:2'}]}}}}", 200,
                  "{'metadata':{'annotations':{'deprecated.daemonset.template.generation':'2'}}}",
                  STRATEGIC } } },
    { "a stateful set makes its claims whole",
      .asks = { { "POST " APPS "statefulsets",
                  WORKLOAD(",'serviceName':'s','volumeClaimTemplates':[{'metadata':{'name':'v'},'"
                           "spec':{'accessModes':"
                           "['ReadWriteOnce']}}]"),
                  201,
                  "{'spec':{'podManagementPolicy':'OrderedReady','updateStrategy':{'type':'"
                  "RollingUpdate','rollingUpdate':{'partition':"
                  "0}},'volumeClaimTemplates':[{'kind':'PersistentVolumeClaim','apiVersion':'v1','"
                  "status':{'phase':'Pending'}}]}}" } } },
    { "a job is found by its uid",
      .asks = { { "POST " JOBS, JOB(""), 201,
                  "{'metadata':{'labels':{'controller-uid':'~-','job-name':'j'}},'spec':{'"
                  "completions':1,'parallelism':1,"
                  "'backoffLimit':6,'selector':{'matchLabels':{'controller-uid':'~-'}},'template':{"
                  "'metadata':{'labels':{'job-name':"
                  "'j'}}}}}" },
                { "PATCH " JOBS "/j", "{'spec':{'completions':5}}", 422,
                  "{'message':'~spec.completions: Invalid value: 5: field is "
                  "immutable'}",
                  MERGE },
                { "PATCH " JOBS "/j", "{'spec':{'parallelism':2}}", 200,
                  "{'spec':{'parallelism':2}}", MERGE } } },
    { "a job with a parallelism alone has no end",
      .asks = { { "POST " JOBS, JOB(",'parallelism':2"), 201,
                  "{'spec':{'completions':null,'parallelism':2}}" } } },
    { "a job restarts on failure or never",
      .asks = { { "POST " JOBS,
                  "{'metadata':{'name':'j'},'spec':{'template':{'spec':{'containers':[{'name':'c','"
                  "image':'x'}]}}}}",
                  422, "{'message':'~spec.template.spec.restartPolicy'}" },
                { "POST " JOBS, "{'metadata':{'name':'j'}}", 422,
                  "{'message':'~spec.template.spec.containers: Required value'}" } } },
    { "a cron job needs a schedule",
      .asks = { { "POST " CRON,
                  "{'metadata':{'name':'j'},'spec':{'jobTemplate':{'spec':{" TEMPLATE "}}}}", 422,
                  "{'message':'~spec.schedule: Required value'}" },
                { "POST " CRON,
                  "{'metadata':{'name':'j'},'spec':{'schedule':'* * * * "
                  "*','jobTemplate':{'spec':{'template':{'spec':{'restartPolicy':"
                  "'Never','containers':[{'name':'c','image':'x'}]}}}}}}",
                  201,
                  "{'spec':{'concurrencyPolicy':'Allow','jobTemplate':{'spec':{'template':{'spec':{"
                  "'containers':[{"
                  "'imagePullPolicy':'Always'}]}}}}}}" } } },
};

static void are_all_known(void **state)
{
    (void)state;
    static const char *const kinds[] = { "/pods",
                                         "apps/deployments",
                                         "apps/daemonsets",
                                         "apps/statefulsets",
                                         "apps/replicasets",
                                         "batch/jobs",
                                         "batch/cronjobs" };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        assert_non_null(strategy_of(kinds[i])->decode);
        assert_non_null(strategy_of(kinds[i])->validate);
    }
}

int main(void)
{
    const struct CMUnitTest more[] = { CASE("every workload has a strategy", are_all_known) };
    return cluster_rig_run("strategy_apps", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
