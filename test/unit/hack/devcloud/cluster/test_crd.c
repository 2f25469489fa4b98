#include <string.h>

#include "hack/devcloud/cluster/crd.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

#define NOW "2024-01-01T00:00:00Z"
#define SCHEMA "'schema':{'openAPIV3Schema':{'type':'object'}}"

static json *give_crd(void)
{
    return loose_tree(
        "{'metadata':{'name':'foos.ex.io'},'spec':{'group':'ex.io','scope':'Namespaced','names':{"
        "'plural':'foos','kind':'Foo','shortNames':['fo']},'versions':[{'name':'v1beta1','served':"
        "true,'storage':false," SCHEMA "},{'name':'v1','served':true,'storage':true," SCHEMA
        ",'subresources':{'status':{},'scale':{'specReplicasPath':'.spec.replicas',"
        "'statusReplicasPath':'.status.replicas'}},'additionalPrinterColumns':[{'name':'Size',"
        "'type':'integer','jsonPath':'.spec.size'}]},{'name':'v2','served':false,'storage':"
        "false," SCHEMA "}]}}");
}

static const char *condition(const json *crd, const char *type)
{
    const json *list = json_path(crd, "status.conditions");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "type"), type))
            return json_path_str(json_at(list, i), "status");
    return "none";
}

static void settles(void **state)
{
    (void)state;
    cleanup_json json *crd = give_crd(), *others = json_new_array();

    crd_fill(crd);
    assert_true(crd_settle(crd, others, NOW));
    assert_false(crd_settle(crd, others, "2025-01-01T00:00:00Z"));

    assert_string_equal(condition(crd, "NamesAccepted"), "True");
    assert_string_equal(condition(crd, "Established"), "True");
    assert_tree(json_path(crd, "status.storedVersions"), "['v1']");
    assert_tree(json_path(crd, "status.acceptedNames"),
                "{'plural':'foos','kind':'Foo','shortNames':['fo'],'singular':'foo','listKind':"
                "'FooList'}");
}

static void names_collide(void **state)
{
    (void)state;
    cleanup_json json *crd = give_crd(), *others = json_new_array();
    json_append(others,
                loose_tree("{'metadata':{'name':'forts.ex.io'},'spec':{'group':'ex.io'},"
                           "'status':{'acceptedNames':{'plural':'forts','shortNames':['fo'],"
                           "'kind':'Fort'}}}"));

    assert_true(crd_settle(crd, others, NOW));

    assert_string_equal(condition(crd, "NamesAccepted"), "False");
    assert_string_equal(condition(crd, "Established"), "False");
}

static void gives_kinds(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    cleanup_json json *crd = give_crd(), *others = json_new_array();
    crd_fill(crd);
    cleanup_crd_kinds struct crd_kinds *none = crd_give_kinds(crd, catalog);
    (void)crd_settle(crd, others, NOW);

    cleanup_crd_kinds struct crd_kinds *k = crd_give_kinds(crd, catalog);

    assert_int_equal(none->len, 0);
    assert_int_equal(k->len, 2);
    assert_string_equal(k->v[0].version, "v1");
    assert_string_equal(k->v[1].version, "v1beta1");
    assert_string_equal(k->v[0].subresources, "status scale");
    assert_string_equal(k->v[1].subresources, "");
    assert_string_equal(k->v[0].scale_spec, "spec.replicas");
    assert_string_equal(k->v[0].columns[0].path, "spec.size");
    assert_string_equal(k->v[0].short_names, "fo");
    assert_string_equal(k->v[0].collection, "ex.io/foos");
    assert_true(k->v[0].custom && k->v[0].namespaced);
}

struct fault_case {
    const char *name, *path, *value, *fault;
};

static struct fault_case fault_cases[] = {
    { "is fine", "spec.scope", "'Cluster'", NULL },
    { "a scope is one of two", "spec.scope", "'Global'",
      "spec.scope: Unsupported value: \"Global\": supported values: \"Cluster\", \"Namespaced\"" },
    { "the name is plural and group", "metadata.name", "'foo.ex.io'",
      "metadata.name: Invalid value: \"foo.ex.io\": must be spec.names.plural+\".\"+spec.group" },
    { "one version is stored", "spec.versions[0].storage", "true",
      "must have exactly one version marked as storage version" },
    { "a schema is needed", "spec.versions[1].schema", "{}",
      "spec.versions[1].schema.openAPIV3Schema: Required value: schemas are required" },
    { "a kind is needed", "spec.names.kind", "''", "spec.names.kind: Required value" },
};

static void check_faults(void **state)
{
    const struct fault_case *c = *state;
    cleanup_json json *crd = give_crd();
    struct invalid faults = { NULL };
    struct fail_object o = { "", "x", "X", "n" };
    cleanup_error struct error *err = NULL;
    assert_int_equal(json_path_put(crd, c->path, loose_tree(c->value), NULL), 0);

    crd_validate(crd, NULL, &faults);

    int rc = invalid_check(&faults, &o, &err);
    invalid_release(&faults);
    assert_int_equal(rc, c->fault ? -1 : 0);
    if (c->fault)
        assert_non_null(strstr(error_text(err), c->fault));
}

static void stays_the_same(void **state)
{
    (void)state;
    cleanup_json json *before = give_crd(), *crd = give_crd(), *others = json_new_array();
    struct invalid faults = { NULL };
    (void)crd_settle(before, others, NOW);
    assert_int_equal(json_set_str(crd, "spec.names.kind", "Bar", NULL), 0);
    json_remove_at(json_path(crd, "spec.versions"), 1);

    crd_validate(crd, before, &faults);

    cleanup_free char *text = json_give_text(faults.causes);
    invalid_release(&faults);
    assert_non_null(strstr(text, "\"field\":\"spec.names.kind\""));
    assert_non_null(strstr(text, "\"field\":\"status.storedVersions[0]\""));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(fault_cases) + 4];
    size_t n = 0;
    for (; n < ARRAY_LEN(fault_cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(fault_cases[n].name, check_faults, &fault_cases[n]);
    tests[n++] = (struct CMUnitTest)CASE("accepts names and establishes once", settles);
    tests[n++] = (struct CMUnitTest)CASE("taken names are not accepted", names_collide);
    tests[n++] =
        (struct CMUnitTest)CASE("gives the kinds that are served, best first", gives_kinds);
    tests[n++] = (struct CMUnitTest)CASE("names and stored versions stay", stays_the_same);
    return RUN_CASES("crd", tests);
}
