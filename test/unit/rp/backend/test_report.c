#include <string.h>

#include "pkg/base/mem.h"
#include "rp/backend/report.h"
#include "test/unit/support/test.h"

static void carries_every_end(void **state)
{
    (void)state;
    for (enum operation_end want = 0; want < OPERATION_ENDS; want++) {
        cleanup_free char *text = report_give_text(want, NULL);
        enum operation_end end = OPERATION_ENDS;
        struct error *e = NULL;

        assert_int_equal(report_parse(text, strlen(text), &end, &e, NULL), 0);

        assert_int_equal(end, want);
        assert_null(e);
    }
}

static void carries_an_error_whole(void **state)
{
    (void)state;
    cleanup_error struct error *sent = NULL, *got = NULL;
    enum operation_end end;
    (void)error_set(&sent, ERR_THROTTLED, "too \"many\"\n%s", "cores");
    error_code(&sent, "QuotaExceeded");
    error_target(&sent, "properties.x");
    error_status(&sent, 409);
    error_body(&sent, "{\"error\":{}}");
    error_mark_terminal(&sent);

    cleanup_free char *text = report_give_text(OPERATION_FAILED, sent);
    assert_int_equal(report_parse(text, strlen(text), &end, &got, NULL), 0);

    assert_int_equal(end, OPERATION_FAILED);
    assert_int_equal(error_kind(got), ERR_THROTTLED);
    assert_string_equal(error_text(got), "too \"many\"\ncores");
    assert_string_equal(error_get_code(got), "QuotaExceeded");
    assert_string_equal(error_get_target(got), "properties.x");
    assert_string_equal(error_get_body(got), "{\"error\":{}}");
    assert_int_equal(error_get_status(got), 409);
    assert_true(error_is_marked_terminal(got));
}

static void stays_within_its_bound(void **state)
{
    (void)state;
    cleanup_error struct error *e = NULL;
    cleanup_free char *huge = xmalloc(1000001);
    memset(huge, 1, 1000000); /* each byte takes six */
    huge[1000000] = '\0';
    (void)error_set(&e, ERR_INTERNAL, "%s", huge);
    error_body(&e, huge);

    cleanup_free char *text = report_give_text(OPERATION_FAILED, e);

    assert_true(strlen(text) < REPORT_MAX_BYTES);
}

static void refuses_what_is_no_report(void **state)
{
    static const char *const texts[] = { "", "{", "[]", "{}", "{\"end\":\"maybe\"}" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        enum operation_end end;
        struct error *e = NULL;
        assert_int_equal(report_parse(texts[i], strlen(texts[i]), &end, &e, NULL), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("carries every end", carries_every_end),
        CASE("carries an error whole", carries_an_error_whole),
        CASE("stays within its bound", stays_within_its_bound),
        CASE("refuses what is no report", refuses_what_is_no_report),
    };
    return RUN_CASES("report", tests);
}
