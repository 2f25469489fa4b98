#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static void check_reads(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const struct {
        const char *path, *at, *want;
    } rows[] = {
        { "/tenants" RIG_VERSION, "value[0].tenantId", RIG_TENANT },
        { "/subscriptions" RIG_VERSION, "value[0].id", RIG_SUBSCRIPTION },
        { "/subscriptions" RIG_VERSION, "value[0].tenantId", RIG_TENANT },
        { RIG_SUBSCRIPTION RIG_VERSION, "id", RIG_SUBSCRIPTION },
        { RIG_SUBSCRIPTION RIG_VERSION, "state", "Enabled" },
        { RIG_SUBSCRIPTION "/locations" RIG_VERSION, "value[0].name", "eastus" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(rig_call(&r, "GET", rows[i].path, NULL, &reply), 200);
        assert_string_equal(json_path_str(reply.body, rows[i].at), rows[i].want);
    }
}

static void check_own_location(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply before = { 0 }, after = { 0 };
    rig_call(&r, "GET", RIG_SUBSCRIPTION "/locations" RIG_VERSION, NULL, &before);
    rig_patch(&r, "{'location':'moonbase'}");

    rig_call(&r, "GET", RIG_SUBSCRIPTION "/locations" RIG_VERSION, NULL, &after);

    size_t len = json_len(json_get(before.body, "value"));
    assert_int_equal(json_len(json_get(after.body, "value")), len + 1);
    assert_string_equal(json_path_str(json_at(json_get(after.body, "value"), len), "name"),
                        "moonbase");
}

static void check_methods(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_refused(&r, "PUT", RIG_SUBSCRIPTION RIG_VERSION, "{}", 405, "MethodNotAllowed");
    rig_refused(&r, "GET", RIG_SUBSCRIPTION "/nothing" RIG_VERSION, NULL, 404,
                "InvalidResourceType");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("tenant, subscription and locations are read", check_reads),
        CASE("the simulator's own location is always listed", check_own_location),
        CASE("they cannot be written", check_methods),
    };
    return RUN_CASES("subscriptions", tests);
}
