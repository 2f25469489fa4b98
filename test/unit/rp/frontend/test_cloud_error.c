#include "rp/frontend/cloud_error.h"
#include "test/unit/support/test.h"

static void assert_body(const struct error *e, const char *want)
{
    cleanup_json json *body = cloud_error_give_body(e);
    cleanup_free char *text = json_give_text(body);
    assert_string_equal(text, want);
}

static void leaves_out_what_is_empty(void **state)
{
    (void)state;
    cleanup_error struct error *e = NULL;
    assert_int_equal(cloud_error(&e, "ResourceNotFound", NULL, "No '%s'.", "x"), -1);

    assert_int_equal(cloud_error_status(e), 404);
    assert_body(e, "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"No 'x'.\"}}");
}

static void carries_target_and_details(void **state)
{
    (void)state;
    cleanup_error struct error *e = NULL;
    cloud_error(&e, "InvalidParameter", "properties.x", "Bad.");
    error_body(&e, "[{\"code\":\"InvalidParameter\",\"message\":\"more\"}]");

    assert_int_equal(cloud_error_status(e), 400);
    assert_body(e, "{\"error\":{\"code\":\"InvalidParameter\",\"message\":\"Bad.\",\"target\":"
                   "\"properties.x\",\"details\":[{\"code\":\"InvalidParameter\",\"message\":"
                   "\"more\"}]}}");
}

static void may_have_another_status(void **state)
{
    (void)state;
    cleanup_error struct error *e = NULL;
    cloud_error_with_status(&e, 400, "ResourceNotFound", NULL, "No.");

    assert_int_equal(cloud_error_status(e), 400);
}

static void takes_errors_of_others_by_their_code(void **state)
{
    (void)state;
    cleanup_error struct error *e = NULL;
    error_set(&e, ERR_INVALID, "Bad.");
    error_code(&e, "PropertyChangeNotAllowed");

    assert_true(cloud_error_is(e));
    assert_int_equal(cloud_error_status(e), 400);
}

static void hides_everything_else(void **state)
{
    (void)state;
    cleanup_error struct error *e = NULL;
    error_set(&e, ERR_CONN, "db.internal");
    error_code(&e, "ConnectionRefused");

    assert_false(cloud_error_is(e));
    assert_int_equal(cloud_error_status(e), 500);
    assert_body(e, "{\"error\":{\"code\":\"InternalServerError\",\"message\":\"Internal server "
                   "error.\"}}");
    assert_false(cloud_error_is(NULL));
    cleanup_error struct error *own = NULL;
    cloud_error_internal(&own);
    assert_int_equal(cloud_error_status(own), 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("leaves out what is empty", leaves_out_what_is_empty),
        CASE("carries target and details", carries_target_and_details),
        CASE("may have another status than the code's", may_have_another_status),
        CASE("takes errors of others by their code", takes_errors_of_others_by_their_code),
        CASE("hides everything else", hides_everything_else),
    };
    return RUN_CASES("errors for clients", tests);
}
