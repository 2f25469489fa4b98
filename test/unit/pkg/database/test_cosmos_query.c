#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/database/cosmos_rig.h"
#include "test/unit/support/test.h"

#define HEAD(coll) \
    "POST " COSMOS_URL coll \
    "/docs\nContent-Type: application/query+json\nx-ms-documentdb-isquery: " \
    "True\n"
#define IN(partition) "x-ms-documentdb-partitionkey: [\"" partition "\"]\n"
#define CROSS "x-ms-documentdb-query-enablecrosspartition: True\n"
#define RANGE(id) CROSS "x-ms-documentdb-partitionkeyrangeid: " id "\n"
#define COUNT(n) "x-ms-max-item-count: " n "\n"
#define QUERY(text, parameters) \
    COSMOS_END "\n{\"query\":\"" text "\",\"parameters\":[" parameters "]}"
#define ARG(value) "{\"name\":\"@arg0\",\"value\":\"" value "\"}"
#define EXP "(doc.leaseExpires ?? 0) < GetCurrentTimestamp() / 1000"
#define NONE "{\"Documents\":[],\"_count\":0}"

struct query_case {
    const char *name;
    struct store_query query;
    const char *request;
};
static struct query_case cases[] = {
    { "the dequeue of clusters goes over all partitions",
      { .query = QUERY_CLUSTERS_DEQUEUE, .page = 20 },
      HEAD("OpenShiftClusters") CROSS COUNT("20")
          QUERY("SELECT * FROM OpenShiftClusters doc WHERE "
                "doc.openShiftCluster.properties.provisioningState IN (\\\"Creating\\\", "
                "\\\"Deleting\\\", \\\"Updating\\\", \\\"AdminUpdating\\\") AND " EXP,
                "") },
    { "a cluster is found in its partition",
      { .query = QUERY_CLUSTERS_BY_KEY, .partition = "s", .args = { "/subscriptions/s/\"" } },
      HEAD("OpenShiftClusters") IN("s") COUNT("100")
          QUERY("SELECT * FROM OpenShiftClusters doc WHERE doc.key = @arg0",
                ARG("/subscriptions/s/\\\"")) },
    { "a list is by prefix",
      { .query = QUERY_CLUSTERS_BY_PREFIX, .partition = "s", .args = { "/p" } },
      HEAD("OpenShiftClusters") IN("s") COUNT("100") QUERY(
          "SELECT * FROM OpenShiftClusters doc WHERE STARTSWITH(doc.key, @arg0)", ARG("/p")) },
    { "an identity is looked for everywhere",
      { .query = QUERY_CLUSTERS_BY_CLIENT_ID, .args = { "c" } },
      HEAD("OpenShiftClusters") CROSS COUNT("100")
          QUERY("SELECT * FROM OpenShiftClusters doc WHERE doc.clientIdKey = @arg0", ARG("c")) },
    { "a resource group is looked for in a subscription",
      { .query = QUERY_CLUSTERS_BY_RESOURCE_GROUP, .partition = "s", .args = { "g" } },
      HEAD("OpenShiftClusters") IN("s") COUNT("100")
          QUERY("SELECT * FROM OpenShiftClusters doc WHERE doc.clusterResourceGroupIdKey = @arg0",
                ARG("g")) },
    { "clusters for maintenance come in part",
      { .query = QUERY_CLUSTERS_FOR_MAINTENANCE },
      HEAD("OpenShiftClusters") CROSS COUNT("100")
          QUERY("SELECT doc.id, doc.key, doc.bucket FROM OpenShiftClusters doc WHERE "
                "NOT (doc.openShiftCluster.properties.provisioningState IN (\\\"Creating\\\", "
                "\\\"Deleting\\\"))",
                "") },
    { "the dequeue of subscriptions is of those that go",
      { .query = QUERY_SUBSCRIPTIONS_DEQUEUE },
      HEAD("Subscriptions") CROSS COUNT("100")
          QUERY("SELECT * FROM Subscriptions doc WHERE (doc.deleting ?? false) AND " EXP, "") },
    { "the master is free when its lease has run out",
      { .query = QUERY_POOL_FREE_MASTER, .partition = "monitor" },
      HEAD("PoolWorkers") IN("monitor") COUNT("100")
          QUERY("SELECT * FROM PoolWorkers doc WHERE doc.id = doc.workerType AND " EXP, "") },
    { "workers are all but the master",
      { .query = QUERY_POOL_WORKERS, .partition = "monitor" },
      HEAD("PoolWorkers") IN("monitor") COUNT("100")
          QUERY("SELECT * FROM PoolWorkers doc WHERE doc.id != doc.workerType", "") },
    { "manifests are due when their time has come",
      { .query = QUERY_MANIFESTS_DUE, .partition = "/c" },
      HEAD("MaintenanceManifests") IN("/c") COUNT("100")
          QUERY("SELECT * FROM MaintenanceManifests doc WHERE doc.maintenanceManifest.state IN "
                "(\\\"Pending\\\", \\\"InProgress\\\") AND " EXP
                " AND (doc.maintenanceManifest.runAfter ?? 0) < GetCurrentTimestamp() / 1000",
                "") },
    { "all of a collection has no condition",
      { .query = QUERY_ALL, .coll = COLL_BILLING, .page = 7, .continuation = "next" },
      HEAD("Billing")
          CROSS COUNT("7") "x-ms-continuation: next\n" QUERY("SELECT * FROM Billing doc", "") },
    { "schedules are valid in two states",
      { .query = QUERY_SCHEDULES_VALID },
      HEAD("MaintenanceSchedules") CROSS COUNT("100")
          QUERY("SELECT * FROM MaintenanceSchedules doc WHERE doc.maintenanceSchedule.state IN "
                "(\\\"Enabled\\\", \\\"Processing\\\")",
                "") },
};

