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
      "apiVersion':'rbac.authorization.k8s.io/v1','kind':'Role','metadata':{'name':'r'}}]}}",
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
      "apiVersion':'v1','kind':'X','metadata':{'name':'x'},'a':'{{ nope }}'}]}}",
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

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define SET(rest) \
    "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[]," rest "}}"
#define RESOURCE(version, metadata) \
    "'resources':[{'apiVersion':'" version "','kind':'X','metadata':{" metadata "}}]"
#define PATCH(version, name, nspace) \
    "'patches':[{'apiVersion':'" version "','kind':'X','name':'" name "','namespace':'" nspace \
    "','patch':'{}'}]"
#define OPERATIONS(mode, list) \
    mode "'patches':[{'apiVersion':'v1','kind':'X','name':'x','patchType':'json','patch':'[" list \
         "]'}]"
#define TEMPLATES "'enableResourceTemplates':true,"
#define CREATE_ONLY "'applyBehavior':'CreateOnly',"

/* field NULL: it is taken. */
static const struct place_case {
    const char *body, *field;
} places[] = {
    { SET(RESOURCE("v1", "")), "spec.resources[0].metadata.name: is required" },
    { SET(RESOURCE("v1", "'name':''")), "spec.resources[0].metadata.name: is required" },
    { SET(RESOURCE("v1", "'generateName':'x-'")),
      "spec.resources[0].metadata.generateName: goes with applyBehavior CreateOnly alone" },
    { SET(CREATE_ONLY RESOURCE("v1", "'generateName':'x-'")), NULL },
    { SET(RESOURCE("v1", "'name':'../secrets/x'")),
      "spec.resources[0].metadata.name: '../secrets/x' must hold neither" },
    { SET(RESOURCE("v1", "'name':'..'")), "spec.resources[0].metadata.name: '..' must not be" },
    { SET(RESOURCE("v1", "'name':'a%2fb'")), "spec.resources[0].metadata.name: 'a%2fb' must hold" },
    { SET(RESOURCE("v1", "'name':'" X64 X64 X64 X64 "'")), "x' must have at most 253 bytes" },
    { SET("'resources':[{'apiVersion':'v1','kind':'" X64 "','metadata':{'name':'x'}}]"),
      "x' must have at most 63 bytes" },
    { SET(RESOURCE("v1", "'name':'system:node'")), NULL }, /* of RBAC: no DNS name */
    { SET(RESOURCE("v1", "'name':1")), "spec.resources[0].metadata.name: must be a string" },
    { SET(RESOURCE("v1", "'name':'x','namespace':'.'")), "spec.resources[0].metadata.namespace: " },
    { SET(RESOURCE("v1", "'name':'x','namespace':'a/b'")),
      "spec.resources[0].metadata.namespace: " },
    { SET(RESOURCE("v1", "'name':'x','namespace':''")), NULL },
    { SET(RESOURCE("apps/", "'name':'x'")), "spec.resources[0].apiVersion: 'apps/' must not be" },
    { SET(RESOURCE("/v1", "'name':'x'")), "spec.resources[0].apiVersion: " },
    { SET(RESOURCE("../v1", "'name':'x'")), "spec.resources[0].apiVersion: " },
    { SET(RESOURCE("a/b/v1", "'name':'x'")), "spec.resources[0].apiVersion: " },
    { SET(TEMPLATES RESOURCE("v1", "'name':'{{ fromCDName }}/..'")), NULL },
    { SET(TEMPLATES RESOURCE("v1", "'name':'a/b'")), "spec.resources[0].metadata.name: " },
    { SET(RESOURCE("v1", "'name':'{{ fromCDName }}/..'")), "spec.resources[0].metadata.name: " },
    { SET(RESOURCE("v1", "'name':'x','labels':[1]")),
      "spec.resources[0].metadata.labels: must be an object of strings, not " },
    { SET(TEMPLATES RESOURCE("v1", "'name':'x','annotations':'{{ fromCDName }}'")),
      "spec.resources[0].metadata.annotations: must be an object of strings, not " },
    { SET("'resources':[{'apiVersion':'v1','kind':'List','metadata':{'name':'x'},'items':[]}]"),
      "spec.resources[0].kind: 'List' is a list of objects" },
    { SET(OPERATIONS("", "{\\'op\\':\\'frob\\',\\'path\\':\\'/data/d\\'}")),
      "spec.patches[0].patch[0].op: must be add, remove" },
    { SET(OPERATIONS("", "{\\'op\\':\\'remove\\',\\'path\\':\\'/a\\'},{}")),
      "spec.patches[0].patch[1].op: must be add, remove" },
    { SET(OPERATIONS("", "{\\'op\\':\\'add\\',\\'path\\':\\'\\',\\'value\\':{}}")), NULL },
    { SET(OPERATIONS("'enablePatchTemplates':true,", "{\\'op\\':\\'{{ fromCDName }}\\'}")), NULL },
    { SET(PATCH("v1", "x", "")), NULL },
    { SET(PATCH("v1", "../x", "")), "spec.patches[0].name: " },
    { SET(PATCH("v1", "x", "..")), "spec.patches[0].namespace: " },
    { SET(PATCH("apps//v1", "x", "")), "spec.patches[0].apiVersion: " },
    { SET("'secretMappings':[{'sourceRef':{'name':'s'},'targetRef':{'name':'s','namespace':'..'}}"
          "]"),
      "spec.secretMappings[0].targetRef.namespace: " },
};

static void places_lead_nowhere_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        cleanup_error struct error *err = NULL;
        cleanup_json json *object = NULL;
        int status = api_decode(&api_types[TYPE_SYNCSETS], NULL, NULL,
                                sets_rig_parse(places[i].body), &object, &err);
        if (status != (places[i].field ? -1 : 0) ||
            (places[i].field && !strstr(error_text(err), places[i].field)))
            fail_msg("%s: %s", places[i].body, error_text(err));
        if (status < 0)
            assert_true(error_is(err, ERR_UNPROCESSABLE));
    }
}

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
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, (void *)(uintptr_t)&cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("annotations are limited together",
                                                      annotations_are_limited_together);
    tests[ARRAY_LEN(cases) + 1] =
        (struct CMUnitTest)CASE("places lead nowhere else", places_lead_nowhere_else);
    return RUN_CASES("rules", tests);
}
