#include <string.h>

#include "pkg/azure/deployment.h"
#include "pkg/azure/errors.h"
#include "test/unit/support/pkg/azure/torture.h"
#include "test/unit/support/test.h"

#define PATH "/subscriptions/s/resourcegroups/g/providers/Microsoft.Resources/deployments/storage"
#define URL "https://management.azure.com" PATH "?api-version=2021-04-01"
#define OPERATION "https://management.azure.com" PATH "/operationStatuses/1?api-version=2021-04-01"
#define GET(url) "GET " url "\nAuthorization: Bearer t1\nAccept: application/json\n@gzip: true\n"
#define PUT_REQUEST \
    "PUT " URL "\nAuthorization: Bearer t1\nAccept: application/json\n" \
    "Content-Type: application/json\n@gzip: true\n\n" \
    "{\"properties\":{\"template\":{\"resources\":[]},\"parameters\":{\"sas\":{\"value\":1}}," \
    "\"mode\":\"Incremental\"}}"
#define BEGUN \
    { \
        .request = PUT_REQUEST, .status = 201, .headers = "Azure-AsyncOperation: " OPERATION, \
        .reply = "{\"properties\":{\"provisioningState\":\"Accepted\"}}" \
    }
#define ACTIVE \
    { \
        .request = PUT_REQUEST, .status = 409, \
        .reply = "{\"error\":{\"code\":\"DeploymentActive\",\"message\":\"Unable to edit\"}}" \
    }

static int deploy(struct azure_fixture *f, struct error **err)
{
    cleanup_json json *template = json_make("{'resources':[]}");
    cleanup_json json *parameters = json_make("{'sas':{'value':1}}");
    const struct arm_deployment d = { "s", "g", "storage", template, parameters };
    return arm_deploy(f->arm, &f->ctx, &d, err);
}

