#include <stdlib.h>

#include "pkg/database/openshiftclusters.h"
#include "rp/backend/documents.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

static void gives_cluster_and_subscription_to_who_has_the_lease(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    cleanup_free char *token = NULL;
    cleanup_document struct document d = { 0 }, cluster = { 0 }, subscription = { 0 };
    cleanup_error struct error *err = NULL;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Updating", "");
    assert_int_equal(openshiftclusters_dequeue(&r.ctx, r.db, &token, &d, NULL), 0);

    assert_int_equal(documents_cluster(&r.ctx, r.db, RIG_KEY("a"), "another", &cluster, &err), -1);
    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
    assert_int_equal(documents_cluster(&r.ctx, r.db, RIG_KEY("a"), token, &cluster, NULL), 0);
    assert_int_equal(documents_subscription(&r.ctx, r.db, cluster.tree, &subscription, NULL), 0);

    assert_string_equal(json_path_str(cluster.tree, "id"), "id-a");
    assert_string_equal(json_path_str(subscription.tree, "subscription.state"), "Registered");
}

static void knows_what_each_state_asks_for(void **state)
{
    static const struct {
        const char *state;
        int want; /* negative: nothing */
    } table[] = {
        { "Creating", CLUSTER_INSTALL },
        { "Updating", CLUSTER_UPDATE },
        { "Deleting", CLUSTER_DELETE },
        { "AdminUpdating", CLUSTER_ADMIN_UPDATE },
        { "Succeeded", -1 },
        { "Odd", -1 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        cleanup_json json *tree = json_make(
            "{'openShiftCluster':{'properties':{'provisioningState':%s}}}", table[i].state);
        enum cluster_operation operation;

        int rcode = documents_operation(tree, &operation, NULL);

        assert_int_equal(rcode < 0 ? -1 : (int)operation, table[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("gives cluster and subscription to who has the lease",
             gives_cluster_and_subscription_to_who_has_the_lease),
        CASE("knows what each state asks for", knows_what_each_state_asks_for),
    };
    return RUN_CASES("documents", tests);
}