static void check(void **state)
{
    const struct query_case *c = *state;
    const struct script_step steps[] = {
        { .request = c->request, .headers = "x-ms-continuation: more", .reply = NONE },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_doc_page struct doc_page p = { 0 };

    assert_int_equal(store_query(&r.ctx, r.store, &c->query, &p, NULL), 0);

    assert_int_equal(p.len, 0);
    assert_string_equal(p.next, "more"); /* an empty page may go on */
    cosmos_rig_finish(&r);
}

static void check_oldest(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = "{\"Documents\":[{\"id\":\"b\",\"_ts\":9},{\"id\":\"a\",\"_ts\":3},"
                   "{\"id\":\"c\",\"_ts\":5}]}" },
    };
    const struct store_query q = { .query = QUERY_CLUSTERS_DEQUEUE };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_doc_page struct doc_page p = { 0 };

    assert_int_equal(store_query(&r.ctx, r.store, &q, &p, NULL), 0);

    assert_string_equal(p.docs[0].id, "a");
    assert_string_equal(p.docs[1].id, "c");
    assert_string_equal(p.docs[2].id, "b");
    assert_null(p.next);
    cosmos_rig_finish(&r);
}

static void check_no_container(void **state)
{
    (void)state;
    static const struct script_step steps[] = { { .status = 404 } };
    const struct store_query q = { .query = QUERY_CLUSTERS_DEQUEUE };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;
    struct doc_page p = { 0 };

    assert_int_equal(store_query(&r.ctx, r.store, &q, &p, &err), -1);

    assert_int_equal(error_kind(err), ERR_INTERNAL);
    cosmos_rig_finish(&r);
}

/* ---- range by range ---- */

#define RANGE_LOW "{\"id\":\"0\",\"minInclusive\":\"\",\"maxExclusive\":\"80\"}"
#define RANGE_HIGH "{\"id\":\"1\",\"minInclusive\":\"80\",\"maxExclusive\":\"FF\"}"
#define RANGE_LOWER \
    "{\"id\":\"2\",\"minInclusive\":\"\",\"maxExclusive\":\"40\",\"parents\":[\"0\"]}"
