#include "rp/frontend/correlation.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

static void check(bool is_admin, const char *want_principal)
{
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct fake_rng rng;
    fake_rng_init(&rng, 1);
    struct http_headers h = { 0 };
    http_headers_add(&h, "X-Ms-Correlation-Request-Id", "corr");
    http_headers_add(&h, "x-ms-client-principal-name", "me");
    struct correlation c;

    correlation_init(&c, &h, is_admin, &clock.base, &rng.base);
    cleanup_json json *data = correlation_give_data(&c);

    assert_string_equal(json_path_str(data, "correlationId"), "corr");
    assert_false(json_has(data, "clientRequestId"));
    assert_string_equal(json_path_str(data, "requestTime"), "2024-02-03T04:05:06.000000Z");
    assert_int_equal(json_len(data), is_admin ? 5 : 4);
    assert_string_not_equal(c.request_id, c.operation_id);
    if (want_principal)
        assert_string_equal(json_path_str(data, "clientPrincipalName"), want_principal);
    http_headers_release(&h);
    fake_clock_release(&clock);
}

static void keeps_what_is_there(void **state)
{
    (void)state;
    check(false, NULL);
}

static void names_administrators_only(void **state)
{
    (void)state;
    check(true, "me");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("keeps what is there and leaves out what is not", keeps_what_is_there),
        CASE("names the caller of administrators' requests", names_administrators_only),
    };
    return RUN_CASES("correlation", tests);
}
