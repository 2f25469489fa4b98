#include "hack/devcloud/cluster/catalog.h"
#include "hack/devcloud/cluster/schema_fill.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

struct fill_case {
    const char *name;
    enum { FILL, BLANK, PRUNE, TIDY } what;
    const char *type, *before, *after;
    const char *dropped; /* joined by spaces */
};

static struct fill_case cases[] = {
    { "fills a service with its defaults", FILL, "core.v1.ServiceSpec", "{'ports':[{'port':80}]}",
      "{'ports':[{'port':80,'protocol':'TCP'}],'sessionAffinity':'None','type':'ClusterIP'}",
      NULL },
    { "a null of a built-in kind gets the default", FILL, "core.v1.ServiceSpec", "{'type':null}",
      "{'type':'ClusterIP','sessionAffinity':'None'}", NULL },
    { "keeps what is there", FILL, "core.v1.ServiceSpec",
      "{'type':'NodePort','sessionAffinity':'ClientIP'}",
      "{'type':'NodePort','sessionAffinity':'ClientIP'}", NULL },
    { "fills inside what it filled", FILL, "policy.v1beta1.PodDisruptionBudget", "{}",
      "{'spec':{},'status':{'currentHealthy':0,'desiredHealthy':0,'disruptionsAllowed':0,"
      "'expectedPods':0}}",
      NULL },
    { "a blank object has the server's structs only", BLANK, "apps.v1.ReplicaSet", "{}",
      "{'spec':{'selector':null,'template':{'metadata':{'creationTimestamp':null},"
      "'spec':{'containers':null}}},'status':{'replicas':0}}",
      NULL },
    { "drops unknown fields and names them", PRUNE, "core.v1.PodSpec",
      "{'foo':1,'containers':[{'name':'a','bar':{'x':1}}],'nodeSelector':{'any':'x'}}",
      "{'containers':[{'name':'a'}],'nodeSelector':{'any':'x'}}", "foo containers[0].bar" },
    { "keeps everything where anything is allowed", PRUNE, "apps.v1.ControllerRevision",
      "{'data':{'x':{'y':[null]}},'revision':1}", "{'data':{'x':{'y':[null]}},'revision':1}", "" },
    { "leaves out empty texts, lists and maps", TIDY, "core.v1.PodSpec",
      "{'nodeName':'','volumes':[],'nodeSelector':{},'securityContext':{},'hostNetwork':false,"
      "'automountServiceAccountToken':false,'containers':[]}",
      "{'securityContext':{},'automountServiceAccountToken':false,'containers':[]}", NULL },
    { "keeps empty required texts", TIDY, "core.v1.EnvVar", "{'name':'','value':''}", "{'name':''}",
      NULL },
    { "writes quantities as texts", TIDY, "core.v1.ResourceRequirements",
      "{'limits':{'cpu':1,'memory':'1Gi'}}", "{'limits':{'cpu':'1','memory':'1Gi'}}", NULL },
    { "drops nulls unless they are always written", TIDY, "core.v1.Event",
      "{'eventTime':null,'series':null}", "{'eventTime':null}", NULL },
};

static void check(void **state)
{
    const struct fill_case *c = *state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    const struct schema *type = catalog_type(catalog, c->type);
    cleanup_json json *value = loose_tree(c->before);
    cleanup_strv struct strv dropped = STRV_INIT;

    if (c->what == FILL)
        schema_fill(type, value);
    else if (c->what == BLANK)
        schema_fill_blank(type, value);
    else if (c->what == PRUNE)
        schema_prune(type, value, &dropped);
    else
        schema_tidy(type, value);

    assert_tree(value, c->after);
    if (c->dropped) {
        cleanup_free char *joined = strv_give_joined(&dropped, " ");
        assert_string_equal(joined, c->dropped);
    }
}

static void nullable(void **state)
{
    (void)state;
    struct schema text = { .type = SCHEMA_STRING, .nullable = true };
    struct schema_field fields[] = { { .name = "a", .schema = &text, .dflt = "\"x\"" } };
    struct schema object = { .type = SCHEMA_OBJECT, .fields = fields, .fields_len = 1 };
    cleanup_json json *with_null = loose_tree("{'a':null}"), *without = loose_tree("{}");

    schema_prune(&object, with_null, NULL);
    schema_fill(&object, with_null);
    schema_fill(&object, without);

    assert_tree(with_null, "{'a':null}");
    assert_tree(without, "{'a':'x'}");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("a null that the schema allows stays, without a default", nullable);
    return RUN_CASES("schema_fill", tests);
}
