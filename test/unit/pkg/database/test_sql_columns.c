#include <string.h>

#include "pkg/database/sql_columns.h"
#include "test/unit/support/test.h"

static void read_columns(enum collection coll, const char *body, struct sql_columns *ret)
{
    assert_int_equal(sql_columns_read(coll, body, strlen(body), ret, NULL), 0);
}

static void check_cluster(void **state)
{
    (void)state;
    cleanup_sql_columns struct sql_columns c = { 0 };

    read_columns(
        COLL_OPENSHIFT_CLUSTERS,
        "{\"key\":\"/k\",\"clientIdKey\":5,\"leaseExpires\":77,\"ttl\":9,\"openShiftCluster\":"
        "{\"properties\":{\"provisioningState\":\"Creating\"}}}",
        &c);

    assert_string_equal(c.unique[0], "/k");
    assert_string_equal(c.unique[1], "");
    assert_string_equal(c.unique[2], "5");
    assert_string_equal(c.state, "Creating");
    assert_int_equal(c.lease_s, 77);
    assert_int_equal(c.ttl_s, -1); /* clusters do not expire */
    assert_null(c.schedule);
}

static void check_manifest(void **state)
{
    (void)state;
    cleanup_sql_columns struct sql_columns c = { 0 };

    read_columns(
        COLL_MAINTENANCE_MANIFESTS,
        "{\"ttl\":60,\"maintenanceManifest\":{\"state\":\"Pending\",\"createdBySchedule\":\"s\","
        "\"runAfter\":5}}",
        &c);

    assert_null(c.unique[0]);
    assert_string_equal(c.state, "Pending");
    assert_string_equal(c.schedule, "s");
    assert_int_equal(c.run_after_s, 5);
    assert_int_equal(c.lease_s, 0);
    assert_int_equal(c.ttl_s, 60);
}

static const struct ttl_case {
    enum collection coll;
    const char *body;
    int64_t want;
} ttl_cases[] = {
    { COLL_ASYNC_OPERATIONS, "{}", 604800 },
    { COLL_ASYNC_OPERATIONS, "{\"ttl\":5}", 5 },
    { COLL_ASYNC_OPERATIONS, "{\"ttl\":-1}", -1 },
    { COLL_ASYNC_OPERATIONS, "{\"ttl\":null}", 604800 },
    { COLL_ASYNC_OPERATIONS, "{\"ttl\":1e18}", INT32_MAX },
    { COLL_PORTAL, "{}", -1 },
    { COLL_PORTAL, "{\"ttl\":0}", -1 },
    { COLL_PORTAL, "{\"ttl\":5}", 5 },
    { COLL_BILLING, "{\"ttl\":5}", -1 },
};

static void check_ttl(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ttl_cases); i++) {
        cleanup_sql_columns struct sql_columns c = { 0 };
        read_columns(ttl_cases[i].coll, ttl_cases[i].body, &c);
        assert_int_equal(c.ttl_s, ttl_cases[i].want);
    }
}

static void check_deleting(void **state)
{
    (void)state;
    cleanup_sql_columns struct sql_columns yes = { 0 }, no = { 0 };

    read_columns(COLL_SUBSCRIPTIONS, "{\"deleting\":true}", &yes);
    read_columns(COLL_SUBSCRIPTIONS, "{\"deleting\":false}", &no);

    assert_string_equal(yes.state, STATE_DELETING);
    assert_null(no.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("reads keys, state and lease of a cluster", check_cluster),
        CASE("reads state, schedule and time of a manifest", check_manifest),
        CASE("knows how long a document stays", check_ttl),
        CASE("makes a state of a subscription's flag", check_deleting),
    };
    return RUN_CASES("sql_columns", tests);
}
