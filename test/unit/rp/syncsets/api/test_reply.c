#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define JSON_TYPE "Content-Type: application/json\r\n"

static const struct {
    enum err_kind kind;
    int code;
    const char *reason;
} cases[] = { { ERR_INVALID, 400, "BadRequest" },
              { ERR_NOT_FOUND, 404, "NotFound" },
              { ERR_EXISTS, 409, "AlreadyExists" },
              { ERR_CONFLICT, 409, "Conflict" },
              { ERR_GONE, 410, "Expired" },
              { ERR_UNPROCESSABLE, 422, "Invalid" },
              { ERR_THROTTLED, 429, "TooManyRequests" },
              { ERR_UNAVAILABLE, 503, "ServiceUnavailable" },
              { ERR_IO, 500, "InternalError" } };

static void every_error_has_its_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_error struct error *e = NULL;
        (void)error_set(&e, cases[i].kind, "PostgreSQL: s3cret");
        cleanup_json json *s = sets_give_status_of(e);
        assert_int_equal(json_path_int(s, "code", 0), cases[i].code);
        assert_string_equal(json_path_str(s, "reason"), cases[i].reason);
        if (cases[i].code >= 500)
            assert_null(strstr(json_path_str(s, "message"), "s3cret")); /* insides stay inside */
    }
}

static const struct {
    enum err_kind kind;
    const char *code, *has;
} away[] = {
    { ERR_UNAVAILABLE, NULL, "cannot reach its database" },
    { ERR_UNAVAILABLE, HTTP_CODE_BUSY, "too many requests are waiting" },
    { ERR_UNAVAILABLE, CODE_STOPPING, "is stopping" },
    { ERR_UNAVAILABLE, SQL_CODE_FULL, "database is full" },
    { ERR_CANCELLED, NULL, "ended before it was done" },
};

/* Whoever runs the service looks for the cause where its answers say. */
static void the_database_is_blamed_only_when_it_is_away(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(away); i++) {
        cleanup_error struct error *e = NULL;
        (void)error_set(&e, away[i].kind, "s3cret");
        if (away[i].code)
            error_code(&e, away[i].code);
        cleanup_json json *s = sets_give_status_of(e);
        const char *message = json_path_str(s, "message");
        assert_int_equal(json_path_int(s, "code", 0), 503);
        if (!strstr(message, away[i].has) || strstr(message, "s3cret"))
            fail_msg("%s: %s", away[i].has, message);
    }
}

/* Of any kind: which database it is, and what its tables are called, is nobody's affair. */
static void what_a_database_says_stays_inside(void **state)
{
    static const enum err_kind refused[] = { ERR_INVALID, ERR_TOO_LARGE };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        cleanup_error struct error *e = NULL;
        (void)error_set(&e, refused[i], "s3cret");
        error_code(&e, SQL_CODE_REFUSED);
        cleanup_json json *s = sets_give_status_of(e);
        assert_in_range(json_path_int(s, "code", 0), 400, 499);
        assert_null(strstr(json_path_str(s, "message"), "s3cret"));
    }
}

/* On SQLite, whose file can be kept from growing. */
static void a_full_disk_is_told_of(void **state)
{
    struct sets_rig r;
    int status = 201;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    sets_rig_script(&r, "PRAGMA max_page_count = 1"); /* as many as there are */
    cleanup_free char *reply = NULL;
    for (int i = 0; status == 201; i++) {
        cleanup_free char *body = xasprintf(
            "{\"metadata\":{\"name\":\"n%d\",\"annotations\":{\"a\":\"%4096s\"}}}", i, "");
        free(reply);
        reply = sets_rig_ask(&r, "POST", "/v1/namespaces", JSON_TYPE, body, &status);
    }
    assert_int_equal(status, 503);
    assert_non_null(strstr(reply, "database is full"));
    free(reply);
    reply = sets_rig_ask(&r, "GET", "/v1/namespaces", "", "", &status);
    assert_int_equal(status, 200);
    sets_rig_release(&r);
}

