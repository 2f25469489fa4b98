#include <string.h>

#include "hack/generate/swagger.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

#define S "/subscriptions/{subscriptionId}"
#define P "/providers/Microsoft.RedHatOpenShift"
#define G S "/resourceGroups/{resourceGroupName}"
#define C G P "/openShiftClusters/{resourceName}"
#define L S P "/locations/{location}"

/* since: the first version that has it. parameters: behind the API version. */
struct operation_case {
    const char *id, *verb, *path, *since, *parameters, *replies;
    bool paged, lasting;
};
static struct operation_case cases[] = {
    { "Operations_List", "get", P "/operations", "2019-12-31-preview", "", "200 default", true,
      false },
    { "OpenShiftClusters_List", "get", S P "/openShiftClusters", "2019-12-31-preview",
      "SubscriptionIdParameter", "200 default", true, false },
    { "OpenShiftClusters_ListByResourceGroup", "get", G P "/openShiftClusters",
      "2019-12-31-preview", "SubscriptionIdParameter ResourceGroupNameParameter", "200 default",
      true, false },
    { "OpenShiftClusters_Get", "get", C, "2019-12-31-preview",
      "SubscriptionIdParameter ResourceGroupNameParameter resourceName", "200 default", false,
      false },
    { "OpenShiftClusters_CreateOrUpdate", "put", C, "2019-12-31-preview",
      "SubscriptionIdParameter ResourceGroupNameParameter resourceName "
      "#/definitions/OpenShiftCluster",
      "200 201 default", false, true },
    { "OpenShiftClusters_Update", "patch", C, "2019-12-31-preview",
      "SubscriptionIdParameter ResourceGroupNameParameter resourceName "
      "#/definitions/OpenShiftClusterUpdate",
      "200 201 default", false, true },
    { "OpenShiftClusters_Delete", "delete", C, "2019-12-31-preview",
      "SubscriptionIdParameter ResourceGroupNameParameter resourceName", "202 204 default", false,
      true },
    { "OpenShiftClusters_ListCredentials", "post", C "/listCredentials", "2019-12-31-preview",
      "SubscriptionIdParameter ResourceGroupNameParameter resourceName", "200 default", false,
      false },
    { "OpenShiftClusters_ListAdminCredentials", "post", C "/listAdminCredentials",
      "2021-09-01-preview", "SubscriptionIdParameter ResourceGroupNameParameter resourceName",
      "200 default", false, false },
    { "OpenShiftVersions_List", "get", L "/openshiftversions", "2022-09-04",
      "SubscriptionIdParameter LocationParameter", "200 default", true, false },
    { "OpenShiftVersions_Get", "get", L "/openshiftversions/{openShiftVersion}",
      "2024-08-12-preview", "SubscriptionIdParameter LocationParameter openShiftVersion",
      "200 default", false, false },
    { "PlatformWorkloadIdentityRoleSets_List", "get", L "/platformworkloadidentityrolesets",
      "2024-08-12-preview", "SubscriptionIdParameter LocationParameter", "200 default", true,
      false },
    { "PlatformWorkloadIdentityRoleSet_Get", "get",
      L "/platformworkloadidentityrolesets/{openShiftMinorVersion}", "2024-08-12-preview",
      "SubscriptionIdParameter LocationParameter openShiftMinorVersion", "200 default", false,
      false },
};

static const json *find_operation(const json *paths, const struct operation_case *c)
{
    return json_get(json_get(paths, c->path), c->verb);
}

/* "SubscriptionIdParameter resourceName": what references end with, and names. */
static char *give_parameters(const struct api_version *v, const json *list)
{
    cleanup_free char *types = xasprintf("/%s/types.json#/parameters/", v->common_types);
    cleanup_strv struct strv words = STRV_INIT;
    for (size_t i = 0; i < json_len(list); i++) {
        const json *p = json_at(list, i);
        const char *ref = json_path_str(p, "$ref"), *schema = json_path_str(p, "schema.$ref");
        if (ref)
            assert_non_null(strstr(ref, types));
        else
            assert_true(json_path_bool(p, "required", false));
        strv_add(&words, ref ? strrchr(ref, '/') + 1 : schema ? schema : json_path_str(p, "name"));
    }
    return strv_give_joined(&words, " ");
}

static char *give_replies(const json *responses)
{
    cleanup_strv struct strv words = STRV_INIT;
    for (struct json_iter it = json_each(responses); json_next(&it);) {
        assert_non_null(json_path_str(it.value, "description"));
        strv_add(&words, it.key);
    }
    return strv_give_joined(&words, " ");
}

static void check_operation_in(const struct operation_case *c, const struct api_version *v,
                               const json *op)
{
    cleanup_free char *parameters = give_parameters(v, json_get(op, "parameters"));
    cleanup_free char *replies = give_replies(json_get(op, "responses"));
    cleanup_free char *example = xasprintf("./examples/%s.json", c->id);
    cleanup_free char *want =
        xasprintf("ApiVersionParameter%s%s", *c->parameters ? " " : "", c->parameters);

    assert_string_equal(json_path_str(op, "operationId"), c->id);
    assert_string_equal(parameters, want);
    assert_string_equal(replies, c->replies);
    assert_string_equal(json_path_str(op, "responses.default.schema.$ref"),
                        "#/definitions/CloudError");
    assert_int_equal(json_path_bool(op, "x-ms-long-running-operation", false), c->lasting);
    assert_int_equal(str_eq(json_path_str(op, "x-ms-pageable.nextLinkName"), "nextLink"), c->paged);
    const json *named = json_get(json_get(op, "x-ms-examples"), json_path_str(op, "summary"));
    assert_string_equal(json_path_str(named, "$ref"), example);
    assert_non_null(json_path_str(op, "description"));
    assert_int_equal(json_len(json_get(op, "tags")), 1);
}

static void check_operation(void **state)
{
    const struct operation_case *c = *state;
    bool begun = false;
    for (size_t i = 0; i < 11; i++) {
        const struct api_version *v = api_version_at(i);
        cleanup_json json *paths = swagger_give_paths(v);
        const json *op = find_operation(paths, c);
        begun |= str_eq(v->name, c->since);
        assert_int_equal(op != NULL, begun);
        if (op)
            check_operation_in(c, v, op);
    }
}

static void there_are_no_other_operations(void **state)
{
    (void)state;
    cleanup_json json *paths = swagger_give_paths(api_version_find("2025-07-25"));
    size_t n = 0;
    for (struct json_iter it = json_each(paths); json_next(&it);)
        n += json_len(it.value);

    assert_int_equal(n, ARRAY_LEN(cases));
    assert_int_equal(swagger_operations_len, ARRAY_LEN(cases));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = {
        CASE("there are no other operations", there_are_no_other_operations),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[1 + i] = (struct CMUnitTest)CASE_OF(cases[i].id, check_operation, &cases[i]);
    return RUN_CASES("swagger_paths", tests);
}
