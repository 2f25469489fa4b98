/* Stateful sets: what their pods are made of is not looked at before the pods are made, for claims become volumes only then. */
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define SETS "/apis/apps/v1/namespaces/default/statefulsets"
#define SET(labels) \
    "{'metadata':{'name':'d'},'spec':{'serviceName':'s','selector':{'matchLabels':{'a':'b'}}," \
    "'template':{'metadata':{'labels':" labels \
    "},'spec':{'containers':[{'name':'c','image':'x:1'," \
    "'volumeMounts':[{'name':'v','mountPath':'/v'}]}]}}," \
    "'volumeClaimTemplates':[{'metadata':{'name':'v'}}]}}"

static struct rig_case cases[] = {
    { .name = "pods of a stateful set mount its claims",
      .asks = { { .line = "POST " SETS, .body = SET("{'a':'b'}"), .status = 201 } } },
    { .name = "its selector fits, and stays",
      .asks = { { .line = "POST " SETS,
                  .body = SET("{'a':'c'}"),
                  .status = 422,
                  .want = "{'message':'~spec.template.metadata.labels: Invalid value'}" },
                { .line = "POST " SETS, .body = SET("{'a':'b'}"), .status = 201 },
                { .line = "PATCH " SETS "/d",
                  .body = "{'spec':{'selector':{'matchLabels':{'x':'y'}},'template':{'metadata':{"
                          "'labels':{'x':'y'}}}}}",
                  .status = 422,
                  .want = "{'message':'~field is immutable'}",
                  .type = "application/merge-patch+json" } } },
};

int main(void)
{
    return cluster_rig_run("stateful sets", cases, ARRAY_LEN(cases), NULL, 0);
}
