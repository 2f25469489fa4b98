#include <string.h>

#include "pkg/base/strv.h"
#include "rp/syncsets/types/types.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

/* field NULL: it is taken as it is; "": refused as a whole (400). */
static const struct decode_case {
    const char *name;
    enum api_type_id type;
    const char *body, *field;
} cases[] = {
    { "takes the flat form of clusters", TYPE_CLUSTERS,
      "{'name':'a','namespace':'n','kubeconfig':'foobar'}", NULL },
    { "knows no flat form of others", TYPE_SYNCSETS, "{'name':'a','namespace':'n'}",
      "name: there is no such field" },
    { "refuses another kind", TYPE_CLUSTERS,
      "{'kind':'SyncSet','metadata':{'name':'a','namespace':'n'}}", "" },
    { "refuses another version", TYPE_CLUSTERS,
      "{'apiVersion':'hive.openshift.io/v1','metadata':{'name':'a','namespace':'n'}}", "" },
    { "takes hive's version of sets", TYPE_SYNCSETS,
      "{'apiVersion':'hive.openshift.io/"
      "v1','metadata':{'name':'a','namespace':'n'},'spec':{'clusterDeploymentRefs':[]}}",
      NULL },
    { "wants an object", TYPE_CLUSTERS, "[1]", "" },
    { "wants a namespace", TYPE_CLUSTERS, "{'metadata':{'name':'a'}}",
      "metadata.namespace: is required" },
    { "wants none of global types", TYPE_NAMESPACES, "{'metadata':{'name':'a','namespace':'n'}}",
      "metadata.namespace: namespaces have no" },
    { "wants a name", TYPE_CLUSTERS, "{'metadata':{'namespace':'n'}}",
      "metadata.name: is required" },
    { "ignores what the server owns", TYPE_CLUSTERS,
      "{'metadata':{'name':'a','namespace':'n','uid':'x','generation':7},'status':{'x':1}}", NULL },
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
    return RUN_CASES("decode", tests);
}
