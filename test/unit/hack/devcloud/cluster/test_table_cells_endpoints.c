/* How endpoints are shown. */
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define ENDPOINTS "/api/v1/namespaces/default/endpoints"
#define TABLE "application/json;as=Table;v=v1;g=meta.k8s.io"

static struct rig_case cases[] = {
    { "endpoints without addresses are none",
      .asks = { { "POST " ENDPOINTS, "{'metadata':{'name':'a'}}", 201 },
                { "GET " ENDPOINTS "/a", NULL, 200, "{'rows':[{'cells':['a','<none>','~']}]}",
                  .accept = TABLE } } },
    { "three endpoints are shown, of the others the number",
      .asks = { { "POST " ENDPOINTS,
                  "{'metadata':{'name':'a'},'subsets':[{'addresses':[{'ip':'10.0.0.1'},{'ip':"
                  "'10.0.0.2'}],'ports':[{'name':'x','port':1},{'name':'y','port':2}]}]}",
                  201 },
                { "GET " ENDPOINTS "/a", NULL, 200,
                  "{'rows':[{'cells':['a','10.0.0.1:1,10.0.0.2:1,10.0.0.1:2 + 1 more...','~']}]}",
                  .accept = TABLE } } },
};

int main(void)
{
    return cluster_rig_run("table_cells_endpoints", cases, ARRAY_LEN(cases), NULL, 0);
}
