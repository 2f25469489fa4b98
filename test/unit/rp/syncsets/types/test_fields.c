#include <string.h>

#include "pkg/base/strv.h"
#include "rp/syncsets/types/types.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define SET(x) \
    "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'resources':[{'" \
    "apiVersion':'v1','kind':'X','metadata':{'name':'x'},'x':" x "}]}}"
#define DIGITS_50 "12345678901234567890123456789012345678901234567890"
#define DIGITS_300 DIGITS_50 DIGITS_50 DIGITS_50 DIGITS_50 DIGITS_50 DIGITS_50
#define IS_LONG ": must have at most 400 characters when"

/* field NULL: it is taken as it is; "": refused as a whole (400). */
static const struct decode_case {
    const char *name;
    enum api_type_id type;
    const char *body, *field;
} cases[] = {
    { "takes a cluster", TYPE_CLUSTERS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'kubeconfig':'x','apiServerIPOverride':'10."
      "0.0.1'}}",
      NULL },
    { "tells an unknown field", TYPE_CLUSTERS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'kubeconfg':'x'}}",
      "spec.kubeconfg: there is no" },
    { "tells an unknown field within a list", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[{'name':'a','x':1}"
      "]}}",
      "spec.clusterDeploymentRefs[0].x" },
    { "wants types", TYPE_CLUSTERS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'installed':'yes'}}",
      "spec.installed: must be true or false" },
    { "wants an address", TYPE_CLUSTERS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'apiServerIPOverride':'x'}}",
      "spec.apiServerIPOverride" },
    { "wants times", TYPE_CLUSTERS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'installedTimestamp':'today'}}",
      "spec.installedTimestamp" },
    { "wants one of the words", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'"
      "resourceApplyMode':'sync'}}",
      "spec.resourceApplyMode" },
    { "takes the empty word for the default", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'applyBehavior':"
      "''}}",
      NULL },
    { "wants names", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[{'name':''}]}}",
      "spec.clusterDeploymentRefs[0].name" },
    { "wants sound labels", TYPE_CLUSTERS,
      "{'metadata':{'name':'a','namespace':'n','labels':{'a b':'c'}}}", "metadata.labels[a b]" },
    { "wants base64", TYPE_SECRETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'data':{'k':'***'}}}",
      "spec.data[k]: must be base64" },
    { "refuses what no database can hold", TYPE_SYNCSETS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'resources':[{'"
      "apiVersion':'v1','kind':'X','a':['\\u0000']}]}}",
      "spec.resources[0].a[0]: must not hold a NUL" },
    { "takes what doubles hold", TYPE_SYNCSETS,
      SET("[1e308,-1.7976931348623157e308,0.1e-300,4.9406564584124654e-324]"), NULL },
    { "takes long integers", TYPE_SYNCSETS, SET(DIGITS_300), NULL },
    { "takes 400 characters", TYPE_SYNCSETS, SET("[1e399,-1e398,1e-398]"), NULL },
    { "refuses one more", TYPE_SYNCSETS, SET("{'a':[0,{'b':1e400}]}"),
      "spec.resources[0].x.a[1].b" IS_LONG },
    { "counts the sign", TYPE_SYNCSETS, SET("-1e399"), "spec.resources[0].x" IS_LONG },
    { "refuses long fractions", TYPE_SYNCSETS, SET("1e-399"), "spec.resources[0].x" IS_LONG },
    { "refuses what a database would spell out", TYPE_SYNCSETS, SET("1E+131000"),
      "spec.resources[0].x" IS_LONG },
    { "refuses what no database takes", TYPE_SYNCSETS, SET("1e99999999999999999999"),
      "spec.resources[0].x" IS_LONG },
    { "refuses a zero with an exponent", TYPE_SYNCSETS, SET("0e-16000"),
      "spec.resources[0].x" IS_LONG },
    { "refuses integers as long", TYPE_SYNCSETS, SET(DIGITS_300 DIGITS_50 DIGITS_50 "1"),
      "spec.resources[0].x" IS_LONG },
    { "refuses a long spelling of a limit", TYPE_NAMESPACES,
      "{'metadata':{'name':'a'},'spec':{'maxClusters':0e999999}}", "spec.maxClusters" IS_LONG },
    { "takes null for absent", TYPE_CLUSTERS,
      "{'metadata':{'name':'a','namespace':'n'},'spec':{'installed':null}}", NULL },
    { "wants numbers within limits", TYPE_NAMESPACES,
      "{'metadata':{'name':'a'},'spec':{'maxClusters':-1}}", "spec.maxClusters" },
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

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, (void *)(uintptr_t)&cases[i]);
    return RUN_CASES("fields", tests);
}
