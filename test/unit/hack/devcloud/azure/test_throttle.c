#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static void check_budget(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_patch(&r, "{'budgets':{'reads':{'size':2,'per_s':1}}}");

    rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, &reply);
    assert_string_equal(
        http_headers_get(&reply.headers, "x-ms-ratelimit-remaining-subscription-reads"), "1");
    rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL);
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, &reply), 429);
    assert_string_equal(http_headers_get(&reply.headers, "Retry-After"), "1");
    assert_string_equal(json_path_str(reply.body, "error.code"), "SubscriptionRequestsThrottled");
    assert_int_equal(rig_call(&r, "DELETE", RIG_VNETS "/absent" RIG_VERSION, NULL, NULL), 204);

    rig_advance_s(&r, 100); /* not more than the bucket holds */
    rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, &reply);

    assert_string_equal(
        http_headers_get(&reply.headers, "x-ms-ratelimit-remaining-subscription-reads"), "1");
}

static void check_empty(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    rig_patch(&r, "{'budgets':{'deletes':{'size':0,'per_s':0}}}");

    assert_int_equal(rig_call(&r, "DELETE", RIG_VNETS "/absent" RIG_VERSION, NULL, &reply), 429);
    assert_string_equal(http_headers_get(&reply.headers, "Retry-After"), "60");
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a caller waits when its budget is spent", check_budget),
        CASE("a budget of nothing lets nothing pass", check_empty),
    };
    return RUN_CASES("throttle", tests);
}
