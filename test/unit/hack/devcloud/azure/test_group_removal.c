#include "test/unit/hack/devcloud/azure/compute_rig.h"

/* Deletes a group; the answer of its operation. */
static int remove_group(struct rig *r, const char *group, struct rig_reply *ret)
{
    cleanup_reply struct rig_reply reply = { 0 };
    cleanup_free char *path = xasprintf("%s" RIG_VERSION, group);
    assert_int_equal(rig_call(r, "DELETE", path, NULL, &reply), 202);
    const char *location = http_headers_get(&reply.headers, "Location");
    cleanup_free char *result = xstrdup(strstr(location, "/subscriptions/"));
    return rig_call(r, "GET", result, NULL, ret);
}

static void assert_blocked(struct rig *r, const char *group, const char *user)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(remove_group(r, group, &reply), 409);
    assert_string_equal(json_path_str(reply.body, "error.code"), "ResourceGroupDeletionBlocked");
    assert_non_null(strstr(json_path_str(reply.body, "error.message"), user));
    assert_text(r, group, "properties.provisioningState", "Succeeded");
}

/* The security group is on subnets of another group; then an endpoint leads in. */
static void check_blocked(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    assert_blocked(&r, CLUSTER_GROUP, MASTER_SUBNET);
    static const char *const subnets[][2] = {
        { MASTER_SUBNET RIG_VERSION, "10.0.0.0/23" },
        { WORKER_SUBNET RIG_VERSION, "10.0.2.0/23" },
    };
    for (size_t i = 0; i < ARRAY_LEN(subnets); i++) {
        cleanup_free char *body =
            xasprintf("{'properties':{'addressPrefix':'%s','privateLinkServiceNetworkPolicies':"
                      "'Disabled'}}",
                      subnets[i][1]);
        assert_int_equal(rig_call(&r, "PUT", subnets[i][0], body, NULL), 200);
    }
    MAKE_ENDPOINT(&r, SELF);

    assert_blocked(&r, CLUSTER_GROUP, ENDPOINT);
    assert_int_equal(compute_call(&r, "HEAD", LB, NULL, NULL), 204);
    compute_call(&r, "DELETE", ENDPOINT, NULL, NULL);
    assert_int_equal(remove_group(&r, CLUSTER_GROUP, NULL), 204);
    compute_refused(&r, "GET", LB, NULL, 404, "ResourceGroupNotFound");
}

/* Interfaces of the cluster live in the network's group. */
static void check_occupied(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", CLUSTER_NICS "/n", NIC_IN(MASTER_SUBNET, ""), NULL);
    cleanup_free char *group = xstrdup(RIG_SUBSCRIPTION "/resourceGroups/net-rg");

    assert_blocked(&r, group, CLUSTER_NICS "/n");

    compute_call(&r, "DELETE", CLUSTER_NICS "/n", NULL, NULL);
    assert_int_equal(remove_group(&r, group, NULL), 204);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a group stays while others use what it holds", check_blocked),
        CASE("a group of a network stays while others live in it", check_occupied),
    };
    return RUN_CASES("group_removal", tests);
}
