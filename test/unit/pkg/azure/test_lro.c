#include <string.h>

#include "pkg/azure/azure.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define BASE "https://management.azure.com"
#define STATUS_URL BASE "/subscriptions/s/operations/1?api-version=2020"

struct lro_case {
    const char *name, *method;
    struct script_step steps[6]; /* behind the token */
    size_t len;
    const char *want;       /* JSON of the result; NULL: none */
    const char *want_error; /* text in the error; NULL: success */
};
static struct lro_case cases[] = {
    { "a PUT whose status succeeds ends with the resource",
      "PUT",
      { { .status = 201,
          .headers = "Azure-AsyncOperation: " STATUS_URL "\nRetry-After: 10",
          .reply = "{}" },
        { .reply = "{\"status\":\"InProgress\"}" },
        { .reply = "{\"status\":\"Whatever\"}" },
        { .reply = "{\"status\":\"succeeded\"}" },
        { .reply = "{\"final\":true}" } },
      5,
      "{\"final\":true}",
      NULL },
    { "a failed status is an error although it comes with 200",
      "PUT",
      { { .status = 200, .headers = "Azure-AsyncOperation: " STATUS_URL, .reply = "{}" },
        { .reply = "{\"status\":\"Failed\",\"error\":{\"code\":\"Broken\",\"message\":\"it "
                   "broke\"}}" } },
      2,
      NULL,
      "Broken: it broke" },
    { "a status that is unknown at first is asked for again",
      "PUT",
      { { .status = 201, .headers = "Azure-AsyncOperation: " STATUS_URL, .reply = "{}" },
        { .status = 404, .reply = "{}" },
        { .reply = "{\"status\":\"Succeeded\"}" },
        { .reply = "{\"final\":1}" } },
      4,
      "{\"final\":1}",
      NULL },
    { "a location is followed until it is not 202",
      "DELETE",
      { { .status = 202, .headers = "Location: " BASE "/loc/1" },
        { .status = 202, .headers = "Location: " BASE "/loc/2" },
        { .status = 200 } },
      3,
      NULL,
      NULL },
    { "without headers the resource's state tells",
      "PUT",
      { { .status = 201, .reply = "{\"properties\":{\"provisioningState\":\"Updating\"}}" },
        { .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" } },
      2,
      "{\"properties\":{\"provisioningState\":\"Succeeded\"}}",
      NULL },
    { "a resource that failed is an error",
      "PUT",
      { { .status = 201, .reply = "{\"properties\":{\"provisioningState\":\"Failed\"}}" } },
      1,
      NULL,
      "provisioningState is Failed" },
    { "an operation that was canceled is an error",
      "PUT",
      { { .status = 201,
          .headers = "Azure-AsyncOperation: https://management.azure.com/op",
          .reply = "{}" },
        { .reply = "{\"status\":\"Canceled\",\"error\":{\"code\":\"Stopped\"}}" } },
      2,
      NULL,
      "Stopped" },
    { "an operation that was cancelled, as some spell it is an error",
      "PUT",
      { { .status = 201,
          .headers = "Azure-AsyncOperation: https://management.azure.com/op",
          .reply = "{}" },
        { .reply = "{\"status\":\"cancelled\",\"error\":{\"code\":\"Stopped\"}}" } },
      2,
      NULL,
      "Stopped" },
    { "an answer that needs no waiting is the result",
      "PUT",
      { { .status = 200, .reply = "{\"x\":1}" } },
      1,
      "{\"x\":1}",
      NULL },
    { "no content is no result", "DELETE", { { .status = 204 } }, 1, NULL, NULL },
    { "a status on another host is refused",
      "PUT",
      { { .status = 201,
          .headers = "Azure-AsyncOperation: https://evil.example/op",
          .reply = "{}" } },
      1,
      NULL,
      "evil.example" },
};

static void check_lro(void **state)
{
    const struct lro_case *c = *state;
    struct script_step steps[ARRAY_LEN(c->steps) + 1] = { TOKEN_STEP };
    memcpy(&steps[1], c->steps, c->len * sizeof(steps[0]));
    struct azure_fixture f;
    azure_fixture_init(&f, steps, c->len + 1);
    struct arm_call call = {
        .method = c->method, .path = "/subscriptions/s/x", .api_version = "2020", .wait = true
    };
    cleanup_json json *got = NULL;
    cleanup_error struct error *err = NULL;

    int rcode = arm_send(f.arm, &f.ctx, &call, &got, &err);

    assert_int_equal(rcode, c->want_error ? -1 : 0);
    if (c->want_error)
        assert_non_null(strstr(error_text(err), c->want_error));
    cleanup_free char *text = got ? json_give_text(got) : NULL;
    if (c->want)
        assert_string_equal(text, c->want);
    else
        assert_null(text);
    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_lro, &cases[i]);
    return RUN_CASES("lro", tests);
}