static const struct script_step good[] = {
    TOKEN_STEP,
    BEGUN,
    { .request = GET(OPERATION), .reply = "{\"status\":\"Running\"}" },
    { .request = GET(OPERATION), .reply = "{\"status\":\"Succeeded\"}" },
    { .request = GET(URL), .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" },
};
static const struct script_step active[] = {
    TOKEN_STEP,
    ACTIVE,
    { .request = GET(URL), .reply = "{\"properties\":{\"provisioningState\":\"Running\"}}" },
    { .request = GET(URL), .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" },
};

static void deploy_well(struct azure_fixture *f)
{
    cleanup_error struct error *err = NULL;
    if (deploy(f, &err) < 0)
        fail_msg("%s", error_text(err));
}

static void check_good(void **state)
{
    (void)state;
    struct azure_fixture f;
    azure_fixture_init(&f, good, ARRAY_LEN(good));

    deploy_well(&f);

    azure_fixture_finish(&f);
}

static void check_active(void **state)
{
    (void)state;
    struct azure_fixture f;
    azure_fixture_init(&f, active, ARRAY_LEN(active));
    int64_t begin_ns = clock_mono_ns(&f.clock.base);

    deploy_well(&f);

    assert_int_equal((clock_mono_ns(&f.clock.base) - begin_ns) / NS_PER_MS, 10000);
    azure_fixture_finish(&f);
}

static void check_torture(void **state)
{
    (void)state;
    torture(good, ARRAY_LEN(good), deploy_well);
    torture(active, ARRAY_LEN(active), deploy_well);
}

/* One that never ends is given up after an hour. */
static void check_endless(void **state)
{
    (void)state;
    static struct script_step steps[400] = { TOKEN_STEP, BEGUN };
    for (size_t i = 2; i < ARRAY_LEN(steps); i++)
        steps[i] = (struct script_step){ .reply = "{\"status\":\"Running\"}",
                                         .headers = "Retry-After: 60" };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;

    assert_int_equal(deploy(&f, &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
    assert_in_range(f.transport.used, 60, 70);
    f.transport.len = f.transport.used;
    azure_fixture_finish(&f);
}

/* ---- failures ---- */

struct failure_case {
    const char *name;
    const char *reply; /* of the operation, or of the running deployment */
    bool of_active;
    const char *want_code;
    const char *want_body; /* NULL: Azure's own */
    bool want_authorization;
};
#define FAILED_BODY(text) \
    "{\"error\":{\"code\":\"DeploymentFailed\",\"message\":\"Deployment failed.\"," \
    "\"details\":[{\"message\":\"" text "\"}]}}"
static struct failure_case failures[] = {
    { "a failed resource is told to the customer",
      "{\"status\":\"Failed\",\"error\":{\"code\":\"DeploymentFailed\",\"message\":\"At least "
      "one\",\"details\":[{\"code\":\"QuotaExceeded\",\"message\":\"too much\"}]}}",
      false, "DeploymentFailed",
      FAILED_BODY("{\\\"code\\\":\\\"DeploymentFailed\\\",\\\"message\\\":\\\"At least "
                  "one\\\",\\\"details\\\":[{\\\"code\\\":\\\"QuotaExceeded\\\","
                  "\\\"message\\\":\\\"too much\\\"}]}"),
      false },
    { "a missing right inside comes as it is",
      "{\"status\":\"Failed\",\"error\":{\"code\":\"DeploymentFailed\",\"message\":\"At least "
      "one\",\"details\":[{\"code\":\"Forbidden\",\"message\":\"{\\\"error\\\":{\\\"code\\\":"
      "\\\"AuthorizationFailed\\\",\\\"message\\\":\\\"no\\\"}}\"}]}}",
      false, "DeploymentFailed", NULL, true },
    { "the failure of one that ran already is told",
      "{\"properties\":{\"provisioningState\":\"Failed\",\"error\":{\"code\":\"Conflict\","
      "\"message\":\"no\"}}}",
      true, "DeploymentFailed",
      FAILED_BODY("{\\\"code\\\":\\\"Conflict\\\",\\\"message\\\":\\\"no\\\"}"), false },
    { "one that ran already and was canceled has failed",
      "{\"properties\":{\"provisioningState\":\"Canceled\"}}", true, "DeploymentFailed",
      FAILED_BODY("{\\\"code\\\":\\\"Canceled\\\",\\\"message\\\":\\\"The deployment ended in this "
                  "state.\\\"}"),
      false },
};

static void check_failure(void **state)
{
    const struct failure_case *c = *state;
    const struct script_step steps[] = {
        TOKEN_STEP,
        { .status = c->of_active ? 409 : 201,
          .headers = c->of_active ? NULL : "Azure-AsyncOperation: " OPERATION,
          .reply = c->of_active ? "{\"error\":{\"code\":\"DeploymentActive\"}}" : "{}" },
        { .reply = c->reply },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;

    assert_int_equal(deploy(&f, &err), -1);

    assert_string_equal(error_get_code(err), c->want_code);
    assert_int_equal(azure_error_is_authorization(err), c->want_authorization);
    assert_string_equal(error_get_body(err), c->want_body ? c->want_body : c->reply);
    if (c->want_body) {
        assert_string_equal(error_text(err), "Deployment failed.");
        assert_int_equal(error_get_status(err), 400);
    }
    azure_fixture_finish(&f);
}

struct raw_case {
    const char *name;
    struct script_step answer;
    enum err_kind want;
    const char *want_code;
};
static struct raw_case raws[] = {
    { "a missing right at once comes as it is",
      { .status = 403,
        .reply = "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no\"}}" },
      ERR_FORBIDDEN,
      "AuthorizationFailed" },
    { "a stop comes as it is", { .fail = ERR_CANCELLED }, ERR_CANCELLED, NULL },
    { "an answer of something that is not Azure comes as it is",
      { .status = 400, .reply = "<html>" },
      ERR_INVALID,
      NULL },
};

static void check_raw(void **state)
{
    const struct raw_case *c = *state;
    const struct script_step steps[] = { TOKEN_STEP, c->answer };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;

    assert_int_equal(deploy(&f, &err), -1);

    assert_true(error_is(err, c->want));
    if (c->want_code)
        assert_string_equal(error_get_code(err), c->want_code);
    else
        assert_null(error_get_code(err));
    azure_fixture_finish(&f);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        CASE("a template is deployed and waited for", check_good),
        CASE("a deployment that runs already is waited for", check_active),
        CASE("each exchange may fail once", check_torture),
        CASE("a deployment that does not end is given up", check_endless),
    };
    struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(failures) + ARRAY_LEN(raws)];
    size_t n = ARRAY_LEN(plain);
    memcpy(tests, plain, sizeof(plain));
    for (size_t i = 0; i < ARRAY_LEN(failures); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(failures[i].name, check_failure, &failures[i]);
    for (size_t i = 0; i < ARRAY_LEN(raws); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(raws[i].name, check_raw, &raws[i]);
    return RUN_CASES("deployment", tests);
}
