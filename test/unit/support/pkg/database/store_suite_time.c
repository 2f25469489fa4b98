/* Triggers, leases and expiry: all on the server's clock. */
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/database/store_suite.h"

/* A clock that is wrong by an hour, as that of a caller may be. */
struct wrong_clock {
    struct clock base;
    int64_t by_ns;
};

static int64_t wrong_mono_ns(const struct clock *c)
{
    (void)c;
    return clock_mono_ns(clock_system());
}

static int64_t wrong_wall_ns(const struct clock *c)
{
    return clock_wall_ns(clock_system()) + ((const struct wrong_clock *)c)->by_ns;
}

static bool wrong_wait(const struct clock *c, pthread_cond_t *cv, pthread_mutex_t *mu,
                       int64_t deadline_ns)
{
    (void)c;
    return clock_wait(clock_system(), cv, mu, deadline_ns);
}

static struct wrong_clock wrong_by_s(int64_t s)
{
    return (struct wrong_clock){ .base = { wrong_mono_ns, wrong_wall_ns, wrong_wait },
                                 .by_ns = s * NS_PER_S };
}

static int64_t number(const struct doc *d, const char *path)
{
    cleanup_json json *tree = NULL;
    assert_int_equal(json_parse(d->body, d->body_len, &tree, NULL), 0);
    return json_path_int(tree, path, -1);
}

/* Writes body with triggers (a create, or a replace of whatever is there) and reads it again. */
static void write_triggered(struct suite *s, enum collection coll, const char *body, bool create,
                            unsigned triggers, struct doc *ret)
{
    const struct doc_write w = { "a", "a", body, strlen(body), triggers };
    cleanup_doc struct doc returned = { 0 };
    suite_ok(
        s, create ? store_create(&s->ctx, s->store, coll, &w, &returned, &s->err)
                  : store_replace(&s->ctx, s->store, coll, &w, STORE_ANY_ETAG, &returned, &s->err));
    doc_release(ret);
    suite_ok(s, store_get(&s->ctx, s->store, coll, "a", "a", ret, &s->err));
    assert_string_equal(ret->body, returned.body);
}

/* A time that the server has set since from_s, and what it added. */
static void assert_set(struct suite *s, int64_t is, int64_t from_s, int64_t added_s)
{
    int64_t now_s;
    suite_ok(s, store_now_s(&s->ctx, s->store, &now_s, &s->err));
    assert_in_range(is, from_s + added_s, now_s + added_s);
}

static void check_leases(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc d = { 0 };
    int64_t now_s;
    suite_ok(&s, store_now_s(&s.ctx, s.store, &now_s, &s.err));

    write_triggered(&s, COLL_SUBSCRIPTIONS, "{\"id\":\"a\",\"leaseExpires\":5}", true,
                    TRIGGER_RENEW_LEASE, &d);
    assert_set(&s, number(&d, "leaseExpires"), now_s, STORE_LEASE_S);
    write_triggered(&s, COLL_SUBSCRIPTIONS, "{\"id\":\"a\"}", false, TRIGGER_RETRY_LATER, &d);
    assert_set(&s, number(&d, "leaseExpires"), now_s, STORE_RETRY_LATER_S);
    write_triggered(&s, COLL_SUBSCRIPTIONS, "{\"id\":\"a\"}", false,
                    TRIGGER_RENEW_LEASE | TRIGGER_RETRY_LATER, &d);
    assert_set(&s, number(&d, "leaseExpires"), now_s, STORE_RETRY_LATER_S);
    write_triggered(&s, COLL_SUBSCRIPTIONS, "{\"id\":\"a\",\"leaseExpires\":7}", false, 0, &d);
    assert_int_equal(number(&d, "leaseExpires"), 7);
    suite_end(&s);
}

static void check_billing(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc d = { 0 };
    int64_t now_s;
    suite_ok(&s, store_now_s(&s.ctx, s.store, &now_s, &s.err));

    write_triggered(&s, COLL_BILLING, "{\"id\":\"a\",\"billing\":{\"location\":\"x\"}}", true,
                    TRIGGER_CREATION_TIME, &d);
    assert_set(&s, number(&d, "billing.creationTime"), now_s, 0);
    write_triggered(&s, COLL_BILLING, "{\"id\":\"a\",\"billing\":{\"creationTime\":7}}", false,
                    TRIGGER_DELETION_TIME, &d);
    assert_int_equal(number(&d, "billing.creationTime"), 7);
    assert_set(&s, number(&d, "billing.deletionTime"), now_s, 0);
    write_triggered(&s, COLL_BILLING, "{\"id\":\"a\",\"billing\":{\"deletionTime\":8}}", false,
                    TRIGGER_DELETION_TIME, &d);
    assert_int_equal(number(&d, "billing.deletionTime"), 8);
    suite_end(&s);
}

