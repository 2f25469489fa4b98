#include "test/unit/pkg/api/api_rig.h"

#define OFFERED(v) \
    "{'id':'/i','name':'" v "','deleting':false,'properties':{'version':'" v \
    "','openShiftPullspec':'o','installerPullspec':'','enabled':true}}"

static void customers_see_the_version_alone(void **state)
{
    (void)state;
    cleanup_json json *internal = rig_give_json(OFFERED("4.14.1"));

    cleanup_json json *ext = api_openshift_version_to_external(rig_version('K'), internal);

    rig_assert_json(ext, "{'id':'/i','name':'4.14.1','properties':{'version':'4.14.1'}}");
}

static void engineers_see_where_it_comes_from(void **state)
{
    (void)state;
    cleanup_json json *internal = rig_give_json(OFFERED("4.14.1"));

    cleanup_json json *ext = api_openshift_version_to_external(rig_version('a'), internal);

    rig_assert_json(ext, "{'id':'/i','name':'4.14.1','properties':{'version':'4.14.1',"
                         "'openShiftPullspec':'o','enabled':true,'default':false}}");
}

static void versions_are_sorted_by_number(void **state)
{
    (void)state;
    cleanup_json json *internals = rig_give_json("[" OFFERED("4.14.10") "," OFFERED(
        "4.9.1") "," OFFERED("4.14.9") "," OFFERED("4.14.9-rc.1") "]");

    cleanup_json json *list = api_openshift_version_give_list(rig_version('E'), internals);

    static const char *const want[] = { "4.9.1", "4.14.9-rc.1", "4.14.9", "4.14.10" };
    const json *value = json_get(list, "value");
    assert_int_equal(json_len(value), ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_string_equal(json_path_str(json_at(value, i), "properties.version"), want[i]);
}

static void an_empty_list_is_a_list(void **state)
{
    (void)state;
    cleanup_json json *none = json_new_array();

    cleanup_json json *versions = api_openshift_version_give_list(rig_version('E'), none);
    cleanup_json json *sets = api_role_set_give_list(rig_version('J'), NULL);

    rig_assert_json(versions, "{'value':[]}");
    rig_assert_json(sets, "{'value':[]}");
}

#define ROLE \
    "{'operatorName':'a','roleDefinitionName':'A','roleDefinitionId':'/" \
    "a','serviceAccounts':['s']," \
    "'secretLocation':{'namespace':'n','name':'x'}}"
#define SET(v) \
    "{'name':'" v "','properties':{'openShiftVersion':'" v \
    "','platformWorkloadIdentityRoles':[" ROLE "]}}"

static void roles_hide_service_accounts(void **state)
{
    (void)state;
    cleanup_json json *internal = rig_give_json(SET("4.14"));

    cleanup_json json *customer = api_role_set_to_external(rig_version('J'), internal);
    cleanup_json json *admin = api_role_set_to_external(rig_version('a'), internal);

    rig_assert_json(customer, "{'name':'4.14','properties':{'openShiftVersion':'4.14',"
                              "'platformWorkloadIdentityRoles':[{'operatorName':'a',"
                              "'roleDefinitionName':'A','roleDefinitionId':'/a'}]}}");
    rig_assert_json(admin, SET("4.14"));
}

static void role_sets_are_sorted_by_number(void **state)
{
    (void)state;
    cleanup_json json *internals =
        rig_give_json("[" SET("4.16") "," SET("4.9") "," SET("4.14") "]");

    cleanup_json json *list = api_role_set_give_list(rig_version('K'), internals);

    static const char *const want[] = { "4.9", "4.14", "4.16" };
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_string_equal(json_path_str(json_at(json_get(list, "value"), i), "name"), want[i]);
}

/* ---- what engineers write ---- */

struct write_case {
    const char *name, *ext, *current; /* current NULL: none */
    const char *code, *target;        /* code NULL: right */
};
#define P(x) "{'properties':{" x "}}"
#define V3 "'version':'4.14.1','openShiftPullspec':'o','installerPullspec':'i'"
static struct write_case version_cases[] = {
    { "a version", P(V3), NULL, NULL, NULL },
    { "a default version", P(V3 ",'enabled':true,'default':true"), NULL, NULL, NULL },
    { "a version with an image", P(V3 ",'machineImage':{'sku':'aro_414','version':'414.92.2023'}"),
      NULL, NULL, NULL },
    { "an image of no version", P(V3 ",'machineImage':{'sku':'aro_414'}"), NULL, "InvalidParameter",
      "properties.machineImage.version" },
    { "an image that is none in particular",
      P(V3 ",'machineImage':{'sku':'aro_414','version':'latest'}"), NULL, "InvalidParameter",
      "properties.machineImage.version" },
    { "no version", P("'openShiftPullspec':'o','installerPullspec':'i'"), NULL, "InvalidParameter",
      "properties.version" },
    { "no pullspec", P("'version':'v','installerPullspec':'i'"), NULL, "InvalidParameter",
      "properties.openShiftPullspec" },
    { "an empty installer pullspec",
      P("'version':'v','openShiftPullspec':'o','installerPullspec':''"), NULL, "InvalidParameter",
      "properties.installerPullspec" },
    { "a disabled default", P(V3 ",'default':true"), NULL, "InvalidParameter",
      "properties.enabled" },
    { "disabling what is the default", P(V3), P("'version':'4.14.1','default':true"),
      "InvalidParameter", "properties.enabled" },
    { "a default that is one no more", P(V3 ",'enabled':true"),
      P("'version':'4.14.1','default':true"), NULL, NULL },
    { "text that is no version", P("'version':'v','openShiftPullspec':'o','installerPullspec':'i'"),
      NULL, "InvalidParameter", "properties.version" },
    { "the same version again", P(V3), P("'version':'4.14.1'"), NULL, NULL },
    { "another version", P(V3), P("'version':'4.14.2'"), "PropertyChangeNotAllowed",
      "properties.version" },
};

static void check_version(void **state)
{
    const struct write_case *c = *state;
    cleanup_json json *ext = rig_give_json(c->ext);
    cleanup_json json *current = c->current ? rig_give_json(c->current) : NULL;
    cleanup_error struct error *err = NULL;

    int rc = api_openshift_version_validate(ext, current, &err);

    assert_int_equal(rc, c->code ? -1 : 0);
    if (c->code)
        rig_assert_refused(&err, c->code, c->target);
}

#define ROLES "properties.platformWorkloadIdentityRoles"
static struct write_case set_cases[] = {
    { "a role set", SET("4.14"), NULL, NULL, NULL },
    { "no version of a role set", P("'platformWorkloadIdentityRoles':[" ROLE "]"), NULL,
      "InvalidParameter", "properties.openShiftVersion" },
    { "a set of one release", SET("4.14.1"), NULL, "InvalidParameter",
      "properties.openShiftVersion" },
    { "no roles", P("'openShiftVersion':'4.14'"), NULL, "InvalidParameter", ROLES },
    { "an empty list of roles", P("'openShiftVersion':'4.14','platformWorkloadIdentityRoles':[]"),
      NULL, "InvalidParameter", ROLES },
    { "roles that lack members",
      P("'openShiftVersion':'4.14','platformWorkloadIdentityRoles':[" ROLE
        ",{'operatorName':'b','roleDefinitionId':'/b','secretLocation':{'name':'x'}}]"),
      NULL, "InvalidParameter",
      ROLES "[1].roleDefinitionName, " ROLES "[1].serviceAccounts, " ROLES
            "[1].secretLocation.namespace" },
};

static void check_set(void **state)
{
    const struct write_case *c = *state;
    cleanup_json json *ext = rig_give_json(c->ext);
    cleanup_error struct error *err = NULL;

    int rc = api_role_set_validate(ext, &err);

    assert_int_equal(rc, c->code ? -1 : 0);
    if (c->code)
        rig_assert_refused(&err, c->code, c->target);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(version_cases) + ARRAY_LEN(set_cases) + 6] = {
        CASE("customers see the version alone", customers_see_the_version_alone),
        CASE("engineers see where it comes from", engineers_see_where_it_comes_from),
        CASE("versions are sorted by number", versions_are_sorted_by_number),
        CASE("an empty list is a list", an_empty_list_is_a_list),
        CASE("roles hide service accounts from customers", roles_hide_service_accounts),
        CASE("role sets are sorted by number", role_sets_are_sorted_by_number),
    };
    size_t n = 6;
    for (size_t i = 0; i < ARRAY_LEN(version_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(version_cases[i].name, check_version, &version_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(set_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(set_cases[i].name, check_set, &set_cases[i]);
    return RUN_CASES("offers", tests);
}
