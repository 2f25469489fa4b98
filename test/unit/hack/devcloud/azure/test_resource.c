#include "hack/devcloud/azure/resource.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

static void check_read(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(compute_call(&r, "GET", CLUSTER_NICS "/M0", NULL, &reply), 200);

    assert_string_equal(json_path_str(reply.body, "id"), CLUSTER_NICS "/m0");
    assert_string_equal(json_path_str(reply.body, "type"), "Microsoft.Network/networkInterfaces");
    assert_true(str_starts(json_path_str(reply.body, "etag"), "W/\""));
    assert_string_equal(http_headers_get(&reply.headers, "ETag"),
                        json_path_str(reply.body, "etag"));
    assert_int_equal(compute_call(&r, "HEAD", CLUSTER_NICS "/m0", NULL, NULL), 204);
    assert_int_equal(compute_call(&r, "HEAD", CLUSTER_NICS "/none", NULL, NULL), 404);
    compute_refused(&r, "GET", CLUSTER_NICS "/none", NULL, 404, "ResourceNotFound");
    compute_refused(&r, "POST", CLUSTER_NICS "/m0", "{}", 405, "MethodNotAllowed");
    compute_refused(&r, "PUT", CLUSTER_NICS, "{}", 405, "MethodNotAllowed");
    compute_refused(&r, "POST", CLUSTER_NICS "/m0/dance", "{}", 404, "InvalidResourceType");
}

static void check_list(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    static const struct {
        const char *path;
        size_t want;
    } rows[] = {
        { CLUSTER_NICS, 1 },
        { RIG_SUBSCRIPTION "/providers/Microsoft.Network/networkInterfaces", 1 },
        { RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.Network/networkInterfaces",
          0 },
        { CLUSTER_MACHINES, 1 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(compute_call(&r, "GET", rows[i].path, NULL, &reply), 200);
        assert_int_equal(json_len(json_get(reply.body, "value")), rows[i].want);
        assert_null(json_path(reply.body, "value[0].inside"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a resource is read in any letter case, an absent one is not found", check_read),
        CASE("lists hold what is below their path", check_list),
    };
    return RUN_CASES("resource", tests);
}
