#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/strv.h"
#include "test/unit/support/pkg/database/store_fixture.h"
#include "test/unit/support/test.h"

struct rig {
    struct store_fixture f;
    struct error *err;
};

static void set_up(struct rig *r)
{
    *r = (struct rig){ 0 };
    store_fixture_init(&r->f, NULL);
}

static void tear_down(struct rig *r)
{
    error_free(r->err);
    store_fixture_release(&r->f);
}

static void add_cluster(struct rig *r, const char *id, const char *state, int64_t lease_s)
{
    char body[256];
    (void)snprintf(
        body, sizeof(body),
        "{\"id\":\"%s\",\"partitionKey\":\"p\",\"key\":\"/%s\",\"clusterResourceGroupIdKey\":"
        "\"g%s\",\"clientIdKey\":\"c%s\",\"leaseExpires\":%lld,\"openShiftCluster\":{"
        "\"properties\":{\"provisioningState\":\"%s\"}}}",
        id, id, id, id, (long long)lease_s, state);
    assert_int_equal(store_fixture_create(&r->f, COLL_OPENSHIFT_CLUSTERS, body, NULL, NULL), 0);
}

/* Ids of all pages, joined by spaces. */
static char *give_ids(struct rig *r, struct store_query q)
{
    cleanup_strv struct strv ids = STRV_INIT;
    cleanup_free char *next = NULL;
    do {
        cleanup_doc_page struct doc_page page = { 0 };
        q.continuation = next;
        assert_int_equal(store_query(&r->f.ctx, r->f.store, &q, &page, NULL), 0);
        assert_true(page.len <= q.page || !q.page);
        for (size_t i = 0; i < page.len; i++)
            strv_add(&ids, page.docs[i].id);
        free(next);
        next = take(page.next);
    } while (next);
    return strv_give_joined(&ids, " ");
}

static void check_dequeue(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    add_cluster(&r, "z", "Creating", 0);
    add_cluster(&r, "leased", "Creating", FAKE_NOW_S);
    add_cluster(&r, "done", "Succeeded", 0);
    add_cluster(&r, "a", "AdminUpdating", FAKE_NOW_S - 1);
    const struct store_query q = { .query = QUERY_CLUSTERS_DEQUEUE, .page = 1 };
    int64_t n;

    cleanup_free char *ids = give_ids(&r, q);
    assert_string_equal(ids, "z a"); /* the oldest first */
    assert_int_equal(store_count(&r.f.ctx, r.f.store, &q, &n, NULL), 0);
    assert_int_equal(n, 2);
    tear_down(&r);
}

static void check_prefix(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    add_cluster(&r, "ab", "Succeeded", 0);
    add_cluster(&r, "abc", "Succeeded", 0);
    add_cluster(&r, "ab%", "Succeeded", 0);
    add_cluster(&r, "ac", "Succeeded", 0);
    add_cluster(&r, "aB", "Succeeded", 0);

    cleanup_free char *ids = give_ids(&r, (struct store_query){ .query = QUERY_CLUSTERS_BY_PREFIX,
                                                                .partition = "p",
                                                                .args = { "/ab" },
                                                                .page = 2 });
    assert_string_equal(ids, "ab ab% abc");
    tear_down(&r);
}

/* One index finds the page and has it in order; the ids, which are random, would have to be sorted. */
static void check_key_order(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    static const char *const ids[] = { "3", "1", "2" }, *const keys[] = { "/a", "/b", "/c" };
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        char body[256];
        (void)snprintf(body, sizeof(body),
                       "{\"id\":\"%s\",\"partitionKey\":\"p\",\"key\":\"%s\","
                       "\"clusterResourceGroupIdKey\":\"%s\",\"clientIdKey\":\"%s\"}",
                       ids[i], keys[i], ids[i], ids[i]);
        assert_int_equal(store_fixture_create(&r.f, COLL_OPENSHIFT_CLUSTERS, body, NULL, NULL), 0);
    }

    cleanup_free char *list = give_ids(
        &r, (struct store_query){
                .query = QUERY_CLUSTERS_BY_PREFIX, .partition = "p", .args = { "/" }, .page = 1 });
    assert_string_equal(list, "3 1 2");
    tear_down(&r);
}