#define RANGE_UPPER \
    "{\"id\":\"3\",\"minInclusive\":\"40\",\"maxExclusive\":\"80\",\"parents\":[\"0\"]}"
#define TWO_RANGES "{\"PartitionKeyRanges\":[" RANGE_HIGH "," RANGE_LOW "]}"
#define THREE_RANGES "{\"PartitionKeyRanges\":[" RANGE_HIGH "," RANGE_LOWER "," RANGE_UPPER "]}"
#define QUEUE_LENGTH(range, extra) \
    HEAD("Subscriptions") \
    RANGE(range) \
    COUNT("-1") \
    extra QUERY( \
        "SELECT VALUE COUNT(1) FROM Subscriptions doc WHERE (doc.deleting ?? false) AND " EXP, "")

static void check_count(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = COSMOS_RANGES_REQUEST("Subscriptions"), .reply = TWO_RANGES },
        { .request = QUEUE_LENGTH("0", ""),
          .headers = "x-ms-continuation: c",
          .reply = "{\"Documents\":[3]}" },
        { .request = QUEUE_LENGTH("0", "x-ms-continuation: c\n"), .reply = "{\"Documents\":[4]}" },
        { .request = QUEUE_LENGTH("1", ""), .reply = "{\"Documents\":[10]}" },
        /* The ranges are known now. */
        { .request = QUEUE_LENGTH("0", ""), .reply = "{\"Documents\":[0]}" },
        { .request = QUEUE_LENGTH("1", ""), .reply = "{\"Documents\":[]}" },
    };
    const struct store_query q = { .query = QUERY_SUBSCRIPTIONS_DEQUEUE };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    int64_t first = 0, second = -1;

    assert_int_equal(store_count(&r.ctx, r.store, &q, &first, NULL), 0);
    assert_int_equal(store_count(&r.ctx, r.store, &q, &second, NULL), 0);

    assert_int_equal(first, 17);
    assert_int_equal(second, 0);
    cosmos_rig_finish(&r);
}

static void check_count_in_partition(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = HEAD("MaintenanceManifests") IN("/c") COUNT("-1")
              QUERY("SELECT VALUE COUNT(1) FROM MaintenanceManifests doc", ""),
          .headers = "x-ms-continuation: c",
          .reply = "{\"Documents\":[3]}" },
        { .request =
              HEAD("MaintenanceManifests") IN("/c") COUNT("-1") "x-ms-continuation: c\n" QUERY(
                  "SELECT VALUE COUNT(1) FROM MaintenanceManifests doc", ""),
          .reply = "{\"Documents\":[2]}" },
    };
    const struct store_query q = { .query = QUERY_MANIFESTS_OF_CLUSTER, .partition = "/c" };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    int64_t n = 0;

    assert_int_equal(store_count(&r.ctx, r.store, &q, &n, NULL), 0);

    assert_int_equal(n, 5);
    cosmos_rig_finish(&r);
}

/* What was counted in the whole is not counted again in its halves, nor the halves twice. */
static void check_count_split(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = TWO_RANGES },
        { .request = QUEUE_LENGTH("0", ""), .status = 410 },
        { .request = COSMOS_RANGES_REQUEST("Subscriptions"), .reply = THREE_RANGES },
        { .request = QUEUE_LENGTH("2", ""), .reply = "{\"Documents\":[1]}" },
        { .request = QUEUE_LENGTH("3", ""), .reply = "{\"Documents\":[2]}" },
        { .request = QUEUE_LENGTH("1", ""), .reply = "{\"Documents\":[4]}" },
    };
    const struct store_query q = { .query = QUERY_SUBSCRIPTIONS_DEQUEUE };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    int64_t n = 0;

    assert_int_equal(store_count(&r.ctx, r.store, &q, &n, NULL), 0);

    assert_int_equal(n, 7);
    cosmos_rig_finish(&r);
}

