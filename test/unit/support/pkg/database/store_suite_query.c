/* Every named query, counts and pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/database/store_suite.h"

#define FAR "9999999999" /* a time that has not come */

/* Documents that all queries are asked about. */
static const struct seed {
    enum collection coll;
    const char *body;
} seeds[] = {
    { COLL_SUBSCRIPTIONS, "{\"id\":\"s1\",\"deleting\":true}" },
    { COLL_SUBSCRIPTIONS, "{\"id\":\"s2\",\"deleting\":true,\"leaseExpires\":" FAR "}" },
    { COLL_SUBSCRIPTIONS, "{\"id\":\"s3\",\"deleting\":false}" },
    { COLL_SUBSCRIPTIONS, "{\"id\":\"s4\",\"leaseExpires\":1}" },
    { COLL_POOL_WORKERS, "{\"id\":\"monitor\",\"workerType\":\"monitor\",\"leaseExpires\":1}" },
    { COLL_POOL_WORKERS, "{\"id\":\"w1\",\"workerType\":\"monitor\",\"leaseExpires\":" FAR "}" },
    { COLL_POOL_WORKERS, "{\"id\":\"w2\",\"workerType\":\"monitor\"}" },
    { COLL_POOL_WORKERS, "{\"id\":\"mimo\",\"workerType\":\"mimo\",\"leaseExpires\":" FAR "}" },
    { COLL_MAINTENANCE_MANIFESTS,
      "{\"id\":\"m1\",\"clusterResourceID\":\"/c1\","
      "\"maintenanceManifest\":{\"state\":\"Pending\",\"runAfter\":1}}" },
    { COLL_MAINTENANCE_MANIFESTS,
      "{\"id\":\"m2\",\"clusterResourceID\":\"/c1\",\"maintenanceManifest\":{\"state\":\"Pending\","
      "\"runAfter\":" FAR ",\"createdBySchedule\":\"sched\"}}" },
    { COLL_MAINTENANCE_MANIFESTS, "{\"id\":\"m3\",\"clusterResourceID\":\"/c1\","
                                  "\"maintenanceManifest\":{\"state\":\"Completed\"}}" },
    { COLL_MAINTENANCE_MANIFESTS, "{\"id\":\"m4\",\"clusterResourceID\":\"/"
                                  "c2\",\"maintenanceManifest\":{\"state\":\"InProgress\"}}" },
    { COLL_MAINTENANCE_MANIFESTS,
      "{\"id\":\"m5\",\"clusterResourceID\":\"/c2\",\"leaseExpires\":" FAR
      ",\"maintenanceManifest\":{\"state\":\"InProgress\"}}" },
    { COLL_MAINTENANCE_MANIFESTS,
      "{\"id\":\"m6\",\"clusterResourceID\":\"/c3\",\"maintenanceManifest\":{\"state\":\"Pending\","
      "\"runAfter\":" FAR ",\"createdBySchedule\":\"sched\"}}" },
    { COLL_MAINTENANCE_MANIFESTS, "{\"id\":\"m7\",\"clusterResourceID\":\"/"
                                  "c1\",\"maintenanceManifest\":{\"state\":\"Pending\"}}" },
    { COLL_MAINTENANCE_SCHEDULES,
      "{\"id\":\"h1\",\"maintenanceSchedule\":{\"state\":\"Enabled\"}}" },
    { COLL_MAINTENANCE_SCHEDULES,
      "{\"id\":\"h2\",\"maintenanceSchedule\":{\"state\":\"Processing\"}}" },
    { COLL_MAINTENANCE_SCHEDULES,
      "{\"id\":\"h3\",\"maintenanceSchedule\":{\"state\":\"Disabled\"}}" },
};
/* id, state, further members: of clusters in partition sub1, but for the last. */
static const char *const clusters[][3] = {
    { "c1", "Creating", "" },
    { "c2", "Succeeded", ",\"bucket\":7" },
    { "c3", "Updating", ",\"leaseExpires\":" FAR },
    { "c4", "AdminUpdating", ",\"leaseExpires\":1" },
    { "c5", "Failed", "" },
    { "c6", "Deleting", "" },
};

static void seed(struct suite *s)
{
    for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
        suite_ok(s, suite_create(s, seeds[i].coll, seeds[i].body, NULL));
    for (size_t i = 0; i < ARRAY_LEN(clusters); i++) {
        cleanup_free char *body = suite_cluster(i + 1 < ARRAY_LEN(clusters) ? "sub1" : "sub2",
                                                clusters[i][0], clusters[i][1], clusters[i][2]);
        suite_ok(s, suite_create(s, COLL_OPENSHIFT_CLUSTERS, body, NULL));
    }
}

