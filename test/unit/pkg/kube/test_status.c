#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/kube/status.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/test.h"

#define STATUS(rest) \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\"," rest "}"

struct reply_case {
    const char *name;
    int status;
    const char *method;
    const char *headers[4]; /* name, value pairs */
    const char *body;
    size_t body_len; /* 0: strlen */
    enum err_kind kind;
    const char *reason, *text; /* text: part of the message */
    int64_t retry_after_ms;    /* -1 none */
    bool retriable;
};

#define JSON_TYPE \
    { \
        "Content-Type", "application/json" \
    }
#define TEXT_TYPE \
    { \
        "Content-Type", "text/plain; charset=utf-8" \
    }

/* clang-format off */
static struct reply_case cases[] = {
    { "a Status gives its reason, message and code", 404, "GET", JSON_TYPE,
      STATUS("\"message\":\"pods \\\"x\\\" not found\",\"reason\":\"NotFound\",\"code\":404"), 0,
      ERR_NOT_FOUND, "NotFound", "pods \"x\" not found", -1, false },
    { "BadRequest is invalid", 400, "GET", JSON_TYPE,
      STATUS("\"reason\":\"BadRequest\",\"code\":400"), 0, ERR_INVALID, "BadRequest", "BadRequest", -1, false },
    { "Unauthorized", 401, "GET", JSON_TYPE,
      STATUS("\"reason\":\"Unauthorized\",\"code\":401"), 0, ERR_UNAUTHORIZED, "Unauthorized", "", -1, false },
    { "Forbidden", 403, "GET", JSON_TYPE,
      STATUS("\"reason\":\"Forbidden\",\"code\":403"), 0, ERR_FORBIDDEN, "Forbidden", "", -1, false },
    { "MethodNotAllowed", 405, "GET", JSON_TYPE,
      STATUS("\"reason\":\"MethodNotAllowed\",\"code\":405"), 0, ERR_METHOD, "MethodNotAllowed", "", -1, false },
    { "NotAcceptable is unsupported", 406, "GET", JSON_TYPE,
      STATUS("\"reason\":\"NotAcceptable\",\"code\":406"), 0, ERR_UNSUPPORTED, "NotAcceptable", "", -1, false },
    { "AlreadyExists is told from Conflict", 409, "PUT", JSON_TYPE,
      STATUS("\"reason\":\"AlreadyExists\",\"code\":409"), 0, ERR_EXISTS, "AlreadyExists", "", -1, false },
    { "Conflict", 409, "POST", JSON_TYPE,
      STATUS("\"reason\":\"Conflict\",\"code\":409"), 0, ERR_CONFLICT, "Conflict", "", -1, false },
    { "Gone", 410, "GET", JSON_TYPE,
      STATUS("\"reason\":\"Gone\",\"code\":410"), 0, ERR_GONE, "Gone", "", -1, false },
    { "Expired is gone, too", 410, "GET", JSON_TYPE,
      STATUS("\"reason\":\"Expired\",\"code\":410"), 0, ERR_GONE, "Expired", "", -1, false },
    { "RequestEntityTooLarge", 413, "PUT", JSON_TYPE,
      STATUS("\"reason\":\"RequestEntityTooLarge\",\"code\":413"), 0, ERR_TOO_LARGE, "RequestEntityTooLarge", "", -1, false },
    { "UnsupportedMediaType (a strategic patch of a custom resource)", 415, "PATCH", JSON_TYPE,
      STATUS("\"reason\":\"UnsupportedMediaType\",\"code\":415"), 0, ERR_UNSUPPORTED, "UnsupportedMediaType", "", -1, false },
    { "Invalid is unprocessable", 422, "PUT", JSON_TYPE,
      STATUS("\"reason\":\"Invalid\",\"code\":422"), 0, ERR_UNPROCESSABLE, "Invalid", "", -1, false },
    { "TooManyRequests is throttled", 429, "GET", JSON_TYPE,
      STATUS("\"reason\":\"TooManyRequests\",\"code\":429"), 0, ERR_THROTTLED, "TooManyRequests", "", -1, true },
    { "InternalError", 500, "GET", JSON_TYPE,
      STATUS("\"reason\":\"InternalError\",\"code\":500"), 0, ERR_INTERNAL, "InternalError", "", -1, false },
    { "ServerTimeout carries a delay in its details", 500, "GET", JSON_TYPE,
      STATUS("\"reason\":\"ServerTimeout\",\"code\":500,\"details\":{\"retryAfterSeconds\":7}"), 0,
      ERR_TIMEOUT, "ServerTimeout", "", 7000, true },
    { "an InternalError with a delay can be retried", 500, "GET", JSON_TYPE,
      STATUS("\"reason\":\"InternalError\",\"code\":500,\"details\":{\"retryAfterSeconds\":1}"), 0,
      ERR_INTERNAL, "InternalError", "", 1000, true },
    { "ServiceUnavailable", 503, "GET", JSON_TYPE,
      STATUS("\"reason\":\"ServiceUnavailable\",\"code\":503"), 0, ERR_UNAVAILABLE, "ServiceUnavailable", "", -1, true },
    { "Timeout", 504, "GET", JSON_TYPE,
      STATUS("\"reason\":\"Timeout\",\"code\":504"), 0, ERR_TIMEOUT, "Timeout", "", -1, true },
    { "the reason decides before the code", 500, "GET", JSON_TYPE,
      STATUS("\"reason\":\"Conflict\",\"code\":500"), 0, ERR_CONFLICT, "Conflict", "", -1, false },
    { "an unknown reason leaves it to the code", 409, "PUT", JSON_TYPE,
      STATUS("\"reason\":\"Novel\",\"message\":\"m\",\"code\":409"), 0, ERR_CONFLICT, "Novel", "m", -1, false },
    { "an empty reason is unknown", 403, "PUT", JSON_TYPE,
      STATUS("\"reason\":\"\",\"message\":\"\",\"code\":403"), 0, ERR_FORBIDDEN, "Unknown", "unknown error", -1, false },
    { "a Status without a code takes that of HTTP", 503, "GET", JSON_TYPE,
      STATUS("\"message\":\"m\""), 0, ERR_UNAVAILABLE, "Unknown", "m", -1, true },
    { "fields of other types do no harm", 503, "GET", JSON_TYPE,
      STATUS("\"message\":7,\"reason\":{},\"code\":\"x\",\"details\":[1]"), 0,
      ERR_UNAVAILABLE, "Unknown", "unknown error", -1, true },
    { "the header's delay beats that of the details", 429, "GET", { "Retry-After", "3" },
      STATUS("\"reason\":\"TooManyRequests\",\"code\":429,\"details\":{\"retryAfterSeconds\":7}"), 0,
      ERR_THROTTLED, "TooManyRequests", "", 3000, true },
    { "a text body becomes part of the message", 502, "GET", TEXT_TYPE, "bad gateway\n", 0,
      ERR_UNAVAILABLE, "Unknown", "bad gateway", -1, true },
    { "a 409 without a Status after POST is AlreadyExists", 409, "POST", TEXT_TYPE, "x", 0,
      ERR_EXISTS, "AlreadyExists", "conflict", -1, false },
    { "a 409 without a Status after PUT is Conflict", 409, "PUT", TEXT_TYPE, "x", 0,
      ERR_CONFLICT, "Conflict", "conflict", -1, false },
    { "an HTML page is shown as text", 403, "GET", { "Content-Type", "text/html" }, "<html>no</html>", 0,
      ERR_FORBIDDEN, "Forbidden", "<html>no</html>", -1, false },
    { "an empty body gives the words for the code", 404, "GET", { NULL }, "", 0,
      ERR_NOT_FOUND, "NotFound", "could not find the requested resource", -1, false },
    { "a body of another media type is not shown", 500, "GET", { "Content-Type", "application/octet-stream" },
      "secret", 0, ERR_INTERNAL, "InternalError", "an error on the server", -1, false },
    { "binary in a text type is not shown", 500, "GET", TEXT_TYPE, "a\0b", 3,
      ERR_INTERNAL, "InternalError", "an error on the server", -1, false },
    { "JSON that is no Status is shown as text", 500, "GET", JSON_TYPE, "{\"kind\":\"Pod\"}", 0,
      ERR_INTERNAL, "InternalError", "{\"kind\":\"Pod\"}", -1, false },
    { "JSON cut in the middle is shown as text", 500, "GET", JSON_TYPE, "{\"kind\":\"Stat", 0,
      ERR_INTERNAL, "InternalError", "{\"kind\":\"Stat", -1, false },
    { "a redirect is an error", 307, "GET", { NULL }, "", 0,
      ERR_INTERNAL, "Unknown", "status code 307", -1, false },
    { "an unknown client error is invalid", 418, "GET", { NULL }, "", 0,
      ERR_INVALID, "Unknown", "status code 418", -1, false },
};
/* clang-format on */

