#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define CONNECTIONS SERVICE "/privateEndpointConnections"
#define STATE_OF(status) \
    "{'properties':{'privateLinkServiceConnectionState':{'status':'" status \
    "','description':'by hand'}}}"
#define SEEN \
    "properties.manualPrivateLinkServiceConnections[0].properties." \
    "privateLinkServiceConnectionState.status"

static char *give_path(struct rig *r)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(compute_call(r, "GET", CONNECTIONS, NULL, &reply), 200);
    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
    return xstrdup(json_path_str(reply.body, "value[0].id"));
}

static void check_approve(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_ENDPOINT(&r, "");
    cleanup_free char *path = give_path(&r);
    assert_text(&r, path, "properties.privateLinkServiceConnectionState.status", "Pending");

    assert_int_equal(compute_call(&r, "PUT", path, STATE_OF("Approved"), NULL), 200);

    assert_text(&r, path, "properties.privateLinkServiceConnectionState.description", "by hand");
    assert_text(&r, ENDPOINT, SEEN, "Approved");
    compute_refused(&r, "PUT", path, STATE_OF("Loved"), 400, "InvalidRequestFormat");
}

static void check_cut(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_ENDPOINT(&r, SELF);
    cleanup_free char *path = give_path(&r);

    assert_int_equal(compute_call(&r, "DELETE", path, NULL, NULL), 200);

    assert_int_equal(compute_call(&r, "DELETE", path, NULL, NULL), 204);
    assert_text(&r, ENDPOINT, SEEN, "Disconnected");
    compute_refused(&r, "GET", path, NULL, 404, "NotFound");
    assert_int_equal(compute_call(&r, "DELETE", SERVICE, NULL, NULL), 202);
    compute_refused(&r, "GET", CONNECTIONS, NULL, 404, "ParentResourceNotFound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a pending connection is approved", check_approve),
        CASE("a connection that is cut leaves its endpoint disconnected", check_cut),
    };
    return RUN_CASES("network_pls_connection", tests);
}
