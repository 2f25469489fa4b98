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

/* A look is no more than that, and one that fails may be tried again. */
static void goes_step_by_step(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .status = 201,
          .headers = "Azure-AsyncOperation: " STATUS_URL "\nRetry-After: 7",
          .reply = "{\"first\":true}" },
        { .reply = "{\"status\":\"Creating\"}", .headers = "Retry-After: 9" },
        { .status = 403, .reply = "{}" },
        { .reply = "{\"status\":\"Succeeded\"}" },
        { .reply = "{\"final\":true}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    const struct arm_call call = { .method = "PUT", .path = "/x", .api_version = "2020" };
    cleanup_arm_operation struct arm_operation *op = NULL;

    assert_int_equal(arm_begin(f.arm, &f.ctx, &call, &op, NULL), 0);
    assert_int_equal(arm_operation_first_status(op), 201);
    assert_int_equal(arm_operation_pause_ms(op), 7000);
    assert_true(json_path_bool(arm_operation_object(op), "first", false));
    assert_int_equal(arm_operation_poll(op, &f.ctx, NULL), 0);
    assert_int_equal(arm_operation_pause_ms(op), 9000);
    assert_int_equal(arm_operation_poll(op, &f.ctx, NULL), -1);
    assert_false(arm_operation_is_done(op));
    assert_int_equal(arm_operation_poll(op, &f.ctx, NULL), 0);
    assert_true(arm_operation_is_done(op));
    assert_int_equal(arm_operation_poll(op, &f.ctx, NULL), 0);

    assert_true(json_path_bool(arm_operation_object(op), "final", false));
    azure_fixture_finish(&f);
}

/* Whoever waits no longer may come back. */
static void a_wait_that_ends_early_leaves_the_operation(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .status = 202, .headers = "Azure-AsyncOperation: " STATUS_URL },
        { .reply = "{\"status\":\"Succeeded\"}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    const struct arm_call call = { .method = "DELETE", .path = "/x", .api_version = "2020" };
    struct opctx hurried = opctx_with_timeout_ms(&f.ctx, 5000);
    cleanup_arm_operation struct arm_operation *op = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(arm_begin(f.arm, &f.ctx, &call, &op, NULL), 0);
    assert_int_equal(arm_operation_wait(op, &hurried, &err), -1);
    assert_true(error_is(err, ERR_TIMEOUT));
    assert_int_equal(arm_operation_wait(op, &f.ctx, NULL), 0);

    assert_true(arm_operation_is_done(op));
    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2] = {
        CASE("goes step by step", goes_step_by_step),
        CASE("a wait that ends early leaves the operation",
             a_wait_that_ends_early_leaves_the_operation),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 2] = (struct CMUnitTest)CASE_OF(cases[i].name, check_lro, &cases[i]);
    return RUN_CASES("lro", tests);
}
