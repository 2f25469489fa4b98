/* Who may list what: rights on single names. */
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define ROLES "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles"
#define BINDINGS "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings"
#define READER \
    "{'metadata':{'name':'r'},'rules':[{'apiGroups':[''],'resources':['configmaps'],'verbs':['" \
    "list'," \
    "'watch'],'resourceNames':['mine']}]}"
#define BINDING \
    "{'metadata':{'name':'r'},'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'Role','" \
    "name':" \
    "'r'},'subjects':[{'apiGroup':'rbac.authorization.k8s.io','kind':'User','name':'u'}]}"

static struct rig_case cases[] = {
    { "a right on a name covers lists that are narrowed to it, and no others",
      .asks = { { "POST " ROLES, READER, 201 },
                { "POST " BINDINGS, BINDING, 201 },
                { "POST " MAPS, "{'metadata':{'name':'mine'}}", 201 },
                { "POST " MAPS, "{'metadata':{'name':'other'}}", 201 },
                { "GET " MAPS "?fieldSelector=metadata.name%3Dmine", NULL, 200,
                  "{'items':[{'metadata':{'name':'mine'}}]}", .as = "u" },
                { "GET " MAPS "?fieldSelector=metadata.name%3Dother", NULL, 403, .as = "u" },
                { "GET " MAPS "?fieldSelector=metadata.name!%3Dmine", NULL, 403, .as = "u" },
                { "GET " MAPS "?fieldSelector=nonsense", NULL, 403, .as = "u" },
                { "GET " MAPS, NULL, 403, .as = "u" } } },
};

int main(void)
{
    return cluster_rig_run("serve_access", cases, ARRAY_LEN(cases), NULL, 0);
}