static void fill(struct http_response *r, const struct reply_case *c)
{
    *r = (struct http_response){ .status = c->status };
    buf_init(&r->body, BUF_UNBOUNDED);
    buf_add(&r->body, c->body, c->body_len ? c->body_len : strlen(c->body));
    for (size_t i = 0; i + 1 < ARRAY_LEN(c->headers) && c->headers[i]; i += 2)
        http_headers_add(&r->headers, c->headers[i], c->headers[i + 1]);
}

static void check_reply(void **state)
{
    const struct reply_case *c = *state;
    cleanup_response struct http_response r;
    fill(&r, c);
    cleanup_error struct error *err = NULL;

    int rc = status_set_error_from_response(&r, c->method, FAKE_WALL_NS, &err);

    assert_int_equal(rc, -1);
    assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(c->kind));
    assert_string_equal(error_get_code(err), c->reason);
    assert_non_null(strstr(error_text(err), c->text));
    assert_int_equal(error_get_status(err), c->status);
    assert_int_equal(error_get_retry_after(err), c->retry_after_ms);
    assert_int_equal(status_is_retriable(err), c->retriable);
    cleanup_json json *status = NULL;
    assert_int_equal(
        json_parse_object(error_get_body(err), strlen(error_get_body(err)), &status, NULL), 0);
    assert_string_equal(json_path_str(status, "kind"), "Status");
}