static void check_bad_count(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{}",
        "{\"Documents\":[\"3\"]}",
        "{\"Documents\":[-1]}",
        "{\"Documents\":[9223372036854775807,1]}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const struct script_step steps[] = { { .reply = bad[i] } };
        const struct store_query q = { .query = QUERY_MANIFESTS_OF_CLUSTER, .partition = "/c" };
        struct cosmos_rig r;
        cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
        cleanup_error struct error *err = NULL;
        int64_t n = 7;
        assert_int_equal(store_count(&r.ctx, r.store, &q, &n, &err), -1);
        assert_int_equal(error_kind(err), ERR_INTERNAL);
        assert_int_equal(n, 7);
        cosmos_rig_finish(&r);
    }
}

#define DUE_CLUSTERS(range, extra) \
    HEAD("MaintenanceManifests") \
    RANGE(range) \
    COUNT("1") \
    extra QUERY( \
        "SELECT doc.clusterResourceID FROM MaintenanceManifests doc WHERE " \
        "doc.maintenanceManifest.state IN (\\\"Pending\\\", \\\"InProgress\\\") AND " EXP \
        " AND (doc.maintenanceManifest.runAfter ?? 0) < GetCurrentTimestamp() / 1000 GROUP BY " \
        "doc.clusterResourceID", \
        "")

static void check_groups(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = TWO_RANGES },
        { .request = DUE_CLUSTERS("0", ""),
          .headers = "x-ms-continuation: c",
          .reply =
              "{\"Documents\":[{\"clusterResourceID\":\"/a\"},{\"clusterResourceID\":\"/a\"}]}" },
        { .request = DUE_CLUSTERS("0", "x-ms-continuation: c\n"),
          .reply = "{\"Documents\":[{\"clusterResourceID\":\"/b\"}]}" },
        { .request = DUE_CLUSTERS("1", ""), .reply = NONE },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_strv struct strv seen = STRV_INIT;
    cleanup_free char *next = NULL;

    do {
        const struct store_query q = { .query = QUERY_MANIFESTS_DUE_CLUSTERS,
                                       .page = 1,
                                       .continuation = next };
        cleanup_doc_page struct doc_page p = { 0 };
        assert_int_equal(store_query(&r.ctx, r.store, &q, &p, NULL), 0);
        for (size_t i = 0; i < p.len; i++)
            strv_add(&seen, p.docs[i].partition);
        free(next);
        next = take(p.next);
    } while (next);

    assert_int_equal(seen.len, 2);
    cosmos_rig_finish(&r);
}

static void check_bad_place(void **state)
{
    (void)state;
    static const char *const bad[] = { "x", "{}", "[1,2]", "[\"\"]" };
    struct cosmos_rig r;
    cosmos_rig_open(&r, NULL, 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const struct store_query q = { .query = QUERY_MANIFESTS_DUE_CLUSTERS,
                                       .continuation = bad[i] };
        cleanup_error struct error *err = NULL;
        struct doc_page p = { 0 };
        assert_int_equal(store_query(&r.ctx, r.store, &q, &p, &err), -1);
        assert_int_equal(error_kind(err), ERR_INVALID);
    }
    cosmos_rig_finish(&r);
}

int main(void)
{
    const struct CMUnitTest fixed[] = {
        CASE("the oldest of a page comes first", check_oldest),
        CASE("a container that is not there is no missing document", check_no_container),
        CASE("a count is the sum over ranges and parts", check_count),
        CASE("a count in a partition is asked there", check_count_in_partition),
        CASE("a count follows a split", check_count_split),
        CASE("a count that cannot be one is refused", check_bad_count),
        CASE("groups come range by range", check_groups),
        CASE("a continuation of something else is refused", check_bad_place),
    };
    struct CMUnitTest tests[ARRAY_LEN(fixed) + ARRAY_LEN(cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        tests[n++] = fixed[i];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("cosmos_query", tests);
}
