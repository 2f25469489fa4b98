/* What of it depends on the Cluster resource is in test_genevalogging_mdsd.c. */
#include <string.h>

#include "operator/deploy/mdsd.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

#define ID \
    "/subscriptions/5/resourceGroups/RG/providers/Microsoft.RedHatOpenShift/openShiftClusters/N"

static const json *find(const json *objects, const char *kind)
{
    for (size_t i = 0; i < json_len(objects); i++)
        if (str_eq(json_path_str(json_at(objects, i), "kind"), kind))
            return json_at(objects, i);
    return NULL;
}

static struct mdsd_options options(const char *resource_id)
{
    return (struct mdsd_options){ .fluentbit_image = "r/f:1",
                                  .mdsd_image = "r/m:1",
                                  .environment = "int",
                                  .location = "eastus",
                                  .resource_id = resource_id,
                                  .cert_base64 = "Yw==",
                                  .key_base64 = "aw==" };
}

static void it_consists_of_three_objects_in_its_namespace(void **state)
{
    (void)state;
    const struct mdsd_options o = options(ID);
    cleanup_json json *objects = NULL;

    assert_int_equal(mdsd_give_objects(&o, &objects, NULL), 0);

    const json *set = find(objects, "DaemonSet"), *map = find(objects, "ConfigMap");
    assert_int_equal(json_len(objects), 3);
    for (size_t i = 0; i < json_len(objects); i++)
        assert_string_equal(json_path_str(json_at(objects, i), "metadata.namespace"),
                            LOGGING_NAMESPACE);
    assert_string_equal(json_path_str(set, "spec.template.spec.serviceAccountName"),
                        LOGGING_ACCOUNT);
    assert_string_equal(json_path_str(set, "spec.template.spec.containers[0].image"), "r/f:1");
    assert_string_equal(json_path_str(set, "spec.template.spec.containers[1].image"), "r/m:1");
    assert_non_null(json_path_str(map, "data[\"fluent.conf\"]"));
    assert_string_equal(json_path_str(find(objects, "Secret"), "data[\"gcscert.pem\"]"), "Yw==");
}

static void a_resource_id_that_is_none_is_refused(void **state)
{
    (void)state;
    const struct mdsd_options o = options("moon");
    cleanup_error struct error *err = NULL;
    json *objects = NULL;

    assert_int_equal(mdsd_give_objects(&o, &objects, &err), -1);

    assert_non_null(strstr(error_text(err), "resourceId"));
}

static void namespace_and_account_are_those_that_it_names(void **state)
{
    (void)state;
    cleanup_json json *objects = json_new_array();

    assert_int_equal(logging_add_namespace(objects, NULL), 0);
    assert_int_equal(logging_add_account(objects, NULL), 0);

    assert_string_equal(json_path_str(find(objects, "Namespace"), "metadata.name"),
                        LOGGING_NAMESPACE);
    assert_string_equal(json_path_str(find(objects, "ServiceAccount"), "metadata.name"),
                        LOGGING_ACCOUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("it consists of three objects in its namespace",
             it_consists_of_three_objects_in_its_namespace),
        CASE("a resource ID that is none is refused", a_resource_id_that_is_none_is_refused),
        CASE("namespace and account are those that it names",
             namespace_and_account_are_those_that_it_names),
    };
    return RUN_CASES("mdsd", tests);
}
