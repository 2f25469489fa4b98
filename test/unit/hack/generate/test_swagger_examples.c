#include <string.h>

#include "hack/generate/swagger.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static json *give_example(const char *version, const char *id)
{
    for (size_t i = 0; i < swagger_operations_len; i++)
        if (str_eq(swagger_operations[i].id, id))
            return swagger_give_example(api_version_find(version), &swagger_operations[i]);
    fail_msg("%s is no operation", id);
    return NULL;
}

/* Whoever sends the example of a create gets a cluster, but for names that are their own. */
static void requests_pass_validation(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value;
    } own[] = {
        { "id", "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/resourceGroup/"
                "providers/Microsoft.RedHatOpenShift/openShiftClusters/resourceName" },
        { "name", "resourceName" },
        { "type", "Microsoft.RedHatOpenShift/openShiftClusters" },
        { "properties.provisioningState", "Succeeded" },
    };
    const struct api_rules rules = { .location = "location",
                                     .domain = "location.aroapp.io",
                                     .resource_id = own[0].value,
                                     .architecture_version = 1 };
    for (size_t i = 0; i < 11; i++) {
        const struct api_version *v = api_version_at(i);
        cleanup_json json *example = give_example(v->name, "OpenShiftClusters_CreateOrUpdate");
        json *ext = json_path(example, "parameters.parameters");
        cleanup_error struct error *err = NULL;
        for (size_t k = 0; k < ARRAY_LEN(own); k++)
            (void)json_set_str(ext, own[k].path, own[k].value, NULL);
        if (json_path(ext, "properties.servicePrincipalProfile"))
            (void)json_set_str(ext, "properties.servicePrincipalProfile.clientId",
                               "00000000-0000-0000-0000-000000000000", NULL);
        if (api_cluster_validate(v, ext, NULL, &rules, &err) < 0)
            fail_msg("%s: %s", v->name, error_text(err));
    }
}

static void replies_hold_no_secrets(void **state)
{
    (void)state;
    for (size_t i = 0; i < 11; i++) {
        cleanup_json json *example =
            give_example(api_version_at(i)->name, "OpenShiftClusters_CreateOrUpdate");
        cleanup_free char *text = json_give_text(json_get(example, "responses"));
        assert_null(strstr(text, "pullSecret"));
        assert_null(strstr(text, "clientSecret"));
        assert_non_null(strstr(text, "\"201\""));
    }
}

static void updates_say_little(void **state)
{
    (void)state;
    cleanup_json json *old = give_example("2020-04-30", "OpenShiftClusters_Update");
    cleanup_json json *new = give_example("2025-07-25", "OpenShiftClusters_Update");

    assert_true(json_path_has(old, "parameters.parameters.properties.servicePrincipalProfile"));
    assert_false(json_path_has(old, "parameters.parameters.location"));
    assert_false(json_path_has(old, "parameters.parameters.identity"));
    assert_true(json_path_has(new, "parameters.parameters.identity"));
    assert_false(json_path_has(new, "parameters.parameters.properties.servicePrincipalProfile"));
}

static void parameters_are_those_of_the_path(void **state)
{
    (void)state;
    cleanup_json json *list = give_example("2024-08-12-preview", "OpenShiftVersions_Get");
    cleanup_json json *gone = give_example("2020-04-30", "OpenShiftClusters_Delete");

    assert_string_equal(json_path_str(list, "parameters.openShiftVersion"), "4.14.16");
    assert_string_equal(json_path_str(list, "parameters.location"), "location");
    assert_string_equal(json_path_str(list, "parameters.api-version"), "2024-08-12-preview");
    assert_false(json_path_has(list, "parameters.resourceName"));
    assert_string_equal(json_path_str(gone, "parameters.resourceName"), "resourceName");
    assert_true(json_path_has(gone, "responses[\"202\"]"));
    assert_false(json_path_has(gone, "responses[\"200\"]"));
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("requests pass validation in every version", requests_pass_validation),
        CASE("replies hold no secrets", replies_hold_no_secrets),
        CASE("updates say little", updates_say_little),
        CASE("parameters are those of the path", parameters_are_those_of_the_path),
    };
    return RUN_CASES("swagger_examples", tests);
}