static void causes_are_in_the_details(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    int status;
    cleanup_free char *reply = sets_rig_ask(
        &r, "POST", "/v1/syncsets", JSON_TYPE,
        "{\"metadata\":{\"name\":\"a\",\"namespace\":\"n\"},\"spec\":{\"x\":1,\"y\":2}}", &status);
    cleanup_json json *s = NULL;
    assert_int_equal(status, 422);
    assert_int_equal(json_parse(reply, strlen(reply), &s, NULL), 0);
    assert_int_equal(json_len(json_path(s, "details.causes")), 3);
    assert_string_equal(json_path_str(s, "details.causes[1].field"), "spec.y");
    sets_rig_release(&r);
}

/* Clients of Kubernetes read there what a failure is of. */
static void details_name_the_object(void **state)
{
    static const struct {
        const char *method, *path, *headers, *body, *reason;
    } asked[] = {
        { "POST", "/v1/clusters", JSON_TYPE, "{\"name\":\"a\",\"namespace\":\"n\"}",
          "AlreadyExists" },
        { "GET", "/v1/clusters/x/a", "", "", "NotFound" },
        { "DELETE", "/v1/clusters/n/a", "If-Match: \"999\"\r\n", "", "Conflict" },
    };
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'name':'a','namespace':'n'}"));
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        int status;
        cleanup_free char *reply = sets_rig_ask(&r, asked[i].method, asked[i].path,
                                                asked[i].headers, asked[i].body, &status);
        cleanup_json json *s = NULL;
        assert_int_equal(json_parse(reply, strlen(reply), &s, NULL), 0);
        assert_string_equal(json_path_str(s, "reason"), asked[i].reason);
        cleanup_free char *details = json_give_text(json_get(s, "details"));
        assert_string_equal(details, "{\"kind\":\"clusters\",\"name\":\"a\"}");
    }
    sets_rig_release(&r);
}

#define LONG_MAX_BYTES 70000

/* What never becomes a request is refused in the shape of all errors. */
static void refusals_of_the_server_are_statuses(void **state)
{
    static const struct {
        const char *before, *behind; /* of many bytes */
        int code;
        const char *reason, *message;
    } none[] = {
        { "GET /v1/clusters HTTP/1.1\r\nX: ", "\r\n\r\n", 431, "BadRequest", "header too large" },
        { "GET /", " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "BadRequest", "request target too long" },
        { "POST /v1/clusters HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n", "", 413,
          "RequestEntityTooLarge", "request body too large" },
        { "GET  /v1/clusters HTTP/1.1\r\n\r\n", "", 400, "BadRequest", "malformed request line" },
        { "BREW /v1/clusters HTTP/1.1\r\nHost: a\r\n\r\n", "", 501, "BadRequest",
          "unknown method" },
    };
    cleanup_free char *much = xcalloc(1, LONG_MAX_BYTES + 1);
    struct sets_rig r;
    (void)state;
    memset(much, 'x', LONG_MAX_BYTES);
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r.api));
        cleanup_free char *request = xasprintf("%s%s%s", none[i].before, much, none[i].behind);

        cleanup_free char *reply = wire_give_answer(&w, request);

        cleanup_json json *s = NULL;
        const char *body = strstr(reply, "\r\n\r\n");
        assert_non_null(strstr(reply, "Content-Type: application/json\r\n"));
        assert_int_equal(json_parse(body, strlen(body), &s, NULL), 0);
        assert_string_equal(json_path_str(s, "kind"), "Status");
        assert_int_equal(json_path_int(s, "code", 0), none[i].code);
        assert_string_equal(json_path_str(s, "reason"), none[i].reason);
        assert_string_equal(json_path_str(s, "message"), none[i].message);
    }
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every error has its status", every_error_has_its_status),
        CASE("what a database says stays inside", what_a_database_says_stays_inside),
        CASE("the database is blamed only when it is away",
             the_database_is_blamed_only_when_it_is_away),
        CASE("details name the object", details_name_the_object),
        CASE("causes are in the details", causes_are_in_the_details),
        CASE("refusals of the server are statuses", refusals_of_the_server_are_statuses),
    };
    const struct CMUnitTest embedded[] = {
        CASE("a full disk is told of", a_full_disk_is_told_of),
    };
    int failed = RUN_CASES("reply", tests);
    return getenv("STORE_DSN") ? failed : failed + RUN_CASES("reply on SQLite", embedded);
}