static void check_wrong_clocks(void **state)
{
    static const int64_t wrong_s[] = { -3600, 3600 };
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc d = { 0 };
    int64_t now_s;
    suite_ok(&s, store_now_s(&s.ctx, s.store, &now_s, &s.err));
    suite_ok(&s, suite_create(&s, COLL_SUBSCRIPTIONS, "{\"id\":\"a\"}", NULL));
    for (size_t i = 0; i < ARRAY_LEN(wrong_s); i++) {
        const struct wrong_clock clock = wrong_by_s(wrong_s[i]);
        s.ctx.clock = &clock.base;
        int64_t seen_s;
        write_triggered(&s, COLL_SUBSCRIPTIONS, "{\"id\":\"a\",\"deleting\":true}", false,
                        TRIGGER_RENEW_LEASE, &d);
        assert_set(&s, number(&d, "leaseExpires"), now_s, STORE_LEASE_S);
        suite_ok(&s, store_now_s(&s.ctx, s.store, &seen_s, &s.err));
        assert_in_range(seen_s, now_s, now_s + 1800); /* not an hour off */
        cleanup_free char *ids =
            suite_ids(&s, (struct store_query){ .query = QUERY_SUBSCRIPTIONS_DEQUEUE }, false);
        assert_string_equal(ids, ""); /* leased, also in the eyes of a caller an hour ahead */
    }
    s.ctx.clock = clock_system();
    suite_end(&s);
}

static void check_expiry(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc got = { 0 };
    cleanup_doc_page struct doc_page feed = { 0 };
    const struct store_query all = { .query = QUERY_ALL, .coll = COLL_PORTAL };
    int64_t n;
    suite_ok(&s, suite_create(&s, COLL_PORTAL, "{\"id\":\"a\",\"ttl\":2}", NULL));
    suite_ok(&s, suite_create(&s, COLL_PORTAL, "{\"id\":\"stays\"}", NULL));
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"a\",\"ttl\":1}", NULL));
    suite_ok(&s, suite_create(&s, COLL_ASYNC_OPERATIONS, "{\"id\":\"a\"}", NULL));

    s.subject->pass_s(s.subject->arg, s.store, 3);

    suite_expect(&s, store_get(&s.ctx, s.store, COLL_PORTAL, "a", "a", &got, &s.err),
                 ERR_NOT_FOUND);
    cleanup_free char *ids = suite_ids(&s, all, false);
    assert_string_equal(ids, "stays");
    suite_ok(&s, store_count(&s.ctx, s.store, &all, &n, &s.err));
    assert_int_equal(n, 1);
    suite_ok(&s, store_changes(&s.ctx, s.store, COLL_PORTAL, NULL, 0, &feed, &s.err));
    assert_int_equal(feed.len, 1);
    suite_expect(&s,
                 suite_replace(&s, COLL_PORTAL, "{\"id\":\"a\",\"ttl\":9}", STORE_ANY_ETAG, NULL),
                 ERR_NOT_FOUND);
    suite_expect(&s, store_delete(&s.ctx, s.store, COLL_PORTAL, "a", "a", STORE_ANY_ETAG, &s.err),
                 ERR_NOT_FOUND);
    suite_ok(&s, suite_create(&s, COLL_PORTAL, "{\"id\":\"a\"}", NULL));
    /* Where a collection has no expiry, ttl is a member like any other; and a week has not passed. */
    suite_ok(&s, store_get(&s.ctx, s.store, COLL_BILLING, "a", "a", &got, &s.err));
    doc_release(&got);
    suite_ok(&s, store_get(&s.ctx, s.store, COLL_ASYNC_OPERATIONS, "a", "a", &got, &s.err));
    suite_end(&s);
}

static void check_renewed_expiry(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc got = { 0 };
    suite_ok(&s, suite_create(&s, COLL_PORTAL, "{\"id\":\"a\",\"ttl\":4}", NULL));
    s.subject->pass_s(s.subject->arg, s.store, 2);
    suite_ok(&s, suite_replace(&s, COLL_PORTAL, "{\"id\":\"a\",\"ttl\":4}", STORE_ANY_ETAG, NULL));

    s.subject->pass_s(s.subject->arg, s.store, 3);

    suite_ok(&s, store_get(&s.ctx, s.store, COLL_PORTAL, "a", "a", &got, &s.err));
    suite_end(&s);
}

static void check_lease_ends(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    int64_t now_s;
    suite_ok(&s, store_now_s(&s.ctx, s.store, &now_s, &s.err));
    cleanup_free char *body =
        xasprintf("{\"id\":\"a\",\"deleting\":true,\"leaseExpires\":%lld}", (long long)now_s + 2);
    const struct store_query q = { .query = QUERY_SUBSCRIPTIONS_DEQUEUE };
    suite_ok(&s, suite_create(&s, COLL_SUBSCRIPTIONS, body, NULL));
    cleanup_free char *before = suite_ids(&s, q, false);
    assert_string_equal(before, "");

    s.subject->pass_s(s.subject->arg, s.store, 4);

    cleanup_free char *after = suite_ids(&s, q, false);
    assert_string_equal(after, "a");
    suite_end(&s);
}

const struct suite_case store_suite_time[] = {
    { "sets leases by its own clock, a later try last", check_leases, false, false },
    { "sets the times of billing once", check_billing, false, false },
    { "does not believe the callers' clocks", check_wrong_clocks, false, false },
    { "hides what has expired at once and everywhere", check_expiry, false, false },
    { "lets a write renew the time to live", check_renewed_expiry, false, false },
    { "finds work when its lease is over", check_lease_ends, false, false },
    { 0 },
};
