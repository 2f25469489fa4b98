#include "pkg/base/file.h"
#include "test/unit/hack/devcloud/azure/deploy_rig.h"

#define ONE HEAD ",'resources':[" NSG_OF("one", "") "]"

static void check_life(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':60000,'retry_after_s':2}");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(deploy(&r, D, NULL, ONE, NULL, &reply), 201);

    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Accepted");
    assert_null(json_get(reply.body, "run"));
    assert_string_equal(http_headers_get(&reply.headers, "Retry-After"), "2");
    const char *url = http_headers_get(&reply.headers, "Azure-AsyncOperation");
    assert_non_null(strstr(url, D "/operationStatuses/"));
    cleanup_free char *status = xstrdup(strstr(url, "/subscriptions/"));
    rig_call(&r, "GET", status, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "status"), "Running");
    assert_string_equal(http_headers_get(&reply.headers, "Retry-After"), "2");
    assert_int_equal(deploy(&r, D, NULL, ONE, NULL, &reply), 409);
    assert_string_equal(json_path_str(reply.body, "error.code"), "DeploymentActive");
    rig_refused(&r, "DELETE", D RIG_VERSION, NULL, 409, "DeploymentActive");
    rig_advance_s(&r, 60);
    rig_call(&r, "GET", status, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "status"), "Succeeded");
    assert_deployed(&r, "properties.outputResources[0].id", RIG_NSGS "/one");
    assert_int_equal(deploy(&r, D, NULL, ONE, NULL, &reply), 200);
}

static void check_history(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    deploy(&r, D, NULL, ONE, NULL, NULL);

    assert_int_equal(rig_call(&r, "HEAD", D RIG_VERSION, NULL, NULL), 204);
    rig_call(&r, "GET", DEPLOYMENTS RIG_VERSION, NULL, &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
    rig_call(&r, "POST", D "/exportTemplate" RIG_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "template.contentVersion"), "1.0.0.0");
    rig_call(&r, "GET",
             RIG_SUBSCRIPTION "/resourcegroups/net-rg/deployments/d/operations" RIG_VERSION, NULL,
             &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
    rig_refused(&r, "POST", D "/cancel" RIG_VERSION, NULL, 409, "DeploymentCannotBeCancelled");
    assert_int_equal(rig_call(&r, "DELETE", D RIG_VERSION, NULL, NULL), 204);
    rig_refused(&r, "GET", D RIG_VERSION, NULL, 404, "DeploymentNotFound");
    rig_refused(&r, "GET", D "/operations" RIG_VERSION, NULL, 404, "DeploymentNotFound");
    assert_nsg(&r, "one", 200);
}

static void check_cancel(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':60000}");
    deploy(&r, D, NULL,
           HEAD ",'resources':[" NSG_OF("one", "") "," NSG_OF("two", ",'dependsOn':['one']") "]",
           NULL, NULL);

    assert_int_equal(rig_call(&r, "POST", D "/cancel" RIG_VERSION, NULL, NULL), 204);

    rig_advance_s(&r, 200);
    assert_deployed(&r, "properties.provisioningState", "Canceled");
    assert_nsg(&r, "two", 404);
}

static void check_validate(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(deploy(&r, D "/validate", NULL, ONE, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Succeeded");
    assert_string_equal(json_path_str(reply.body, "id"), D_ID);
    assert_int_equal(deploy(&r, D "/validate", NULL, HEAD, NULL, &reply), 400);
    assert_string_equal(json_path_str(reply.body, "error.code"), "InvalidTemplate");
    assert_string_equal(json_path_str(reply.body, "error.additionalInfo[0].type"),
                        "TemplateViolation");

    assert_nsg(&r, "one", 404);
    rig_refused(&r, "GET", D RIG_VERSION, NULL, 404, "DeploymentNotFound");
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const struct {
        const char *path, *mode, *template, *parameters, *code;
    } rows[] = {
        { D, "Sideways", ONE, NULL, "InvalidTemplate" },
        { D, NULL, ONE, "{'p':{'value':1}}", "InvalidTemplate" },
        { D, NULL, "'resources':[]", NULL, "InvalidTemplate" },
        { DEPLOYMENTS "/a%20b", NULL, ONE, NULL, "InvalidDeploymentName" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(
            deploy(&r, rows[i].path, rows[i].mode, rows[i].template, rows[i].parameters, &reply),
            400);
        assert_string_equal(json_path_str(reply.body, "error.code"), rows[i].code);
    }
    rig_refused(&r, "PUT", D RIG_VERSION, "{}", 400, "InvalidRequestContent");
    rig_refused(&r, "PUT", D RIG_VERSION, "{'properties':{'templateLink':{'uri':'x'}}}", 400,
                "InvalidTemplate");
    rig_refused(&r, "PUT", DEPLOYMENTS RIG_VERSION, "{}", 405, "MethodNotAllowed");
    rig_refused(&r, "PATCH", D "/what" RIG_VERSION, "{}", 404, "DeploymentNotFound");
}

/* The product's own template, as the quick start deploys it. */
static void check_product(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_free char *text = NULL;
    size_t len;
    json *template = NULL;
    assert_int_equal(file_read("deploy/rp.json", (size_t)1 << 20, &text, &len, NULL), 0);
    assert_int_equal(json_parse(text, len, &template, NULL), 0);
    cleanup_json json *body = json_make(
        "{'properties':{'mode':'Complete','template':%j,'parameters':{'location':{'value':'eastus'}"
        ",'databaseAccountName':{'value':'acct'}}}}",
        template);
    cleanup_free char *wire = json_give_text(body);

    assert_int_equal(rig_send(&r, "PUT", D RIG_VERSION, "application/json", wire, NULL), 201);

    assert_deployed(&r, "properties.provisioningState", "Succeeded");
    assert_deployed(&r, "properties.outputs.documentEndpoint.value",
                    "https://acct.documents.azure.com:443/");
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "GET",
             RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.DocumentDB/"
                              "databaseAccounts/acct/sqlDatabases/ARO/containers" RIG_VERSION,
             NULL, &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 11);
    rig_call(&r, "GET",
             RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.DocumentDB/"
                              "databaseAccounts/acct/sqlDatabases/ARO/containers/Subscriptions/"
                              "triggers" RIG_VERSION,
             NULL, &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 2);
    assert_string_equal(json_path_str(reply.body, "value[1].properties.resource.id"), "retryLater");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a deployment runs once at a time and ends", check_life),
        CASE("its history is kept until it is deleted", check_history),
        CASE("a cancelled deployment starts nothing more", check_cancel),
        CASE("a template is validated without being deployed", check_validate),
        CASE("the database of the resource provider is deployed", check_product),
        CASE("what cannot be deployed is refused", check_refusals),
    };
    return RUN_CASES("deployments", tests);
}
