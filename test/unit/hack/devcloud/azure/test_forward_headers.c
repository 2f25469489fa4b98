#include <string.h>

#include "test/unit/hack/devcloud/azure/fake_rp.h"
#include "test/unit/support/test.h"

static void check_headers(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);
    static const char *const mine[] = { "x-ms-client-request-id", "x-ms-correlation-request-id",
                                        "Accept-Language", "x-ms-return-client-request-id" };
    for (size_t i = 0; i < ARRAY_LEN(mine); i++)
        http_headers_set(&r.extra, mine[i], mine[i]);
    http_headers_set(&r.extra, "x-ms-client-object-id", "somebody else");
    http_headers_set(&r.extra, "Referer", "https://elsewhere");

    rig_call(&r, "PUT", RIG_CLUSTERS "/c" RIG_RP_VERSION, "{'identity':{}}", NULL);

    cleanup_json json *seen = fake_rp_give_last(&rp);
    json *headers = json_get(seen, "headers");
    assert_string_equal(json_str(json_get(headers, "x-ms-client-request-id")), mine[0]);
    assert_string_equal(json_str(json_get(headers, "x-ms-correlation-request-id")), mine[1]);
    assert_string_equal(json_str(json_get(headers, "accept-language")), mine[2]);
    assert_string_equal(json_str(json_get(headers, "x-ms-client-object-id")), RIG_OBJECT);
    assert_string_equal(json_str(json_get(headers, "x-ms-client-app-id")), RIG_APPLICATION);
    assert_string_equal(json_str(json_get(headers, "x-ms-home-tenant-id")), RIG_TENANT);
    assert_non_null(strstr(json_str(json_get(headers, "x-ms-identity-url")), r.host));
    assert_string_equal(json_str(json_get(headers, "content-type")), "application/json");
    assert_null(json_get(headers, "authorization"));
    assert_non_null(strstr(json_str(json_get(headers, "referer")), r.host));
}

static void check_made_up(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_fake_rp struct fake_rp rp;
    fake_rp_open(&rp, &r);

    rig_call(&r, "GET", RIG_CLUSTERS "/c" RIG_RP_VERSION, NULL, NULL);

    cleanup_json json *seen = fake_rp_give_last(&rp);
    json *headers = json_get(seen, "headers");
    assert_int_equal(strlen(json_str(json_get(headers, "x-ms-correlation-request-id"))), UUID_LEN);
    assert_null(json_get(headers, "x-ms-arm-resource-system-data"));
    assert_null(json_get(headers, "x-ms-identity-url"));
    assert_null(json_get(headers, "content-type"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the provider learns who asks and how", check_headers),
        CASE("a request without an ID gets one", check_made_up),
    };
    return RUN_CASES("forward_headers", tests);
}
