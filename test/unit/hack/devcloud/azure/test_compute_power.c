#include "hack/devcloud/azure/compute.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define M CLUSTER_MACHINES "/m0"

/* "PowerState/..." of the machine; NULL: none. Owned. */
static char *give_power(struct rig *r)
{
    return compute_give_text(r, M "/instanceView", "statuses[1].code");
}

static void assert_power(struct rig *r, const char *want)
{
    cleanup_free char *found = give_power(r);
    if (!str_eq(found, want))
        fail_msg("%s, not %s", found ? found : "no power", want ? want : "none");
}

static void check_life(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':60000}");
    MAKE_MACHINE(&r, "m0");
    assert_power(&r, NULL);
    rig_advance_s(&r, 60);
    assert_power(&r, "PowerState/running");
    static const struct {
        const char *path, *during, *after;
    } rows[] = {
        { M "/deallocate", "PowerState/deallocating", "PowerState/deallocated" },
        { M "/start", "PowerState/starting", "PowerState/running" },
        { M "/powerOff", "PowerState/stopping", "PowerState/stopped" },
        { M "/start", "PowerState/starting", "PowerState/running" },
        { M "/restart", "PowerState/running", "PowerState/running" },
        { M "/redeploy", "PowerState/running", "PowerState/running" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(compute_call(&r, "POST", rows[i].path, NULL, &reply), 202);
        assert_non_null(http_headers_get(&reply.headers, "Location"));
        assert_non_null(http_headers_get(&reply.headers, "Azure-AsyncOperation"));
        assert_power(&r, rows[i].during);
        rig_advance_s(&r, 60);
        assert_power(&r, rows[i].after);
        const char *result = strstr(http_headers_get(&reply.headers, "Location"), RIG_SUBSCRIPTION);
        assert_int_equal(rig_call(&r, "GET", result, NULL, NULL), 200);
    }
    compute_refused(&r, "GET", M "/start", NULL, 405, "MethodNotAllowed");
    compute_call(&r, "DELETE", M, NULL, NULL);
    compute_refused(&r, "POST", M "/start", NULL, 409, "OperationNotAllowed");
}

static void check_expand(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    cleanup_reply struct rig_reply reply = { 0 };

    rig_call(&r, "GET", M COMPUTE_VERSION "&$expand=instanceView", NULL, &reply);

    assert_string_equal(json_path_str(reply.body, "properties.instanceView.statuses[0].code"),
                        "ProvisioningState/succeeded");
    assert_string_equal(json_path_str(reply.body, "properties.instanceView.computerName"), "m0");
    assert_text(&r, M, "properties.instanceView.computerName", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("power is switched by operations", check_life),
        CASE("the instance view is shown when it is asked for", check_expand),
    };
    return RUN_CASES("compute_power", tests);
}
