#include <string.h>

#include "pkg/azure/azure.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define NEXT "https://management.azure.com/next?token=1"
#define GET_REQUEST(url) \
    "GET " url "\nAuthorization: Bearer t1\nAccept: application/json\n@gzip: true\n"
#define FIRST_REQUEST \
    GET_REQUEST("https://management.azure.com/subscriptions/s?api-version=2019-07-01")

static const struct script_step two_pages[] = {
    TOKEN_STEP,
    { .request = FIRST_REQUEST, .reply = "{\"value\":[1,2],\"nextLink\":\"" NEXT "\"}" },
    { .request = GET_REQUEST(NEXT), .reply = "{\"value\":[3],\"nextLink\":\"\"}" },
};

static void all_pages_in_one_array(void **state)
{
    (void)state;
    struct azure_fixture f;
    azure_fixture_init(&f, two_pages, ARRAY_LEN(two_pages));
    cleanup_json json *values = NULL;

    assert_int_equal(arm_list(f.arm, &f.ctx, "/subscriptions/s", "2019-07-01", &values, NULL), 0);

    cleanup_free char *text = json_give_text(values);
    assert_string_equal(text, "[1,2,3]");
    azure_fixture_finish(&f);
}

/* Each page when it is asked for; a page that failed may be asked for again. */
static void one_page_after_the_other(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .request = FIRST_REQUEST, .reply = "{\"value\":[1],\"nextLink\":\"" NEXT "\"}" },
        { .request = GET_REQUEST(NEXT), .status = 403, .reply = "{}" },
        { .request = GET_REQUEST(NEXT), .reply = "{}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_arm_pages struct arm_pages *pages =
        arm_pages_new(f.arm, "/subscriptions/s", "2019-07-01");
    cleanup_json json *first = NULL, *second = NULL, *end = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(arm_pages_next(pages, &f.ctx, &first, NULL), 0);
    assert_int_equal(arm_pages_next(pages, &f.ctx, &second, &err), -1);
    assert_null(second);
    assert_int_equal(arm_pages_next(pages, &f.ctx, &second, NULL), 0);
    assert_int_equal(arm_pages_next(pages, &f.ctx, &end, NULL), 0);

    assert_int_equal(json_len(first), 1);
    assert_true(json_is_array(second));
    assert_int_equal(json_len(second), 0);
    assert_null(end);
    assert_int_equal(error_get_status(err), 403);
    azure_fixture_finish(&f);
}

static void a_list_that_points_to_another_host_is_not_followed(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .request = FIRST_REQUEST,
          .reply = "{\"value\":[],\"nextLink\":\"https://evil.example/next\"}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    json *values = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(arm_list(f.arm, &f.ctx, "/subscriptions/s", "2019-07-01", &values, &err), -1);

    assert_non_null(strstr(error_text(err), "evil.example"));
    azure_fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("all pages make one array", all_pages_in_one_array),
        CASE("pages come one after the other", one_page_after_the_other),
        CASE("a list that points to another host is not followed",
             a_list_that_points_to_another_host_is_not_followed),
    };
    return RUN_CASES("pages", tests);
}
