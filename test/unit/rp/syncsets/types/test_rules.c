#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/types.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

/* field NULL: it is taken as it is; "": refused as a whole (400). */
static const struct decode_case {
    const char *name;
    enum api_type_id type;
    const char *body, *field;
} cases[] = {
    { "wants kinds of resources", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'resources':[{'"
      "apiVersion':'v1'}]}}",
      "spec.resources[0].kind: is required" },
    { "refuses kinds that the server replaces", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'resources':[{'"
      "apiVersion':'authorization.openshift.io/v1','kind':'Role'}]}}",
      "spec.resources[0]: Role of" },
    { "takes those of RBAC", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'resources':[{'"
      "apiVersion':'rbac.authorization.k8s.io/v1','kind':'Role'}]}}",
      NULL },
    { "tells one object twice", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'resources':[{'"
      "apiVersion':'apps/v1','kind':'X','metadata':{'name':'a'}},{'apiVersion':'apps/"
      "v2','kind':'X','metadata':{'name':'a'}}]}}",
      "spec.resources[1]: is the same object as spec.resources[0]" },
    { "checks templates", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'"
      "enableResourceTemplates':true,'resources':[{'apiVersion':'v1','kind':'X','a':'{{ nope "
      "}}'}]}}",
      "spec.resources[0]" },
    { "leaves braces alone without templates", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'resources':[{'"
      "apiVersion':'v1','kind':'X','a':'{{ nope }}'}]}}",
      NULL },
    { "wants patches that parse", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'patches':[{'"
      "apiVersion':'v1','kind':'X','name':'a','patch':'{'}]}}",
      "spec.patches[0].patch" },
    { "wants arrays of JSON patches", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'patches':[{'"
      "apiVersion':'v1','kind':'X','name':'a','patch':'{}','patchType':'json'}]}}",
      "must be a JSON array" },
    { "keeps to its namespace", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'secretMappings'"
      ":[{'sourceRef':{'name':'s','namespace':'other'},'targetRef':{'name':'s'}}]}}",
      "spec.secretMappings[0].sourceRef.namespace" },
    { "takes its own namespace", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'secretMappings'"
      ":[{'sourceRef':{'name':'s','namespace':'n'},'targetRef':{'name':'s'}}]}}",
      NULL },
    { "wants the namespace of a global set's source", TYPE_SELECTORSYNCSETS,
      "{'metadata':{'name':'a'},'spec':{'clusterDeploymentSelector':{},'secretMappings':[{'"
      "sourceRef':{'name':'s'},'targetRef':{'name':'s'}}]}}",
      "sourceRef.namespace: is required" },
    { "takes no absent selector for everything", TYPE_SELECTORSYNCSETS,
      "{'metadata':{'name':'a'},'spec':{}}", "spec.clusterDeploymentSelector: is required" },
    { "takes the empty selector", TYPE_SELECTORSYNCSETS,
      "{'metadata':{'name':'a'},'spec':{'clusterDeploymentSelector':{}}}", NULL },
    { "wants values of In", TYPE_SELECTORSYNCSETS,
      "{'metadata':{'name':'a'},'spec':{'clusterDeploymentSelector':{'matchExpressions':[{'key':'k'"
      ",'operator':'In'}]}}}",
      "matchExpressions[0].values" },
    { "wants some clusters", TYPE_SYNCSETS, "{'metadata':{'name':'a','namespace':'n'},'spec':{}}",
      "spec.clusterDeploymentRefs: is required" },
    { "takes a roll-out", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'rollout':{"
      "'canarySelector':{},'maxConcurrentClusters':1,'pauseOnFailedPercent':0}}}",
      NULL },
    { "wants to know what care is meant", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'rollout':{}}}",
      "spec.rollout: must say something" },
    { "wants sound canaries", TYPE_SELECTORSYNCSETS,
      "{'metadata':{'name':'a'},'spec':{'clusterDeploymentSelector':{},'rollout':{"
      "'canarySelector':{'matchExpressions':[{'key':'k','operator':'In'}]}}}}",
      "spec.rollout.canarySelector.matchExpressions[0].values" },
    { "never keeps what runs programs", TYPE_CLUSTERS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'kubeconfig':'users: [{name: u, user: "
      "{exec: {command: x}}}]'}}",
      "users[0].user.exec" },
};

static void check(void **state)
{
    const struct decode_case *c = *state;
    cleanup_error struct error *err = NULL;
    cleanup_json json *object = NULL;
    int status =
        api_decode(&api_types[c->type], NULL, NULL, sets_rig_parse(c->body), &object, &err);
    if (!c->field) {
        if (status < 0)
            fail_msg("%s", error_text(err));
        return;
    }
    assert_int_equal(status, -1);
    assert_true(error_is(err, *c->field ? ERR_UNPROCESSABLE : ERR_INVALID));
    if (*c->field && !strstr(error_text(err), c->field))
        fail_msg("%s is not in: %s", c->field, error_text(err));
}

static void annotations_are_limited_together(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        cleanup_free char *half = xcalloc(1, (128 << 10) + 1);
        memset(half, 'x', (128 << 10) - 1);
        cleanup_free char *body = xasprintf("{'metadata':{'name':'a','namespace':'n','annotations':"
                                            "{'a':'%s','b':'%s%s'}},'spec':{}}",
                                            half, half, more ? "x" : "");
        cleanup_error struct error *err = NULL;
        cleanup_json json *object = NULL;
        int status =
            api_decode(&api_types[TYPE_CLUSTERS], NULL, NULL, sets_rig_parse(body), &object, &err);
        assert_int_equal(status, -more);
        if (more)
            assert_non_null(strstr(error_text(err), "metadata.annotations: have 262145 bytes"));
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, (void *)(uintptr_t)&cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("annotations are limited together",
                                                      annotations_are_limited_together);
    return RUN_CASES("rules", tests);
}