static void test_long_text_is_cut(void **state)
{
    (void)state;
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&text, "x");
    while (text.len < 3 * STATUS_TEXT_MAX)
        buf_adds(&text, "\xc3\xa4"); /* the limit falls into the middle of one */
    struct reply_case c = { .status = 500, .body = buf_str(&text), .headers = TEXT_TYPE };
    cleanup_response struct http_response r;
    fill(&r, &c);
    cleanup_error struct error *err = NULL;

    status_set_error_from_response(&r, "GET", FAKE_WALL_NS, &err);

    size_t len = strlen(error_text(err));
    assert_in_range(len, STATUS_TEXT_MAX - 1, STATUS_TEXT_MAX + 100);
    assert_true(str_ends(error_text(err), "\xc3\xa4"));
}

static void test_null_error_is_accepted(void **state)
{
    (void)state;
    cleanup_response struct http_response r;
    struct reply_case c = { .status = 500, .body = "" };
    fill(&r, &c);
    assert_int_equal(status_set_error_from_response(&r, "GET", FAKE_WALL_NS, NULL), -1);
}

struct body_case {
    const char *name, *body;
    bool fails;
};

static struct body_case body_cases[] = {
    { "a Status of failure inside a 200 is an error", STATUS("\"reason\":\"Expired\",\"code\":410"),
      true },
    { "a Status of success is none",
      "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Success\"}", false },
    { "a Status that does not say Success is an error",
      "{\"kind\":\"Status\",\"apiVersion\":\"v1\"}", true },
    { "kind may stand behind other fields",
      "{\"status\":\"Failure\",\"metadata\":{\"kind\":\"x\"},\"apiVersion\":\"v1\",\"kind\":"
      "\"Status\"}",
      true },
    { "an object that mentions a Status is none",
      "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"data\":{\"kind\":\"Status\"}}", false },
    { "a kind Status of another group is none",
      "{\"kind\":\"Status\",\"apiVersion\":\"example.com/v1\",\"status\":\"Failure\"}", false },
    { "text that is no JSON is none", "kind: \"Status\"", false },
    { "an empty body is none", "", false },
};

static void check_body(void **state)
{
    const struct body_case *c = *state;
    cleanup_error struct error *err = NULL;
    int rc = status_check_body(c->body, strlen(c->body), &err);
    assert_int_equal(rc, c->fails ? -1 : 0);
    assert_int_equal(err != NULL, c->fails);
}

struct rv_case {
    const char *name, *status;
    bool too_large;
};

static struct rv_case rv_cases[] = {
    { "too large a resourceVersion by its cause (1.19 and later)",
      STATUS("\"reason\":\"Timeout\",\"code\":504,\"details\":{\"causes\":[{\"reason\":\"x\"},"
             "{\"reason\":\"ResourceVersionTooLarge\",\"message\":\"m\"}]}"),
      true },
    { "too large a resourceVersion by its cause's message (1.18)",
      STATUS("\"reason\":\"Timeout\",\"code\":504,\"details\":{\"causes\":"
             "[{\"message\":\"Too large resource version\"}]}"),
      true },
    { "too large a resourceVersion by the message alone (1.17)",
      STATUS("\"reason\":\"Timeout\",\"code\":504,\"message\":"
             "\"Timeout: Too large resource version: 9, current: 8\""),
      true },
    { "another timeout", STATUS("\"reason\":\"Timeout\",\"code\":504"), false },
    { "the cause on another reason",
      STATUS("\"reason\":\"Invalid\",\"code\":422,\"details\":{\"causes\":"
             "[{\"reason\":\"ResourceVersionTooLarge\"}]}"),
      false },
    { "causes that are no array", STATUS("\"reason\":\"Timeout\",\"details\":{\"causes\":{}}"),
      false },
};

static void check_rv(void **state)
{
    const struct rv_case *c = *state;
    cleanup_json json *status = NULL;
    assert_int_equal(json_parse(c->status, strlen(c->status), &status, NULL), 0);
    cleanup_error struct error *err = NULL;
    status_set_error(status, 0, &err);
    assert_int_equal(status_is_too_large_rv(err), c->too_large);
}

static void test_null_has_no_causes(void **state)
{
    (void)state;
    assert_false(status_has_cause(NULL, "x"));
    assert_false(status_is_too_large_rv(NULL));
    assert_false(status_is_retriable(NULL));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(body_cases) + ARRAY_LEN(rv_cases) + 3];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check_reply, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(body_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(body_cases[i].name, check_body, &body_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(rv_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(rv_cases[i].name, check_rv, &rv_cases[i]);
    tests[n++] = (struct CMUnitTest)CASE("an oversize text is cut between characters",
                                         test_long_text_is_cut);
    tests[n++] =
        (struct CMUnitTest)CASE("nobody needs to want the error", test_null_error_is_accepted);
    tests[n++] = (struct CMUnitTest)CASE("no error has no causes", test_null_has_no_causes);
    return RUN_CASES("status", tests);
}
