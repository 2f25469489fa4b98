#include <string.h>

#include "hack/generate/swagger.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

/* The test runs in the repository's root, as all tests do. */
static int compare_with_the_tree(void *arg, const char *path, const char *text, struct error **err)
{
    size_t *visited = arg;
    cleanup_free char *old = NULL;
    size_t len = 0;
    (*visited)++;
    if (file_read(path, 4 << 20, &old, &len, err) < 0)
        return -1;
    if (strcmp(old, text) != 0)
        return error_set(err, ERR_INVALID, "%s is stale: run `make generate`", path);
    return 0;
}

static void the_committed_files_are_current(void **state)
{
    (void)state;
    size_t visited = 0;
    cleanup_error struct error *err = NULL;

    if (swagger_each(compare_with_the_tree, &visited, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_int_equal(visited, 5 + 11 + 110); /* shared types, documents, examples */
}

static int end_at_once(void *arg, const char *path, const char *text, struct error **err)
{
    (void)text;
    strv_add(arg, path);
    return error_set(err, ERR_IO, "full");
}

static void a_failure_ends_the_visit(void **state)
{
    (void)state;
    cleanup_strv struct strv paths = STRV_INIT;
    cleanup_error struct error *err = NULL;

    assert_int_equal(swagger_each(end_at_once, &paths, &err), -1);

    assert_string_equal(error_text(err), "full");
    assert_int_equal(paths.len, 1);
}

static int gather(void *arg, const char *path, const char *text, struct error **err)
{
    (void)err;
    if (text[0] != '{' || !str_ends(text, "\n}\n") || strstr(text, "\n   \"") || strchr(text, '\t'))
        fail_msg("%s is not indented by two", path);
    strv_add(arg, path);
    return 0;
}

static void files_lie_where_clients_look(void **state)
{
    (void)state;
#define FOLDER \
    "swagger/redhatopenshift/resource-manager/Microsoft.RedHatOpenShift/openshiftclusters/"
    static const char *const want[] = {
        "swagger/common-types/resource-management/v1/types.json",
        "swagger/common-types/resource-management/v6/managedidentity.json",
        FOLDER "preview/2019-12-31-preview/redhatopenshift.json",
        FOLDER "stable/2020-04-30/redhatopenshift.json",
        FOLDER "stable/2025-07-25/examples/PlatformWorkloadIdentityRoleSet_Get.json",
    };
    cleanup_strv struct strv paths = STRV_INIT;

    assert_int_equal(swagger_each(gather, &paths, NULL), 0);

    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        if (!strv_has(&paths, want[i]))
            fail_msg("%s is missing", want[i]);
    for (size_t i = 0; i < paths.len; i++)
        assert_null(strstr(paths.v[i], "admin/"));
}

static void the_head_names_service_and_version(void **state)
{
    (void)state;
    cleanup_json json *d = swagger_give_document(api_version_find("2022-09-04"));

    assert_string_equal(json_path_str(d, "swagger"), "2.0");
    assert_string_equal(json_path_str(d, "info.title"), "Azure Red Hat OpenShift Client");
    assert_string_equal(json_path_str(d, "info.description"),
                        "Rest API for Azure Red Hat OpenShift 4");
    assert_string_equal(json_path_str(d, "info.version"), "2022-09-04");
    assert_string_equal(json_path_str(d, "host"), "management.azure.com");
    assert_string_equal(json_path_str(d, "schemes[0]"), "https");
    assert_string_equal(json_path_str(d, "consumes[0]"), "application/json");
    assert_string_equal(json_path_str(d, "produces[0]"), "application/json");
    assert_string_equal(json_path_str(d, "parameters.api-version.x-ms-parameter-location"),
                        "client");
    assert_true(json_path_bool(d, "parameters.api-version.required", false));
    assert_string_equal(json_path_str(d, "securityDefinitions.azure_auth.flow"), "implicit");
    assert_string_equal(json_path_str(d, "security[0].azure_auth[0]"), "user_impersonation");
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("the committed files are current", the_committed_files_are_current),
        CASE("a failure ends the visit", a_failure_ends_the_visit),
        CASE("files lie where clients look", files_lie_where_clients_look),
        CASE("the head names service and version", the_head_names_service_and_version),
    };
    return RUN_CASES("swagger", tests);
}
