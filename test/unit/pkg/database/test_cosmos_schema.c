#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/database/cosmos_rig.h"
#include "test/unit/support/test.h"

/* One database, eleven containers, eight triggers. */
#define REQUESTS 20

static char *give_made(struct cosmos_rig *r, const char *part)
{
    for (size_t i = 0; i < r->transport.requests.len; i++)
        if (strstr(r->transport.requests.v[i], part))
            return xstrdup(r->transport.requests.v[i]);
    fail_msg("no request has %s", part);
    return NULL;
}

static void check_all(void **state)
{
    (void)state;
    struct script_step steps[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++) /* half of it is there already */
        steps[i] = (struct script_step){ .status = i % 2 ? 201 : 409 };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, REQUESTS);

    assert_int_equal(store_cosmos_create_schema(&r.ctx, r.store, NULL), 0);

    cleanup_free char *database = give_made(&r, "{\"id\":\"ARO\"}");
    cleanup_free char *clusters = give_made(&r, "{\"id\":\"OpenShiftClusters\"");
    cleanup_free char *operations = give_made(&r, "{\"id\":\"AsyncOperations\"");
    cleanup_free char *workers = give_made(&r, "{\"id\":\"PoolWorkers\"");
    assert_non_null(strstr(database, "POST https://aro.documents.azure.com/dbs\n"));
    assert_non_null(strstr(clusters, "POST https://aro.documents.azure.com/dbs/ARO/colls\n"));
    assert_non_null(strstr(
        clusters, "{\"id\":\"OpenShiftClusters\",\"partitionKey\":{\"paths\":[\"/partitionKey"
                  "\"],\"kind\":\"Hash\"},\"uniqueKeyPolicy\":{\"uniqueKeys\":[{\"paths\":["
                  "\"/key\"]},{\"paths\":[\"/clusterResourceGroupIdKey\"]},{\"paths\":["
                  "\"/clientIdKey\"]}]}}"));
    assert_non_null(strstr(operations, "\"defaultTtl\":604800}"));
    assert_non_null(strstr(workers,
                           "\"paths\":[\"/workerType\"],\"kind\":\"Hash\"},\"defaultTtl\":-"
                           "1}"));
    cosmos_rig_finish(&r);
}

static void check_triggers(void **state)
{
    (void)state;
    struct script_step steps[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++)
        steps[i] = (struct script_step){ .status = 201 };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, REQUESTS);

    assert_int_equal(store_cosmos_create_schema(&r.ctx, r.store, NULL), 0);

    size_t n = 0;
    for (size_t i = 0; i < r.transport.requests.len; i++)
        n += strstr(r.transport.requests.v[i], "/triggers\n") != NULL;
    assert_int_equal(n, 8);
    cleanup_free char *later = give_made(&r, "{\"id\":\"retryLater\"");
    cleanup_free char *deletion = give_made(&r, "{\"id\":\"setDeletionBillingTimeStamp\"");
    assert_non_null(strstr(later, COSMOS_URL "Subscriptions/triggers\n"));
    assert_non_null(strstr(later, "\"triggerType\":\"Pre\",\"triggerOperation\":\"All\""));
    assert_non_null(strstr(later, "body.leaseExpires = now + 600;"));
    assert_non_null(strstr(deletion, COSMOS_URL "Billing/triggers\n"));
    assert_non_null(strstr(deletion, "\"triggerOperation\":\"Replace\""));
    cosmos_rig_finish(&r);
}

static void check_other_leases(void **state)
{
    (void)state;
    static const struct store_leases leases = { 3, 30 };
    struct script_step steps[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++)
        steps[i] = (struct script_step){ .status = 201 };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, REQUESTS);
    store_set_leases(r.store, &leases);

    assert_int_equal(store_cosmos_create_schema(&r.ctx, r.store, NULL), 0);

    cleanup_free char *renew = give_made(&r, "{\"id\":\"renewLease\"");
    cleanup_free char *later = give_made(&r, "{\"id\":\"retryLater\"");
    assert_non_null(strstr(renew, "body.leaseExpires = now + 3;"));
    assert_non_null(strstr(later, "body.leaseExpires = now + 30;"));
    cosmos_rig_finish(&r);
}

static void check_refused(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 201 }, { .status = 403, .reply = "{\"code\":\"Forbidden\"}" }
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;

    assert_int_equal(store_cosmos_create_schema(&r.ctx, r.store, &err), -1);

    assert_string_equal(error_text(err),
                        "making colls 'OpenShiftClusters': Cosmos DB answered 403 Forbidden");
    cosmos_rig_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("database and containers are made, unless they are there", check_all),
        CASE("each container gets its triggers", check_triggers),
        CASE("triggers give leases the length that was set", check_other_leases),
        CASE("what is refused is named", check_refused),
    };
    return RUN_CASES("cosmos_schema", tests);
}