static const struct query_case {
    struct store_query q;
    const char *want;
} query_cases[] = {
    { { .query = QUERY_ALL, .coll = COLL_MAINTENANCE_SCHEDULES }, "h1 h2 h3" },
    { { .query = QUERY_ALL, .coll = COLL_OPENSHIFT_CLUSTERS, .partition = "sub2" }, "c6" },
    { { .query = QUERY_ALL, .coll = COLL_GATEWAY }, "" },
    { { .query = QUERY_CLUSTERS_DEQUEUE }, "c1 c4 c6" },
    { { .query = QUERY_CLUSTERS_BY_KEY, .partition = "sub1", .args = { "/sub1/c2" } }, "c2" },
    { { .query = QUERY_CLUSTERS_BY_KEY, .partition = "sub2", .args = { "/sub1/c2" } }, "" },
    { { .query = QUERY_CLUSTERS_BY_PREFIX, .partition = "sub1", .args = { "/sub1/c" } },
      "c1 c2 c3 c4 c5" },
    { { .query = QUERY_CLUSTERS_BY_PREFIX, .partition = "sub1", .args = { "/sub1/c5" } }, "c5" },
    { { .query = QUERY_CLUSTERS_BY_PREFIX, .partition = "sub1", .args = { "/Sub1" } }, "" },
    { { .query = QUERY_CLUSTERS_BY_PREFIX, .partition = "sub1", .args = { "%" } }, "" },
    { { .query = QUERY_CLUSTERS_BY_CLIENT_ID, .args = { "client-c6" } }, "c6" },
    { { .query = QUERY_CLUSTERS_BY_CLIENT_ID, .partition = "sub1", .args = { "client-c6" } }, "" },
    { { .query = QUERY_CLUSTERS_BY_RESOURCE_GROUP, .partition = "sub1", .args = { "rg-c1" } },
      "c1" },
    { { .query = QUERY_CLUSTERS_FOR_MAINTENANCE }, "c2 c3 c4 c5" },
    { { .query = QUERY_SUBSCRIPTIONS_DEQUEUE }, "s1" },
    { { .query = QUERY_POOL_FREE_MASTER, .partition = "monitor" }, "monitor" },
    { { .query = QUERY_POOL_FREE_MASTER, .partition = "mimo" }, "" },
    { { .query = QUERY_POOL_WORKERS, .partition = "monitor" }, "w1 w2" },
    { { .query = QUERY_MANIFESTS_DUE }, "m1 m4 m7" },
    { { .query = QUERY_MANIFESTS_DUE, .partition = "/c1" }, "m1 m7" },
    { { .query = QUERY_MANIFESTS_DUE_CLUSTERS }, "/c1 /c2" },
    { { .query = QUERY_MANIFESTS_OF_CLUSTER, .partition = "/c2" }, "m4 m5" },
    { { .query = QUERY_MANIFESTS_QUEUED }, "m1 m2 m6 m7" },
    { { .query = QUERY_MANIFESTS_QUEUED, .partition = "/c3" }, "m6" },
    { { .query = QUERY_MANIFESTS_FUTURE, .args = { "sched" } }, "m2 m6" },
    { { .query = QUERY_MANIFESTS_FUTURE, .partition = "/c3", .args = { "sched" } }, "m6" },
    { { .query = QUERY_SCHEDULES_VALID }, "h1 h2" },
};

static void check_queries(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    seed(&s);
    for (size_t i = 0; i < ARRAY_LEN(query_cases); i++) {
        struct store_query q = query_cases[i].q;
        for (q.page = 0; q.page < 3; q.page++) { /* 0: the default */
            cleanup_free char *ids = suite_ids(&s, q, false);
            assert_string_equal(ids, query_cases[i].want);
        }
    }
    suite_end(&s);
}

static void check_counts(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    seed(&s);
    for (size_t i = 0; i < ARRAY_LEN(query_cases); i++) {
        const struct store_query *q = &query_cases[i].q;
        if (queries[q->query].not_counted)
            continue;
        cleanup_strv struct strv ids = STRV_INIT;
        int64_t n;
        strv_split(&ids, query_cases[i].want, " ", false);
        suite_ok(&s, store_count(&s.ctx, s.store, q, &n, &s.err));
        assert_int_equal(n, ids.len);
    }
    suite_end(&s);
}

