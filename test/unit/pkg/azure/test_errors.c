#include "pkg/azure/errors.h"
#include "test/unit/support/test.h"

struct errors_case {
    const char *name;
    int status;
    const char *code, *text, *body;
    int64_t retry_after_ms;
    bool authorization, new_credential, transient;
};
static struct errors_case cases[] = {
    { "a missing right", 403, "AuthorizationFailed", "no", NULL, -1, true, false, false },
    { "a missing right on something linked", 403, "LinkedAuthorizationFailed", "no", NULL, -1, true,
      false, false },
    { "a missing right that preflight found", 400, "InvalidTemplateDeployment",
      "Authorization failed for template resource 'x' of type 'y'.", NULL, -1, true, false, false },
    { "another refusal of preflight", 400, "InvalidTemplateDeployment", "quota", NULL, -1, false,
      false, false },
    { "a missing right inside a deployment", 0, "DeploymentFailed", "failed",
      "{\"status\":\"Failed\",\"error\":{\"code\":\"DeploymentFailed\",\"details\":[{\"code\":"
      "\"Conflict\",\"message\":\"{}\"},{\"code\":\"Forbidden\",\"message\":\"{\\r\\n  "
      "\\\"error\\\": {\\\"code\\\": \\\"AuthorizationFailed\\\"}}\"}]}}",
      -1, true, false, false },
    { "something else inside a deployment", 0, "DeploymentFailed", "failed",
      "{\"error\":{\"code\":\"DeploymentFailed\",\"details\":[{\"code\":\"Forbidden\",\"message\":"
      "\"{\\\"error\\\":{\\\"code\\\":\\\"RequestDisallowedByPolicy\\\"}}\"},{\"code\":"
      "\"Forbidden\",\"message\":\"no JSON\"}]}}",
      -1, false, false, false },
    { "an application that has not arrived", 400, "AADSTS700016", "no", NULL, -1, false, true,
      false },
    { "a secret that has not arrived", 401, "AADSTS7000215", "no", NULL, -1, false, true, true },
    { "a secret that is missing", 401, "AADSTS7000216", "no", NULL, -1, false, false, true },
    { "a secret that has expired", 401, "AADSTS7000222", "no", NULL, -1, false, false, false },
    { "throttling", 429, "TooManyRequests", "slow", NULL, -1, false, false, true },
    { "a conflict that asks for time", 409, "Conflict", "busy", NULL, 1000, false, false, true },
    { "a conflict that says so", 409, "Conflict", "Please retry later.", NULL, -1, false, false,
      true },
    { "a conflict that says so in its document", 409, "Conflict", "busy",
      "{\"error\":{\"details\":[{\"message\":\"Please retry later.\"}]}}", -1, false, false, true },
    { "a conflict for good", 409, "Conflict", "taken", NULL, -1, false, false, false },
    { "what calls itself retryable", 0, "RetryableError", "RetryableErrorDueToAnotherOperation",
      NULL, -1, false, false, true },
    { "something for good", 400, "InvalidParameter", "no", NULL, -1, false, false, false },
};

static void check_errors(void **state)
{
    const struct errors_case *c = *state;
    cleanup_error struct error *e = NULL;
    error_set(&e, c->status ? err_kind_from_http_status(c->status) : ERR_INTERNAL, "%s", c->text);
    error_code(&e, c->code);
    if (c->status)
        error_status(&e, c->status);
    if (c->body)
        error_body(&e, c->body);
    error_retry_after(&e, c->retry_after_ms);

    assert_int_equal(azure_error_is_authorization(e), c->authorization);
    assert_int_equal(azure_error_is_new_credential(e), c->new_credential);
    assert_int_equal(azure_error_is_transient(e), c->transient);
}

static void check_none(void **state)
{
    (void)state;

    assert_false(azure_error_is_authorization(NULL));
    assert_false(azure_error_is_new_credential(NULL));
    assert_false(azure_error_is_transient(NULL));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_errors, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("no error is nothing of all that", check_none);
    return RUN_CASES("errors", tests);
}
