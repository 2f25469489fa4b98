#include <string.h>

#include "pkg/azure/azure.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define GET_REQUEST(token) \
    "GET https://management.azure.com/subscriptions/s?api-version=2019-07-01\nAuthorization: " \
    "Bearer " token "\nAccept: application/json\n@gzip: true\n"

static const struct arm_call get_call = { .method = "GET",
                                          .path = "/subscriptions/s",
                                          .api_version = "2019-07-01" };

static void check_stale_token(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .request = GET_REQUEST("t1"), .status = 401, .reply = "{}" },
        { .request = TOKEN_REQUEST, .reply = "{\"expires_in\":3599,\"access_token\":\"t2\"}" },
        { .request = GET_REQUEST("t2"),
          .reply = "{\"id\":\"/subscriptions/s\",\"big\":12345678901234567890123}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_json json *object = NULL;

    assert_int_equal(arm_send(f.arm, &f.ctx, &get_call, &object, NULL), 0);

    assert_string_equal(json_spelling(json_get(object, "big")), "12345678901234567890123");
    azure_fixture_finish(&f);
}

/* Some providers begin their text with one. */
static void check_byte_order_mark(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .reply = "\xEF\xBB\xBF{\"id\":\"/x\"}" },
        { .reply = "\xEF\xBB\xBF\r\n" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_json json *object = NULL;
    cleanup_json json *nothing = NULL;

    assert_int_equal(arm_send(f.arm, &f.ctx, &get_call, &object, NULL), 0);
    assert_int_equal(arm_send(f.arm, &f.ctx, &get_call, &nothing, NULL), 0);

    assert_string_equal(json_path_str(object, "id"), "/x");
    assert_null(nothing);
    azure_fixture_finish(&f);
}

struct error_case {
    const char *name;
    int status;
    const char *reply, *want_code, *want_text;
    enum err_kind want_kind;
};
static struct error_case errors[] = {
    { "an envelope gives code and message", 403,
      "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no\"}}", "AuthorizationFailed",
      "no", ERR_FORBIDDEN },
    { "a bare object gives them, too", 404, "{\"code\":\"NotFound\",\"message\":\"gone\"}",
      "NotFound", "gone", ERR_NOT_FOUND },
    { "a gateway's page gives the status", 400, "<html>", NULL, "400", ERR_INVALID },
    { "an empty answer gives the status", 412, "", NULL, "412", ERR_PRECONDITION },
    { "an error that is text gives the status", 400, "{\"error\":\"text\"}", NULL, "400",
      ERR_INVALID },
};

static void check_error(void **state)
{
    const struct error_case *c = *state;
    const struct script_step steps[] = {
        TOKEN_STEP,
        { .request = GET_REQUEST("t1"), .status = c->status, .reply = c->reply },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;
    json *object = NULL;

    assert_int_equal(arm_send(f.arm, &f.ctx, &get_call, &object, &err), -1);

    assert_int_equal(error_kind(err), c->want_kind);
    assert_int_equal(error_get_status(err), c->status);
    if (c->want_code)
        assert_string_equal(error_get_code(err), c->want_code);
    else
        assert_null(error_get_code(err));
    assert_non_null(strstr(error_text(err), c->want_text));
    azure_fixture_finish(&f);
}

static void check_without_tokens(void **state)
{
    (void)state;
    static const struct azure_cloud local = { .arm = "http://127.0.0.1:8080/" };
    static const struct script_step steps[] = {
        { .request = "GET http://127.0.0.1:8080/subscriptions/s?api-version=2019-07-01\nAccept: "
                     "application/json\n@gzip: true\n",
          .status = 401,
          .reply = "{}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    struct arm_config cfg = { .transport = &f.transport.base,
                              .cloud = &local,
                              .user_agent = "test",
                              .clock = &f.clock.base,
                              .rng = &f.rng.base };
    cleanup_arm struct arm *arm = arm_new(&cfg);
    cleanup_error struct error *err = NULL;

    assert_int_equal(arm_send(arm, &f.ctx, &get_call, NULL, &err), -1);

    assert_int_equal(error_get_status(err), 401);
    azure_fixture_finish(&f);
}

static int refuse(void *arg, struct error **err)
{
    (void)arg;
    return error_set(err, ERR_CANCELLED, "not the leader");
}

static void check_before_write(void **state)
{
    (void)state;
    struct azure_fixture f;
    azure_fixture_init(&f, NULL, 0);
    struct arm_config cfg = { .transport = &f.transport.base,
                              .tokens = f.tokens,
                              .cloud = azure_cloud_find("AzurePublicCloud"),
                              .user_agent = "test",
                              .clock = &f.clock.base,
                              .rng = &f.rng.base,
                              .before_write = refuse };
    cleanup_arm struct arm *guarded = arm_new(&cfg);
    struct arm_call put = { .method = "PUT",
                            .path = "/subscriptions/s",
                            .api_version = "2019-07-01" };
    cleanup_error struct error *err = NULL;

    assert_int_equal(arm_send(guarded, &f.ctx, &put, NULL, &err), -1);

    assert_true(error_is(err, ERR_CANCELLED));
    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(errors) + 4];
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(errors[i].name, check_error, &errors[i]);
    tests[ARRAY_LEN(errors)] = (struct CMUnitTest)CASE(
        "a refused token is replaced once, numbers keep their spelling", check_stale_token);
    tests[ARRAY_LEN(errors) + 1] = (struct CMUnitTest)CASE(
        "without tokens nothing is sent twice when it is refused", check_without_tokens);
    tests[ARRAY_LEN(errors) + 2] = (struct CMUnitTest)CASE(
        "a guarded client refuses to write before it sends", check_before_write);
    tests[ARRAY_LEN(errors) + 3] =
        (struct CMUnitTest)CASE("a byte order mark is no part of the text", check_byte_order_mark);
    return RUN_CASES("arm", tests);
}
