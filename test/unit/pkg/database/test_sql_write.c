#include <string.h>

#include "test/unit/support/pkg/database/store_fixture.h"
#include "test/unit/support/test.h"

#define BODY "{\"id\":\"a\",\"v\":1}"

struct rig {
    struct store_fixture f;
    struct doc made;
    struct error *err;
};

/* One billing document is there. */
static void set_up(struct rig *r)
{
    *r = (struct rig){ 0 };
    store_fixture_init(&r->f, NULL);
    assert_int_equal(store_fixture_create(&r->f, COLL_BILLING, BODY, &r->made, NULL), 0);
}

static void tear_down(struct rig *r)
{
    doc_release(&r->made);
    error_free(r->err);
    store_fixture_release(&r->f);
}

static void check_create_twice(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);

    assert_int_equal(store_fixture_create(&r.f, COLL_BILLING, BODY, NULL, &r.err), -1);

    assert_true(error_is(r.err, ERR_EXISTS));
    tear_down(&r);
}

static void check_replace(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    cleanup_doc struct doc second = { 0 };
    const char *body = "{\"id\":\"a\",\"v\":2}";

    assert_int_equal(store_fixture_replace(&r.f, COLL_BILLING, body, r.made.etag, &second, NULL),
                     0);
    assert_string_equal(second.body, body);
    assert_string_not_equal(second.etag, r.made.etag);

    assert_int_equal(store_fixture_replace(&r.f, COLL_BILLING, BODY, r.made.etag, NULL, &r.err),
                     -1);
    assert_true(error_is(r.err, ERR_PRECONDITION));
    assert_int_equal(store_fixture_replace(&r.f, COLL_BILLING, BODY, STORE_ANY_ETAG, NULL, NULL),
                     0);
    tear_down(&r);
}

static void check_replace_absent(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);

    assert_int_equal(store_fixture_replace(&r.f, COLL_BILLING, "{\"id\":\"b\"}", "e", NULL, &r.err),
                     -1);

    assert_true(error_is(r.err, ERR_NOT_FOUND));
    tear_down(&r);
}

static void check_delete(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);

    assert_int_equal(store_delete(&r.f.ctx, r.f.store, COLL_BILLING, "a", "a", "stale", &r.err),
                     -1);
    assert_true(error_is(r.err, ERR_PRECONDITION));
    assert_int_equal(store_delete(&r.f.ctx, r.f.store, COLL_BILLING, "a", "a", r.made.etag, NULL),
                     0);
    assert_int_equal(
        store_delete(&r.f.ctx, r.f.store, COLL_BILLING, "a", "a", STORE_ANY_ETAG, &r.err), -1);
    assert_true(error_is(r.err, ERR_NOT_FOUND));
    tear_down(&r);
}

static void check_expired_makes_way(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    const char *body = "{\"id\":\"a\",\"ttl\":5}";
    assert_int_equal(store_fixture_create(&r.f, COLL_PORTAL, body, NULL, NULL), 0);
    assert_int_equal(store_fixture_create(&r.f, COLL_PORTAL, body, NULL, &r.err), -1);
    assert_true(error_is(r.err, ERR_EXISTS));

    fake_clock_advance_ms(&r.f.clock, 5000);

    assert_int_equal(store_fixture_replace(&r.f, COLL_PORTAL, body, STORE_ANY_ETAG, NULL, &r.err),
                     -1);
    assert_true(error_is(r.err, ERR_NOT_FOUND));
    assert_int_equal(store_fixture_create(&r.f, COLL_PORTAL, body, NULL, NULL), 0);
    tear_down(&r);
}

static void check_triggers(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    cleanup_doc struct doc got = { 0 };
    struct doc_write w =
        store_fixture_write(COLL_SUBSCRIPTIONS, "{\"id\":\"s\"}", TRIGGER_RETRY_LATER);

    assert_int_equal(store_create(&r.f.ctx, r.f.store, COLL_SUBSCRIPTIONS, &w, &got, NULL), 0);

    assert_string_equal(got.body, "{\"id\":\"s\",\"leaseExpires\":1706933706}");
    assert_int_equal(1706933706, FAKE_NOW_S + STORE_RETRY_LATER_S);
    doc_write_release(&w);
    tear_down(&r);
}

static void check_other_leases(void **state)
{
    (void)state;
    static const struct store_leases leases = { 3, 30 };
    struct rig r;
    set_up(&r);
    cleanup_doc struct doc renewed = { 0 }, later = { 0 };
    struct doc_write w =
        store_fixture_write(COLL_SUBSCRIPTIONS, "{\"id\":\"s\"}", TRIGGER_RENEW_LEASE);
    store_set_leases(r.f.store, &leases);

    assert_int_equal(store_create(&r.f.ctx, r.f.store, COLL_SUBSCRIPTIONS, &w, &renewed, NULL), 0);
    w.triggers = TRIGGER_RETRY_LATER;
    assert_int_equal(
        store_replace(&r.f.ctx, r.f.store, COLL_SUBSCRIPTIONS, &w, renewed.etag, &later, NULL), 0);

    assert_string_equal(renewed.body, "{\"id\":\"s\",\"leaseExpires\":1706933109}");
    assert_string_equal(later.body, "{\"id\":\"s\",\"leaseExpires\":1706933136}");
    doc_write_release(&w);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("creates a document once", check_create_twice),
        CASE("replaces a document of the right etag, or of any", check_replace),
        CASE("tells an absent document from a changed one", check_replace_absent),
        CASE("deletes a document of the right etag, or of any", check_delete),
        CASE("lets an expired document make way", check_expired_makes_way),
        CASE("gives leases the length that was set", check_other_leases),
        CASE("runs triggers on the store's clock", check_triggers),
    };
    return RUN_CASES("sql_write", tests);
}