/* What queries give in place of whole documents. */
static void check_bodies(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    seed(&s);
    cleanup_doc_page struct doc_page slim = { 0 }, due = { 0 }, whole = { 0 };
    suite_ok(&s, store_query(&s.ctx, s.store,
                             &(struct store_query){ .query = QUERY_CLUSTERS_FOR_MAINTENANCE },
                             &slim, &s.err));
    for (size_t i = 0; i < slim.len; i++) {
        cleanup_json json *tree = NULL;
        assert_int_equal(json_parse(slim.docs[i].body, slim.docs[i].body_len, &tree, NULL), 0);
        bool has_bucket = strcmp(slim.docs[i].id, "c2") == 0;
        assert_int_equal(json_len(tree), has_bucket ? 3 : 2);
        assert_true(str_starts(json_path_str(tree, "key"), "/sub1/"));
        assert_int_equal(json_path_int(tree, "bucket", -1), has_bucket ? 7 : -1);
    }
    suite_ok(&s, store_query(&s.ctx, s.store,
                             &(struct store_query){ .query = QUERY_MANIFESTS_DUE_CLUSTERS }, &due,
                             &s.err));
    for (size_t i = 0; i < due.len; i++) {
        cleanup_json json *tree = NULL;
        assert_int_equal(json_parse(due.docs[i].body, due.docs[i].body_len, &tree, NULL), 0);
        assert_string_equal(json_path_str(tree, "clusterResourceID"), due.docs[i].partition);
        assert_string_equal(due.docs[i].id, "");
    }
    suite_ok(&s, store_query(
                     &s.ctx, s.store,
                     &(struct store_query){ .query = QUERY_POOL_WORKERS, .partition = "monitor" },
                     &whole, &s.err));
    assert_int_equal(whole.len, 2);
    assert_string_equal(whole.docs[0].partition, "monitor");
    assert_string_not_equal(whole.docs[0].etag, "");
    assert_true(whole.docs[0].ts_s > 0);
    suite_end(&s);
}

#define DOCS 40

static void create_numbered(struct suite *s, const char *kind, int i)
{
    cleanup_free char *body =
        xasprintf("{\"id\":\"%s%02d\",\"workerType\":\"%s\"}", kind, i, i % 2 ? "odd" : "even");
    suite_ok(s, suite_create(s, COLL_POOL_WORKERS, body, NULL));
}

static void delete_numbered(struct suite *s, const char *kind, int i)
{
    char id[16];
    (void)snprintf(id, sizeof(id), "%s%02d", kind, i);
    suite_ok(s, store_delete(&s->ctx, s->store, COLL_POOL_WORKERS, i % 2 ? "odd" : "even", id,
                             STORE_ANY_ETAG, &s->err));
}

/* Documents come and go between the pages, also those at which a page ended. */
static void check_paging(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    int seen[DOCS] = { 0 };
    int goes = 0;
    for (int i = 0; i < DOCS; i++) {
        create_numbered(&s, "stays", i);
        create_numbered(&s, "goes", i);
    }
    struct store_query q = { .query = QUERY_ALL, .coll = COLL_POOL_WORKERS, .page = 7 };
    cleanup_free char *next = NULL;
    int n = 0;
    do {
        cleanup_doc_page struct doc_page page = { 0 };
        q.continuation = next;
        suite_ok(&s, store_query(&s.ctx, s.store, &q, &page, &s.err));
        for (size_t i = 0; i < page.len; i++)
            if (str_starts(page.docs[i].id, "stays"))
                seen[strtol(page.docs[i].id + 5, NULL, 10)]++;
        if (n < DOCS)
            create_numbered(&s, "comes", n);
        for (int k = 0; k < 4 && goes < DOCS; k++)
            delete_numbered(&s, "goes", goes++);
        n++;
        free(next);
        next = take(page.next);
    } while (next);
    for (int i = 0; i < DOCS; i++)
        assert_int_equal(seen[i], 1);
    suite_end(&s);
}

static void check_continuation_elsewhere(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc_page struct doc_page one = { 0 }, two = { 0 };
    cleanup_store struct store *second = NULL;
    struct store_query q = { .query = QUERY_ALL, .coll = COLL_BILLING, .page = 1 };
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"a\"}", NULL));
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"b\"}", NULL));
    suite_ok(&s, store_query(&s.ctx, s.store, &q, &one, &s.err));
    assert_non_null(one.next);

    suite_ok(&s, s.subject->open(s.subject->arg, &s.ctx, &second, &s.err));
    q.continuation = one.next;
    q.page = STORE_PAGE_MAX;
    suite_ok(&s, store_query(&s.ctx, second, &q, &two, &s.err));

    assert_int_equal(one.len + two.len, 2);
    assert_string_not_equal(one.docs[0].id, two.docs[0].id);
    suite_end(&s);
}

const struct suite_case store_suite_query[] = {
    { "answers every query, in pages of any size", check_queries, false, false },
    { "counts what every query would give", check_counts, false, false },
    { "gives documents, or as much of them as a query says", check_bodies, false, false },
    { "shows documents once while others come and go", check_paging, false, false },
    { "goes on with a page in another process", check_continuation_elsewhere, true, false },
    { 0 },
};