static void check_other_prefix(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    add_cluster(&r, "ab", "Succeeded", 0);
    add_cluster(&r, "ac", "Succeeded", 0);
    cleanup_doc_page struct doc_page page = { 0 };
    struct doc_page none;
    struct store_query q = {
        .query = QUERY_CLUSTERS_BY_PREFIX, .partition = "p", .args = { "/a" }, .page = 1
    };
    assert_int_equal(store_query(&r.f.ctx, r.f.store, &q, &page, NULL), 0);
    assert_non_null(page.next);

    q.continuation = page.next;
    q.args[0] = "/b";
    assert_int_equal(store_query(&r.f.ctx, r.f.store, &q, &none, &r.err), -1);

    assert_true(error_is(r.err, ERR_INVALID));
    tear_down(&r);
}

static void check_slim(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    add_cluster(&r, "a", "Succeeded", 0);
    add_cluster(&r, "b", "Creating", 0);
    cleanup_doc_page struct doc_page page = { 0 };

    assert_int_equal(store_query(&r.f.ctx, r.f.store,
                                 &(struct store_query){ .query = QUERY_CLUSTERS_FOR_MAINTENANCE },
                                 &page, NULL),
                     0);

    assert_int_equal(page.len, 1);
    assert_string_equal(page.docs[0].body, "{\"id\":\"a\",\"key\":\"/a\"}");
    tear_down(&r);
}

static void check_bad_continuation(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "x", "all.", "all.!", "all.YQ", "clusters-dequeue.1" };
    struct rig r;
    set_up(&r);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct doc_page page;
        const struct store_query q = { .query = QUERY_ALL,
                                       .coll = COLL_BILLING,
                                       .continuation = bad[i] };
        assert_int_equal(store_query(&r.f.ctx, r.f.store, &q, &page, &r.err), -1);
        assert_true(error_is(r.err, ERR_INVALID));
    }
    tear_down(&r);
}

static void check_changes(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    cleanup_doc_page struct doc_page one = { 0 }, two = { 0 }, none = { 0 };
    assert_int_equal(store_fixture_create(&r.f, COLL_BILLING, "{\"id\":\"a\"}", NULL, NULL), 0);
    assert_int_equal(store_fixture_create(&r.f, COLL_BILLING, "{\"id\":\"b\"}", NULL, NULL), 0);
    assert_int_equal(store_fixture_replace(&r.f, COLL_BILLING, "{\"id\":\"a\",\"v\":2}",
                                           STORE_ANY_ETAG, NULL, NULL),
                     0);

    assert_int_equal(store_changes(&r.f.ctx, r.f.store, COLL_BILLING, NULL, 1, &one, NULL), 0);
    assert_int_equal(one.len, 1);
    assert_string_equal(one.docs[0].id, "b");
    assert_int_equal(store_changes(&r.f.ctx, r.f.store, COLL_BILLING, one.next, 9, &two, NULL), 0);
    assert_int_equal(two.len, 1);
    assert_string_equal(two.docs[0].body, "{\"id\":\"a\",\"v\":2}");
    assert_int_equal(store_changes(&r.f.ctx, r.f.store, COLL_BILLING, two.next, 9, &none, NULL), 0);
    assert_int_equal(none.len, 0);
    assert_string_equal(none.next, two.next);
    tear_down(&r);
}

static void check_bad_position(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    struct doc_page page;

    assert_int_equal(store_changes(&r.f.ctx, r.f.store, COLL_BILLING, "x", 0, &page, &r.err), -1);

    assert_true(error_is(r.err, ERR_INVALID));
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("finds work whose lease is over, the oldest first", check_dequeue),
        CASE("lists by prefix, byte by byte, in pages", check_prefix),
        CASE("lists by prefix in the order of the keys", check_key_order),
        CASE("refuses a continuation of another prefix", check_other_prefix),
        CASE("cuts bodies for maintenance down", check_slim),
        CASE("refuses continuations of something else", check_bad_continuation),
        CASE("tells changes in the order of their commits", check_changes),
        CASE("refuses a position of something else", check_bad_position),
    };
    return RUN_CASES("sql_query", tests);
}
